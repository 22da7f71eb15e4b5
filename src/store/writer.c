/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits a group.
 *
 * All inserts are one autocommit statement: it stores every record whose key is
 * new, or fails and stores none, and leaves no transaction open. It returns the
 * versions of the records that it stored. If a record is not among them, its
 * key existed before, or an earlier run of the statement stored it and the
 * result was lost: the version in the table tells which.
 *
 * Updates and deletes follow, one statement each, and are judged in the same
 * way.
 *
 * A row may be visible before a synchronous standby has it. An answer that
 * rests on a row that was only read therefore waits for one more commit.
 */
#include "writer.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "../concurrency/clock.h"
#include "../text/buffer.h"

/* Row counts of the prepared inserts. A group is padded to the next one by
 * repeating its smallest record, which then conflicts with itself: few
 * statements are prepared, and each is reused. */
static const int sizes[IU_WRITER_SIZES] = {1,  2,  3,  4,  6,  8,   12,  16,
                                           24, 32, 48, 64, 96, 128, 192, 256};

/* invitation_id, id, version, last_accessed, last_modified, document */
#define COLUMNS 6

/* A range of a group's entries, which one statement inserts or changes. */
typedef struct entry_range {
    iu_writer *writer;
    iu_commit_group *group;
    iu_commit_entry **entries;
    int count;
    int is_half; /* of a range that the database refused */
    iu_retry_state retry;
} entry_range;

static const char *make_insert(const iu_database *database, int rows)
{
    const char *first = database->dialect->insert_first;
    iu_buffer sql;
    int i;

    iu_buffer_init(&sql, database->pool,
                   rows * (strlen(iu_sql_insert_row) + 1) + 1024);
    iu_buffer_puts(&sql, iu_sql_insert_head);
    for (i = 0; i < rows; i++) {
        iu_buffer_puts(&sql, i == 0 ? "" : ",");
        iu_buffer_puts(&sql, i == 0 && first ? first : iu_sql_insert_row);
    }
    iu_buffer_puts(&sql, database->dialect->insert_tail);
    return sql.data;
}

/* The statement that inserts a range, and the number of its rows. */
static const char *insert_sql(const entry_range *range, int *rows)
{
    iu_writer *writer = range->writer;
    int size = 0;

    while (sizes[size] < range->count) {
        size++;
    }
    *rows = sizes[size];
    if (!writer->inserts[size]) {
        writer->inserts[size] = make_insert(writer->session.database, *rows);
    }
    return writer->inserts[size];
}

static const iu_record *smallest_record(const entry_range *range)
{
    const iu_record *found = &range->entries[0]->record;
    int i;

    for (i = 1; i < range->count; i++) {
        const iu_record *record = &range->entries[i]->record;

        if (record->document_length < found->document_length) {
            found = record;
        }
    }
    return found;
}

static const char *const *insert_arguments(const entry_range *range, int rows)
{
    const iu_record *padding = smallest_record(range);
    const char **arguments =
        apr_palloc(range->group->pool, rows * COLUMNS * sizeof *arguments);
    const char **at = arguments;
    int i;

    for (i = 0; i < rows; i++) {
        const iu_record *record =
            i < range->count ? &range->entries[i]->record : padding;

        *at++ = record->invitation_id;
        *at++ = record->id;
        *at++ = record->version;
        *at++ = record->last_accessed;
        *at++ = record->last_modified;
        *at++ = record->document;
    }
    return arguments;
}

/* Runs a statement on the writer's session. */
static iu_failure *run(const entry_range *range, const char *sql,
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
    };

    return iu_session_execute(&range->writer->session, &execution, retry, rows);
}

/* Reads the version that the table has under an entry's key; NULL: none. */
static iu_failure *look_up(const entry_range *range,
                           const iu_commit_entry *entry, const char **version)
{
    const char *const key[] = {entry->record.invitation_id, entry->record.id};
    iu_retry_state retry = {0, 0, 0};
    apr_array_header_t *rows;
    iu_failure *failure = run(range, iu_sql_find, key, 2, 0, &retry, &rows);

    *version = !failure && rows->nelts > 0
                   ? APR_ARRAY_IDX(rows, 0, const char *const *)[0]
                   : NULL;
    return failure;
}

/* The problem of an insert whose key exists, or of a change whose expected
 * version is not in the table. */
static iu_problem *make_refusal(const entry_range *range,
                                const iu_commit_entry *entry)
{
    iu_problem *problem = iu_problem_make(
        range->group->pool,
        entry->kind == IU_INSERT ? IU_ALREADY_EXISTS : IU_VERSION_CONFLICT,
        entry->record.id);

    problem->retry_after = entry->kind == IU_INSERT ? 0 : 1;
    return problem;
}

/* Refuses an entry. "The record exists" is a promise and must be replicated
 * like a commit; "another version is stored" promises nothing. */
static void refuse(const entry_range *range, iu_commit_entry *entry)
{
    entry->problem = make_refusal(range, entry);
    entry->from_lookup = entry->kind == IU_INSERT;
}

