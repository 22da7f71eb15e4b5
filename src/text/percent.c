/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-encoding, the way in. */
#include "percent.h"

#include <apr_escape.h>
#include <apr_strings.h>

char *iu_percent_decode(apr_pool_t *pool, const char *text, apr_size_t length,
                        int plus, apr_size_t *decoded)
{
    /* A copy, since apr_unescape_url looks for digits behind a length, too. */
    char *out = apr_pstrmemdup(pool, text, length);
    apr_size_t size; /* with the NUL behind */

    /* %00 is APR_BADCH, but decoded: who uses the text refuses it by name. */
    if (apr_unescape_url(out, out, APR_ESCAPE_STRING, NULL, NULL, plus,
                         &size) == APR_EINVAL) {
        return NULL;
    }
    *decoded = size - 1;
    return out;
}
