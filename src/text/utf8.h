/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as in RFC 3629: no overlong forms, no surrogates, at most U+10FFFF. */
#ifndef IU_TEXT_UTF8_H
#define IU_TEXT_UTF8_H

#include <apr.h>

/* The length in bytes, 1 to 4, of the character at text; 0 if the bytes before
 * end do not begin with a valid character. text < end. */
apr_size_t iu_utf8_length(const char *text, const char *end);

/* Encodes a code point, which must not be a surrogate nor exceed U+10FFFF.
 * Returns the number of bytes written, 1 to 4. */
apr_size_t iu_utf8_write(char *out, unsigned character);

/* Whether length bytes are valid UTF-8 without U+0000. */
int iu_utf8_is_text(const char *text, apr_size_t length);

/* The number of characters in length bytes of valid UTF-8. */
apr_size_t iu_utf8_characters(const char *text, apr_size_t length);

#endif
