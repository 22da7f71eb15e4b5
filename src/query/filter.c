/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser of $filter: recursive descent, one function for each level of
 * precedence (OData 4.01 URL Conventions 5.1.1.9). A function that fails has
 * set the problem and returns NULL.
 */
#include "filter.h"

#include <apr_strings.h>

#include "clause.h"
#include "filter_literal.h"
#include "filter_name.h"

#define NO_NUMBER                                                              \
    "The literal '%s' is no Edm.Int64, Edm.Date or Edm.DateTimeOffset, which " \
    "ends in Z or an offset ('+' is %%2B in a URL)."

#define TOO_LONG                                                               \
    "More than " APR_STRINGIFY(IU_FILTER_JOINED) " properties are joined."

typedef struct parser {
    iu_clause clause;
    int level; /* parentheses, functions and nots around what comes next */
    int nodes;
} parser;

/* A node as the parser makes it; operands are such nodes, too. */
typedef struct node {
    iu_expression expression; /* comes first */
    int height;               /* 1: no operands */
    int joined;               /* properties in the text that it is */
} node;

static const char *type_name(iu_value_type type)
{
    /* In the order of iu_value_type. */
    static const char *const names[] = {
        "null",       "Edm.Boolean",        "Edm.Int64",
        "Edm.String", "Edm.DateTimeOffset", "Edm.Date"};

    return names[type];
}

static const iu_expression *refuse(parser *in, iu_token token,
                                   const char *reason)
{
    iu_clause_refuse(&in->clause, token, reason);
    return NULL;
}

static const iu_expression *refuse_limit(parser *in, iu_token token,
                                         iu_problem_kind kind, int limit)
{
    in->clause.problem =
        iu_problem_make(in->clause.pool, kind, limit,
                        iu_token_position(in->clause.text, token));
    in->clause.problem->target = in->clause.option;
    return NULL;
}

static const iu_expression *refuse_unsupported(parser *in, iu_token token)
{
    iu_clause_refuse_unsupported(&in->clause, token);
    return NULL;
}

/* Refuses the next token where something else has to come. */
static const iu_expression *refuse_next(parser *in, const char *expected)
{
    if (iu_filter_is_foreign_operator(in->clause.token)) {
        return refuse_unsupported(in, in->clause.token);
    }
    iu_clause_refuse_next(&in->clause, expected);
    return NULL;
}

/* How many properties are in the text that an expression is; 0: it is none. */
static int joined_by(const iu_expression *expression)
{
    int joined = expression->operator== IU_PROPERTY;
    int i;

    for (i = 0; i < expression->count && expression->type == IU_VALUE_TEXT;
         i++) {
        joined += ((const node *)expression->operands[i])->joined;
    }
    return joined;
}

/* Makes a node of what stands at token; the operands are copied. */
static const iu_expression *make(parser *in, iu_token token,
                                 iu_expression expression)
{
    node *made = apr_pcalloc(in->clause.pool, sizeof(*made));
    int i;

    for (i = 0; i < expression.count; i++) {
        int height = ((const node *)expression.operands[i])->height;

        made->height = height > made->height ? height : made->height;
    }
    made->joined = joined_by(&expression);
    if (made->joined > IU_FILTER_JOINED) {
        return refuse(in, token, TOO_LONG);
    }
    if (++made->height > IU_FILTER_DEPTH) {
        return refuse_limit(in, token, IU_FILTER_TOO_DEEP, IU_FILTER_DEPTH);
    }
    if (++in->nodes > IU_FILTER_NODES) {
        return refuse_limit(in, token, IU_FILTER_TOO_LARGE, IU_FILTER_NODES);
    }
    expression.operands =
        apr_pmemdup(in->clause.pool, expression.operands,
                    expression.count * sizeof(*expression.operands));
    made->expression = expression;
    return &made->expression;
}

static const iu_expression *make_of(parser *in, iu_token token,
                                    iu_operator kind, iu_value_type type,
                                    int count,
                                    const iu_expression *const *operands)
{
    iu_expression made = {kind, type, NULL, NULL, 0, count, operands};

    return make(in, token, made);
}

