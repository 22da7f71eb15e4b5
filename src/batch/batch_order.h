/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the items of a batch: "dependsOn" and "atomicityGroup". */
#ifndef IU_BATCH_BATCH_ORDER_H
#define IU_BATCH_BATCH_ORDER_H

#include <apr_hash.h>

#include "batch_request.h"

/* The items that have the same "atomicityGroup". */
typedef struct iu_batch_group {
    const char *name; /* as sent first */
    int first;        /* indices of its items */
    int last;
    int size; /* number of its items */
} iu_batch_group;

/* What the items of a batch are called, and call each other. Names match in any
 * case, as in Graph; in ASCII only. */
typedef struct iu_batch_names {
    apr_pool_t *pool; /* until the order is known */
    apr_hash_t *ids;
    apr_hash_t *group_numbers;
    apr_array_header_t *groups;      /* of iu_batch_group */
    apr_array_header_t **references; /* for each item: const char *, the
                                      * elements of its "dependsOn"; NULL:
                                      * none */
} iu_batch_names;

/* Makes names in pool, for so many items. */
void iu_batch_names_init(iu_batch_names *names, apr_pool_t *pool, int items);

/* Adds the id of an item. Returns 0 if an item before it has it. */
int iu_batch_names_add(iu_batch_names *names, const char *id, int index);

/* Adds an item to a group, which the first one makes. Items are added in their
 * order. Returns the number of the group; -1: it has more items than a
 * transaction takes, IU_WRITE_ALL_MAX. */
int iu_batch_names_join(iu_batch_names *names, const char *group, int index);

/* Sets needs and wave of the items, and both counts of the batch. needs is in
 * pool. Takes a time that grows with the number of items and references.
 * Returns NULL, or IU_BATCH_INVALID in pool: a group has the name of an item; a
 * reference leads to no earlier item or group; groups depend on each other. */
iu_problem *iu_batch_order(apr_pool_t *pool, const iu_batch_names *names,
                           iu_batch_request *batch);

#endif
