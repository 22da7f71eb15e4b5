/* SPDX-License-Identifier: Apache-2.0 */
#include "collection.h"

#include <string.h>

#include <apr_strings.h>

#include "../concurrency/clock.h"
#include "../graph/route.h"
#include "representation.h"

/* Records that the first fetch reads at once, and the size that batches should
 * have. */
#define FIRST_BATCH 8
#define BATCH_BYTES (256 * 1024)

/* Documents up to COPIED_BYTES are copied to buffers of TEXT_BYTES: httpd
 * writes at most 16 parts with one system call, and a page has hundreds. */
#define COPIED_BYTES 4096
#define TEXT_BYTES (32 * 1024)

/* A page that is being sent. */
typedef struct page_stream {
    const iu_operation *operation;
    iu_answer *answer;
    iu_store_call call; /* its pool is cleared after each batch */
    const char *set_id;
    iu_query query;
    iu_shape shape;
    const iu_listed *listed;
    int count;        /* of listed, on this page */
    int next;         /* the first of listed that was not yet appended */
    int fetch_size;   /* records to fetch at once */
    int items;        /* records appended */
    iu_buffer text;   /* content that is not yet a part of the answer */
    apr_size_t bytes; /* of this batch */
    iu_buffer end;    /* of the list, after the last record */
} page_stream;

static void begin_text(page_stream *page)
{
    iu_buffer_init(&page->text, page->call.pool, TEXT_BYTES);
}

/* Makes the text a part of the answer. */
static void end_text(page_stream *page)
{
    iu_answer_append(page->answer, page->text.data, page->text.length);
    page->bytes += page->text.length;
}

/* Appends a record: to the text, or as a part of its own if it is large. */
static iu_problem *append_item(page_stream *page, const iu_record *record)
{
    iu_problem *problem;
    iu_span rest;

    iu_buffer_puts(&page->text, page->items++ > 0 ? "," : "");
    problem =
        iu_representation_begin_item(&page->text, record, &page->shape,
                                     page->operation->settings.service_root,
                                     &page->operation->route.owner, &rest);
    if (problem) {
        return problem;
    }
    if (rest.length <= COPIED_BYTES) {
        iu_buffer_append(&page->text, rest.text, rest.length);
        if (page->text.length <= TEXT_BYTES - COPIED_BYTES) {
            return NULL;
        }
    }
    end_text(page);
    begin_text(page);
    if (rest.length > COPIED_BYTES) {
        iu_answer_append(page->answer, rest.text, rest.length);
        page->bytes += rest.length;
    }
    return NULL;
}

/* Appends the next records whose documents came with the list. */
static iu_problem *append_listed(page_stream *page)
{
    iu_problem *problem = NULL;

    while (!problem && page->next < page->count && page->bytes < BATCH_BYTES &&
           page->listed[page->next].record->document) {
        problem = append_item(page, page->listed[page->next].record);
        page->next++;
    }
    return problem;
}

/* Counts the records to fetch: the next ones in sequence without documents. */
static int count_to_fetch(const page_stream *page)
{
    int size = 1;

    while (size < page->fetch_size && page->next + size < page->count &&
           !page->listed[page->next + size].record->document) {
        size++;
    }
    return size;
}

/* Adapts the number of records to fetch to the size of the last batch. */
static int adapt_fetch_size(int size, apr_size_t bytes)
{
    if (bytes > BATCH_BYTES) {
        return size > 1 ? size / 2 : 1;
    }
    return bytes < BATCH_BYTES / 2 && size < IU_FETCH_MAX ? size * 2 : size;
}

/* Fetches and appends the next records. */
static iu_problem *append_fetched(page_stream *page)
{
    const iu_operation *operation = page->operation;
    int size = count_to_fetch(page);
    apr_array_header_t *records;
    iu_problem *problem;
    int i;

    page->call.deadline = iu_clock_now() + operation->settings.timeout;
    problem = iu_store_fetch(operation->store, &page->call, page->set_id,
                             page->listed + page->next, size, &records);
    for (i = 0; !problem && i < records->nelts; i++) {
        problem = append_item(page, APR_ARRAY_IDX(records, i, iu_record *));
    }
    if (problem) {
        return problem;
    }
    page->next += size;
    page->fetch_size =
        adapt_fetch_size(page->fetch_size, page->bytes + page->text.length);
    return NULL;
}

/* Appends the next records as one batch. */
static iu_problem *append_batch(page_stream *page)
{
    iu_problem *problem;

    page->bytes = 0;
    begin_text(page);
    problem = page->listed[page->next].record->document ? append_listed(page)
                                                        : append_fetched(page);
    end_text(page);
    return problem;
}

