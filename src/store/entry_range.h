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
    int is_half;        /* of a range that the database refused */
    int in_transaction; /* its statements are part of an open one */
    iu_retry_state retry;
} iu_entry_range;

/* Runs a statement on the writer's session. affected_rows: as in iu_execution.
 * Returns NULL and sets *rows, or returns a failure; both in the group's
 * pool. */
iu_failure *iu_range_execute(const iu_entry_range *range, const char *sql,
                             const char *const *arguments, int count,
                             int affected_rows, iu_retry_state *retry,
                             apr_array_header_t **rows);

/* The number in the first column of the first row. */
apr_int64_t iu_range_first_number(const apr_array_header_t *rows);

/* Updates or deletes the record of an entry. Returns NULL and sets *is_done, or
 * a failure. Not done: another version than expected is stored, or none. */
iu_failure *iu_range_change(iu_entry_range *range, const iu_commit_entry *entry,
                            int *is_done);

/* Reads the version that the table has under an entry's key; NULL: none. */
iu_failure *iu_range_look_up(const iu_entry_range *range,
                             const iu_commit_entry *entry,
                             const char **version);

/* Sorts the entries of a range by their keys, unless there is one writer, so
 * that statements of two processes lock the same keys in the same order and do
 * not deadlock. Stable: the first of two entries with one key stays first. */
void iu_range_sort(const iu_entry_range *range);

/* Moves the entries that belong to the front of a range; otherwise the order
 * stays. Returns their number. */
int iu_range_move_first(const iu_entry_range *range,
                        int (*belongs)(const iu_commit_entry *entry));

int iu_entry_is_insert(const iu_commit_entry *entry);

/* Answers an entry with the problem that an insert's key exists, or that a
 * change's expected version is not in the table. */
void iu_range_refuse(const iu_entry_range *range, iu_commit_entry *entry);

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
