/* SPDX-License-Identifier: Apache-2.0 */
/* OData's string literals: 'it''s' (OData 4.01 ABNF, SQUOTE-in-string). */
#ifndef IU_TEXT_QUOTE_H
#define IU_TEXT_QUOTE_H

#include <apr.h>

/* Removes the quotes around length bytes of text and undoubles those inside.
 * out needs room for length bytes and may be text itself; it is NUL-terminated,
 * and *written is its length without the NUL. Returns 0 if text is not quoted,
 * or a quote inside is not doubled. */
int iu_unquote(const char *text, apr_size_t length, char *out,
               apr_size_t *written);

#endif
