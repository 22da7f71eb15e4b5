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

/* Whether one of the bytes is less than value, which is at most 0x80. It is
 * when taking value from it sets its highest bit, which it had not. (What is
 * borrowed from a byte changes the answer only where it is yes anyway.) */
static inline int iu_one_is_less(uint64_t bytes, unsigned value)
{
    return ((bytes - IU_EACH_BYTE(value)) & ~bytes & IU_EACH_BYTE(0x80)) != 0;
}

/* Whether one of the bytes must be escaped (RFC 8259 section 7). */
static inline int iu_one_is_escaped(uint64_t bytes)
{
    return iu_one_is_less(bytes, ' ') ||
           iu_one_is_less(bytes ^ IU_EACH_BYTE('"'), 1) ||
           iu_one_is_less(bytes ^ IU_EACH_BYTE('\\'), 1);
}

/* Whether one of the bytes is not ASCII. */
static inline int iu_one_is_beyond_ascii(uint64_t bytes)
{
    return (bytes & IU_EACH_BYTE(0x80)) != 0;
}

#endif
