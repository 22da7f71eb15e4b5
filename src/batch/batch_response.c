/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_response.h"

#include <string.h>

#include <apr_strings.h>

#include "../text/excerpt.h"
#include "../text/utf8.h"

static const char begin[] = "{\"responses\":[";
static const char end[] = "]}";

/* The memory of an item's text; it doubles when it is full. */
#define FIRST_SIZE 16384

/* Memory for the texts of several items, so that neighbours can be sent as one
 * part. */
#define PIECE_SIZE 65536

void iu_batch_response_begin(iu_batch_response *response, apr_pool_t *pool,
                             int count, apr_size_t max_size)
{
    memset(response, 0, sizeof *response);
    response->pool = pool;
    iu_buffer_init(&response->text, pool, FIRST_SIZE);
    response->items = apr_pcalloc(pool, count * sizeof *response->items);
    response->count = count;
    response->items_left = count;
    /* The first item is without its comma. */
    response->size = strlen(begin) + strlen(end) - 1;
    response->max_size = max_size;
}

/* Appends a text, or makes the last part longer if the text follows it in
 * memory. */
static void append_part(apr_array_header_t *parts, iu_span text)
{
    iu_span *last = parts->nelts > 0
                        ? &APR_ARRAY_IDX(parts, parts->nelts - 1, iu_span)
                        : NULL;

    if (last && last->text + last->length == text.text) {
        last->length += text.length;
    }
    else {
        APR_ARRAY_PUSH(parts, iu_span) = text;
    }
}

void iu_batch_response_end(const iu_batch_response *response,
                           apr_array_header_t *parts)
{
    int i;

    append_part(parts, (iu_span){begin, strlen(begin)});
    for (i = 0; i < response->count; i++) {
        iu_span item = response->items[i];

        if (i == 0) { /* no comma before it */
            item.text++;
            item.length--;
        }
        append_part(parts, item);
    }
    append_part(parts, (iu_span){end, strlen(end)});
}

/* --- room --- */

/* How long the text of the current item may be. */
static apr_size_t room_of(const iu_batch_response *response, int items_after)
{
    apr_size_t reserved =
        response->size + (apr_size_t)items_after * IU_BATCH_ITEM_ROOM;

    return response->max_size > reserved ? response->max_size - reserved : 0;
}

int iu_batch_response_has_room(const iu_batch_response *response,
                               apr_size_t bytes)
{
    return bytes + strlen(",") <= room_of(response, response->items_left - 1);
}

/* Returns IU_BATCH_ANSWER_TOO_LARGE if the text with more bytes is longer than
 * it may be, else NULL. */
static iu_problem *check_room(const iu_batch_response *response,
                              apr_size_t more)
{
    return response->text.length + more >
                   room_of(response, response->items_left)
               ? iu_problem_make(response->pool, IU_BATCH_ANSWER_TOO_LARGE,
                                 response->max_size)
               : NULL;
}

/* Begins the text of an item, with the comma before it. */
static void begin_item(iu_batch_response *response)
{
    response->text.length = 0;
    iu_buffer_puts(&response->text, ",");
}

/* Keeps the text as that of an item. */
static void end_item(iu_batch_response *response, int index)
{
    iu_buffer *piece = &response->piece;
    const iu_buffer *text = &response->text;

    if (piece->capacity - piece->length <= text->length) {
        iu_buffer_init(piece, response->pool,
                       text->length > PIECE_SIZE ? text->length : PIECE_SIZE);
    }
    response->items[index] =
        (iu_span){piece->data + piece->length, text->length};
    iu_buffer_append(piece, text->data, text->length);
    response->size += text->length;
}

/* --- head of an item --- */

/* An apr_table_do callback. Field values may be no UTF-8, JSON must be. */
static int append_field(void *baton, const char *name, const char *value)
{
    iu_buffer *out = baton;

    if (!iu_utf8_is_text(value, strlen(value))) {
        value = iu_excerpt(out->pool, value, strlen(value));
    }
    iu_buffer_json_name(out, name);
    iu_buffer_json_string(out, value, strlen(value));
    return 1;
}

