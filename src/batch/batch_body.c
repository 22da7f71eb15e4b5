/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_body.h"

#include <string.h>

#include <apr_base64.h>
#include <apr_strings.h>

#include "../json/json_reader.h"

/* apr_base64.h knows only base64. Returns 0 if text is neither that nor
 * base64url. */
static int make_base64(char *text)
{
    char *c;

    for (c = text; *c && *c != '='; c++) {
        if (*c == '-') {
            *c = '+';
        }
        else if (*c == '_') {
            *c = '/';
        }
        else if (!((*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') ||
                   (*c >= '0' && *c <= '9') || *c == '+' || *c == '/')) {
            return 0;
        }
    }
    return c > text && strspn(c, "=") == strlen(c) && strlen(c) <= 2;
}

char *iu_batch_body_decode(apr_pool_t *pool, iu_span body, apr_size_t *length)
{
    const iu_json *string;
    apr_size_t bytes;
    char *text;
    char *decoded;

    if (*body.text != '"' ||
        iu_json_read(pool, apr_pstrmemdup(pool, body.text, body.length),
                     body.length, &string)) {
        return NULL;
    }
    text = apr_pstrdup(pool, iu_json_string(string, &bytes));
    if (!make_base64(text)) {
        return NULL;
    }
    decoded = apr_palloc(pool, apr_base64_decode_len(text) + 1);
    *length = apr_base64_decode_binary((unsigned char *)decoded, text);
    decoded[*length] = '\0';
    return decoded;
}
