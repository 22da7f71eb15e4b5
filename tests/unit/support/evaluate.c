/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#define OPERANDS_MAX 3 /* of a function */

/* A value of any type: the text of those that have one, else the number. */
typedef struct value {
    int is_null;
    const char *text;
    apr_int64_t number;
} value;

typedef struct evaluation {
    apr_pool_t *pool;
    const iu_sample *sample;
} evaluation;

static const value null = {1, NULL, 0};

static value text_value(const char *text)
{
    value made = {text == NULL, text, 0};

    return made;
}

static value number_value(apr_int64_t number)
{
    value made = {0, NULL, number};

    return made;
}

static value evaluate(const evaluation *in, const iu_expression *expression);

/*** Texts ***/

/* The text after so many characters, at most its end. */
static const char *behind(const char *text, apr_int64_t characters)
{
    for (; *text && characters > 0; characters--) {
        do {
            text++;
        } while ((*text & 0xC0) == 0x80);
    }
    return text;
}

static apr_int64_t characters_before(const char *text, const char *end)
{
    apr_int64_t characters = 0;

    for (; text < end; text = behind(text, 1)) {
        characters++;
    }
    return characters;
}

static int ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t end_length = strlen(end);

    return length >= end_length && !strcmp(text + length - end_length, end);
}

/* Only ASCII letters change, whatever the locale. */
static const char *with_case(apr_pool_t *pool, const char *text, char first,
                             char last)
{
    char *changed = apr_pstrdup(pool, text);
    char *c;

    for (c = changed; *c; c++) {
        if (*c >= first && *c <= last) {
            *c ^= 'a' ^ 'A';
        }
    }
    return changed;
}

static const char *trimmed(apr_pool_t *pool, const char *text)
{
    size_t length;

    text += strspn(text, " ");
    for (length = strlen(text); length > 0 && text[length - 1] == ' ';) {
        length--;
    }
    return apr_pstrmemdup(pool, text, length);
}

static const char *part(apr_pool_t *pool, const char *text, apr_int64_t start,
                        apr_int64_t length)
{
    text = behind(text, start);
    return apr_pstrmemdup(pool, text, behind(text, length) - text);
}

static apr_int64_t index_of(const char *text, const char *sought)
{
    const char *found = strstr(text, sought);

    return found ? characters_before(text, found) : -1;
}

/*** Functions ***/

static value function_of_text(apr_pool_t *pool, const iu_expression *expression,
                              const value *of)
{
    const char *text = of[0].text;

    switch (expression->operator) {
    case IU_CONTAINS:
        return number_value(strstr(text, of[1].text) != NULL);
    case IU_STARTSWITH:
        return number_value(!strncmp(text, of[1].text, strlen(of[1].text)));
    case IU_ENDSWITH:
        return number_value(ends_with(text, of[1].text));
    case IU_TOLOWER:
        return text_value(with_case(pool, text, 'A', 'Z'));
    case IU_TOUPPER:
        return text_value(with_case(pool, text, 'a', 'z'));
    case IU_TRIM:
        return text_value(trimmed(pool, text));
    case IU_CONCAT:
        return text_value(apr_pstrcat(pool, text, of[1].text, NULL));
    case IU_LENGTH:
        return number_value(characters_before(text, text + strlen(text)));
    case IU_INDEXOF:
        return number_value(index_of(text, of[1].text));
    default: /* IU_SUBSTRING */
        return text_value(
            part(pool, text, of[1].number,
                 expression->count == 3 ? of[2].number : APR_INT64_MAX));
    }
}

/* "yyyy-mm-ddThh:mm", then maybe ":ss" */
static value function_of_instant(apr_pool_t *pool, iu_operator function,
                                 const char *sent)
{
    switch (function) {
    case IU_YEAR:
        return number_value(apr_atoi64(apr_pstrmemdup(pool, sent, 4)));
    case IU_MONTH:
        return number_value(apr_atoi64(apr_pstrmemdup(pool, sent + 5, 2)));
    case IU_DAY:
        return number_value(apr_atoi64(apr_pstrmemdup(pool, sent + 8, 2)));
    case IU_HOUR:
        return number_value(apr_atoi64(apr_pstrmemdup(pool, sent + 11, 2)));
    case IU_MINUTE:
        return number_value(apr_atoi64(apr_pstrmemdup(pool, sent + 14, 2)));
    case IU_SECOND:
        return number_value(sent[16] == ':'
                                ? apr_atoi64(apr_pstrmemdup(pool, sent + 17, 2))
                                : 0);
    default: /* IU_DATE */
        return text_value(apr_pstrmemdup(pool, sent, 10));
    }
}

