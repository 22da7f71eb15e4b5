/* SPDX-License-Identifier: Apache-2.0 */
#include "entry_range.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

iu_failure *iu_range_execute(const iu_entry_range *range, const char *sql,
                             const char *const *arguments, int count,
                             int affected_rows, iu_retry_state *retry,
                             apr_array_header_t **rows)
{
    iu_execution execution = {
        .sql = sql,
        .arguments = arguments,
        .count = count,
        .affected_rows = affected_rows,
        .pool = range->group->pool,
        .origin = range->group->origin,
        .bound.deadline = range->group->deadline,
        .holds_turn = 1,
        .in_transaction = range->in_transaction,
    };

    return iu_session_execute(&range->writer->session, &execution, retry, rows);
}

apr_int64_t iu_range_first_number(const apr_array_header_t *rows)
{
    return apr_atoi64(APR_ARRAY_IDX(rows, 0, const char *const *)[0]);
}

iu_failure *iu_range_change(iu_entry_range *range, const iu_commit_entry *entry,
                            int *is_done)
{
    const iu_dialect *dialect = range->writer->session.database->dialect;
    const iu_record *record = &entry->record;
    const char *const arguments[] = {
        record->version,  record->last_accessed, record->last_modified,
        record->document, record->set_id,        record->id,
        entry->expected};
    int is_update = entry->kind == IU_UPDATE;
    const char *sql = apr_pstrcat(range->group->pool,
                                  is_update ? dialect->update : iu_sql_delete,
                                  dialect->change_tail, NULL);
    apr_array_header_t *rows;
    iu_failure *failure = iu_range_execute(
        range, sql, is_update ? arguments : arguments + 4, is_update ? 7 : 3,
        dialect->affected_rows, &range->retry, &rows);

    if (!failure) {
        *is_done = dialect->affected_rows ? iu_range_first_number(rows) > 0
                                          : rows->nelts > 0;
    }
    return failure;
}

/* An entry and its position before sorting. */
typedef struct sort_key {
    iu_commit_entry *entry;
    int position;
} sort_key;

static int compare_sort_keys(const void *one, const void *two)
{
    const sort_key *left = one;
    const sort_key *right = two;
    int order = strcmp(left->entry->record.set_id, right->entry->record.set_id);

    if (order == 0) {
        order = strcmp(left->entry->record.id, right->entry->record.id);
    }
    return order ? order : left->position - right->position;
}

void iu_range_sort(const iu_entry_range *range)
{
    sort_key keys[IU_GROUP_RECORDS];
    int i;

    if (range->writer->session.database->dialect->one_writer) {
        return;
    }
    for (i = 0; i < range->count; i++) {
        keys[i].entry = range->entries[i];
        keys[i].position = i;
    }
    qsort(keys, range->count, sizeof *keys, compare_sort_keys);
    for (i = 0; i < range->count; i++) {
        range->entries[i] = keys[i].entry;
    }
}

int iu_entry_is_insert(const iu_commit_entry *entry)
{
    return entry->kind == IU_INSERT;
}

int iu_range_move_first(const iu_entry_range *range,
                        int (*belongs)(const iu_commit_entry *entry))
{
    iu_commit_entry *others[IU_GROUP_RECORDS];
    int first = 0;
    int i;

    for (i = 0; i < range->count; i++) {
        if (belongs(range->entries[i])) {
            range->entries[first++] = range->entries[i];
        }
        else {
            others[i - first] = range->entries[i];
        }
    }
    for (i = first; i < range->count; i++) {
        range->entries[i] = others[i - first];
    }
    return first;
}

iu_failure *iu_range_look_up(const iu_entry_range *range,
                             const iu_commit_entry *entry, const char **version)
{
    const char *const key[] = {entry->record.set_id, entry->record.id};
    iu_retry_state retry = {0, 0, 0};
    apr_array_header_t *rows;
    iu_failure *failure =
        iu_range_execute(range, iu_sql_find, key, 2, 0, &retry, &rows);

    *version = !failure && rows->nelts > 0
                   ? APR_ARRAY_IDX(rows, 0, const char *const *)[0]
                   : NULL;
    return failure;
}

/* The problem of an insert whose key exists, or of a change whose expected
 * version is not in the table. */
static iu_problem *make_refusal(const iu_entry_range *range,
                                const iu_commit_entry *entry)
{
    iu_problem *problem = iu_problem_make(
        range->group->pool,
        entry->kind == IU_INSERT ? IU_ALREADY_EXISTS : IU_VERSION_CONFLICT,
        entry->record.id);

    problem->retry_after = entry->kind == IU_INSERT ? 0 : 1;
    return problem;
}

