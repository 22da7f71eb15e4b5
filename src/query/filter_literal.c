/* SPDX-License-Identifier: Apache-2.0 */
#include "filter_literal.h"

#include <errno.h>
#include <string.h>

#include <apr_strings.h>

#include "../graph/date_time_offset.h"
#include "../text/quote.h"

static int read_string(apr_pool_t *pool, iu_token token, iu_expression *literal)
{
    char *text = apr_palloc(pool, token.length);
    apr_size_t length;

    literal->type = IU_VALUE_TEXT;
    literal->text = text;
    return iu_unquote(token.text, token.length, text, &length);
}

static int read_integer(iu_token token, iu_expression *literal)
{
    char *end;

    literal->type = IU_VALUE_INTEGER;
    errno = 0;
    literal->number = apr_strtoi64(token.text, &end, 10);
    return errno == 0 && end == token.text + token.length;
}

static int read_instant(apr_pool_t *pool, iu_token token,
                        iu_expression *literal)
{
    char *instant = apr_palloc(pool, IU_INSTANT_SIZE);

    literal->type = IU_VALUE_INSTANT;
    literal->text = instant;
    return iu_date_time_offset_read(token.text, token.length, instant);
}

/* A date is valid if it is an instant with a time appended. */
static int read_date(apr_pool_t *pool, iu_token token, iu_expression *literal)
{
    char instant[IU_INSTANT_SIZE];
    const char *midnight;

    literal->type = IU_VALUE_DATE;
    literal->text = apr_pstrmemdup(pool, token.text, token.length);
    midnight = apr_pstrcat(pool, literal->text, "T00:00Z", NULL);
    return iu_date_time_offset_read(midnight, strlen(midnight), instant);
}

static int read_name(iu_token token, iu_expression *literal)
{
    if (iu_token_is_name(token, "null")) {
        literal->type = IU_VALUE_NULL;
        return 1;
    }
    literal->type = IU_VALUE_BOOLEAN;
    literal->number = iu_token_is_name(token, "true");
    return literal->number || iu_token_is_name(token, "false");
}

int iu_filter_literal(apr_pool_t *pool, iu_token token, iu_expression *literal)
{
    *literal = (iu_expression){.operator= IU_LITERAL, .type = IU_VALUE_NULL};
    switch (token.kind) {
    case IU_TOKEN_STRING:
        return read_string(pool, token, literal);
    case IU_TOKEN_NUMBER:
        if (read_integer(token, literal)) {
            return 1;
        }
        literal->number = 0;
        return read_instant(pool, token, literal) ||
               read_date(pool, token, literal);
    case IU_TOKEN_NAME:
        return read_name(token, literal);
    default:
        return 0;
    }
}
