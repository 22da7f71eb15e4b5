/* SPDX-License-Identifier: Apache-2.0 */
#include "quote.h"

int iu_unquote(const char *text, apr_size_t length, char *out,
               apr_size_t *written)
{
    const char *from = text + 1;
    const char *end;
    char *to = out;

    if (length < 2 || text[0] != '\'' || text[length - 1] != '\'') {
        return 0;
    }
    end = text + length - 1;
    while (from < end) {
        if (*from == '\'') {
            if (from + 1 == end || from[1] != '\'') {
                return 0;
            }
            from++;
        }
        *to++ = *from++;
    }
    *written = to - out;
    *to = '\0';
    return 1;
}
