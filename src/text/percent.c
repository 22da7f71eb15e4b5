/* SPDX-License-Identifier: Apache-2.0 */
#include "percent.h"

#include <string.h>

#include <apr_escape.h>
#include <apr_strings.h>

char *iu_percent_decode(apr_pool_t *pool, const char *text, apr_size_t length,
                        int plus, apr_size_t *decoded)
{
    /* Copy first: apr_unescape_url may read beyond the length for digits. */
    char *out = apr_pstrmemdup(pool, text, length);
    apr_size_t size; /* with the NUL */

    if (!plus && !memchr(text, '%', length)) {
        *decoded = length;
        return out;
    }
    /* %00 is decoded, too, although APR returns APR_BADCH for it: callers check
     * for NUL and report the faulty key or option. */
    if (apr_unescape_url(out, out, APR_ESCAPE_STRING, NULL, NULL, plus,
                         &size) == APR_EINVAL) {
        return NULL;
    }
    *decoded = size - 1;
    return out;
}
