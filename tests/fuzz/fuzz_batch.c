/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer target: src/batch. A batch that is accepted has the properties that
 * its header promises; if its bodies can be read as well, the whole text is
 * JSON for jansson, too, and has the same ids and bodies. A text that is
 * refused because it is not JSON is none for jansson either, with the
 * exceptions below.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <jansson.h>

#include "../../src/batch/batch_body.h"
#include "../../src/batch/batch_request.h"
#include "../../src/graph/key.h"
#include "../../src/json/json_reader.h"
#include "must.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const iu_batch_limits limits = {20, 200, "/beta",
                                       "https://h.example/beta"};

static const iu_batch_item *item_at(const iu_batch_request *batch, int index)
{
    must(index >= 0 && index < batch->items->nelts);
    return &APR_ARRAY_IDX(batch->items, index, iu_batch_item);
}

/* --- items --- */

static void check_target(apr_pool_t *pool, const char *target)
{
    apr_size_t path = strcspn(target, "?");
    iu_route route;
    apr_size_t i;

    must(strncmp(target, "/beta/", 6) == 0);
    must(strlen(target) <= 200);
    for (i = 0; target[i]; i++) {
        must(target[i] > ' ' && target[i] < 0x7F && target[i] != '#' &&
             target[i] != '\\');
    }
    for (i = 0; i < path; i++) {
        must(strncmp(target + i, "/../", 4) != 0);
        must(strncmp(target + i, "/./", 3) != 0);
        must(strncasecmp(target + i, "/%2e%2e/", 8) != 0);
    }
    must(strncasecmp(target, "/beta/$batch", 12) != 0 ||
         strchr("/?", target[12]) == NULL);
    iu_route_read(pool, "/beta", target, &route);
}

static int check_field(void *item, const char *name, const char *value)
{
    const char *c;

    (void)item;
    must(strcasecmp(name, "Authorization") != 0);
    must(strcasecmp(name, "Host") != 0);
    must(strcasecmp(name, "Content-Length") != 0);
    for (c = value; *c; c++) {
        must((unsigned char)*c >= ' ' || *c == '\t');
    }
    return 1;
}

static void check_item(apr_pool_t *pool, const iu_batch_request *batch,
                       int index, const char *text, size_t size)
{
    const iu_batch_item *item = item_at(batch, index);
    int i;

    must(iu_key_is_valid(item->id, strlen(item->id)));
    for (i = 0; i < index; i++) {
        must(strcasecmp(item->id, item_at(batch, i)->id) != 0);
    }
    must(*item->method_name != '\0');
    must((item->method == IU_METHOD_GET) == !strcmp(item->method_name, "GET"));
    check_target(pool, item->target);
    apr_table_do(check_field, NULL, item->headers, NULL);
    if (item->body) {
        must(item->body > text);
        must(item->body_length > 0 && item->body_length < size);
        must(item->body + item->body_length < text + size);
        must(apr_table_get(item->headers, "Content-Type") != NULL);
    }
}

/* --- order --- */

static void check_order(const iu_batch_request *batch, int index)
{
    const iu_batch_item *item = item_at(batch, index);
    int i;

    must(item->wave >= 0 && item->wave < batch->wave_count);
    must(item->group >= -1 && item->group < batch->group_count);
    must(item->group < 0 || item->method != IU_METHOD_GET);
    for (i = 0; i < item->needs->nelts; i++) {
        int needed = APR_ARRAY_IDX(item->needs, i, int);

        must(needed < index);
        if (item->group < 0 || item_at(batch, needed)->group != item->group) {
            must(item_at(batch, needed)->wave < item->wave);
        }
    }
}

/* Items of a group have the same wave, which one of them needs. */
static void check_wave(const iu_batch_request *batch, int index)
{
    const iu_batch_item *item = item_at(batch, index);
    int wave = 0;
    int i;
    int k;

    for (i = 0; i < batch->items->nelts; i++) {
        const iu_batch_item *other = item_at(batch, i);

        if (i != index && (item->group < 0 || other->group != item->group)) {
            continue;
        }
        must(other->wave == item->wave);
        for (k = 0; k < other->needs->nelts; k++) {
            const iu_batch_item *needed =
                item_at(batch, APR_ARRAY_IDX(other->needs, k, int));

            if (needed->wave >= wave &&
                (item->group < 0 || needed->group != item->group)) {
                wave = needed->wave + 1;
            }
        }
    }
    must(item->wave == wave);
}

