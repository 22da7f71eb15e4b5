/* SPDX-License-Identifier: Apache-2.0 */
/* Inserts a range of entries by one statement. */
#ifndef IU_STORE_INSERT_H
#define IU_STORE_INSERT_H

#include "entry_range.h"

/* Which entries of a range a statement stored. The others' keys existed before,
 * or an earlier run of the statement stored them and its result was lost. */
typedef struct iu_inserted {
    int is_unknown; /* some of them, or any: stored is not set */
    char stored[IU_GROUP_RECORDS];
} iu_inserted;

/* Runs the statement: it stores every record whose key is new, or fails and
 * stores none. Returns NULL and sets *inserted, or a failure in the group's
 * pool. */
iu_failure *iu_insert_run(iu_entry_range *range, iu_inserted *inserted);

#endif
