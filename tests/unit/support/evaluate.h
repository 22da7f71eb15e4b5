/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a query means, worked out in memory on a few records and without SQL
 * (OData 4.01 URL Conventions section 5.1.1; src/query/expression.h and
 * query.h): what databases answer is compared with this.
 */
#ifndef IU_TESTS_UNIT_EVALUATE_H
#define IU_TESTS_UNIT_EVALUATE_H

#include "../../../src/graph/document.h"
#include "../../../src/graph/record.h"
#include "../../../src/query/query.h"

/* A record with what it was made of. Where a value is null or absent both
 * texts are NULL. */
typedef struct iu_sample {
    iu_record record;
    /* One for each of iu_properties: as it was sent. */
    const char *sent[IU_DOCUMENT_PROPERTIES];
    /* The same, but an instant as sortable UTC text. */
    const char *compared[IU_DOCUMENT_PROPERTIES];
} iu_sample;

/* Whether filter (NULL: none) keeps a record. pool is for what is made on the
 * way. */
int iu_evaluate_filter(apr_pool_t *pool, const iu_expression *filter,
                       const iu_sample *sample);

/* What a record is put in order by: one value for each key of query->order, as
 * iu_query.after has them. */
const char *const *iu_evaluate_keys(apr_pool_t *pool, const iu_query *query,
                                    const iu_sample *sample);

/* Which of two records comes first, by their keys: below 0, the left one. */
int iu_evaluate_order(const iu_query *query, const char *const *left,
                      const char *const *right);

#endif
