/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The type table: the properties of microsoft.graph.usedInsight and its three
 * complex members (Microsoft Graph reference, "usedInsight resource type"), in
 * the order in which they are returned. It drives validation, $filter,
 * $orderby, $select and $metadata: to add a property, add a line in property.c.
 */
#ifndef IU_GRAPH_PROPERTY_H
#define IU_GRAPH_PROPERTY_H

#include <stddef.h>

#include "../problem/problem.h"

#define IU_ENTITY_TYPE "microsoft.graph.usedInsight"

/* The navigation property: leads to the entity in resourceReference. */
#define IU_NAVIGATION "resource"

/* Bits for a set of members of a usedInsight. */
#define IU_MEMBER_ID 1u
#define IU_MEMBER_LAST_USED 2u
#define IU_MEMBER_RESOURCE_VISUALIZATION 4u
#define IU_MEMBER_RESOURCE_REFERENCE 8u

typedef enum iu_edm_type { IU_EDM_STRING, IU_EDM_DATE_TIME_OFFSET } iu_edm_type;

/* A member of the entity: the key or a complex member. */
typedef struct iu_member {
    unsigned bit;     /* IU_MEMBER_… */
    const char *name; /* "lastUsed" */
    const char *type; /* "microsoft.graph.usageDetails"; NULL: Edm.String */
} iu_member;

/* A property with a primitive value. */
typedef struct iu_property {
    const iu_member *member; /* that has it; for the key, the member id */
    const char *name;        /* "lastAccessedDateTime", "id" */
    iu_edm_type type;
    const char *column; /* SQL name of its column; NULL: it is in the document
                         * only. The key is in its column only, an instant is in
                         * both: as sortable UTC text, '' for null. */
    ptrdiff_t offset;   /* of the column's value in iu_record; 0: no column */
} iu_property;

/* All properties; the first is the key (id). At most 31: sets of them are bits
 * of an integer. */
extern const iu_property iu_properties[];
extern const int iu_property_count;
#define IU_KEY_PROPERTY (&iu_properties[0])

extern const iu_member iu_members[];
extern const int iu_member_count;

/* "Edm.String", "Edm.DateTimeOffset": constants. */
const char *iu_edm_type_name(iu_edm_type type);

/* Finds the member with a name of length bytes, in any case: Graph's reference
 * itself writes "ResourceVisualization/Type". NULL: none. */
const iu_member *iu_member_find(const char *name, apr_size_t length);

/* Finds the property with a path of length bytes ("id",
 * "lastUsed/lastAccessedDateTime"), in any case. NULL: none. */
const iu_property *iu_property_find(const char *path, apr_size_t length);

/* Makes an IU_PROPERTY_UNKNOWN in pool, with the first unknown name in path.
 * For paths that neither iu_property_find nor iu_member_find finds. */
iu_problem *iu_property_unknown(apr_pool_t *pool, const char *path,
                                apr_size_t length);

/* Returns a sentence in pool that explains why iu_property_find does not find
 * path. */
const char *iu_property_fault(apr_pool_t *pool, const char *path,
                              apr_size_t length);

#endif
