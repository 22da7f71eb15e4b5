/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of header field values (RFC 9110 section 5.6). The readers return
 * the element at *at and move *at past it and the white space that follows.
 */
#ifndef IU_HTTP_FIELD_VALUE_H
#define IU_HTTP_FIELD_VALUE_H

#include "../text/span.h"

/* Whether part is name, in any case. */
int iu_field_is(iu_span part, const char *name);

/* Skips spaces and tabs. */
void iu_field_skip_space(const char **at);

/* Skips the separator of list members and empty members (RFC 9110 section
 * 5.6.1.2): commas, spaces and tabs. */
void iu_field_skip_commas(const char **at);

/* Whether text is 1 to max bytes of visible ASCII: it can be echoed in a header
 * field and a log line. */
int iu_field_is_visible(const char *text, apr_size_t max);

/* Reads a token, possibly empty: everything up to white space or one of
 * , ; = ". It may contain '/', for media types, and characters that RFC 9110
 * does not permit. */
iu_span iu_field_read_token(const char **at);

/* Reads a token or the inside of a quoted-string. Backslash escapes are kept:
 * no value that is compared here contains one. */
iu_span iu_field_read_value(const char **at);

/* Reads "; name=value" or "; name"; value is empty for the latter. Returns 0 if
 * no parameter follows. */
int iu_field_read_parameter(const char **at, iu_span *name, iu_span *value);

/* Moves to the next member of a list, past the rest of the current one, valid
 * or not. Returns 0 at the end of the list. */
int iu_field_next_member(const char **at);

#endif
