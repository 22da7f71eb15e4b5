/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evaluates a query on a few records in memory (OData 4.01 URL Conventions
 * section 5.1.1; src/query/expression.h and query.h). Tests compare the answers
 * of databases with this.
 */
#ifndef IU_TESTS_UNIT_EVALUATE_H
#define IU_TESTS_UNIT_EVALUATE_H

#include "../../../src/graph/document.h"
#include "../../../src/graph/record.h"
#include "../../../src/query/query.h"

/* A record and its values. If a value is null or absent both texts are NULL. */
typedef struct iu_sample {
    iu_record record;
    /* The value of each of iu_properties, as it was sent. */
    const char *sent[IU_DOCUMENT_PROPERTIES];
    /* The same, with instants as sortable text in UTC. */
    const char *compared[IU_DOCUMENT_PROPERTIES];
    unsigned objects; /* IU_MEMBER_…: the members that are neither null nor
                       * absent */
} iu_sample;

/* Whether filter (NULL: none) is true for a record. Allocates in pool. */
int iu_evaluate_filter(apr_pool_t *pool, const iu_expression *filter,
                       const iu_sample *sample);

/* The values that a record is sorted by, one for each key of query->order, as
 * in iu_query.after. */
const char *const *iu_evaluate_keys(apr_pool_t *pool, const iu_query *query,
                                    const iu_sample *sample);

/* Compares two records by their keys; below 0 if left comes first. */
int iu_evaluate_order(const iu_query *query, const char *const *left,
                      const char *const *right);

#endif