/* --- jansson --- */

/* Whether the text of a body is equal to peer, the body of the item. */
static void compare_body(const iu_batch_item *item, json_t *peer)
{
    json_t *body;

    if (!item->body) {
        must(!peer || json_is_null(peer));
        return;
    }
    body = json_loadb(item->body, item->body_length, JSON_DECODE_ANY, NULL);
    must(body && json_equal(body, peer));
    json_decref(body);
}

static void compare(const iu_batch_request *batch, json_t *peer)
{
    json_t *requests = json_object_get(peer, "requests");
    int i;

    must(json_array_size(requests) == (size_t)batch->items->nelts);
    for (i = 0; i < batch->items->nelts; i++) {
        const iu_batch_item *item = item_at(batch, i);
        json_t *request = json_array_get(requests, i);

        must(!strcmp(json_string_value(json_object_get(request, "id")),
                     item->id));
        must(!strcasecmp(json_string_value(json_object_get(request, "method")),
                         item->method_name));
        compare_body(item, json_object_get(request, "body"));
    }
}

static void decode_body(apr_pool_t *pool, const iu_batch_item *item)
{
    apr_size_t length;
    const char *decoded = iu_batch_body_decode(
        pool, (iu_span){item->body, item->body_length}, &length);

    must(!decoded || (length < item->body_length && !decoded[length]));
}

/* Decodes all bodies, and reads them in place. */
static int read_bodies(apr_pool_t *pool, const iu_batch_request *batch)
{
    int passed = 1;
    int i;

    for (i = 0; i < batch->items->nelts; i++) {
        const iu_batch_item *item = item_at(batch, i);
        const iu_json *tree;

        if (item->body) {
            decode_body(pool, item);
        }
        passed &= !item->body ||
                  !iu_json_read(pool, item->body, item->body_length, &tree);
    }
    return passed;
}

static void check_accepted(apr_pool_t *pool, const iu_batch_request *batch,
                           const char *text, size_t size, json_t *peer,
                           const json_error_t *error)
{
    int i;

    must(batch->items->nelts >= 1 && batch->items->nelts <= 20);
    for (i = 0; i < batch->items->nelts; i++) {
        check_item(pool, batch, i, text, size);
        check_order(batch, i);
        check_wave(batch, i);
    }
    if (peer) {
        compare(batch, peer);
    }
    if (read_bodies(pool, batch)) {
        must(peer || json_error_code(error) == json_error_numeric_overflow);
    }
}

/* --- refusals --- */

/* Whether JSON may be refused with a line and column because of this. */
static int is_exception(const char *message)
{
    return strstr(message, ": an object is expected.") ||
           strstr(message, ": nested deeper than 8.") ||
           strstr(message, ": more than 256 values.");
}

static void check_refused(const iu_problem *problem, const json_t *peer)
{
    static const char beginning[] = "Invalid batch payload format. ";

    must(problem->kind == IU_BATCH_INVALID);
    must(strncmp(problem->message, beginning, strlen(beginning)) == 0);
    if (strncmp(problem->message + strlen(beginning), "Line ", 5) != 0) {
        must(problem->target != NULL);
    }
    else if (!is_exception(problem->message)) {
        must(!peer);
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_error_t error;
    json_t *peer = json_loadb((const char *)data, size,
                              JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    char *text = malloc(size + 1);
    iu_batch_request batch;
    iu_problem *problem;
    apr_pool_t *pool;

    if (memchr(data, '\0', size)) { /* jansson drops it behind a number */
        json_decref(peer);
        peer = NULL;
    }
    must(apr_pool_create(&pool, NULL) == APR_SUCCESS);
    memcpy(text, data, size);
    problem = iu_batch_request_read(pool, text, size, &limits, &batch);
    must(memcmp(text, data, size) == 0);
    if (problem) {
        check_refused(problem, peer);
    }
    else {
        check_accepted(pool, &batch, text, size, peer, &error);
    }
    json_decref(peer);
    free(text);
    apr_pool_destroy(pool);
    return 0;
}
