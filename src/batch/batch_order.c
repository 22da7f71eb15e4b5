/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_order.h"

#include <string.h>

#include <apr_strings.h>

#include "../text/excerpt.h"
#include "batch_problem.h"

static iu_batch_item *item_at(const iu_batch_request *batch, int index)
{
    return &APR_ARRAY_IDX(batch->items, index, iu_batch_item);
}

static iu_batch_group *group_at(const iu_batch_names *names, int number)
{
    return &APR_ARRAY_IDX(names->groups, number, iu_batch_group);
}

/* --- names --- */

/* Returns name in lower case, to be compared byte by byte. */
static const char *fold(apr_pool_t *pool, const char *name)
{
    char *folded = apr_pstrdup(pool, name);
    char *c;

    for (c = folded; *c; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c += 'a' - 'A';
        }
    }
    return folded;
}

/* Returns the number that was stored for name; -1: none. */
static int find(const iu_batch_names *names, apr_hash_t *numbers,
                const char *name)
{
    const int *number =
        apr_hash_get(numbers, fold(names->pool, name), APR_HASH_KEY_STRING);

    return number ? *number : -1;
}

static void store(const iu_batch_names *names, apr_hash_t *numbers,
                  const char *name, int number)
{
    apr_hash_set(numbers, fold(names->pool, name), APR_HASH_KEY_STRING,
                 apr_pmemdup(names->pool, &number, sizeof number));
}

void iu_batch_names_init(iu_batch_names *names, apr_pool_t *pool, int items)
{
    names->pool = pool;
    names->ids = apr_hash_make(pool);
    names->group_numbers = apr_hash_make(pool);
    names->groups = apr_array_make(pool, 4, sizeof(iu_batch_group));
    names->references = apr_pcalloc(pool, items * sizeof *names->references);
}

int iu_batch_names_add(iu_batch_names *names, const char *id, int index)
{
    if (find(names, names->ids, id) >= 0) {
        return 0;
    }
    store(names, names->ids, id, index);
    return 1;
}

int iu_batch_names_join(iu_batch_names *names, const char *group, int index)
{
    int number = find(names, names->group_numbers, group);

    if (number < 0) {
        number = names->groups->nelts;
        store(names, names->group_numbers, group, number);
        APR_ARRAY_PUSH(names->groups, iu_batch_group) =
            (iu_batch_group){group, index, index, 0};
    }
    group_at(names, number)->last = index;
    return group_at(names, number)->size++ < IU_WRITE_ALL_MAX ? number : -1;
}

/* --- references --- */

/* Refuses groups that are called like items: a reference would be ambiguous. */
static iu_problem *check_groups(apr_pool_t *pool, const iu_batch_names *names)
{
    int i;

    for (i = 0; i < names->groups->nelts; i++) {
        const iu_batch_group *group = group_at(names, i);

        if (find(names, names->ids, group->name) >= 0) {
            return iu_batch_invalid(
                pool, group->first, "atomicityGroup",
                "The group is named like the id of a request.");
        }
    }
    return NULL;
}

/* Finds the item that stands for a reference. Returns NULL, or why there is
 * none. */
static const char *find_needed(const iu_batch_names *names,
                               const iu_batch_item *item, int index,
                               const char *reference, int *needed)
{
    int number;

    *needed = find(names, names->ids, reference);
    if (*needed >= 0) {
        if (*needed == index) {
            return "is this request itself";
        }
        return *needed > index ? "is a later request" : NULL;
    }
    number = find(names, names->group_numbers, reference);
    if (number < 0) {
        return "is neither an id nor a group";
    }
    if (number == item->group) {
        return "is the group of this request";
    }
    *needed = group_at(names, number)->first;
    return group_at(names, number)->last > index
               ? "is a group with a later request"
               : NULL;
}

/* Sets item->needs. */
static iu_problem *resolve(apr_pool_t *pool, const iu_batch_names *names,
                           iu_batch_item *item, int index)
{
    const apr_array_header_t *references = names->references[index];
    int count = references ? references->nelts : 0;
    apr_array_header_t *needs = apr_array_make(pool, count, sizeof(int));
    int i;

    item->needs = needs;
    for (i = 0; i < count; i++) {
        const char *reference = APR_ARRAY_IDX(references, i, const char *);
        int needed;
        const char *reason =
            find_needed(names, item, index, reference, &needed);

        if (reason) {
            return iu_batch_invalid(
                pool, index, apr_psprintf(pool, "dependsOn/%d", i),
                "'%s' %s. A request can depend on earlier ones.",
                iu_excerpt(pool, reference, strlen(reference)), reason);
        }
        APR_ARRAY_PUSH(needs, int) = needed;
    }
    return NULL;
}

