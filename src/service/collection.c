/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a collection. */
#include "collection.h"

#include <string.h>

#include <apr_strings.h>

#include "../concurrency/clock.h"
#include "../graph/route.h"
#include "representation.h"

/* The first records that are fetched together, and how many bytes a batch
 * should have. */
#define FIRST_BATCH 8
#define BATCH_BYTES (256 * 1024)

/* Documents up to this are copied into texts of the other length: httpd writes
 * sixteen parts with one call, and a page has hundreds. */
#define COPIED_BYTES 4096
#define TEXT_BYTES (32 * 1024)

/* One page on its way to the client. */
typedef struct page {
    const iu_operation *operation;
    iu_answer *answer;
    iu_store_call call; /* its pool is cleared after each batch */
    iu_query query;
    iu_shape shape;
    const iu_listed *listed;
    int count;        /* of listed, on this page */
    int next;         /* the first of listed that is not yet in the content */
    int fetch;        /* how many to fetch together */
    int items;        /* that were put into the content */
    iu_buffer text;   /* what is gathered and not yet a part of the answer */
    apr_size_t bytes; /* of this batch */
    iu_buffer end;    /* what comes behind the last */
} page;

static void begin_text(page *sent)
{
    iu_buffer_init(&sent->text, sent->call.pool, TEXT_BYTES);
}

/* Appends what is gathered. */
static void end_text(page *sent)
{
    iu_answer_append(sent->answer, sent->text.data, sent->text.length);
    sent->bytes += sent->text.length;
}

/* Appends a record, to the text that is gathered or behind it. */
static void append_item(page *sent, const iu_record *record)
{
    iu_span rest;

    iu_buffer_puts(&sent->text, sent->items++ > 0 ? "," : "");
    rest = iu_used_insight_begin_item(&sent->text, record, &sent->shape,
                                      sent->operation->settings.service_root);
    if (rest.length <= COPIED_BYTES) {
        iu_buffer_append(&sent->text, rest.text, rest.length);
        if (sent->text.length <= TEXT_BYTES - COPIED_BYTES) {
            return;
        }
    }
    end_text(sent);
    begin_text(sent);
    if (rest.length > COPIED_BYTES) {
        iu_answer_append(sent->answer, rest.text, rest.length);
        sent->bytes += rest.length;
    }
}

/* Appends the next records that came with their documents. */
static void append_listed(page *sent)
{
    while (sent->next < sent->count && sent->bytes < BATCH_BYTES &&
           sent->listed[sent->next].record->document) {
        append_item(sent, sent->listed[sent->next].record);
        sent->next++;
    }
}

/* How many of the next records, all without their documents, to fetch. */
static int fetch_size(const page *sent)
{
    int size = 1;

    while (size < sent->fetch && sent->next + size < sent->count &&
           !sent->listed[sent->next + size].record->document) {
        size++;
    }
    return size;
}

/* How many records to fetch after a batch of so many bytes. */
static int next_fetch(int size, apr_size_t bytes)
{
    if (bytes > BATCH_BYTES) {
        return size > 1 ? size / 2 : 1;
    }
    return bytes < BATCH_BYTES / 2 && size < IU_FETCH_MAX ? size * 2 : size;
}

/* Fetches the records that come next and appends them. */
static iu_problem *append_fetched(page *sent)
{
    const iu_operation *operation = sent->operation;
    int size = fetch_size(sent);
    apr_array_header_t *records;
    iu_problem *problem;
    int i;

    sent->call.deadline = iu_clock_now() + operation->settings.timeout;
    problem = iu_store_fetch(operation->store, &sent->call,
                             operation->route.invitation_id,
                             sent->listed + sent->next, size, &records);
    if (problem) {
        return problem;
    }
    for (i = 0; i < records->nelts; i++) {
        append_item(sent, APR_ARRAY_IDX(records, i, const iu_record *));
    }
    sent->next += size;
    sent->fetch = next_fetch(sent->fetch, sent->bytes + sent->text.length);
    return NULL;
}

/* Appends the records that come next. */
static iu_problem *append_batch(page *sent)
{
    iu_problem *problem = NULL;

    sent->bytes = 0;
    begin_text(sent);
    if (sent->listed[sent->next].record->document) {
        append_listed(sent);
    }
    else {
        problem = append_fetched(sent);
    }
    end_text(sent);
    return problem;
}

/* The length of what a request names an absolute URL by: path and query. */
static int target_length(const char *url)
{
    return (int)strlen(strchr(strstr(url, "://") + strlen("://"), '/'));
}

/* Makes the absolute URL of the next page; NULL: this is the last. A link that
 * the server would refuse leads nowhere: the client is told so instead. */
