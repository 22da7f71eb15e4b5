/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token is base64url of the fingerprint and, for each key of the order, a
 * byte that distinguishes null from text, the text, and a NUL.
 */
#include "skip_token.h"

#include <string.h>

#include <apr_encode.h>
#include <apr_lib.h>

#include "../graph/key.h"
#include "../text/buffer.h"
#include "../text/utf8.h"

#define FINGERPRINT_SIZE 8
#define NULL_VALUE 'n'
#define TEXT_VALUE 't'

/* Whether text has the format of date_time_offset.h. */
static int is_instant(const char *text)
{
    static const char format[] = "0000-00-00T00:00:00.000000000000";
    size_t i;

    for (i = 0; format[i] && text[i]; i++) {
        if (format[i] == '0' ? !apr_isdigit(text[i]) : text[i] != format[i]) {
            return 0;
        }
    }
    return format[i] == text[i];
}

/* The length in bytes of the first IU_ORDER_CHARACTERS characters. */
static apr_size_t ordered_length(const char *text)
{
    const char *end = text + strlen(text);
    const char *at = text;
    int characters;

    for (characters = 0; at < end && characters < IU_ORDER_CHARACTERS;
         characters++) {
        at += iu_utf8_length(at, end);
    }
    return at - text;
}

/* Whether a property can have this value. */
static int is_possible_value(const iu_property *property, const char *text)
{
    if (property->type == IU_EDM_DATE_TIME_OFFSET) {
        return is_instant(text);
    }
    return property == IU_KEY_PROPERTY ? iu_key_is_valid(text, strlen(text))
                                       : iu_utf8_is_text(text, strlen(text)) &&
                                             text[ordered_length(text)] == '\0';
}

/* Little-endian on every machine: another server may read the token. */
static void put_fingerprint(char bytes[FINGERPRINT_SIZE],
                            apr_uint64_t fingerprint)
{
    int i;

    for (i = 0; i < FINGERPRINT_SIZE; i++) {
        bytes[i] = (char)(fingerprint >> 8 * i);
    }
}

static const char *encode(apr_pool_t *pool, const char *bytes,
                          apr_size_t length)
{
    return apr_pencode_base64_binary(pool, (const unsigned char *)bytes,
                                     (apr_ssize_t)length, APR_ENCODE_BASE64URL,
                                     NULL);
}

const char *iu_skip_token_write(apr_pool_t *pool, const iu_query *query,
                                const char *const *values)
{
    static const char null_value[] = {NULL_VALUE, '\0'};
    iu_buffer content;
    int i;

    iu_buffer_init(&content, pool, 256);
    put_fingerprint(iu_buffer_reserve(&content, FINGERPRINT_SIZE),
                    query->fingerprint);
    content.length += FINGERPRINT_SIZE;
    for (i = 0; i < query->order_count; i++) {
        if (values[i]) {
            char tag = TEXT_VALUE;

            iu_buffer_append(&content, &tag, 1);
            iu_buffer_append(&content, values[i], ordered_length(values[i]));
            iu_buffer_append(&content, "", 1);
        }
        else {
            iu_buffer_append(&content, null_value, sizeof(null_value));
        }
    }
    return encode(pool, content.data, content.length);
}

/* Decodes base64url and appends a NUL. If text is invalid, returns NULL and
 * does not set *length. Only the text that encode makes is valid: APR also
 * accepts padding, the alphabet of base64, and nonzero unused bits. */
static const char *decode(apr_pool_t *pool, const char *text,
                          apr_size_t *length)
{
    apr_size_t size;
    const char *bytes = (const char *)apr_pdecode_base64_binary(
        pool, text, APR_ENCODE_STRING, APR_ENCODE_NONE, &size);

    if (!bytes || strcmp(encode(pool, bytes, size), text) != 0) {
        return NULL;
    }
    *length = size;
    return bytes;
}

/* Reads the value of one key and moves *at past it. Returns 0 if it is
 * invalid. */
static int read_value(const char **at, const char *end,
                      const iu_property *property, const char **value)
{
    apr_size_t length = *at < end ? strlen(*at) : 0;
    const char *text = *at;

    /* At the end, strlen stopped at the NUL that decode appended: the value's
     * own is missing. */
    if (length == 0 || text + length == end) {
        return 0;
    }
    *at += length + 1;
    *value = *text == TEXT_VALUE ? text + 1 : NULL;
    return *value ? is_possible_value(property, *value)
                  : *text == NULL_VALUE && length == 1 &&
                        property != IU_KEY_PROPERTY;
}

/* Returns the values of a token, or NULL if it is not valid for this query. */
static const char *const *read_token(apr_pool_t *pool, const char *text,
                                     const iu_query *query)
{
    const char **values =
        apr_palloc(pool, query->order_count * sizeof(*values));
    char fingerprint[FINGERPRINT_SIZE];
    apr_size_t length = 0;
    const char *at = decode(pool, text, &length);
    const char *end;
    int i;

    put_fingerprint(fingerprint, query->fingerprint);
    if (length < FINGERPRINT_SIZE ||
        memcmp(at, fingerprint, FINGERPRINT_SIZE) != 0) {
        return NULL;
    }
    end = at + length;
    at += FINGERPRINT_SIZE;
    for (i = 0; i < query->order_count; i++) {
        if (!read_value(&at, end, query->order[i].property, &values[i])) {
            return NULL;
        }
    }
    return at == end ? values : NULL;
}

iu_problem *iu_skip_token_read(apr_pool_t *pool, const char *text,
                               iu_query *query)
{
    iu_problem *problem;

    query->after = read_token(pool, text, query);
    if (query->after) {
        return NULL;
    }
    problem = iu_problem_make(pool, IU_SKIP_TOKEN_INVALID);
    problem->target = "$skiptoken";
    return problem;
}
