/* SPDX-License-Identifier: Apache-2.0 */
/* A growing text, for building JSON, SQL and URLs. */
#ifndef IU_TEXT_BUFFER_H
#define IU_TEXT_BUFFER_H

#include <apr_pools.h>

typedef struct iu_buffer {
    apr_pool_t *pool;    /* owns data */
    char *data;          /* always NUL-terminated; NULL before iu_buffer_init */
    apr_size_t length;   /* bytes, without the NUL */
    apr_size_t capacity; /* allocated bytes, including the NUL */
} iu_buffer;

/* Makes an empty text in pool with room for expected bytes. Its memory doubles
 * when it is full, and the old memory stays in pool until that is cleared: pass
 * a good estimate. */
void iu_buffer_init(iu_buffer *buffer, apr_pool_t *pool, apr_size_t expected);

/* Makes room for more bytes at the end, writes the NUL after them and returns a
 * pointer to them. The caller must write all of them, and add their number to
 * length. */
char *iu_buffer_reserve(iu_buffer *buffer, apr_size_t more);

/* Appends length bytes of text. */
void iu_buffer_append(iu_buffer *buffer, const char *text, apr_size_t length);

/* The same for a NUL-terminated text. */
void iu_buffer_puts(iu_buffer *buffer, const char *text);

/* Appends a member's name with quotes and colon to a JSON object, preceded by a
 * comma unless it is the first member. name must need no escape. */
void iu_buffer_json_name(iu_buffer *buffer, const char *name);

/* Appends length bytes of UTF-8 as the content of a JSON string: escapes '"',
 * '\' and control characters (RFC 8259 section 7), writes no quotes. */
void iu_buffer_json_escaped(iu_buffer *buffer, const char *text,
                            apr_size_t length);

/* The same with quotes. */
void iu_buffer_json_string(iu_buffer *buffer, const char *text,
                           apr_size_t length);

/* Appends length bytes as one path segment: percent-encodes all but the
 * unreserved characters (RFC 3986 section 2.3). */
void iu_buffer_percent_encoded(iu_buffer *buffer, const char *text,
                               apr_size_t length);

#endif
