/* SPDX-License-Identifier: Apache-2.0 */
#include "excerpt.h"

#include <string.h>

#include "utf8.h"

#define ELLIPSIS "\xE2\x80\xA6"

const char *iu_excerpt(apr_pool_t *pool, const char *text, apr_size_t length)
{
    const char *end = text + length;
    char *out = apr_palloc(pool, IU_EXCERPT_MAX + sizeof(ELLIPSIS));
    char *at = out;

    while (text < end) {
        apr_size_t bytes = iu_utf8_length(text, end);
        apr_size_t width = bytes ? bytes : 1;

        if (at + width > out + IU_EXCERPT_MAX) {
            memcpy(at, ELLIPSIS, sizeof(ELLIPSIS) - 1);
            at += sizeof(ELLIPSIS) - 1;
            break;
        }
        if (bytes) {
            memcpy(at, text, bytes);
        }
        else {
            *at = '?';
        }
        at += width;
        text += width;
    }
    *at = '\0';
    return out;
}
