/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as RFC 3629 has it: no overlong form, no surrogate, at most U+10FFFF.*/
#ifndef IU_TEXT_UTF8_H
#define IU_TEXT_UTF8_H

#include <apr.h>

/* The length in bytes, 1 to 4, of the character that begins at text, or 0
 * where the bytes up to end are not one. text < end. */
apr_size_t iu_utf8_length(const char *text, const char *end);

/* Writes a character, which is no surrogate and at most U+10FFFF; returns its
 * length, 1 to 4. */
apr_size_t iu_utf8_write(char *out, unsigned character);

/* Whether length bytes are UTF-8 without U+0000. */
int iu_utf8_is_text(const char *text, apr_size_t length);

/* How many characters length bytes of UTF-8 are. */
apr_size_t iu_utf8_characters(const char *text, apr_size_t length);

#endif