/* Appends all but the body and the last brace. */
static void append_head(iu_batch_response *response,
                        const iu_batch_entry *entry, int status,
                        apr_table_t *fields)
{
    iu_buffer *out = &response->text;

    iu_buffer_puts(out, "{\"id\":");
    iu_buffer_json_string(out, entry->id, strlen(entry->id));
    iu_buffer_puts(out, ",\"status\":");
    iu_buffer_puts(out, apr_itoa(out->pool, status));
    iu_buffer_puts(out, ",\"headers\":{");
    apr_table_do(append_field, out, fields, NULL);
    iu_buffer_puts(out, "}");
}

/* Sets the field in exactly this spelling; NULL: removes it. */
static void set_content_type(apr_table_t *fields, const char *content_type)
{
    apr_table_unset(fields, "Content-Type");
    if (content_type) {
        apr_table_setn(fields, "Content-Type", content_type);
    }
}

/* --- errors --- */

static void append_problem(iu_batch_response *response,
                           const iu_batch_entry *entry,
                           const iu_problem *problem)
{
    iu_buffer *out = &response->text;
    apr_table_t *fields = apr_table_copy(out->pool, entry->headers);

    set_content_type(fields, "application/json");
    iu_problem_set_headers(problem, out->pool, fields);
    append_head(response, entry, problem->status, fields);
    iu_buffer_puts(out, ",\"body\":");
    iu_problem_render(problem, entry->date, entry->request_id,
                      entry->client_request_id, out);
    iu_buffer_puts(out, "}");
}

iu_problem *iu_batch_response_add_problem(iu_batch_response *response,
                                          int index,
                                          const iu_batch_entry *entry,
                                          const iu_problem *problem)
{
    iu_problem *too_large;

    response->items_left--;
    begin_item(response);
    append_problem(response, entry, problem);
    too_large = check_room(response, 0);
    if (too_large) {
        begin_item(response);
        append_problem(response, entry, too_large);
    }
    end_item(response, index);
    return too_large;
}

/* --- answers --- */

/* Appends bytes of content: JSON as it is, or the inside of a string. */
typedef void append_bytes(iu_buffer *out, const char *text, apr_size_t length);

static iu_problem *append_parts(iu_batch_response *response,
                                const iu_answer *answer, append_bytes *append)
{
    apr_size_t length = 0;
    iu_problem *problem;
    int i;

    for (i = 0; i < answer->parts->nelts; i++) {
        length += APR_ARRAY_IDX(answer->parts, i, iu_span).length;
    }
    problem = check_room(response, length);
    if (problem) {
        return problem;
    }
    iu_buffer_reserve(&response->text, length);
    for (i = 0; i < answer->parts->nelts; i++) {
        const iu_span *part = &APR_ARRAY_IDX(answer->parts, i, iu_span);

        append(&response->text, part->text, part->length);
    }
    return NULL;
}

/* Whether a Content-Type that the service has set is JSON. */
static int is_json(const char *content_type)
{
    static const char json[] = "application/json";

    return strncmp(content_type, json, strlen(json)) == 0;
}

static iu_problem *append_content(iu_batch_response *response,
                                  iu_answer *answer)
{
    int is_tree = is_json(answer->content_type);
    append_bytes *append = is_tree ? iu_buffer_append : iu_buffer_json_escaped;
    const char *quote = is_tree ? "" : "\"";
    iu_problem *problem;

    iu_buffer_puts(&response->text, ",\"body\":");
    iu_buffer_puts(&response->text, quote);
    problem = append_parts(response, answer, append);
    while (!problem && answer->next) {
        apr_array_clear(answer->parts);
        problem = answer->next(answer);
        if (!problem) {
            problem = append_parts(response, answer, append);
        }
    }
    iu_buffer_puts(&response->text, quote);
    return problem;
}

static iu_problem *append_answer(iu_batch_response *response,
                                 const iu_batch_entry *entry, iu_answer *answer)
{
    apr_table_t *fields = answer->headers;
    iu_problem *problem = NULL;

    set_content_type(fields, answer->content_type);
    append_head(response, entry, answer->status, fields);
    if (answer->content_type) {
        problem = append_content(response, answer);
    }
    iu_buffer_puts(&response->text, "}");
    return problem ? problem : check_room(response, 0);
}

iu_problem *iu_batch_response_add(iu_batch_response *response, int index,
                                  const iu_batch_entry *entry,
                                  iu_answer *answer)
{
    iu_problem *problem;

    response->items_left--;
    begin_item(response);
    problem = append_answer(response, entry, answer);
    if (problem) {
        begin_item(response);
        append_problem(response, entry, problem);
    }
    end_item(response, index);
    return problem;
}
