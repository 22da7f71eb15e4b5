/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/batch/batch_order.c. */
#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/batch/batch_request.h"
#include "support/tap.h"

static const iu_batch_item *item_at(const iu_batch_request *batch, int index)
{
    return &APR_ARRAY_IDX(batch->items, index, iu_batch_item);
}

/* Items are written "id group<reference,reference"; the expected result is
 * "wave:group:needs" for each, or target and message. */
static const struct {
    const char *batch;
    const char *order; /* NULL: refused */
    const char *target;
    const char *message;
} orders[] = {
    {"a b", "0:-1: 0:-1:", NULL, NULL},
    {"a b<a c<b d<a", "0:-1: 1:-1:0 2:-1:1 1:-1:0", NULL, NULL},
    {"a b<A B2<B,a", "0:-1: 1:-1:0 2:-1:1,0", NULL, NULL},
    {"a b<a,a,A", "0:-1: 1:-1:0,0,0", NULL, NULL},
    {"a.g b.G c.h", "0:0: 0:0: 0:1:", NULL, NULL},
    {"a.g b.g c<g d<c", "0:0: 0:0: 1:-1:0 2:-1:2", NULL, NULL},
    {"a.g b.g c<b", "0:0: 0:0: 1:-1:1", NULL, NULL},
    {"a.g b.g<a", "0:0: 0:0:0", NULL, NULL},
    {"a b<a c.g d.g<b", "0:-1: 1:-1:0 2:0: 2:0:1", NULL, NULL},
    {"a.g b<a c.g", "0:0: 1:-1:0 0:0:", NULL, NULL},
    {"a b.g c<a d.g<c e<b", "0:-1: 2:0: 1:-1:0 2:0:2 3:-1:1", NULL, NULL},
    {"a.g b.h<g c.h d<h,g", "0:0: 1:1:0 1:1: 2:-1:1,0", NULL, NULL},
    {"a a", NULL, "requests/1/id", "Request Id a has to be unique in a batch."},
    {"aB Ab", NULL, "requests/1/id",
     "Request Id Ab has to be unique in a batch."},
    {"a b<c", NULL, "requests/1/dependsOn/0",
     "'c' is neither an id nor a group. A request can depend on earlier ones."},
    {"a b<a,B", NULL, "requests/1/dependsOn/1",
     "'B' is this request itself. A request can depend on earlier ones."},
    {"a b<a,c c", NULL, "requests/1/dependsOn/1",
     "'c' is a later request. A request can depend on earlier ones."},
    {"a<g b.g", NULL, "requests/0/dependsOn/0",
     "'g' is a group with a later request. A request can depend on earlier "
     "ones."},
    {"a.g b<g c.g", NULL, "requests/1/dependsOn/0",
     "'g' is a group with a later request. A request can depend on earlier "
     "ones."},
    {"a.g b.g<G", NULL, "requests/1/dependsOn/0",
     "'G' is the group of this request. A request can depend on earlier ones."},
    {"a.B b", NULL, "requests/0/atomicityGroup",
     "The group is named like the id of a request."},
    {"x a.A", NULL, "requests/1/atomicityGroup",
     "The group is named like the id of a request."},
    {"a.g b<a c.g<b", NULL, "requests/1/dependsOn",
     "Groups depend on each other in a circle."},
    {"a.g b.h c.g<b d.h<a", NULL, "requests/2/dependsOn",
     "Groups depend on each other in a circle."},
    {"x a.g<x b.h<a c.i<h d.g<i", NULL, "requests/1/dependsOn",
     "Groups depend on each other in a circle."},
};

/* Appends the members of one item, without the brace before them. */
static void expand_item(apr_pool_t *pool, char *item, iu_buffer *text)
{
    char *needs = strchr(item, '<');
    char *group;

    if (needs) {
        *needs++ = '\0';
    }
    group = strchr(item, '.');
    if (group) {
        *group++ = '\0';
        iu_buffer_puts(text,
                       apr_psprintf(pool, "\"atomicityGroup\":\"%s\",", group));
    }
    if (needs) {
        iu_buffer_puts(text, "\"dependsOn\":[\"");
        for (; *needs; needs++) {
            iu_buffer_puts(text, *needs == ','
                                     ? "\",\""
                                     : apr_psprintf(pool, "%c", *needs));
        }
        iu_buffer_puts(text, "\"],");
    }
    iu_buffer_puts(
        text,
        apr_psprintf(pool, "\"id\":\"%s\",\"method\":\"POST\",\"url\":\"x\"}",
                     item));
}

