/* SPDX-License-Identifier: Apache-2.0 */
/* Checks request bodies against the type table, and builds documents. */
#ifndef IU_GRAPH_USED_INSIGHT_H
#define IU_GRAPH_USED_INSIGHT_H

#include "../json/json_reader.h"
#include "../problem/problem.h"
#include "property.h"
#include "record.h"

/* The members that Microsoft's page "Create used" requires. */
#define IU_MEMBERS_REQUIRED                                                    \
    (IU_MEMBER_LAST_USED | IU_MEMBER_RESOURCE_VISUALIZATION |                  \
     IU_MEMBER_RESOURCE_REFERENCE)

/* More bytes than the types of its objects add to the text of a document. */
#define IU_DOCUMENT_TYPES 192

/* The bit of the member with this name (upper and lower case differ); 0: there
 * is none. */
unsigned iu_used_insight_member(const char *name);

/* Reads the body of a create. Sets the id (NULL: the client sent none), the
 * instants and the document of record, all in pool and without pointers into
 * root; leaves its other members unchanged. required: bits of the members that
 * a create must have. Returns NULL, or a problem that lists all faults (at most
 * IU_PROBLEM_DETAILS). */
iu_problem *iu_used_insight_read(apr_pool_t *pool, const iu_json *root,
                                 unsigned required, iu_record *record);

/* Reads the body of a PATCH of the record id, which it may repeat but not
 * change. Merges the body into stored (OData 4.01 Protocol 11.4.3), property by
 * property within the three objects; null sets a value to null, which is a
 * fault for required members. stored NULL: makes a new record. Returns as
 * above, or IU_READ_FAILED if stored was not written by these functions. */
iu_problem *iu_used_insight_merge(apr_pool_t *pool, const iu_json *root,
                                  unsigned required, const char *id,
                                  const iu_record *stored, iu_record *record);

#endif
