/* SPDX-License-Identifier: Apache-2.0 */
/* A request body as a usedInsight: checked against the type table. */
#ifndef IU_GRAPH_USED_INSIGHT_H
#define IU_GRAPH_USED_INSIGHT_H

#include "../json/json_reader.h"
#include "../problem/problem.h"
#include "property.h"
#include "record.h"

/* What the page "Create used" requires. */
#define IU_MEMBERS_REQUIRED                                                    \
    (IU_MEMBER_LAST_USED | IU_MEMBER_RESOURCE_VISUALIZATION |                  \
     IU_MEMBER_RESOURCE_REFERENCE)

/* More bytes than the types of its objects add to the text of a document. */
#define IU_DOCUMENT_TYPES 192

/* The bit of a member's name, 0 for any other name. */
unsigned iu_used_insight_member(const char *name);

/* Reads a request body into record: id (NULL where the client gave none),
 * the instants and the document, all in pool and without need of root; the rest
 * of record is left alone. required is the set of members without which a
 * create is refused. NULL, or one problem that tells all faults (at most
 * IU_PROBLEM_DETAILS of them). */
iu_problem *iu_used_insight_read(apr_pool_t *pool, const iu_json *root,
                                 unsigned required, iu_record *record);

/* The same for a body that is sent to the URL of the record id, which it may
 * repeat but not change. stored NULL: there is no such record, record is a new
 * one. Else record becomes what is stored with the body laid over it (OData
 * 4.01 Protocol 11.4.3): member by member within the three objects, null sets
 * to null, which the members of required refuse. IU_READ_FAILED where stored is
 * not what these functions write. */
iu_problem *iu_used_insight_merge(apr_pool_t *pool, const iu_json *root,
                                  unsigned required, const char *id,
                                  const iu_record *stored, iu_record *record);

#endif