/* Reads a batch that is written in the short notation. */
static iu_problem *read_batch(apr_pool_t *pool, const char *notation,
                              iu_batch_request *batch)
{
    const iu_batch_limits limits = {20, 100, "/beta", "https://h/beta"};
    iu_buffer text;
    char *item;
    char *rest;

    iu_buffer_init(&text, pool, 1000);
    for (item = apr_strtok(apr_pstrdup(pool, notation), " ", &rest); item;
         item = apr_strtok(NULL, " ", &rest)) {
        iu_buffer_puts(&text, text.length ? ",{" : "{\"requests\":[{");
        expand_item(pool, item, &text);
    }
    iu_buffer_puts(&text, "]}");
    return iu_batch_request_read(pool, text.data, text.length, &limits, batch);
}

static const char *order_of(apr_pool_t *pool, const iu_batch_request *batch)
{
    iu_buffer out;
    int i;
    int k;

    iu_buffer_init(&out, pool, 100);
    for (i = 0; i < batch->items->nelts; i++) {
        const iu_batch_item *item = item_at(batch, i);

        iu_buffer_puts(&out, apr_psprintf(pool, "%s%d:%d:", i ? " " : "",
                                          item->wave, item->group));
        for (k = 0; k < item->needs->nelts; k++) {
            iu_buffer_puts(&out,
                           apr_psprintf(pool, "%s%d", k ? "," : "",
                                        APR_ARRAY_IDX(item->needs, k, int)));
        }
    }
    return out.data;
}

static void test_orders(apr_pool_t *pool)
{
    size_t i;

    for (i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        const char *notation = orders[i].batch;
        iu_batch_request batch;
        iu_problem *problem = read_batch(pool, notation, &batch);

        is_text(problem ? NULL : order_of(pool, &batch), orders[i].order,
                "order of %s", notation);
        is_text(problem ? problem->target : NULL, orders[i].target,
                "target of %s", notation);
        is_text(problem ? strchr(problem->message, '.') + 2 : NULL,
                orders[i].message, "message of %s", notation);
    }
}

static void test_counts(apr_pool_t *pool)
{
    iu_batch_request batch;

    ok(!read_batch(pool, "a.g b<a c.h d<b e.g", &batch), "a batch with groups");
    is_number(batch.wave_count, 3, "waves");
    is_number(batch.group_count, 2, "groups");
}

/* A batch of 1000 items, each of which depends on all before it, as far as the
 * 256 values of an item allow. */
static void test_large(apr_pool_t *pool)
{
    const iu_batch_limits with = {1000, 100, "/beta", "https://h/beta"};
    iu_batch_request batch;
    iu_problem *problem;
    iu_buffer text;
    apr_time_t begin;
    int i;
    int k;

    iu_buffer_init(&text, pool, 4000000);
    for (i = 0; i < 1000; i++) {
        iu_buffer_puts(&text, apr_psprintf(pool,
                                           "%s{\"id\":\"%d\",\"method\":"
                                           "\"POST\",\"url\":\"x\",\"body\":{}",
                                           i ? "," : "{\"requests\":[", i));
        for (k = 0; k < i && k < 250; k++) {
            iu_buffer_puts(&text, apr_psprintf(pool, "%s\"%d\"",
                                               k ? "," : ",\"dependsOn\":[",
                                               i - 1 - k));
        }
        iu_buffer_puts(&text, i ? "]}" : "}");
    }
    iu_buffer_puts(&text, "]}");
    begin = apr_time_now();
    problem =
        iu_batch_request_read(pool, text.data, text.length, &with, &batch);
    printf("# %d bytes, %d ms\n", (int)text.length,
           (int)apr_time_as_msec(apr_time_now() - begin));
    if (ok(!problem, "1000 items with 250 references each")) {
        is_number(batch.wave_count, 1000, "1000 waves");
        is_number(item_at(&batch, 999)->needs->nelts, 250, "needs");
    }
    else {
        printf("# %s\n", problem->message);
    }
}

static void test_large_group(apr_pool_t *pool)
{
    const iu_batch_limits with = {.max_items = 1000,
                                  .max_target = 200,
                                  .root = "",
                                  .service_root = "https://h.example"};
    iu_batch_request batch;
    iu_problem *problem;
    int count;

    for (count = 256; count <= 257; count++) {
        char *text = apr_pstrdup(pool, "{\"requests\":[");
        int i;

        for (i = 0; i < count; i++) {
            text = apr_psprintf(
                pool,
                "%s%s{\"id\":\"%d\",\"method\":\"POST\",\"url\":\"/x\","
                "\"atomicityGroup\":\"g\"}",
                text, i ? "," : "", i);
        }
        text = apr_pstrcat(pool, text, "]}", NULL);
        problem =
            iu_batch_request_read(pool, text, strlen(text), &with, &batch);
        is_text(problem ? problem->target : NULL,
                count == 256 ? NULL : "requests/256/atomicityGroup",
                "a group of %d", count);
    }
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_orders(pool);
    test_counts(pool);
    test_large(pool);
    test_large_group(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
