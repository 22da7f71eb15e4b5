/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of success. */
#ifndef IU_HTTPD_REPLY_H
#define IU_HTTPD_REPLY_H

#include "private.h"

#include <apr_buckets.h>

#include "../graph/representation.h"

/* The absolute URL of a record, in r->pool. */
const char *iu_reply_location(request_rec *r, const iu_record *record);

/* 201 with the representation, or 204 where the client prefers return=minimal
 * (OData 4.01 Protocol 11.4.2). record must be durable. */
void iu_reply_created(request_rec *r, const iu_record *record,
                      iu_metadata metadata);

/* 200 with the representation, or 204 as above. */
void iu_reply_updated(request_rec *r, const iu_record *record,
                      iu_metadata metadata);

/* 204. */
void iu_reply_deleted(request_rec *r);

/* 200 with the representation. */
void iu_reply_found(request_rec *r, const iu_record *record,
                    const iu_shape *shape);

/* 200 with the entity that the record refers to, 204 where there is none. */
void iu_reply_resource(request_rec *r, const iu_record *record,
                       iu_metadata metadata);

/* 304: the client has this version of record (RFC 9110 section 15.4.5). */
void iu_reply_not_modified(request_rec *r, const iu_record *record);

/* The status, the Content-Type and the header fields that every success has. */
void iu_reply_begin(request_rec *r, int status, const char *content_type);

/* Appends length bytes of pool's, without a copy: pool must outlive the passing
 * of the brigade. */
void iu_reply_append(request_rec *r, apr_bucket_brigade *brigade,
                     const char *text, apr_size_t length, apr_pool_t *pool);

/* Passes a brigade on and empties it. Returns 0, which is logged, where the
 * client is gone. */
int iu_reply_pass(request_rec *r, apr_bucket_brigade *brigade);

/* A whole answer of length bytes of text that live as long as r. */
void iu_reply_send(request_rec *r, int status, const char *content_type,
                   const char *text, apr_size_t length);

/* 204 with Allow (RFC 9110 section 9.3.7). methods is the set of the resource,
 * as httpd's r->allowed. */
void iu_reply_options(request_rec *r, apr_int64_t methods);

#endif
