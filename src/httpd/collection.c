/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a collection: see collection.h. */
#include "collection.h"

#include <http_core.h>
#include <http_protocol.h>
#include <util_filter.h>

#include <apr_strings.h>

#include "../graph/representation.h"
#include "../graph/route.h"
#include "../store/clock.h"
#include "config.h"
#include "database.h"
#include "reply.h"
#include "request.h"
#include "service_root.h"

/* The first records that are fetched together, and how many bytes a batch
 * should have. */
#define FIRST_BATCH 8
#define BATCH_BYTES (256 * 1024)

/* Documents up to this are copied into texts of the other length: httpd writes
 * sixteen buckets with one call, and a page has hundreds. */
#define COPIED_BYTES 4096
#define TEXT_BYTES (32 * 1024)

/* One page on its way to the client. */
typedef struct page {
    request_rec *r;
    iu_store_call call; /* its pool is cleared after each batch */
    const iu_query *query;
    iu_shape shape;
    const char *service_root;
    const iu_listed *listed;
    int count;        /* of listed, on this page */
    int next;         /* the first of listed that is not yet in the body */
    int fetch;        /* how many to fetch together */
    int items;        /* that were put into the body */
    iu_buffer text;   /* what is gathered and not yet in the brigade */
    apr_size_t bytes; /* of this batch */
} page;

static void append(const page *sent, apr_bucket_brigade *out, const char *text,
                   apr_size_t length)
{
    iu_reply_append(sent->r, out, text, length, sent->call.pool);
}

static void begin_text(page *sent)
{
    iu_buffer_init(&sent->text, sent->call.pool, TEXT_BYTES);
}

/* Appends what is gathered. */
static void end_text(page *sent, apr_bucket_brigade *out)
{
    append(sent, out, sent->text.data, sent->text.length);
    sent->bytes += sent->text.length;
}

/* Appends a record, to the text that is gathered or behind it. */
static void append_item(page *sent, apr_bucket_brigade *out,
                        const iu_record *record)
{
    iu_span rest;

    iu_buffer_puts(&sent->text, sent->items++ > 0 ? "," : "");
    rest = iu_used_insight_begin_item(&sent->text, record, &sent->shape,
                                      sent->service_root);
    if (rest.length <= COPIED_BYTES) {
        iu_buffer_append(&sent->text, rest.text, rest.length);
        if (sent->text.length <= TEXT_BYTES - COPIED_BYTES) {
            return;
        }
    }
    end_text(sent, out);
    begin_text(sent);
    if (rest.length > COPIED_BYTES) {
        append(sent, out, rest.text, rest.length);
        sent->bytes += rest.length;
    }
}

