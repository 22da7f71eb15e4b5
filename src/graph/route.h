/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps request targets to resources. A key is a path segment or in parentheses
 * (OData 4.01 URL Conventions 4.3). The path is split at '/' first, then each
 * segment is percent-decoded once, so that %2F in a key is data. This needs the
 * target as the client sent it: in r->uri, which is already decoded, a%2Fb and
 * a%252Fb are the same.
 */
#ifndef IU_GRAPH_ROUTE_H
#define IU_GRAPH_ROUTE_H

#include "../problem/problem.h"
#include "../text/buffer.h"

typedef enum iu_route_kind {
    IU_ROUTE_NONE,             /* not a resource of this service */
    IU_ROUTE_SERVICE_DOCUMENT, /* the service root itself */
    IU_ROUTE_METADATA,         /* $metadata */
    IU_ROUTE_OPENAPI,          /* openapi.json */
    IU_ROUTE_BATCH,            /* $batch */
    IU_ROUTE_COLLECTION,       /* invitations/{inv}/invitedUser/insights/used */
    IU_ROUTE_COUNT,            /* …/used/$count */
    IU_ROUTE_ITEM,             /* …/used/{id} */
    IU_ROUTE_RESOURCE          /* …/used/{id}/resource */
} iu_route_kind;

typedef struct iu_route {
    iu_route_kind kind;
    const char *invitation_id; /* decoded; NULL if the path has none */
    const char *id;            /* likewise */
} iu_route;

/* Parses a request target in origin or absolute form (RFC 9112 3.2), still
 * percent-encoded, with or without a query. root is the path of the service
 * root, decoded, without a trailing slash ("" for the whole host). The keys in
 * *route are in pool. Returns NULL, with the kind IU_ROUTE_NONE for any other
 * target. If a key of a known resource is invalid, or in parentheses without
 * quotes, sets route->kind and returns IU_KEY_INVALID or IU_KEY_UNQUOTED. */
iu_problem *iu_route_read(apr_pool_t *pool, const char *root,
                          const char *target, iu_route *route);

/* Copies what *route points to into pool. */
void iu_route_copy(apr_pool_t *pool, iu_route *route);

/* Appends the path of a record relative to the service root, without a leading
 * slash; iu_route_read reads the same keys from it. Keys are segments, or in
 * parentheses if a segment would mean something else (".", "..", "$count"). */
void iu_route_write(iu_buffer *out, const char *invitation_id, const char *id);

/* Appends the path of an invitation's collection, likewise. */
void iu_route_write_collection(iu_buffer *out, const char *invitation_id);

#endif
