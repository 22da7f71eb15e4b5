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
#include "entry_range.h"

/* Row counts of the prepared inserts. A group is padded to the next one by
 * repeating its smallest record, which then conflicts with itself: few
 * statements are prepared, and each is reused. */
static const int sizes[IU_WRITER_SIZES] = {1,  2,  3,  4,  6,  8,   12,  16,
                                           24, 32, 48, 64, 96, 128, 192, 256};

/* invitation_id, id, version, last_accessed, last_modified, document */
#define COLUMNS 6

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
static const char *insert_sql(const iu_entry_range *range, int *rows)
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

static const iu_record *smallest_record(const iu_entry_range *range)
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

static const char *const *insert_arguments(const iu_entry_range *range,
                                           int rows)
{
    const iu_record *padding = smallest_record(range);
    const char **arguments =
        apr_palloc(range->group->pool, rows * COLUMNS * sizeof *arguments);
    const char **at = arguments;
    int i;

    for (i = 0; i < rows; i++) {
        const iu_record *record =
            i < range->count ? &range->entries[i]->record : padding;

        *at++ = record->set_id;
        *at++ = record->id;
        *at++ = record->version;
        *at++ = record->last_accessed;
        *at++ = record->last_modified;
        *at++ = record->document;
    }
    return arguments;
}

/* Answers all entries of a range whose statement succeeded and returned the
 * versions that it stored, usually but not always in the order of the
 * entries. */
static void answer_by_versions(const iu_entry_range *range,
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
            iu_range_answer_missing(range, range->entries[i]);
        }
    }
}

/* Returns the row with the number of records that the last insert stored; NULL:
 * unknown. */
static apr_array_header_t *count_inserted(const iu_entry_range *range)
{
    const char *sql = range->writer->session.database->dialect->changes_query;
    iu_retry_state retry = {0, 0, 0};
    apr_array_header_t *rows;
    iu_failure *failure =
        iu_range_execute(range, sql, NULL, 0, 0, &retry, &rows);

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
static void answer_by_number(iu_entry_range *range,
                             const apr_array_header_t *number)
{
    int i;

    if (number && first_number(number) == range->count) {
        return;
    }
    range->retry.retried = 1;
    for (i = 0; i < range->count; i++) {
        iu_range_answer_missing(range, range->entries[i]);
    }
}

static void insert_range(iu_entry_range *range);

/* Inserts each half on its own, so that in the end only the records at fault
 * fail. */
static void insert_halves(const iu_entry_range *range,
                          const iu_failure *failure)
{
    iu_entry_range half = *range;

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
static void insert_range(iu_entry_range *range)
{
    const iu_dialect *dialect = range->writer->session.database->dialect;
    apr_array_header_t *rows;
    iu_failure *failure;
    const char *sql;
    int size;
    int i;

    sql = insert_sql(range, &size);
    failure = iu_range_execute(range, sql, insert_arguments(range, size),
                               size * COLUMNS, dialect->affected_rows,
                               &range->retry, &rows);

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
            iu_range_answer_failure(range, range->entries[i], failure);
        }
    }
}

/* Updates or deletes one record and answers its entry. */
static void apply_change(iu_entry_range *range)
{
    iu_commit_entry *entry = range->entries[0];
    const iu_dialect *dialect = range->writer->session.database->dialect;
    const iu_record *record = &entry->record;
    const char *const arguments[] = {
        record->version,  record->last_accessed, record->last_modified,
        record->document, record->set_id,        record->id,
        entry->expected};
    int is_update = entry->kind == IU_UPDATE;
    const char *sql = apr_pstrcat(range->group->pool,
                                  is_update ? iu_sql_update : iu_sql_delete,
                                  dialect->change_tail, NULL);
    apr_array_header_t *rows;
    iu_failure *failure = iu_range_execute(
        range, sql, is_update ? arguments : arguments + 4, is_update ? 7 : 3,
        dialect->affected_rows, &range->retry, &rows);

    if (failure) {
        iu_range_answer_failure(range, entry, failure);
    }
    else if (dialect->affected_rows ? first_number(rows) == 0
                                    : rows->nelts == 0) {
        iu_range_answer_missing(range, entry);
    }
}

/* Applies updates and deletes in the order of their arrival. After the group's
 * deadline no request waits any more: the remaining ones are refused. */
static void apply_changes(const iu_entry_range *changes)
{
    const iu_commit_group *group = changes->group;
    int i;

    for (i = 0; i < changes->count; i++) {
        iu_entry_range one = *changes;

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
    int order = strcmp(left->entry->record.set_id, right->entry->record.set_id);

    if (order == 0) {
        order = strcmp(left->entry->record.id, right->entry->record.id);
    }
    return order ? order : left->position - right->position;
}

/* Sorts entries by their keys, so that statements of two processes lock the
 * same keys in the same order and do not deadlock. Stable: the first of two
 * entries with one key stays first. */
static void sort_entries(const iu_entry_range *range)
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

iu_failure *iu_writer_begin(void *data, apr_time_t deadline, apr_pool_t *pool)
{
    const iu_writer *writer = data;

    return iu_database_take_turn(writer->session.database, deadline, pool);
}

void iu_writer_commit(void *data, iu_commit_group *group)
{
    iu_writer *writer = data;
    iu_database *database = writer->session.database;
    iu_entry_range all = {.writer = writer,
                          .group = group,
                          .entries = group->entries,
                          .count = group->count};
    iu_entry_range inserts = all;
    iu_entry_range changes = all;
    int i;

    if (group->begin_failure) {
        for (i = 0; i < group->count; i++) {
            iu_range_answer_failure(&all, group->entries[i],
                                    group->begin_failure);
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
    iu_range_await_replication(&all);
    iu_database_end_turn(database);
}
