/* SPDX-License-Identifier: Apache-2.0 */
/* A text that grows at its end: how this program builds JSON and URLs. */
#ifndef IU_TEXT_BUFFER_H
#define IU_TEXT_BUFFER_H

#include <apr_pools.h>

typedef struct iu_buffer {
    apr_pool_t *pool;    /* owns data */
    char *data;          /* always NUL-terminated; NULL before iu_buffer_init */
    apr_size_t length;   /* bytes, without the NUL */
    apr_size_t capacity; /* bytes that data has room for, the NUL included */
} iu_buffer;

/* Makes an empty text in pool with room for expected bytes; it grows by
 * doubling where more come. What it outgrew stays in pool until that is
 * cleared, so give a good guess. */
void iu_buffer_init(iu_buffer *buffer, apr_pool_t *pool, apr_size_t expected);

/* Makes room for more bytes behind the text and returns where they go; the
 * caller writes exactly as many and adds them to length. The NUL behind them
 * is there already. */
char *iu_buffer_reserve(iu_buffer *buffer, apr_size_t more);

void iu_buffer_append(iu_buffer *buffer, const char *text, apr_size_t length);

/* The same for a string constant or other NUL-terminated text. */
void iu_buffer_puts(iu_buffer *buffer, const char *text);

/* Appends the name of a member of a JSON object, whose text is there up to the
 * member: its quotes and the colon, and a comma in front unless it is the
 * first. Nothing in name must be escaped. */
void iu_buffer_json_name(iu_buffer *buffer, const char *name);

/* Appends length bytes of UTF-8 as the inside of a JSON string, without the
 * quotes: '"', '\' and control characters are escaped (RFC 8259 section 7),
 * everything else is copied. */
void iu_buffer_json_escaped(iu_buffer *buffer, const char *text,
                            apr_size_t length);

/* The same with the quotes. */
void iu_buffer_json_string(iu_buffer *buffer, const char *text,
                           apr_size_t length);

/* Appends length bytes, percent-encoded but for the unreserved characters of
 * RFC 3986 section 2.3: a text of any kind as one segment of a path. */
void iu_buffer_percent_encoded(iu_buffer *buffer, const char *text,
                               apr_size_t length);

#endif
