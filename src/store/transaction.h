/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits entries in one transaction: all of them or none. The transaction is
 * rolled back if a statement of it fails, if an insert's key exists, or if
 * another version than a change expects is stored. It is run again, from BEGIN,
 * if nothing of it can have been stored and a new run may succeed.
 */
#ifndef IU_STORE_TRANSACTION_H
#define IU_STORE_TRANSACTION_H

#include "entry_range.h"

/* Runs the transaction of a range's entries and answers each: NULL if it was
 * committed; otherwise its own problem, or IU_GROUP_FAILED if another entry is
 * at fault. If the outcome of COMMIT is unknown, the entries are looked up as
 * in entry_range.h, and all are answered as done, or none. Reorders the
 * entries. */
void iu_transaction_run(iu_entry_range *range);

#endif
