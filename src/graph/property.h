/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The type table: the properties of microsoft.graph.usedInsight and of its
 * three complex members (Microsoft Graph reference, "usedInsight resource
 * type"), in the order in which they are returned. Validation, $filter,
 * $orderby, $select and $metadata are driven by it: a new property is a new
 * line in property.c.
 */
#ifndef IU_GRAPH_PROPERTY_H
#define IU_GRAPH_PROPERTY_H

#include <stddef.h>

#include "../problem/problem.h"

#define IU_ENTITY_TYPE "microsoft.graph.usedInsight"

/* The navigation property, which leads to what resourceReference names. */
#define IU_NAVIGATION "resource"

/* The members of a usedInsight, as bits of a set. */
#define IU_MEMBER_ID 1u
#define IU_MEMBER_LAST_USED 2u
#define IU_MEMBER_RESOURCE_VISUALIZATION 4u
#define IU_MEMBER_RESOURCE_REFERENCE 8u

typedef enum iu_edm_type { IU_EDM_STRING, IU_EDM_DATE_TIME_OFFSET } iu_edm_type;

/* A member of the entity: its key or one of the complex ones. */
typedef struct iu_member {
    unsigned bit;     /* IU_MEMBER_… */
    const char *name; /* "lastUsed" */
    const char *type; /* "microsoft.graph.usageDetails"; NULL: Edm.String */
} iu_member;

/* A property with a primitive value. */
typedef struct iu_property {
    const iu_member *member; /* whose it is; that of the key for id itself */
    const char *name;        /* "lastAccessedDateTime", "id" */
    iu_edm_type type;
    const char *column; /* where the table has it besides the document: its
                         * SQL name; NULL: nowhere. An instant's column is
                         * sortable UTC text, '' for null; that of id is id. */
    ptrdiff_t offset;   /* where in iu_record the column's value is; 0: it has
                         * no column */
} iu_property;

/* All properties; the first is the key (id). At most 31: the sets of them are
 * bits of an integer. */
extern const iu_property iu_properties[];
extern const int iu_property_count;

extern const iu_member iu_members[];
extern const int iu_member_count;

/* "Edm.String", "Edm.DateTimeOffset": constants. */
const char *iu_edm_type_name(iu_edm_type type);

/* Finds the member that a name of length bytes names, in any case: Graph's own
 * page spells "ResourceVisualization/Type". NULL: none. */
const iu_member *iu_member_find(const char *name, apr_size_t length);

/* Finds the property that a path of length bytes names ("id",
 * "lastUsed/lastAccessedDateTime"), in any case. NULL: none. */
const iu_property *iu_property_find(const char *path, apr_size_t length);

/* What to say of a path that iu_property_find does not find and that is no
 * member: IU_PROPERTY_UNKNOWN with the first name that is not there. */
iu_problem *iu_property_unknown(apr_pool_t *pool, const char *path,
                                apr_size_t length);

/* Why a path that iu_property_find does not find has no value of its own: a
 * sentence in pool. */
const char *iu_property_fault(apr_pool_t *pool, const char *path,
                              apr_size_t length);

#endif
