/* SPDX-License-Identifier: Apache-2.0 */
/* The upper limit of a benchmark: a handler that reads the body and gives a
 * fixed answer as long as a real one: to a create a 201; with a query
 * "length=2000", as for reads and batches, a 200. It checks and stores
 * nothing. */
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>

#include <apr_buckets.h>
#include <apr_strings.h>

/* The length of the answer to the example in Graph's documentation, and the
 * maximum. */
#define CREATED_LENGTH 936
#define LENGTH_MAX (2 * 1024 * 1024)

extern module AP_MODULE_DECLARE_DATA bench_ceiling_module;

static char answer[LENGTH_MAX];

static int read_body(request_rec *r)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    int end = 0;

    while (!end) {
        apr_status_t status =
            ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                           APR_BLOCK_READ, HUGE_STRING_LEN);

        if (status != APR_SUCCESS) {
            return ap_map_http_request_error(status, HTTP_BAD_REQUEST);
        }
        end = APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(brigade));
        apr_brigade_cleanup(brigade);
    }
    return OK;
}

static int handler(request_rec *r)
{
    const char *length = r->args ? strstr(r->args, "length=") : NULL;
    apr_int64_t bytes = length ? apr_atoi64(length + 7) : CREATED_LENGTH;
    int status;

    if (!r->handler || strcmp(r->handler, "bench-ceiling")) {
        return DECLINED;
    }
    status = read_body(r);
    if (status != OK) {
        return status;
    }
    if (bytes < 0 || bytes > LENGTH_MAX) {
        return HTTP_BAD_REQUEST;
    }
    r->status = length ? HTTP_OK : HTTP_CREATED;
    ap_set_content_type(r, "application/json");
    ap_set_content_length(r, bytes);
    ap_rwrite(answer, (int)bytes, r);
    return OK;
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    memset(answer, ' ', sizeof(answer));
    ap_hook_handler(handler, NULL, NULL, APR_HOOK_MIDDLE);
}

module AP_MODULE_DECLARE_DATA bench_ceiling_module = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks,
    AP_MODULE_FLAG_NONE};
