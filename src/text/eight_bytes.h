/* SPDX-License-Identifier: Apache-2.0 */
/* Tests eight bytes of a JSON string at once: most need no escape. No test
 * finds anything in a blank. */
#ifndef IU_TEXT_EIGHT_BYTES_H
#define IU_TEXT_EIGHT_BYTES_H

#include <stdint.h>
#include <string.h>

#define IU_EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

/* Loads eight bytes; text need not be aligned. */
static inline uint64_t iu_eight_bytes(const char *text)
{
    uint64_t bytes;

    memcpy(&bytes, text, sizeof bytes);
    return bytes;
}

/* Nonzero if one of the bytes must be escaped (RFC 8259 section 7). Subtracting
 * a value from an ASCII byte sets its highest bit if the byte is less. A borrow
 * from the next byte can change the result only if it is nonzero anyway. */
static inline uint64_t iu_needs_escape(uint64_t bytes)
{
    return ((bytes - IU_EACH_BYTE(' ')) |
            ((bytes ^ IU_EACH_BYTE('"')) - IU_EACH_BYTE(1)) |
            ((bytes ^ IU_EACH_BYTE('\\')) - IU_EACH_BYTE(1))) &
           ~bytes & IU_EACH_BYTE(0x80);
}

/* Nonzero if one of the bytes is not ASCII. */
static inline uint64_t iu_beyond_ascii(uint64_t bytes)
{
    return bytes & IU_EACH_BYTE(0x80);
}

/* Nonzero if one of the bytes is not ASCII, or is NUL. */
static inline uint64_t iu_beyond_text(uint64_t bytes)
{
    return ((bytes - IU_EACH_BYTE(1)) | bytes) & IU_EACH_BYTE(0x80);
}

/* Nonzero if a test finds something in length bytes of text. */
static inline uint64_t iu_find_byte(const char *text, size_t length,
                                    uint64_t (*test)(uint64_t))
{
    const char *end = text + length;
    uint64_t bytes = IU_EACH_BYTE(' ');
    uint64_t found = 0;

    if (length < sizeof bytes) {
        memcpy(&bytes, text, length);
        return test(bytes);
    }
    for (; end - text > (long)sizeof bytes; text += sizeof bytes) {
        found |= test(iu_eight_bytes(text));
    }
    return found | test(iu_eight_bytes(end - sizeof bytes));
}

#endif