static const iu_expression *make_of_array(parser *in, iu_token token,
                                          iu_operator kind,
                                          const apr_array_header_t *operands)
{
    return make_of(in, token, kind, IU_VALUE_BOOLEAN, operands->nelts,
                   (const iu_expression *const *)operands->elts);
}

/* Reads a literal, if one comes: NULL and no problem where none does. */
static const iu_expression *parse_literal(parser *in)
{
    iu_token token = in->clause.token;
    iu_expression literal;

    if (iu_filter_literal(in->clause.pool, token, &literal)) {
        return make(in, iu_clause_take(&in->clause), literal);
    }
    return token.kind == IU_TOKEN_NUMBER
               ? refuse(in, token,
                        apr_psprintf(in->clause.pool, NO_NUMBER,
                                     iu_clause_quote(&in->clause, token)))
               : NULL;
}

/* Refuses a path that names no property. */
static const iu_expression *refuse_path(parser *in, iu_token path)
{
    if (iu_filter_is_foreign_path(path) || iu_filter_is_navigation(path)) {
        return refuse_unsupported(in, path);
    }
    return refuse(in, path,
                  iu_property_fault(in->clause.pool, path.text, path.length));
}

static const iu_expression *parse_property(parser *in)
{
    iu_token path = iu_clause_take(&in->clause);
    iu_expression made = {IU_PROPERTY, IU_VALUE_TEXT, NULL, NULL, 0, 0, NULL};

    made.property = iu_property_find(path.text, path.length);
    if (!made.property) {
        return refuse_path(in, path);
    }
    if (made.property->type == IU_EDM_DATE_TIME_OFFSET) {
        made.type = IU_VALUE_INSTANT;
    }
    return make(in, path, made);
}

static const iu_expression *parse_or(parser *in);

/* Reads what stands in parentheses, however they came about. */
static const iu_expression *parse_nested(parser *in)
{
    const iu_expression *made;

    if (++in->level > IU_FILTER_DEPTH) {
        return refuse_limit(in, in->clause.token, IU_FILTER_TOO_DEEP,
                            IU_FILTER_DEPTH);
    }
    made = parse_or(in);
    in->level--;
    return made;
}

/* Reads one operand of a function; type is what it has to be. */
static const iu_expression *parse_operand(parser *in, iu_value_type type)
{
    iu_token token = in->clause.token;
    const iu_expression *made = parse_nested(in);

    if (!made || made->type == IU_VALUE_NULL) {
        return made;
    }
    if (made->type != type) {
        return refuse(in, token,
                      apr_psprintf(in->clause.pool, "%s was expected, not %s.",
                                   type_name(type), type_name(made->type)));
    }
    /* A literal's offset is not kept. */
    if (type == IU_VALUE_INSTANT && IU_PROPERTY != made->operator) {
        return refuse_unsupported(in, token);
    }
    return made;
}

/* Reads a function's operands and the parenthesis that closes them. */
static const iu_expression *parse_function(parser *in, iu_token token,
                                           const iu_function *function)
{
    const iu_expression *operands[IU_FUNCTION_OPERANDS];
    int count = 0;

    do {
        if (count == function->most) {
            return refuse_next(in, "')'");
        }
        operands[count] = parse_operand(in, function->operands[count]);
        if (!operands[count++]) {
            return NULL;
        }
    } while (iu_clause_take_character(&in->clause, ','));
    if (count < function->least) {
        return refuse_next(in, "','");
    }
    if (!iu_clause_take_character(&in->clause, ')')) {
        return refuse_next(in, count < function->most ? "',' or ')'" : "')'");
    }
    return make_of(in, token, function->operator, function->type, count,
                   operands);
}

/* Reads what begins with a name that is no literal's. */
static const iu_expression *parse_name(parser *in)
{
    iu_token name = in->clause.token;
    const iu_function *function;

    if (!iu_token_is(iu_token_next(name), '(')) {
        return parse_property(in);
    }
    function = iu_filter_function(name);
    if (function) {
        iu_clause_take(&in->clause);
        iu_clause_take(&in->clause);
        return parse_function(in, name, function);
    }
    if (iu_filter_is_foreign_function(name)) {
        return refuse_unsupported(in, name);
    }
    return refuse(in, name,
                  apr_psprintf(in->clause.pool,
                               "The function '%s' is not known.",
                               iu_clause_quote(&in->clause, name)));
}

