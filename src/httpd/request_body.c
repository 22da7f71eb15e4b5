/* SPDX-License-Identifier: Apache-2.0 */
#include "request_body.h"

#include <http_protocol.h>
#include <util_filter.h>

#include <apr_buckets.h>
#include <apr_strings.h>

#include "request.h"

/* Initial buffer without a Content-Length. */
#define DEFAULT_SIZE 4096

/* Largest initial buffer: a client may announce more than it sends. */
#define INITIAL_SIZE_MAX (64 * 1024)

/* How much of an unread body is discarded to keep the connection. */
#define DISCARD_MAX (64 * 1024)

/* Refuses codings other than chunked, which httpd accepts but does not decode
 * (RFC 9112 section 6.1 asks for a 501). */
static iu_problem *check_transfer_encoding(request_rec *r)
{
    const char *coding = apr_table_get(r->headers_in, "Transfer-Encoding");

    return coding && strcasecmp(coding, "chunked") != 0
               ? iu_problem_make(r->pool, IU_TRANSFER_ENCODING)
               : NULL;
}

/* The announced length, or -1. httpd has refused any value that is not a
 * number. */
static apr_int64_t content_length(const request_rec *r)
{
    const char *text = apr_table_get(r->headers_in, "Content-Length");

    return text ? apr_atoi64(text) : -1;
}

static apr_size_t initial_size(apr_int64_t announced)
{
    if (announced < 0) {
        return DEFAULT_SIZE;
    }
    return announced < INITIAL_SIZE_MAX ? (apr_size_t)announced
                                        : INITIAL_SIZE_MAX;
}

static iu_problem *problem_of_read_error(request_rec *r, apr_status_t status)
{
    int http_status = ap_map_http_request_error(status, HTTP_BAD_REQUEST);
    iu_problem *problem;

    if (http_status == AP_FILTER_ERROR) {
        problem = iu_problem_make(r->pool, IU_BODY_REFUSED);
        problem->status = AP_FILTER_ERROR;
        return problem;
    }
    problem = iu_problem_make(r->pool, http_status == HTTP_REQUEST_TIME_OUT
                                           ? IU_BODY_TIMEOUT
                                           : IU_BODY_BROKEN);
    return iu_problem_explain(r->pool, problem, "%pm", &status);
}

/* Appends the data of a brigade to body. Sets *end at the end of the body. */
static iu_problem *append(request_rec *r, apr_bucket_brigade *brigade,
                          apr_int64_t limit, iu_buffer *body, int *end)
{
    apr_bucket *bucket;

    for (bucket = APR_BRIGADE_FIRST(brigade);
         bucket != APR_BRIGADE_SENTINEL(brigade) && !*end;
         bucket = APR_BUCKET_NEXT(bucket)) {
        const char *data;
        apr_size_t length;
        apr_status_t status;

        *end = APR_BUCKET_IS_EOS(bucket);
        if (APR_BUCKET_IS_METADATA(bucket)) {
            continue;
        }
        status = apr_bucket_read(bucket, &data, &length, APR_BLOCK_READ);
        if (status != APR_SUCCESS) {
            return problem_of_read_error(r, status);
        }
        if (length > (apr_size_t)limit - body->length) {
            return iu_problem_make(r->pool, IU_BODY_TOO_LARGE,
                                   (apr_off_t)limit);
        }
        iu_buffer_append(body, data, length);
    }
    return NULL;
}

static iu_problem *read_all(request_rec *r, apr_int64_t limit, iu_buffer *body)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    iu_problem *problem = NULL;
    int end = 0;

    while (!end && !problem) {
        apr_status_t status =
            ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                           APR_BLOCK_READ, HUGE_STRING_LEN);

        problem = status == APR_SUCCESS ? append(r, brigade, limit, body, &end)
                                        : problem_of_read_error(r, status);
        apr_brigade_cleanup(brigade);
    }
    apr_brigade_destroy(brigade);
    return problem;
}

/* An input filter that decodes the body removes its coding from the field. */
static iu_problem *check_content_encoding(request_rec *r)
{
    const char *coding = apr_table_get(r->headers_in, "Content-Encoding");

    return coding && *coding && strcasecmp(coding, "identity") != 0
               ? iu_problem_make(r->pool, IU_CONTENT_ENCODING)
               : NULL;
}

iu_problem *iu_request_body_read(request_rec *r, apr_int64_t limit,
                                 iu_buffer *body)
{
    apr_int64_t announced = content_length(r);
    iu_problem *problem = check_transfer_encoding(r);

    if (!problem && announced > limit) {
        problem = iu_problem_make(r->pool, IU_BODY_TOO_LARGE, (apr_off_t)limit);
    }
    if (problem) {
        return problem;
    }
    iu_buffer_init(body, r->pool, initial_size(announced));
    problem = read_all(r, limit, body);
    if (problem) {
        return problem;
    }
    iu_request_get(r)->body_read = 1;
    return check_content_encoding(r);
}

/* Whether the client announced a body that has not been read to its end. */
static int has_unread_body(const request_rec *r)
{
    const iu_request *request = iu_request_find(r);
    const char *length = apr_table_get(r->headers_in, "Content-Length");

    return !(request && request->body_read) &&
           (apr_table_get(r->headers_in, "Transfer-Encoding") ||
            (length && strcmp(length, "0")));
}

/* Adds up the data of a brigade. Returns whether the body ends in it. */
static int count_data(const apr_bucket_brigade *brigade, apr_size_t *length)
{
    const apr_bucket *bucket;

    for (bucket = APR_BRIGADE_FIRST(brigade);
         bucket != APR_BRIGADE_SENTINEL(brigade);
         bucket = APR_BUCKET_NEXT(bucket)) {
        if (APR_BUCKET_IS_EOS(bucket)) {
            return 1;
        }
        /* An unknown length, (apr_size_t)-1, is too much. */
        *length +=
            bucket->length > DISCARD_MAX ? DISCARD_MAX + 1 : bucket->length;
    }
    return 0;
}

/* Returns whether the body ended within DISCARD_MAX. */
static int discard_available(request_rec *r)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apr_size_t length = 0;
    int ended = 0;

    while (!ended && length <= DISCARD_MAX &&
           ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                          APR_NONBLOCK_READ, HUGE_STRING_LEN) == APR_SUCCESS &&
           !APR_BRIGADE_EMPTY(brigade)) {
        ended = count_data(brigade, &length);
        apr_brigade_cleanup(brigade);
    }
    apr_brigade_destroy(brigade);
    return ended;
}

int iu_request_body_discard(request_rec *r)
{
    /* If the client expects a 100, a read would send it and so ask for the
     * body. */
    return !has_unread_body(r) || (!r->expecting_100 && discard_available(r));
}