static iu_problem *make_next_link(const page *sent, int listed,
                                  const char **link)
{
    const iu_operation *operation = sent->operation;
    int most = operation->settings.max_target;
    iu_buffer url;

    *link = NULL;
    if (listed <= sent->count || sent->count == 0) {
        return NULL;
    }
    iu_buffer_init(&url, operation->pool, 512);
    iu_buffer_puts(&url, operation->settings.service_root);
    iu_buffer_puts(&url, "/");
    iu_route_write_collection(&url, operation->route.invitation_id);
    iu_buffer_puts(&url, "?");
    iu_buffer_puts(&url, iu_query_next(operation->pool, operation->query,
                                       &sent->query,
                                       sent->listed[sent->count - 1].values));
    *link = url.data;
    return target_length(url.data) <= most
               ? NULL
               : iu_problem_make(operation->pool, IU_LINK_TOO_LONG, most);
}

/* An iu_answer_next: the next batch, or the end. */
static iu_problem *continue_page(iu_answer *answer)
{
    page *sent = answer->source;
    iu_problem *problem = NULL;

    if (sent->next < sent->count) {
        problem = append_batch(sent);
    }
    if (!problem && sent->next == sent->count) {
        iu_answer_append(answer, sent->end.data, sent->end.length);
        answer->next = NULL;
    }
    return problem;
}

/* A batch has its texts in a pool of its own: those before it were sent. */
static iu_problem *next_batch(iu_answer *answer)
{
    page *sent = answer->source;

    apr_pool_clear(sent->call.pool);
    return continue_page(answer);
}

/* Begins the answer with what comes before the first record, and the first
 * batch. */
static iu_problem *begin_page(page *sent, const apr_int64_t *total, int listed)
{
    const iu_operation *operation = sent->operation;
    const char *service_root = operation->settings.service_root;
    iu_answer *answer = sent->answer;
    const char *link;
    iu_problem *problem = make_next_link(sent, listed, &link);
    iu_buffer begin;

    if (problem) {
        return problem;
    }
    iu_answer_begin(operation, answer, 200,
                    iu_json_content_type(sent->shape.metadata));
    if (sent->query.maxpagesize) {
        apr_table_setn(answer->headers, "Preference-Applied",
                       apr_psprintf(operation->pool, "odata.maxpagesize=%d",
                                    sent->query.top));
    }
    if (operation->is_head) {
        return NULL;
    }
    iu_buffer_init(&begin, operation->pool, 512);
    iu_used_insight_begin_list(&begin, operation->route.invitation_id,
                               &sent->shape, service_root, total);
    iu_answer_append(answer, begin.data, begin.length);
    iu_buffer_init(&sent->end, operation->pool, 512);
    iu_used_insight_end_list(&sent->end, link);
    answer->parts_pool = sent->call.pool;
    answer->next = next_batch;
    answer->source = sent;
    return continue_page(answer);
}

static page *make_page(const iu_work *work)
{
    const iu_query *query = &work->query;
    page *made = apr_pcalloc(work->operation->pool, sizeof *made);

    made->operation = work->operation;
    made->answer = work->answer;
    made->call = work->call;
    apr_pool_create(&made->call.pool, work->operation->pool);
    made->query = *query;
    made->shape = (iu_shape){work->metadata, query->select, query->select_text,
                             query->expand_resource};
    made->fetch = FIRST_BATCH;
    return made;
}

iu_problem *iu_collection_list(iu_work *work)
{
    const iu_operation *operation = work->operation;
    const char *invitation_id = operation->route.invitation_id;
    const iu_query *query = &work->query;
    apr_array_header_t *listed;
    apr_int64_t total;
    iu_problem *problem = NULL;
    page *sent;

    if (query->count) {
        problem = iu_store_count(operation->store, &work->call, invitation_id,
                                 query->filter, &total);
    }
    if (!problem) {
        problem = iu_store_list(operation->store, &work->call, invitation_id,
                                query, &listed);
    }
    if (problem) {
        return problem;
    }
    sent = make_page(work);
    sent->listed = (const iu_listed *)listed->elts;
    sent->count = listed->nelts < query->top ? listed->nelts : query->top;
    return begin_page(sent, query->count ? &total : NULL, listed->nelts);
}

iu_problem *iu_collection_count(iu_work *work)
{
    const iu_operation *operation = work->operation;
    apr_int64_t count;
    iu_problem *problem = iu_store_count(operation->store, &work->call,
                                         operation->route.invitation_id,
                                         work->query.filter, &count);
    const char *text;

    if (problem) {
        return problem;
    }
    text = apr_psprintf(operation->pool, "%" APR_INT64_T_FMT, count);
    iu_answer_begin(operation, work->answer, 200, "text/plain;charset=utf-8");
    iu_answer_append(work->answer, text, strlen(text));
    return NULL;
}
