/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which resource a request target names (CONTRACT section 1). Keys come as a
 * segment or in parentheses (OData 4.01 URL Conventions 4.3); the path is split
 * at '/' first and each segment percent-decoded once after, so that %2F inside
 * a key is data. For that the target is taken as it came over the wire: httpd's
 * own r->uri is decoded already, and a%2Fb and a%252Fb are the same there.
 */
#ifndef IU_GRAPH_ROUTE_H
#define IU_GRAPH_ROUTE_H

#include "../problem/problem.h"
#include "../text/buffer.h"

typedef enum iu_route_kind {
    IU_ROUTE_NONE,             /* not a resource of ours */
    IU_ROUTE_SERVICE_DOCUMENT, /* the service root itself */
    IU_ROUTE_METADATA,         /* $metadata */
    IU_ROUTE_OPENAPI,          /* openapi.json */
    IU_ROUTE_COLLECTION,       /* invitations/{inv}/invitedUser/insights/used */
    IU_ROUTE_COUNT,            /* …/used/$count */
    IU_ROUTE_ITEM,             /* …/used/{id} */
    IU_ROUTE_RESOURCE          /* …/used/{id}/resource */
} iu_route_kind;

typedef struct iu_route {
    iu_route_kind kind;
    const char *invitation_id; /* decoded; NULL where the path has none */
    const char *id;            /* likewise */
} iu_route;

/* Reads a request target: origin form or absolute form (RFC 9112 3.2), still
 * percent-encoded, with or without a query. root is the path of the service
 * root, decoded, without a slash at its end ("" for the whole host). Texts of
 * *route are in pool. Where the path has the shape of a resource but a key is
 * none, or is not quoted in its parentheses, returns IU_KEY_INVALID or
 * IU_KEY_UNQUOTED with route->kind set. */
iu_problem *iu_route_read(apr_pool_t *pool, const char *root,
                          const char *target, iu_route *route);

/* Appends the path of a record, relative to the service root and without a
 * slash in front, so that iu_route_read finds the same keys again: as segments,
 * or in parentheses where a segment would mean something else (".", "..",
 * "$count"). */
void iu_route_write(iu_buffer *out, const char *invitation_id, const char *id);

/* The same for the path of an invitation's collection. */
void iu_route_write_collection(iu_buffer *out, const char *invitation_id);

#endif
