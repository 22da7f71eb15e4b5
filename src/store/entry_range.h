/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A range of a commit group's entries, for which the writer runs statements,
 * and the answers to the entries if a statement did not simply succeed. If the
 * outcome is uncertain, the version in the table under the entry's key tells
 * whether the entry was stored.
 */
#ifndef IU_STORE_ENTRY_RANGE_H
#define IU_STORE_ENTRY_RANGE_H

#include "writer.h"

/* entries points into group->entries: count of them. */
typedef struct iu_entry_range {
    iu_writer *writer;
    iu_commit_group *group;
    iu_commit_entry **entries;
    int count;
    int is_half; /* of a range that the database refused */
    iu_retry_state retry;
} iu_entry_range;

/* Runs a statement on the writer's session. affected_rows: as in iu_execution.
 * Returns NULL and sets *rows, or returns a failure; both in the group's
 * pool. */
iu_failure *iu_range_execute(const iu_entry_range *range, const char *sql,
                             const char *const *arguments, int count,
                             int affected_rows, iu_retry_state *retry,
                             apr_array_header_t **rows);

/* Answers an entry whose statement failed. */
void iu_range_answer_failure(const iu_entry_range *range,
                             iu_commit_entry *entry, const iu_failure *failure);

/* Answers an entry whose version the statement did not return: refuses it, or
 * if the statement was retried, answers by the version in the table. */
void iu_range_answer_missing(const iu_entry_range *range,
                             iu_commit_entry *entry);

/* Waits until the rows on which answers rest are replicated like a commit. The
 * outcome of these entries is unknown if that fails. */
void iu_range_await_replication(const iu_entry_range *all);

#endif