/* --- waves --- */

/* A topological sort (Kahn's). Its nodes are groups and items without a group,
 * by the index of their first item. */
typedef struct sort {
    const iu_batch_names *names;
    iu_batch_request *batch;
    int *waiting;    /* for each node: edges to it from nodes without a wave */
    int *wave;       /* for each node */
    int *first_edge; /* from each node; -1: none */
    int *queue;      /* of nodes that wait for none */
    int queued;
    apr_array_header_t *edges; /* of edge */
} sort;

typedef struct edge {
    int to;
    int next; /* of the same node; -1: none */
} edge;

static int node_of(const sort *sort, int index)
{
    int group = item_at(sort->batch, index)->group;

    return group < 0 ? index : group_at(sort->names, group)->first;
}

static void add_edges(sort *sort, int index)
{
    const apr_array_header_t *needs = item_at(sort->batch, index)->needs;
    int to = node_of(sort, index);
    int i;

    for (i = 0; i < needs->nelts; i++) {
        int from = node_of(sort, APR_ARRAY_IDX(needs, i, int));

        if (from != to) {
            APR_ARRAY_PUSH(sort->edges, edge) =
                (edge){to, sort->first_edge[from]};
            sort->first_edge[from] = sort->edges->nelts - 1;
            sort->waiting[to]++;
        }
    }
}

static void begin_sort(sort *sort)
{
    apr_pool_t *pool = sort->names->pool;
    int count = sort->batch->items->nelts;
    int i;

    sort->waiting = apr_pcalloc(pool, count * sizeof(int));
    sort->wave = apr_pcalloc(pool, count * sizeof(int));
    sort->queue = apr_pcalloc(pool, count * sizeof(int));
    sort->first_edge = apr_palloc(pool, count * sizeof(int));
    memset(sort->first_edge, 0xFF, count * sizeof(int));
    sort->edges = apr_array_make(pool, count, sizeof(edge));
    for (i = 0; i < count; i++) {
        add_edges(sort, i);
    }
    for (i = 0; i < count; i++) {
        if (node_of(sort, i) == i && sort->waiting[i] == 0) {
            sort->queue[sort->queued++] = i;
        }
    }
}

/* Gives node's wave to the nodes that depend on it. */
static void release(sort *sort, int node)
{
    int i;

    for (i = sort->first_edge[node]; i >= 0;
         i = APR_ARRAY_IDX(sort->edges, i, edge).next) {
        int to = APR_ARRAY_IDX(sort->edges, i, edge).to;

        if (sort->wave[to] <= sort->wave[node]) {
            sort->wave[to] = sort->wave[node] + 1;
        }
        if (--sort->waiting[to] == 0) {
            sort->queue[sort->queued++] = to;
        }
    }
}

static iu_problem *set_waves(apr_pool_t *pool, sort *sort)
{
    iu_batch_request *batch = sort->batch;
    int i;

    begin_sort(sort);
    for (i = 0; i < sort->queued; i++) {
        release(sort, sort->queue[i]);
    }
    batch->wave_count = 0;
    for (i = 0; i < batch->items->nelts; i++) {
        iu_batch_item *item = item_at(batch, i);
        int node = node_of(sort, i);

        if (sort->waiting[node] > 0 && item->needs->nelts > 0) {
            return iu_batch_invalid(pool, i, "dependsOn",
                                    "Groups depend on each other in a circle.");
        }
        item->wave = sort->wave[node];
        if (item->wave >= batch->wave_count) {
            batch->wave_count = item->wave + 1;
        }
    }
    return NULL;
}

iu_problem *iu_batch_order(apr_pool_t *pool, const iu_batch_names *names,
                           iu_batch_request *batch)
{
    sort sort = {.names = names, .batch = batch};
    iu_problem *problem = check_groups(pool, names);
    int i;

    for (i = 0; !problem && i < batch->items->nelts; i++) {
        problem = resolve(pool, names, item_at(batch, i), i);
    }
    batch->group_count = names->groups->nelts;
    return problem ? problem : set_waves(pool, &sort);
}