/* The length of the path and query of an absolute URL: the request target that
 * a client will send. */
static int target_length(const char *url)
{
    return (int)strlen(strchr(strstr(url, "://") + strlen("://"), '/'));
}

/* Makes the absolute URL of the next page; NULL: this is the last. Returns a
 * problem if the link is longer than the server accepts in a request. listed is
 * the number of records found, one more than fit if there is a next page. */
static iu_problem *make_next_link(const page_stream *page, int listed,
                                  const char **link)
{
    const iu_operation *operation = page->operation;
    int most = operation->settings.max_target;
    iu_buffer url;

    *link = NULL;
    if (listed <= page->count || page->count == 0) {
        return NULL;
    }
    iu_buffer_init(&url, operation->pool, 512);
    iu_buffer_puts(&url, operation->settings.service_root);
    iu_buffer_puts(&url, "/");
    iu_route_write_collection(&url, &operation->route.owner);
    iu_buffer_puts(&url, "?");
    iu_buffer_puts(&url, iu_query_next(operation->pool, operation->query,
                                       &page->query,
                                       page->listed[page->count - 1].values));
    *link = url.data;
    return target_length(url.data) <= most
               ? NULL
               : iu_problem_make(operation->pool, IU_LINK_TOO_LONG, most);
}

/* Appends the next batch, and the end after the last one. */
static iu_problem *continue_page(iu_answer *answer)
{
    page_stream *page = answer->source;
    iu_problem *problem = NULL;

    if (page->next < page->count) {
        problem = append_batch(page);
    }
    if (!problem && page->next == page->count) {
        iu_answer_append(answer, page->end.data, page->end.length);
        answer->next = NULL;
    }
    return problem;
}

/* An iu_answer_next. Clears the pool of the previous batch, which was sent. */
static iu_problem *next_batch(iu_answer *answer)
{
    page_stream *page = answer->source;

    apr_pool_clear(page->call.pool);
    return continue_page(answer);
}

/* Begins the answer with the start of the list and the first batch. */
static iu_problem *begin_page(page_stream *page, const apr_int64_t *total,
                              int listed)
{
    const iu_operation *operation = page->operation;
    const char *service_root = operation->settings.service_root;
    iu_answer *answer = page->answer;
    const char *link;
    iu_problem *problem = make_next_link(page, listed, &link);
    iu_buffer begin;

    if (problem) {
        return problem;
    }
    iu_answer_begin(operation, answer, 200,
                    iu_json_content_type(page->shape.format));
    if (page->query.maxpagesize) {
        apr_table_setn(answer->headers, "Preference-Applied",
                       apr_psprintf(operation->pool, "odata.maxpagesize=%d",
                                    page->query.top));
    }
    if (operation->is_head) {
        return NULL;
    }
    iu_buffer_init(&begin, operation->pool, 512);
    iu_representation_begin_list(&begin, &page->shape, service_root,
                                 &operation->route.owner, total);
    iu_answer_append(answer, begin.data, begin.length);
    iu_buffer_init(&page->end, operation->pool, 512);
    iu_representation_end_list(&page->end, link);
    answer->parts_pool = page->call.pool;
    answer->next = next_batch;
    answer->source = page;
    return continue_page(answer);
}

static page_stream *make_page(const iu_work *work)
{
    page_stream *page = apr_pcalloc(work->operation->pool, sizeof *page);

    page->operation = work->operation;
    page->answer = work->answer;
    page->call = work->call;
    apr_pool_create(&page->call.pool, work->operation->pool);
    page->set_id = work->set_id;
    page->query = work->query;
    page->shape = iu_work_shape(work);
    page->fetch_size = FIRST_BATCH;
    return page;
}

iu_problem *iu_collection_list(iu_work *work)
{
    const iu_operation *operation = work->operation;
    const iu_query *query = &work->query;
    apr_array_header_t *listed;
    apr_int64_t total;
    iu_problem *problem = NULL;
    page_stream *page;

    if (query->count) {
        problem = iu_store_count(operation->store, &work->call, work->set_id,
                                 query->filter, &total);
    }
    if (!problem) {
        problem = iu_store_list(operation->store, &work->call, work->set_id,
                                query, &listed);
    }
    if (problem) {
        return problem;
    }
    page = make_page(work);
    page->listed = (const iu_listed *)listed->elts;
    page->count = listed->nelts < query->top ? listed->nelts : query->top;
    return begin_page(page, query->count ? &total : NULL, listed->nelts);
}

iu_problem *iu_collection_count(iu_work *work)
{
    const iu_operation *operation = work->operation;
    apr_int64_t count;
    iu_problem *problem =
        iu_store_count(operation->store, &work->call, work->set_id,
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
