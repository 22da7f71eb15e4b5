/* SPDX-License-Identifier: Apache-2.0 */
#include "buffer.h"

#include <string.h>

#include "eight_bytes.h"

static const char hex_digits[] = "0123456789ABCDEF";

void iu_buffer_init(iu_buffer *buffer, apr_pool_t *pool, apr_size_t expected)
{
    buffer->pool = pool;
    buffer->capacity = expected + 1;
    buffer->length = 0;
    buffer->data = apr_palloc(pool, buffer->capacity);
    buffer->data[0] = '\0';
}

static void grow(iu_buffer *buffer, apr_size_t needed)
{
    apr_size_t capacity = buffer->capacity * 2;
    char *data;

    if (capacity < needed) {
        capacity = needed;
    }
    data = apr_palloc(buffer->pool, capacity);
    memcpy(data, buffer->data, buffer->length + 1);
    buffer->data = data;
    buffer->capacity = capacity;
}

/* Inlined in all functions below, which mostly append a few bytes. */
static inline char *reserve(iu_buffer *buffer, apr_size_t more)
{
    apr_size_t needed = buffer->length + more + 1;

    if (needed > buffer->capacity) {
        grow(buffer, needed);
    }
    buffer->data[needed - 1] = '\0';
    return buffer->data + buffer->length;
}

static inline void append(iu_buffer *buffer, const char *text,
                          apr_size_t length)
{
    memcpy(reserve(buffer, length), text, length);
    buffer->length += length;
}

char *iu_buffer_reserve(iu_buffer *buffer, apr_size_t more)
{
    return reserve(buffer, more);
}

void iu_buffer_append(iu_buffer *buffer, const char *text, apr_size_t length)
{
    append(buffer, text, length);
}

void iu_buffer_puts(iu_buffer *buffer, const char *text)
{
    append(buffer, text, strlen(text));
}

void iu_buffer_json_name(iu_buffer *buffer, const char *name)
{
    apr_size_t length = strlen(name);
    char *at = reserve(buffer, length + strlen(",\"\":"));

    if (at[-1] != '{') {
        *at++ = ',';
    }
    *at++ = '"';
    memcpy(at, name, length);
    at += length;
    *at++ = '"';
    *at++ = ':';
    *at = '\0';
    buffer->length = at - buffer->data;
}

/* The letter of a character's two-character escape, or 0. */
static char short_escape(char c)
{
    switch (c) {
    case '"':
    case '\\':
        return c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static void append_escape(iu_buffer *buffer, char c)
{
    char escape[] = {'\\', short_escape(c), '0', '0', '0', '0'};

    if (escape[1]) {
        append(buffer, escape, 2);
        return;
    }
    escape[1] = 'u';
    escape[4] = hex_digits[(unsigned char)c >> 4];
    escape[5] = hex_digits[(unsigned char)c & 0xF];
    append(buffer, escape, sizeof escape);
}

static int must_be_escaped(char c)
{
    return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

void iu_buffer_json_escaped(iu_buffer *buffer, const char *text,
                            apr_size_t length)
{
    const char *end = text + length;
    const char *run = text; /* start of what is copied unchanged */

    for (; text < end; text++) {
        while (end - text > 8 && !iu_needs_escape(iu_eight_bytes(text))) {
            text += 8;
        }
        if (must_be_escaped(*text)) {
            append(buffer, run, text - run);
            append_escape(buffer, *text);
            run = text + 1;
        }
    }
    append(buffer, run, end - run);
}

void iu_buffer_json_string(iu_buffer *buffer, const char *text,
                           apr_size_t length)
{
    if (iu_find_byte(text, length, iu_needs_escape)) {
        append(buffer, "\"", 1);
        iu_buffer_json_escaped(buffer, text, length);
        append(buffer, "\"", 1);
    }
    else {
        char *at = reserve(buffer, length + 2);

        *at++ = '"';
        memcpy(at, text, length);
        at[length] = '"';
        buffer->length += length + 2;
    }
}

static const char is_unreserved[256] = {
    ['a' ... 'z'] = 1, ['A' ... 'Z'] = 1, ['0' ... '9'] = 1, ['-'] = 1,
    ['.'] = 1,         ['_'] = 1,         ['~'] = 1};

void iu_buffer_percent_encoded(iu_buffer *buffer, const char *text,
                               apr_size_t length)
{
    const char *end = text + length;
    const char *run = text; /* start of what is copied unchanged */

    for (; text < end; text++) {
        if (!is_unreserved[(unsigned char)*text]) {
            char encoded[] = {'%', hex_digits[(unsigned char)*text >> 4],
                              hex_digits[(unsigned char)*text & 0xF]};

            append(buffer, run, text - run);
            append(buffer, encoded, sizeof encoded);
            run = text + 1;
        }
    }
    append(buffer, run, end - run);
}
