/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recursive descent parser with one function for each level of precedence
 * (OData 4.01 URL Conventions 5.1.1.9). A function that fails sets the problem
 * and returns NULL.
 */
#include "filter.h"

#include <apr_strings.h>

#include "clause.h"
#include "filter_literal.h"
#include "filter_name.h"

#define NO_NUMBER                                                              \
    "The literal '%s' is no Edm.Int64, Edm.Date or Edm.DateTimeOffset, which " \
    "ends in Z or an offset ('+' is %%2B in a URL)."

#define OBJECT_COMPARED                                                        \
    "An object can be compared by eq and ne, with null only."

#define TOO_LONG                                                               \
    "More than " APR_STRINGIFY(IU_FILTER_JOINED) " properties are joined."

typedef struct parser {
    iu_clause clause;
    int level; /* open parentheses, functions and nots */
    int nodes;
} parser;

/* An expression with the values for which there are limits. All expressions
 * here are nodes, so that an operand can be cast to one. */
typedef struct node {
    iu_expression expression; /* must be the first member */
    int height;               /* of the tree; 1: no operands */
    int joined;               /* properties that concat joins in its text */
} node;

static const char *type_name(iu_value_type type)
{
    /* In the order of iu_value_type. */
    static const char *const names[] = {
        "null",       "Edm.Boolean",        "Edm.Int64",
        "Edm.String", "Edm.DateTimeOffset", "Edm.Date",
        "an object"};

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

/* Refuses the next token: something else was expected. */
static const iu_expression *refuse_next(parser *in, const char *expected)
{
    if (iu_filter_is_unsupported_operator(in->clause.token)) {
        return refuse_unsupported(in, in->clause.token);
    }
    iu_clause_refuse_next(&in->clause, expected);
    return NULL;
}

/* Counts the properties whose texts an expression joins: 1 for a property, the
 * sum of its operands for a text function, 0 for other expressions. */
static int count_joined(const iu_expression *expression)
{
    int joined = expression->operator== IU_PROPERTY;
    int i;

    for (i = 0; i < expression->count && expression->type == IU_VALUE_TEXT;
         i++) {
        joined += ((const node *)expression->operands[i])->joined;
    }
    return joined;
}

/* Makes a node, and copies the operands. token is the position for errors. */
static const iu_expression *make_node(parser *in, iu_token token,
                                      iu_expression expression)
{
    node *created = apr_pcalloc(in->clause.pool, sizeof(*created));
    int i;

    for (i = 0; i < expression.count; i++) {
        int height = ((const node *)expression.operands[i])->height;

        created->height = height > created->height ? height : created->height;
    }
    created->joined = count_joined(&expression);
    if (created->joined > IU_FILTER_JOINED) {
        return refuse(in, token, TOO_LONG);
    }
    if (++created->height > IU_FILTER_DEPTH) {
        return refuse_limit(in, token, IU_FILTER_TOO_DEEP, IU_FILTER_DEPTH);
    }
    if (++in->nodes > IU_FILTER_NODES) {
        return refuse_limit(in, token, IU_FILTER_TOO_LARGE, IU_FILTER_NODES);
    }
    expression.operands =
        apr_pmemdup(in->clause.pool, expression.operands,
                    expression.count * sizeof(*expression.operands));
    created->expression = expression;
    return &created->expression;
}

static const iu_expression *make_operation(parser *in, iu_token token,
                                           iu_operator kind, iu_value_type type,
                                           int count,
                                           const iu_expression *const *operands)
{
    iu_expression expression = {
        .operator= kind, .type = type, .count = count, .operands = operands};

    return make_node(in, token, expression);
}

static const iu_expression *
make_boolean_operation(parser *in, iu_token token, iu_operator kind,
                       const apr_array_header_t *operands)
{
    return make_operation(in, token, kind, IU_VALUE_BOOLEAN, operands->nelts,
                          (const iu_expression *const *)operands->elts);
}

/* Parses a literal. Returns NULL without a problem if the next token is not
 * one. */
static const iu_expression *parse_literal(parser *in)
{
    iu_token token = in->clause.token;
    iu_expression literal;

    if (iu_filter_literal(in->clause.pool, token, &literal)) {
        return make_node(in, iu_clause_take(&in->clause), literal);
    }
    return token.kind == IU_TOKEN_NUMBER
               ? refuse(in, token,
                        apr_psprintf(in->clause.pool, NO_NUMBER,
                                     iu_clause_quote(&in->clause, token)))
               : NULL;
}

/* Refuses a path that is neither a property nor a complex member. */
static const iu_expression *refuse_path(parser *in, iu_token path)
{
    if (iu_filter_is_unsupported_path(path) || iu_filter_is_navigation(path)) {
        return refuse_unsupported(in, path);
    }
    return refuse(in, path,
                  iu_property_fault(in->clause.pool, path.text, path.length));
}

/* Parses the path of a property or of a complex member. */
static const iu_expression *parse_path(parser *in)
{
    iu_token path = iu_clause_take(&in->clause);
    iu_expression leaf = {.operator= IU_PROPERTY, .type = IU_VALUE_TEXT};

    leaf.property = iu_property_find(path.text, path.length);
    if (!leaf.property) {
        leaf.operator= IU_OBJECT;
        leaf.type = IU_VALUE_OBJECT;
        leaf.member = iu_member_find(path.text, path.length);
        return leaf.member ? make_node(in, path, leaf) : refuse_path(in, path);
    }
    if (leaf.property->type == IU_EDM_DATE_TIME_OFFSET) {
        leaf.type = IU_VALUE_INSTANT;
    }
    return make_node(in, path, leaf);
}

static const iu_expression *parse_or(parser *in);

/* Parses an expression inside parentheses or an operand of a function, and
 * checks the nesting. */
static const iu_expression *parse_nested(parser *in)
{
    const iu_expression *expression;

    if (++in->level > IU_FILTER_DEPTH) {
        return refuse_limit(in, in->clause.token, IU_FILTER_TOO_DEEP,
                            IU_FILTER_DEPTH);
    }
    expression = parse_or(in);
    in->level--;
    return expression;
}

/* Parses an operand of a function, which must be of this type, or null. */
static const iu_expression *parse_operand(parser *in, iu_value_type type)
{
    iu_token token = in->clause.token;
    const iu_expression *expression = parse_nested(in);

    if (!expression || expression->type == IU_VALUE_NULL) {
        return expression;
    }
    if (expression->type != type) {
        return refuse(in, token,
                      apr_psprintf(in->clause.pool, "%s was expected, not %s.",
                                   type_name(type),
                                   type_name(expression->type)));
    }
    /* The tree does not keep the offset of a literal. */
    if (type == IU_VALUE_INSTANT && IU_PROPERTY != expression->operator) {
        return refuse_unsupported(in, token);
    }
    return expression;
}

/* Parses the operands of a function up to the closing parenthesis. */
static const iu_expression *parse_function(parser *in, iu_token token,
                                           const iu_function *function)
{
    const iu_expression *operands[IU_FUNCTION_OPERANDS];
    int count = 0;

    do {
        if (count == function->max_operands) {
            return refuse_next(in, "')'");
        }
        operands[count] = parse_operand(in, function->operands[count]);
        if (!operands[count++]) {
            return NULL;
        }
    } while (iu_clause_take_character(&in->clause, ','));
    if (count < function->min_operands) {
        return refuse_next(in, "','");
    }
    if (!iu_clause_take_character(&in->clause, ')')) {
        return refuse_next(in, count < function->max_operands ? "',' or ')'"
                                                              : "')'");
    }
    return make_operation(in, token, function->operator, function->type, count,
                          operands);
}

/* Parses a path or a function call. */
static const iu_expression *parse_name(parser *in)
{
    iu_token name = in->clause.token;
    const iu_function *function;

    if (!iu_token_is(iu_token_next(name), '(')) {
        return parse_path(in);
    }
    function = iu_filter_function(name);
    if (function) {
        iu_clause_take(&in->clause);
        iu_clause_take(&in->clause);
        return parse_function(in, name, function);
    }
    if (iu_filter_is_unsupported_function(name)) {
        return refuse_unsupported(in, name);
    }
    return refuse(in, name,
                  apr_psprintf(in->clause.pool,
                               "The function '%s' is not known.",
                               iu_clause_quote(&in->clause, name)));
}

static const iu_expression *parse_primary(parser *in)
{
    const iu_expression *expression = parse_literal(in);

    if (expression || in->clause.problem) {
        return expression;
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
    expression = parse_nested(in);
    if (expression && !iu_clause_take_character(&in->clause, ')')) {
        return refuse_next(in, "An operator or ')'");
    }
    return expression;
}

/* Refuses a comparison unless the operands are of the same type, or one is
 * null. */
static int check_types(parser *in, iu_token at, iu_value_type left,
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

/* Appends the literals of a list to operands, up to the closing parenthesis.
 * type is the type of the operand before "in": the literals must match it. */
static int parse_list(parser *in, iu_value_type type,
                      apr_array_header_t *operands)
{
    do {
        iu_token token = in->clause.token;
        const iu_expression *item = parse_literal(in);

        if (!item && !in->clause.problem) {
            refuse_next(in, "A literal");
        }
        if (!item || !check_types(in, token, type, item->type)) {
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

/* The operator "in" has the precedence of a function call. */
static const iu_expression *parse_in(parser *in)
{
    const iu_expression *expression = parse_primary(in);
    iu_token token = in->clause.token;
    apr_array_header_t *operands;

    if (!expression || !iu_clause_take_name(&in->clause, "in")) {
        return expression;
    }
    if (expression->type == IU_VALUE_OBJECT) {
        return refuse(in, token, OBJECT_COMPARED);
    }
    if (!iu_clause_take_character(&in->clause, '(')) {
        return refuse_next(in, "'('");
    }
    operands = apr_array_make(in->clause.pool, 4, sizeof(expression));
    APR_ARRAY_PUSH(operands, const iu_expression *) = expression;
    return parse_list(in, expression->type, operands)
               ? make_boolean_operation(in, token, IU_IN, operands)
               : NULL;
}

/* Refuses an operand that is neither boolean nor null. */
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

/* "not" binds tighter than all operators except "in": a comparison after it
 * needs parentheses. */
static const iu_expression *parse_not(parser *in)
{
    iu_token token = in->clause.token;
    iu_token operand_token;
    const iu_expression *operand;

    if (!iu_clause_take_name(&in->clause, "not")) {
        return parse_in(in);
    }
    operand_token = in->clause.token;
    if (++in->level > IU_FILTER_DEPTH) {
        return refuse_limit(in, token, IU_FILTER_TOO_DEEP, IU_FILTER_DEPTH);
    }
    operand = parse_not(in);
    in->level--;
    return operand && check_boolean(in, operand_token, operand)
               ? make_operation(in, token, IU_NOT, IU_VALUE_BOOLEAN, 1,
                                &operand)
               : NULL;
}

static int is_literal(const iu_expression *operand)
{
    return IU_LITERAL == operand->operator;
}

/* Refuses a comparison that is not defined for the types of its operands. */
static int check_comparison(parser *in, iu_token token, iu_operator kind,
                            const iu_expression *left,
                            const iu_expression *right)
{
    int is_equality = kind == IU_EQ || kind == IU_NE;

    if (left->type == IU_VALUE_OBJECT || right->type == IU_VALUE_OBJECT) {
        if (is_equality &&
            (left->type == IU_VALUE_NULL || right->type == IU_VALUE_NULL)) {
            return 1;
        }
        refuse(in, token, OBJECT_COMPARED);
        return 0;
    }
    if (!check_types(in, token, left->type, right->type)) {
        return 0;
    }
    if (left->type != IU_VALUE_BOOLEAN && right->type != IU_VALUE_BOOLEAN) {
        return 1;
    }
    if (is_equality && (is_literal(left) || is_literal(right))) {
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

/* Parses left-associative comparisons of the same precedence. parse reads their
 * operands. */
static const iu_expression *
parse_comparisons(parser *in, const comparison *comparisons, parse_level *parse)
{
    const iu_expression *expression = parse(in);

    while (expression) {
        iu_token token = in->clause.token;
        const comparison *found = comparisons;
        const iu_expression *operands[] = {expression, NULL};

        while (found->name && !iu_token_is_name(token, found->name)) {
            found++;
        }
        if (!found->name) {
            break;
        }
        iu_clause_take(&in->clause);
        operands[1] = parse(in);
        if (!operands[1] || !check_comparison(in, token, found->kind,
                                              expression, operands[1])) {
            return NULL;
        }
        expression = make_operation(in, token, found->kind, IU_VALUE_BOOLEAN, 2,
                                    operands);
    }
    return expression;
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

/* Parses a chain of "and" or "or" into one node, so that the long chains that
 * programs generate from lists of values do not nest. */
static const iu_expression *parse_chain(parser *in, const char *name,
                                        iu_operator kind, parse_level *parse)
{
    iu_token begin = in->clause.token;
    const iu_expression *expression = parse(in);
    iu_token token = in->clause.token;
    apr_array_header_t *operands;

    if (!expression || !iu_token_is_name(token, name)) {
        return expression;
    }
    operands = apr_array_make(in->clause.pool, 4, sizeof(expression));
    for (;;) {
        if (!expression || !check_boolean(in, begin, expression)) {
            return NULL;
        }
        APR_ARRAY_PUSH(operands, const iu_expression *) = expression;
        if (!iu_clause_take_name(&in->clause, name)) {
            return make_boolean_operation(in, token, kind, operands);
        }
        begin = in->clause.token;
        expression = parse(in);
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
    const iu_expression *expression = parse_or(&in);

    if (expression && !iu_clause_ended(&in.clause)) {
        refuse_next(&in, "An operator or the end");
    }
    else if (expression && check_boolean(&in, first, expression)) {
        *filter = expression;
    }
    return in.clause.problem;
}
