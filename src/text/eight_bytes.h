/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that stand for themselves in a JSON string, looked for eight at once:
 * most bytes of most texts are among them. */
#ifndef IU_TEXT_EIGHT_BYTES_H
#define IU_TEXT_EIGHT_BYTES_H

#include <stdint.h>
#include <string.h>

#define IU_EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

/* The eight bytes that begin at text. */
static inline uint64_t iu_eight_bytes(const char *text)
{
    uint64_t bytes;

    memcpy(&bytes, text, sizeof bytes);
    return bytes;
}

/* Not 0 if one of the bytes must be escaped (RFC 8259 section 7). To take a
 * value from a byte of ASCII sets its highest bit where it is less. (What is
 * borrowed from the next byte changes that only where it is not 0 anyway.) */
static inline uint64_t iu_escaped(uint64_t bytes)
{
    return ((bytes - IU_EACH_BYTE(' ')) |
            ((bytes ^ IU_EACH_BYTE('"')) - IU_EACH_BYTE(1)) |
            ((bytes ^ IU_EACH_BYTE('\\')) - IU_EACH_BYTE(1))) &
           ~bytes & IU_EACH_BYTE(0x80);
}

/* Not 0 if one of the bytes is not ASCII. */
static inline uint64_t iu_beyond_ascii(uint64_t bytes)
{
    return bytes & IU_EACH_BYTE(0x80);
}

#endif
