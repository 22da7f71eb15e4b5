/* SPDX-License-Identifier: Apache-2.0 */
/* The literals of $filter. */
#include "filter_literal.h"

#include <errno.h>
#include <string.h>

#include <apr_strings.h>

#include "../graph/date_time_offset.h"

/* The text of a string: its quotes off, those within halved. */
static const char *unquote(apr_pool_t *pool, iu_token token)
{
    char *out = apr_palloc(pool, token.length);
    const char *end = token.text + token.length - 1;
    const char *from = token.text + 1;
    char *to = out;

    while (from < end) {
        *to++ = *from;
        from += *from == '\'' ? 2 : 1;
    }
    *to = '\0';
    return out;
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

/* A date is what makes an instant with a time behind it. */
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
    *literal =
        (iu_expression){IU_LITERAL, IU_VALUE_NULL, NULL, NULL, 0, 0, NULL};
    switch (token.kind) {
    case IU_TOKEN_STRING:
        literal->type = IU_VALUE_TEXT;
        literal->text = unquote(pool, token);
        return 1;
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