static const iu_expression *parse_primary(parser *in)
{
    const iu_expression *made = parse_literal(in);

    if (made || in->clause.problem) {
        return made;
    }
    if (in->clause.token.kind == IU_TOKEN_NAME) {
        return parse_name(in);
    }
    if (iu_token_is(in->clause.token, '-')) {
        return refuse_unsupported(in, in->clause.token);
    }
    if (!iu_clause_take_character(&in->clause, '(')) {
        return refuse_next(in, "A property, a literal or a function");
    }
    made = parse_nested(in);
    if (made && !iu_clause_take_character(&in->clause, ')')) {
        return refuse_next(in, "An operator or ')'");
    }
    return made;
}

/* Whether two operands are of one type, or one of them is null. */
static int types_agree(parser *in, iu_token at, iu_value_type left,
                       iu_value_type right)
{
    if (left == right || left == IU_VALUE_NULL || right == IU_VALUE_NULL) {
        return 1;
    }
    refuse(in, at,
           apr_psprintf(in->clause.pool, "%s cannot be compared with %s.",
                        type_name(left), type_name(right)));
    return 0;
}

/* Appends the literals of a list to operands, up to its closing parenthesis,
 * each of the type of what is looked for among them. */
static int parse_list(parser *in, iu_value_type type,
                      apr_array_header_t *operands)
{
    do {
        iu_token token = in->clause.token;
        const iu_expression *item = parse_literal(in);

        if (!item && !in->clause.problem) {
            refuse_next(in, "A literal");
        }
        if (!item || !types_agree(in, token, type, item->type)) {
            return 0;
        }
        if (type == IU_VALUE_NULL) {
            type = item->type;
        }
        if (type == IU_VALUE_BOOLEAN) {
            refuse(in, token, "Edm.Boolean cannot stand in a list.");
            return 0;
        }
        APR_ARRAY_PUSH(operands, const iu_expression *) = item;
    } while (iu_clause_take_character(&in->clause, ','));
    if (!iu_clause_take_character(&in->clause, ')')) {
        refuse_next(in, "',' or ')'");
        return 0;
    }
    return 1;
}

/* in is of the precedence of a function. */
static const iu_expression *parse_in(parser *in)
{
    const iu_expression *made = parse_primary(in);
    iu_token token = in->clause.token;
    apr_array_header_t *operands;

    if (!made || !iu_clause_take_name(&in->clause, "in")) {
        return made;
    }
    if (!iu_clause_take_character(&in->clause, '(')) {
        return refuse_next(in, "'('");
    }
    operands = apr_array_make(in->clause.pool, 4, sizeof(made));
    APR_ARRAY_PUSH(operands, const iu_expression *) = made;
    return parse_list(in, made->type, operands)
               ? make_of_array(in, token, IU_IN, operands)
               : NULL;
}

/* Whether an operand is boolean, or null. */
static int check_boolean(parser *in, iu_token token,
                         const iu_expression *operand)
{
    if (operand->type == IU_VALUE_BOOLEAN || operand->type == IU_VALUE_NULL) {
        return 1;
    }
    refuse(in, token,
           apr_psprintf(in->clause.pool, "Edm.Boolean was expected, not %s.",
                        type_name(operand->type)));
    return 0;
}

/* not binds more than all but in: what it negates stands in parentheses, as a
 * rule. */
static const iu_expression *parse_not(parser *in)
{
    iu_token token = in->clause.token;
    iu_token behind;
    const iu_expression *operand;

    if (!iu_clause_take_name(&in->clause, "not")) {
        return parse_in(in);
    }
    behind = in->clause.token;
    if (++in->level > IU_FILTER_DEPTH) {
        return refuse_limit(in, token, IU_FILTER_TOO_DEEP, IU_FILTER_DEPTH);
    }
    operand = parse_not(in);
    in->level--;
    return operand && check_boolean(in, behind, operand)
               ? make_of(in, token, IU_NOT, IU_VALUE_BOOLEAN, 1, &operand)
               : NULL;
}