static value function(const evaluation *in, const iu_expression *expression)
{
    const iu_expression *first = expression->operands[0];
    value of[OPERANDS_MAX];
    int i;

    for (i = 0; i < expression->count; i++) {
        of[i] = evaluate(in, expression->operands[i]);
        if (of[i].is_null) {
            return null;
        }
    }
    if (IU_YEAR <= expression->operator) {
        return function_of_instant(
            in->pool, expression->operator,
            in->sample->sent[first->property - iu_properties]);
    }
    return function_of_text(in->pool, expression, of);
}

/*** Logic ***/

/* Kleene's three-valued logic: an operand with the deciding value (false for
 * and, true for or) decides, otherwise one that is null. */
static value connected(const evaluation *in, const iu_expression *expression,
                       int deciding)
{
    value result = number_value(!deciding);
    int i;

    for (i = 0; i < expression->count; i++) {
        value operand = evaluate(in, expression->operands[i]);

        if (operand.is_null) {
            result = null;
        }
        else if (operand.number == deciding) {
            return operand;
        }
    }
    return result;
}

/* UTF-8 sorts by bytes as by characters. */
static int difference(value left, value right)
{
    return left.text
               ? strcmp(left.text, right.text)
               : (left.number > right.number) - (left.number < right.number);
}

static int are_equal(value left, value right)
{
    if (left.is_null || right.is_null) {
        return left.is_null && right.is_null;
    }
    return difference(left, right) == 0;
}

static int is_before(value left, value right)
{
    return !left.is_null && !right.is_null && difference(left, right) < 0;
}

static int is_related(iu_operator relation, value left, value right)
{
    switch (relation) {
    case IU_EQ:
        return are_equal(left, right);
    case IU_NE:
        return !are_equal(left, right);
    case IU_LT:
        return is_before(left, right);
    case IU_LE:
        return is_before(left, right) || are_equal(left, right);
    case IU_GT:
        return is_before(right, left);
    default: /* IU_GE */
        return is_before(right, left) || are_equal(left, right);
    }
}

static int is_listed(const evaluation *in, const iu_expression *expression)
{
    value sought = evaluate(in, expression->operands[0]);
    int i;

    for (i = 1; i < expression->count; i++) {
        if (are_equal(sought, evaluate(in, expression->operands[i]))) {
            return 1;
        }
    }
    return 0;
}

static value evaluate(const evaluation *in, const iu_expression *expression)
{
    const iu_expression *const *operands = expression->operands;
    value operand;

    switch (expression->operator) {
    case IU_LITERAL:
        if (expression->type == IU_VALUE_NULL) {
            return null;
        }
        return expression->text ? text_value(expression->text)
                                : number_value(expression->number);
    case IU_PROPERTY:
        return text_value(
            in->sample->compared[expression->property - iu_properties]);
    case IU_OBJECT:
        return in->sample->objects & expression->member->bit ? number_value(0)
                                                             : null;
    case IU_AND:
        return connected(in, expression, 0);
    case IU_OR:
        return connected(in, expression, 1);
    case IU_NOT:
        operand = evaluate(in, operands[0]);
        return operand.is_null ? null : number_value(!operand.number);
    case IU_EQ:
    case IU_NE:
    case IU_GT:
    case IU_GE:
    case IU_LT:
    case IU_LE:
        return number_value(is_related(expression->operator,
                                       evaluate(in, operands[0]),
                                       evaluate(in, operands[1])));
    case IU_IN:
        return number_value(is_listed(in, expression));
    default:
        return function(in, expression);
    }
}

int iu_evaluate_filter(apr_pool_t *pool, const iu_expression *filter,
                       const iu_sample *sample)
{
    evaluation in = {pool, sample};
    value result = filter ? evaluate(&in, filter) : number_value(1);

    return !result.is_null && result.number;
}

/*** Order ***/

const char *const *iu_evaluate_keys(apr_pool_t *pool, const iu_query *query,
                                    const iu_sample *sample)
{
    const char **keys = apr_palloc(pool, query->order_count * sizeof *keys);
    int i;

    for (i = 0; i < query->order_count; i++) {
        const iu_property *property = query->order[i].property;

        keys[i] = sample->compared[property - iu_properties];
        if (keys[i] && property->member->type) {
            keys[i] = part(pool, keys[i], 0, IU_ORDER_CHARACTERS);
        }
    }
    return keys;
}

int iu_evaluate_order(const iu_query *query, const char *const *left,
                      const char *const *right)
{
    int i;

    for (i = 0; i < query->order_count; i++) {
        int order = left[i] && right[i] ? strcmp(left[i], right[i])
                                        : !!left[i] - !!right[i];

        if (order != 0) {
            return query->order[i].descending ? -order : order;
        }
    }
    return 0;
}
