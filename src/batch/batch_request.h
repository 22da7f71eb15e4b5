/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the envelope of a $batch request: {"requests":[{"id","method","url",
 * "headers","body","dependsOn","atomicityGroup"}]} (OData JSON Format 4.01
 * section 19.1, as Microsoft Graph has it). The bodies stay unread: a whole
 * batch as one tree would be too large.
 */
#ifndef IU_BATCH_BATCH_REQUEST_H
#define IU_BATCH_BATCH_REQUEST_H

#include <apr_tables.h>

#include "../problem/problem.h"
#include "../service/operation.h"

/* What the server takes. */
typedef struct iu_batch_limits {
    int max_items;
    int max_target;           /* bytes of the longest request target */
    const char *root;         /* path of the service root, decoded, without a
                               * trailing slash; "": the whole host */
    const char *service_root; /* absolute URL of the same, likewise */
} iu_batch_limits;

/* One request of the batch. Texts are UTF-8 and NUL-terminated. */
typedef struct iu_batch_item {
    const char *id;            /* as sent; 1 to 255 bytes */
    iu_method method;          /* IU_METHOD_UNKNOWN also for HEAD */
    const char *method_name;   /* in upper case, a token */
    const char *target;        /* in origin form, percent-encoded, begins with
                              * root: "/beta/users/1/insights/used?$top=1" */
    apr_table_t *headers;      /* the fields that the service reads, in the
                              * spelling of the client; Content-Type is set
                              * where there is a body */
    const char *authorization; /* the field; NULL: none. Any but the batch's
                                * must be refused */
    int has_credentials; /* there was another field with credentials: the item
                          * must be refused */
    char *body;          /* in the text of the batch, not checked yet, for
                              * iu_json_read; NULL: none, or null */
    apr_size_t body_length;
    int wave;  /* items of wave 0 depend on none, others on earlier waves; all
                * items of a group have the same */
    int group; /* from 0, in the order of the items; -1: none */
    const apr_array_header_t *needs; /* of int: the indices of the items that
                                      * must succeed before this one. A group is
                                      * named by one of its items: they succeed
                                      * or fail together. May have duplicates
                                      * and items of the same group. */
} iu_batch_item;

typedef struct iu_batch_request {
    apr_array_header_t *items; /* of iu_batch_item, in the order of the text;
                                * at least one */
    int wave_count;
    int group_count;
} iu_batch_request;

/* Reads length bytes of text, which must live as long as the bodies are used;
 * text[length] must be writable for the caller who reads them. *batch is in
 * pool. Returns NULL, or a problem: IU_BATCH_INVALID, which says what is wrong
 * and where ("requests/3/dependsOn/0", or line and column), or IU_JSON_FAILED.
 * Then nothing of the batch may be done. */
iu_problem *iu_batch_request_read(apr_pool_t *pool, char *text,
                                  apr_size_t length,
                                  const iu_batch_limits *limits,
                                  iu_batch_request *batch);

#endif
