/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as hexadecimal digits. */
#ifndef IU_TEXT_HEX_H
#define IU_TEXT_HEX_H

#include <stddef.h>

/* Writes two lower-case digits for each of count bytes, without a NUL. Returns
 * the end of what it wrote. */
static inline char *iu_hex_put(char *text, const unsigned char *bytes,
                               size_t count)
{
    static const char digits[] = "0123456789abcdef";
    size_t i;

    for (i = 0; i < count; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 0xF];
    }
    return text;
}

#endif
