/* SPDX-License-Identifier: Apache-2.0 */
#include "key.h"

#include <apr_strings.h>

#include "../text/utf8.h"

/* Unicode category Cc: U+0000-001F, U+007F, and U+0080-009F (bytes C2 80 to
 * C2 9F). */
static int is_control(const char *character)
{
    unsigned char first = character[0];

    return first < 0x20 || first == 0x7F ||
           (first == 0xC2 && (unsigned char)character[1] < 0xA0);
}

int iu_key_is_valid(const char *text, apr_size_t length)
{
    const char *end = text + length;

    if (length < 1 || length > IU_KEY_MAX) {
        return 0;
    }
    while (text < end) {
        apr_size_t bytes = iu_utf8_length(text, end);

        if (bytes == 0 || is_control(text)) {
            return 0;
        }
        text += bytes;
    }
    return 1;
}

const char *iu_key_of_user_set(apr_pool_t *pool, const char *user_id)
{
    return apr_pstrcat(pool, "\t", user_id, NULL);
}
