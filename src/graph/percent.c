/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-encoding, the way in. */
#include "percent.h"

#include <apr_lib.h>

static int hex_value(char digit)
{
    if (apr_isdigit(digit)) {
        return digit - '0';
    }
    return apr_isxdigit(digit) ? apr_tolower(digit) - 'a' + 10 : -1;
}

char *iu_percent_decode(apr_pool_t *pool, const char *text, apr_size_t length,
                        apr_size_t *decoded)
{
    const char *end = text + length;
    char *out = apr_palloc(pool, length + 1);
    char *to = out;

    while (text < end) {
        char byte = *text++;

        if (byte == '%') {
            int high = end - text >= 2 ? hex_value(text[0]) : -1;
            int low = end - text >= 2 ? hex_value(text[1]) : -1;

            if (high < 0 || low < 0) {
                return NULL;
            }
            byte = (char)(high * 16 + low);
            text += 2;
        }
        *to++ = byte;
    }
    *to = '\0';
    *decoded = to - out;
    return out;
}
