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
    IU_ROUTE_COLLECTION,       /* {owner}/insights/used */
    IU_ROUTE_COUNT,            /* …/used/$count */
    IU_ROUTE_ITEM,             /* …/used/{id} */
    IU_ROUTE_RESOURCE          /* …/used/{id}/resource */
} iu_route_kind;

/* How a path names the person who used the documents. */
typedef enum iu_owner_kind {
    IU_OWNER_NONE,       /* it does not */
    IU_OWNER_INVITATION, /* invitations/{id}/invitedUser */
    IU_OWNER_USER,       /* users/{id} */
    IU_OWNER_ME          /* me: the user who calls */
} iu_owner_kind;

typedef struct iu_owner {
    iu_owner_kind kind;
    const char *id; /* the key, decoded; of IU_OWNER_ME the user's id, which no
                     * path has: NULL until the caller is known */
} iu_owner;

typedef struct iu_route {
    iu_route_kind kind;
    iu_owner owner;
    const char *id; /* decoded; NULL if the path has none */
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
void iu_route_write(iu_buffer *out, const iu_owner *owner, const char *id);

/* Appends the path of an owner's collection, likewise. */
void iu_route_write_collection(iu_buffer *out, const iu_owner *owner);

/* Appends the same path as a context URL has it (OData 4.01 Protocol section
 * 10.2), escaped for a JSON string: the key is in parentheses, with its quotes
 * doubled and not percent-encoded. */
void iu_route_write_context(iu_buffer *out, const iu_owner *owner);

#endif
