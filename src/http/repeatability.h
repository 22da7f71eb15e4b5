/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header fields with which a client can repeat a create: either
 * Repeatability-Request-ID with Repeatability-First-Sent (OASIS Repeatable
 * Requests 1.0), or Idempotency-Key (the IETF's
 * draft-ietf-httpapi-idempotency-key-header). The record's id is made from the
 * set and the key, so that nothing needs to be remembered: the repeat meets the
 * record of the first request.
 */
#ifndef IU_HTTP_REPEATABILITY_H
#define IU_HTTP_REPEATABILITY_H

#include <apr_tables.h>
#include <apr_time.h>

#include "../problem/problem.h"

/* The bytes of a key, which are visible ASCII. */
#define IU_REPEAT_KEY_MAX 255

typedef struct iu_repeatability {
    /* Repeatability-Request-ID; NULL: the pair was not sent. */
    const char *request_id;
    /* Repeatability-First-Sent, in microseconds since 1970. */
    apr_time_t first_sent;
    /* Idempotency-Key, without quotes; NULL: not sent. If both kinds are sent
     * the pair counts, because its time keeps ids in order. */
    const char *idempotency_key;
} iu_repeatability;

/* Reads and checks the request header fields. Repeatability-First-Sent may be
 * window before now at most, and after it only as far as clocks differ. The
 * keys are in pool or in headers. Returns NULL, IU_REPEAT_INVALID, or
 * IU_REPEAT_OUTSIDE. */
iu_problem *iu_repeatability_read(apr_pool_t *pool, const apr_table_t *headers,
                                  apr_time_t now, apr_interval_time_t window,
                                  iu_repeatability *keys);

/* The header field whose key counts; NULL: the request has none. */
const char *iu_repeatability_field(const iu_repeatability *keys);

/* The id, in pool, of the record that a create with the keys makes in a set;
 * there must be one. It sorts by the time of the first request if that is
 * known. */
const char *iu_repeatability_id(apr_pool_t *pool, const iu_repeatability *keys,
                                const char *set_id);

#endif