static int is_literal(const iu_expression *operand)
{
    return IU_LITERAL == operand->operator;
}

/* Whether the operator that stands at token has a meaning for its operands. */
static int check_comparison(parser *in, iu_token token, iu_operator kind,
                            const iu_expression *left,
                            const iu_expression *right)
{
    if (!types_agree(in, token, left->type, right->type)) {
        return 0;
    }
    if (left->type != IU_VALUE_BOOLEAN && right->type != IU_VALUE_BOOLEAN) {
        return 1;
    }
    if ((kind == IU_EQ || kind == IU_NE) &&
        (is_literal(left) || is_literal(right))) {
        return 1;
    }
    refuse(in, token,
           "Edm.Boolean can be compared by eq and ne, with true, false and "
           "null.");
    return 0;
}

typedef struct comparison {
    const char *name; /* NULL: the end of the table */
    iu_operator kind;
} comparison;

typedef const iu_expression *parse_level(parser *in);

/* Reads a chain of comparisons of one precedence, from left to right; parse
 * reads what binds more. */
static const iu_expression *
parse_comparisons(parser *in, const comparison *comparisons, parse_level *parse)
{
    const iu_expression *made = parse(in);

    while (made) {
        iu_token token = in->clause.token;
        const comparison *found = comparisons;
        const iu_expression *operands[] = {made, NULL};

        while (found->name && !iu_token_is_name(token, found->name)) {
            found++;
        }
        if (!found->name) {
            break;
        }
        iu_clause_take(&in->clause);
        operands[1] = parse(in);
        if (!operands[1] ||
            !check_comparison(in, token, found->kind, made, operands[1])) {
            return NULL;
        }
        made = make_of(in, token, found->kind, IU_VALUE_BOOLEAN, 2, operands);
    }
    return made;
}

static const iu_expression *parse_relational(parser *in)
{
    static const comparison relations[] = {
        {"gt", IU_GT}, {"ge", IU_GE}, {"lt", IU_LT}, {"le", IU_LE}, {NULL, 0}};

    return parse_comparisons(in, relations, parse_not);
}

static const iu_expression *parse_equality(parser *in)
{
    static const comparison equalities[] = {
        {"eq", IU_EQ}, {"ne", IU_NE}, {NULL, 0}};

    return parse_comparisons(in, equalities, parse_relational);
}

/* Reads operands with one name between them, which become one node: the chains
 * that programs make of long lists of values stay flat. */
static const iu_expression *parse_chain(parser *in, const char *name,
                                        iu_operator kind, parse_level *parse)
{
    iu_token begin = in->clause.token;
    const iu_expression *made = parse(in);
    iu_token token = in->clause.token;
    apr_array_header_t *operands;

    if (!made || !iu_token_is_name(token, name)) {
        return made;
    }
    operands = apr_array_make(in->clause.pool, 4, sizeof(made));
    for (;;) {
        if (!made || !check_boolean(in, begin, made)) {
            return NULL;
        }
        APR_ARRAY_PUSH(operands, const iu_expression *) = made;
        if (!iu_clause_take_name(&in->clause, name)) {
            return make_of_array(in, token, kind, operands);
        }
        begin = in->clause.token;
        made = parse(in);
    }
}

static const iu_expression *parse_and(parser *in)
{
    return parse_chain(in, "and", IU_AND, parse_equality);
}

static const iu_expression *parse_or(parser *in)
{
    return parse_chain(in, "or", IU_OR, parse_and);
}

iu_problem *iu_filter_read(apr_pool_t *pool, const char *text,
                           const iu_expression **filter)
{
    parser in = {iu_clause_begin(pool, "$filter", IU_FILTER_INVALID, text), 0,
                 0};
    iu_token first = in.clause.token;
    const iu_expression *made = parse_or(&in);

    if (made && !iu_clause_ended(&in.clause)) {
        refuse_next(&in, "An operator or the end");
    }
    else if (made && check_boolean(&in, first, made)) {
        *filter = made;
    }
    return in.clause.problem;
}