/* Appends the next records that came with their documents. */
static void append_listed(page *sent, apr_bucket_brigade *out)
{
    while (sent->next < sent->count && sent->bytes < BATCH_BYTES &&
           sent->listed[sent->next].record->document) {
        append_item(sent, out, sent->listed[sent->next].record);
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
static iu_problem *append_fetched(page *sent, apr_bucket_brigade *out)
{
    request_rec *r = sent->r;
    int size = fetch_size(sent);
    apr_array_header_t *records;
    iu_problem *problem;
    int i;

    sent->call.deadline =
        iu_clock_now() + iu_config_commit_timeout(iu_config_of(r));
    problem = iu_store_fetch(iu_database_store(r), &sent->call,
                             iu_request_get(r)->route.invitation_id,
                             sent->listed + sent->next, size, &records);
    if (problem) {
        return problem;
    }
    for (i = 0; i < records->nelts; i++) {
        append_item(sent, out, APR_ARRAY_IDX(records, i, const iu_record *));
    }
    sent->next += size;
    sent->fetch = next_fetch(sent->fetch, sent->bytes + sent->text.length);
    return NULL;
}

/* Appends the records that come next. */
static iu_problem *append_batch(page *sent, apr_bucket_brigade *out)
{
    iu_problem *problem = NULL;

    sent->bytes = 0;
    begin_text(sent);
    if (sent->listed[sent->next].record->document) {
        append_listed(sent, out);
    }
    else {
        problem = append_fetched(sent, out);
    }
    end_text(sent, out);
    return problem;
}

/* Puts an end to the connection in place of that of the message, as
 * mod_proxy does: there is no other way to take back a 200. */
static void break_off(const page *sent, apr_bucket_brigade *out,
                      iu_problem *problem)
{
    request_rec *r = sent->r;

    iu_request_log(r, problem);
    r->connection->keepalive = AP_CONN_CLOSE;
    APR_BRIGADE_INSERT_TAIL(
        out, ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, r->pool,
                                    r->connection->bucket_alloc));
}

/* Sends the rest of a page whose beginning is in out. */
static void send_rest(page *sent, apr_bucket_brigade *out, const iu_buffer *end)
{
    apr_bucket_alloc_t *alloc = sent->r->connection->bucket_alloc;
    iu_problem *problem = NULL;

    while (!problem && sent->next < sent->count) {
        APR_BRIGADE_INSERT_TAIL(out, apr_bucket_flush_create(alloc));
        if (!iu_reply_pass(sent->r, out)) {
            return;
        }
        apr_pool_clear(sent->call.pool);
        problem = append_batch(sent, out);
    }
    if (problem) {
        break_off(sent, out, problem);
    }
    else {
        append(sent, out, end->data, end->length);
    }
    APR_BRIGADE_INSERT_TAIL(out, apr_bucket_eos_create(alloc));
    iu_reply_pass(sent->r, out);
}

/* The length of what a request names an absolute URL by: path and query. */
static int target_length(const char *url)
{
    return (int)strlen(strchr(strstr(url, "://") + strlen("://"), '/'));
}

/* Makes the absolute URL of the next page; NULL: this is the last. A link that
 * httpd would refuse leads nowhere: the client is told so instead. */
static iu_problem *make_next_link(const page *sent, int listed,
                                  const char **link)
{
    request_rec *r = sent->r;
    int most = r->connection->base_server->limit_req_line -
               (int)strlen("GET  HTTP/1.1");
    iu_buffer url;

    *link = NULL;
    if (listed <= sent->count || sent->count == 0) {
        return NULL;
    }
    iu_buffer_init(&url, r->pool, 512);
    iu_buffer_puts(&url, sent->service_root);
    iu_buffer_puts(&url, "/");
    iu_route_write_collection(&url, iu_request_get(r)->route.invitation_id);
    iu_buffer_puts(&url, "?");
    iu_buffer_puts(&url, iu_query_next(r->pool, r->args, sent->query,
                                       sent->listed[sent->count - 1].values));
    *link = url.data;
    return target_length(url.data) <= most
               ? NULL
               : iu_problem_make(r->pool, IU_LINK_TOO_LONG, most);
}

/* Sends a page of which all is known but the documents. */
static iu_problem *send_page(page *sent, const apr_int64_t *total,
                             iu_metadata metadata, int listed)
{
    request_rec *r = sent->r;
    apr_bucket_brigade *out =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    const char *link;
    iu_problem *problem = make_next_link(sent, listed, &link);
    iu_buffer begin;
    iu_buffer end;

    if (problem) {
        return problem;
    }
    iu_buffer_init(&begin, r->pool, 512);
    iu_used_insight_begin_list(&begin, iu_request_get(r)->route.invitation_id,
                               &sent->shape, sent->service_root, total);
    iu_buffer_init(&end, r->pool, 512);
    iu_used_insight_end_list(&end, link);
    if (r->header_only) {
        sent->count = 0;
        begin.length = end.length = 0;
    }
    append(sent, out, begin.data, begin.length);
    if (sent->count > 0) {
        problem = append_batch(sent, out);
    }
    if (problem) {
        return problem;
    }
    iu_reply_begin(r, HTTP_OK, iu_content_type_of(metadata));
    if (sent->query->maxpagesize) {
        apr_table_setn(
            r->headers_out, "Preference-Applied",
            apr_psprintf(r->pool, "odata.maxpagesize=%d", sent->query->top));
    }
    send_rest(sent, out, &end);
    return NULL;
}

iu_problem *iu_collection_send(request_rec *r, const iu_store_call *call,
                               const iu_query *query, iu_metadata metadata)
{
    const char *invitation_id = iu_request_get(r)->route.invitation_id;
    iu_store *store = iu_database_store(r);
    page sent = {.r = r,
                 .call = *call,
                 .query = query,
                 .shape = {.metadata = metadata,
                           .select = query->select,
                           .select_text = query->select_text,
                           .expand_resource = query->expand_resource},
                 .service_root = iu_service_root(r),
                 .fetch = FIRST_BATCH};
    apr_array_header_t *listed;
    apr_int64_t total;
    iu_problem *problem = NULL;

    if (query->count) {
        problem =
            iu_store_count(store, call, invitation_id, query->filter, &total);
    }
    if (!problem) {
        problem = iu_store_list(store, call, invitation_id, query, &listed);
    }
    if (problem) {
        return problem;
    }
    sent.listed = (const iu_listed *)listed->elts;
    sent.count = listed->nelts < query->top ? listed->nelts : query->top;
    apr_pool_create(&sent.call.pool, r->pool);
    return send_page(&sent, query->count ? &total : NULL, metadata,
                     listed->nelts);
}

iu_problem *iu_collection_count(request_rec *r, const iu_store_call *call,
                                const iu_query *query)
{
    apr_int64_t count;
    iu_problem *problem = iu_store_count(iu_database_store(r), call,
                                         iu_request_get(r)->route.invitation_id,
                                         query->filter, &count);
    const char *text;

    if (problem) {
        return problem;
    }
    text = apr_psprintf(r->pool, "%" APR_INT64_T_FMT, count);
    iu_reply_send(r, HTTP_OK, "text/plain;charset=utf-8", text, strlen(text));
    return NULL;
}