/* Whether an earlier run may have succeeded and its result was lost. */
static int is_outcome_unknown(const entry_range *range)
{
    return range->retry.outcome_unknown || range->retry.unclassified;
}

/* Answers an entry by the version that the table has under its key (NULL:
 * none). Returns 0 if that does not tell the outcome. */
static int answer_found(const entry_range *range, iu_commit_entry *entry,
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
    refuse(range, entry);
    return 1;
}

static iu_problem *make_problem(const entry_range *range,
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
        iu_problem_log(pool, problem,
                       "%s; if rights are missing: SELECT, INSERT, UPDATE and "
                       "DELETE are needed, see conf/schema/%s.sql",
                       problem->log_detail, database->dialect->driver);
    }
    return problem;
}

static void answer_failure(const entry_range *range, iu_commit_entry *entry,
                           const iu_failure *failure)
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
            !look_up(range, entry, &version) &&
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

/* Answers an entry whose version the statement did not return: refuses it, or
 * if the statement was retried, answers by the version in the table. */
static void answer_missing(const entry_range *range, iu_commit_entry *entry)
{
    apr_pool_t *pool = range->group->pool;
    const char *version;
    iu_failure *failure;

    if (!range->retry.retried) {
        refuse(range, entry);
        return;
    }
    failure = look_up(range, entry, &version);
    if (!failure && answer_found(range, entry, version)) {
        return;
    }
    entry->problem = iu_problem_log(
        pool, iu_commit_unknown(pool, entry), "looking it up: %s",
        failure ? failure->text
                : (version ? "another version is stored" : "it is not stored"));
}

/* Answers all entries of a range whose statement succeeded and returned the
 * versions that it stored, usually but not always in the order of the
 * entries. */
static void answer_by_versions(const entry_range *range,
                               const apr_array_header_t *rows)
{
    char found[IU_GROUP_RECORDS] = {0};
    int cursor = 0;
    int row;
    int i;

    for (row = 0; row < rows->nelts; row++) {
        const char *version = APR_ARRAY_IDX(rows, row, const char *const *)[0];

        for (i = 0; i < range->count; i++) {
            int at = (cursor + i) % range->count;

            if (strcmp(range->entries[at]->record.version, version) == 0) {
                found[at] = 1;
                cursor = at + 1;
                break;
            }
        }
    }
    for (i = 0; i < range->count; i++) {
        if (!found[i]) {
            answer_missing(range, range->entries[i]);
        }
    }
}

/* Returns the row with the number of records that the last insert stored; NULL:
 * unknown. */
static apr_array_header_t *count_inserted(const entry_range *range)
{
    const char *sql = range->writer->session.database->dialect->changes_query;
    iu_retry_state retry = {0, 0, 0};
    apr_array_header_t *rows;
    iu_failure *failure = run(range, sql, NULL, 0, 0, &retry, &rows);

    return failure || retry.retried ? NULL : rows;
}

/* The number in the first column of the first row. */
static apr_int64_t first_number(const apr_array_header_t *rows)
{
    return apr_atoi64(APR_ARRAY_IDX(rows, 0, const char *const *)[0]);
}

/* Answers all entries of a range whose statement succeeded and returned only
 * the number of records that it stored (NULL: unknown). Usually that is all of
 * them; otherwise each entry is looked up. */
static void answer_by_number(entry_range *range,
                             const apr_array_header_t *number)
{
    int i;

    if (number && first_number(number) == range->count) {
        return;
    }
    range->retry.retried = 1;
    for (i = 0; i < range->count; i++) {
        answer_missing(range, range->entries[i]);
    }
}

static void insert_range(entry_range *range);

/* Inserts each half on its own, so that in the end only the records at fault
 * fail. */
static void insert_halves(const entry_range *range, const iu_failure *failure)
{
    entry_range half = *range;

    if (!range->is_half) {
        iu_database_tell(range->writer->session.database, IU_LOG_WARNING,
                         range->group->origin,
                         "IU0106: the database refused a group of %d records "
                         "(%s): inserting its halves, to find those at fault",
                         range->count, failure->text);
    }
    half.is_half = 1;
    half.count = range->count / 2;
    insert_range(&half);
    half = *range;
    half.is_half = 1;
    half.entries += range->count / 2;
    half.count -= range->count / 2;
    insert_range(&half);
}

/* Inserts a range by one statement and answers its entries. */
static void insert_range(entry_range *range)
{
    const iu_dialect *dialect = range->writer->session.database->dialect;
    apr_array_header_t *rows;
    iu_failure *failure;
    const char *sql;
    int size;
    int i;

    sql = insert_sql(range, &size);
    failure = run(range, sql, insert_arguments(range, size), size * COLUMNS,
                  dialect->affected_rows, &range->retry, &rows);

    if (!failure && (dialect->changes_query || dialect->affected_rows)) {
        answer_by_number(range,
                         dialect->changes_query ? count_inserted(range) : rows);
    }
    else if (!failure) {
        answer_by_versions(range, rows);
    }
    else if (failure->kind == IU_FAILURE_CONTENT && range->count > 1) {
        insert_halves(range, failure);
    }
    else {
        for (i = 0; i < range->count; i++) {
            answer_failure(range, range->entries[i], failure);
        }
    }
}