/* "The record exists" is a promise and must be replicated like a commit;
 * "another version is stored" promises nothing. */
void iu_range_refuse(const iu_entry_range *range, iu_commit_entry *entry)
{
    entry->problem = make_refusal(range, entry);
    entry->from_lookup = entry->kind == IU_INSERT;
}

/* Whether an earlier run may have succeeded and its result was lost. */
static int is_outcome_unknown(const iu_entry_range *range)
{
    return range->retry.outcome_unknown || range->retry.unclassified;
}

/* Answers an entry by the version that the table has under its key (NULL:
 * none). Returns 0 if that does not tell the outcome. */
static int answer_found(const iu_entry_range *range, iu_commit_entry *entry,
                        const char *version)
{
    int is_done = entry->kind == IU_DELETE
                      ? !version
                      : version && !strcmp(version, entry->record.version);

    if (is_done) {
        entry->from_lookup = 1;
        return 1;
    }
    if (entry->kind == IU_INSERT ? !version : is_outcome_unknown(range)) {
        return 0;
    }
    iu_range_refuse(range, entry);
    return 1;
}

static iu_problem *make_problem(const iu_entry_range *range,
                                const iu_commit_entry *entry,
                                const iu_failure *failure)
{
    iu_database *database = range->writer->session.database;
    apr_pool_t *pool = range->group->pool;
    iu_problem *problem =
        iu_database_problem(database, failure, IU_STATEMENT_FAILED, pool);

    /* The user's rights may be from a version that could only insert. Not every
     * database says which right is missing. */
    if (failure->kind == IU_FAILURE_STALE && entry->kind != IU_INSERT &&
        !database->dialect->schema) {
        iu_problem_explain(
            pool, problem,
            "%s; if rights are missing: SELECT, INSERT, UPDATE and "
            "DELETE are needed, see conf/schema/%s.sql",
            problem->log_detail, database->dialect->driver);
    }
    return problem;
}

void iu_range_answer_failure(const iu_entry_range *range,
                             iu_commit_entry *entry, const iu_failure *failure)
{
    iu_problem *problem = make_problem(range, entry, failure);
    const char *version;
    iu_problem *unknown;

    if (failure->kind == IU_FAILURE_UNREPLICATED ||
        range->retry.outcome_unknown ||
        (range->retry.unclassified && failure->kind != IU_FAILURE_CONTENT)) {
        /* After IU_FAILURE_UNREPLICATED a lookup proves nothing: the row may
         * be visible and not replicated. */
        if (failure->kind != IU_FAILURE_UNREPLICATED &&
            !iu_range_look_up(range, entry, &version) &&
            answer_found(range, entry, version)) {
            return;
        }
        /* The server may still be executing the earlier run. */
        unknown = iu_commit_unknown(range->group->pool, entry);
        unknown->log_detail = problem->log_detail;
        if (problem->retry_after) {
            unknown->retry_after = problem->retry_after;
        }
        problem = unknown;
    }
    entry->problem = problem;
}

void iu_range_answer_missing(const iu_entry_range *range,
                             iu_commit_entry *entry)
{
    apr_pool_t *pool = range->group->pool;
    const char *version;
    iu_failure *failure;

    if (!range->retry.retried) {
        iu_range_refuse(range, entry);
        return;
    }
    failure = iu_range_look_up(range, entry, &version);
    if (!failure && answer_found(range, entry, version)) {
        return;
    }
    entry->problem = iu_problem_explain(
        pool, iu_commit_unknown(pool, entry), "looking it up: %s",
        failure ? failure->text
                : (version ? "another version is stored" : "it is not stored"));
}

void iu_range_await_replication(const iu_entry_range *all)
{
    const char *sql =
        all->writer->session.database->dialect->replication_barrier;
    iu_retry_state retry = {0, 0, 0};
    apr_array_header_t *rows;
    iu_failure *failure = NULL;
    int found = 0;
    int i;

    for (i = 0; i < all->count; i++) {
        found += all->entries[i]->from_lookup;
    }
    if (sql && found > 0) {
        failure = iu_range_execute(all, sql, NULL, 0, 0, &retry, &rows);
    }
    for (i = 0; failure && i < all->count; i++) {
        iu_commit_entry *entry = all->entries[i];

        if (entry->from_lookup) {
            entry->problem = iu_problem_explain(
                all->group->pool, iu_commit_unknown(all->group->pool, entry),
                "waiting for one more commit: %s", failure->text);
        }
    }
}
