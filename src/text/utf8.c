/* SPDX-License-Identifier: Apache-2.0 */
#include "utf8.h"

#include "eight_bytes.h"

/* The length of a character and the range of its second byte (RFC 3629 section
 * 4; Unicode, table 3-7). The range is narrower than 80 to BF after first bytes
 * that could otherwise begin an overlong form, a surrogate or a code point
 * beyond U+10FFFF. APR has nothing that validates UTF-8. */
typedef struct sequence {
    apr_size_t length; /* 0: not a first byte */
    unsigned char low;
    unsigned char high;
} sequence;

static sequence sequence_for(unsigned char first)
{
    if (first < 0x80) {
        return (sequence){1, 0, 0};
    }
    if (first < 0xC2) {
        return (sequence){0, 0, 0};
    }
    if (first < 0xE0) {
        return (sequence){2, 0x80, 0xBF};
    }
    if (first < 0xF0) {
        return (sequence){3, first == 0xE0 ? 0xA0 : 0x80,
                          first == 0xED ? 0x9F : 0xBF};
    }
    if (first < 0xF5) {
        return (sequence){4, first == 0xF0 ? 0x90 : 0x80,
                          first == 0xF4 ? 0x8F : 0xBF};
    }
    return (sequence){0, 0, 0};
}

apr_size_t iu_utf8_length(const char *text, const char *end)
{
    const unsigned char *byte = (const unsigned char *)text;
    sequence expected = sequence_for(byte[0]);
    apr_size_t i;

    if (expected.length > (apr_size_t)(end - text)) {
        return 0;
    }
    if (expected.length > 1 &&
        (byte[1] < expected.low || byte[1] > expected.high)) {
        return 0;
    }
    for (i = 2; i < expected.length; i++) {
        if ((byte[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return expected.length;
}

/* RFC 3629 section 3 */
apr_size_t iu_utf8_write(char *out, unsigned character)
{
    static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    apr_size_t length =
        1 + (character >= 0x80) + (character >= 0x800) + (character >= 0x10000);
    apr_size_t i;

    for (i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    out[0] = (char)(first[length] | character);
    return length;
}

int iu_utf8_is_text(const char *text, apr_size_t length)
{
    const char *end = text + length;

    if (!iu_find_byte(text, length, iu_beyond_text)) {
        return 1; /* as most texts are */
    }
    while (text < end) {
        apr_size_t bytes = iu_utf8_length(text, end);

        if (bytes == 0 || *text == '\0') {
            return 0;
        }
        text += bytes;
    }
    return 1;
}

apr_size_t iu_utf8_characters(const char *text, apr_size_t length)
{
    apr_size_t count = 0;
    apr_size_t i;

    for (i = 0; i < length; i++) {
        count += (text[i] & 0xC0) != 0x80;
    }
    return count;
}