/* Updates or deletes one record and answers its entry. */
static void apply_change(entry_range *range)
{
    iu_commit_entry *entry = range->entries[0];
    const iu_dialect *dialect = range->writer->session.database->dialect;
    const iu_record *record = &entry->record;
    const char *const arguments[] = {
        record->version,  record->last_accessed, record->last_modified,
        record->document, record->invitation_id, record->id,
        entry->expected};
    int is_update = entry->kind == IU_UPDATE;
    const char *sql = apr_pstrcat(range->group->pool,
                                  is_update ? iu_sql_update : iu_sql_delete,
                                  dialect->change_tail, NULL);
    apr_array_header_t *rows;
    iu_failure *failure =
        run(range, sql, is_update ? arguments : arguments + 4,
            is_update ? 7 : 3, dialect->affected_rows, &range->retry, &rows);

    if (failure) {
        answer_failure(range, entry, failure);
    }
    else if (dialect->affected_rows ? first_number(rows) == 0
                                    : rows->nelts == 0) {
        answer_missing(range, entry);
    }
}

/* Applies updates and deletes in the order of their arrival. After the group's
 * deadline no request waits any more: the remaining ones are refused. */
static void apply_changes(const entry_range *changes)
{
    const iu_commit_group *group = changes->group;
    int i;

    for (i = 0; i < changes->count; i++) {
        entry_range one = *changes;

        one.entries += i;
        one.count = 1;
        if (i == 0 || iu_clock_now() < group->deadline) {
            apply_change(&one);
        }
        else {
            iu_problem *problem =
                iu_problem_make(group->pool, IU_COMMIT_TIMEOUT);

            problem->retry_after = 1;
            one.entries[0]->problem = problem;
        }
    }
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
    int order = strcmp(left->entry->record.invitation_id,
                       right->entry->record.invitation_id);

    if (order == 0) {
        order = strcmp(left->entry->record.id, right->entry->record.id);
    }
    return order ? order : left->position - right->position;
}

/* Sorts entries by their keys, so that statements of two processes lock the
 * same keys in the same order and do not deadlock. Stable: the first of two
 * entries with one key stays first. */
static void sort_entries(const entry_range *range)
{
    sort_key *keys =
        apr_palloc(range->group->pool, range->count * sizeof *keys);
    int i;

    for (i = 0; i < range->count; i++) {
        keys[i].entry = range->entries[i];
        keys[i].position = i;
    }
    qsort(keys, range->count, sizeof *keys, compare_sort_keys);
    for (i = 0; i < range->count; i++) {
        range->entries[i] = keys[i].entry;
    }
}

/* Moves the inserts of a group to the front and returns their number; otherwise
 * the order stays. The requests of a group are concurrent, so clients may see
 * them in any order. */
static int move_inserts_first(iu_commit_group *group)
{
    iu_commit_entry *changes[IU_GROUP_RECORDS];
    int inserts = 0;
    int i;

    for (i = 0; i < group->count; i++) {
        if (group->entries[i]->kind == IU_INSERT) {
            group->entries[inserts++] = group->entries[i];
        }
        else {
            changes[i - inserts] = group->entries[i];
        }
    }
    for (i = inserts; i < group->count; i++) {
        group->entries[i] = changes[i - inserts];
    }
    return inserts;
}

/* Waits until the rows on which answers rest are replicated like a commit. */
static void await_replication(const entry_range *all)
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
        failure = run(all, sql, NULL, 0, 0, &retry, &rows);
    }
    for (i = 0; failure && i < all->count; i++) {
        iu_commit_entry *entry = all->entries[i];

        if (entry->from_lookup) {
            entry->problem = iu_problem_log(
                all->group->pool, iu_commit_unknown(all->group->pool, entry),
                "waiting for one more commit: %s", failure->text);
        }
    }
}

iu_failure *iu_writer_begin(void *data, apr_time_t deadline, apr_pool_t *pool)
{
    const iu_writer *writer = data;

    return iu_database_take_turn(writer->session.database, deadline, pool);
}

void iu_writer_commit(void *data, iu_commit_group *group)
{
    iu_writer *writer = data;
    iu_database *database = writer->session.database;
    entry_range all = {.writer = writer,
                       .group = group,
                       .entries = group->entries,
                       .count = group->count};
    entry_range inserts = all;
    entry_range changes = all;
    int i;

    if (group->begin_failure) {
        for (i = 0; i < group->count; i++) {
            answer_failure(&all, group->entries[i], group->begin_failure);
        }
        return;
    }
    inserts.count = move_inserts_first(group);
    if (inserts.count > 0) {
        if (!database->dialect->one_writer) {
            sort_entries(&inserts);
        }
        insert_range(&inserts);
    }
    changes.entries += inserts.count;
    changes.count -= inserts.count;
    apply_changes(&changes);
    await_replication(&all);
    iu_database_end_turn(database);
}
