/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one who writes. A group is one autocommit statement, so none of its
 * records is stored unless all are that can be; there is no transaction to be
 * left open. Its rows are the versions of the records that it stored. A record
 * that is not among them was there before, or was stored by an earlier run of
 * the statement whose outcome did not get through: the version in the table
 * tells which.
 */
#include "writer.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "../graph/buffer.h"

/* A group is padded to one of these numbers of rows by its smallest record,
 * which is then there already: so few statements are prepared, and each is used
 * again and again. */
static const int sizes[IU_WRITER_SIZES] = {1,  2,  3,  4,  6,  8,   12,  16,
                                           24, 32, 48, 64, 96, 128, 192, 256};

/* invitation_id, id, version, last_accessed, last_modified, document */
#define COLUMNS 6

/* A part of a group that one statement stores. */
typedef struct part {
    iu_writer *writer;
    iu_commit_group *group;
    iu_commit_entry **entries;
    int count;
    iu_doubt doubt;
} part;

static const char *make_insert(const iu_database *database, int rows)
{
    iu_buffer sql;
    int i;

    iu_buffer_init(&sql, database->pool,
                   rows * (strlen(iu_sql_insert_row) + 1) + 256);
    iu_buffer_puts(&sql, iu_sql_insert_head);
    for (i = 0; i < rows; i++) {
        iu_buffer_puts(&sql, i == 0 ? "" : ",");
        iu_buffer_puts(&sql, iu_sql_insert_row);
    }
    iu_buffer_puts(&sql, database->dialect->insert_tail);
    return sql.data;
}

/* The statement for a part, and the number of its rows. */
static const char *insert_of(const part *stored, int *rows)
{
    iu_writer *writer = stored->writer;
    int size = 0;

    while (sizes[size] < stored->count) {
        size++;
    }
    *rows = sizes[size];
    if (!writer->inserts[size]) {
        writer->inserts[size] = make_insert(writer->session.database, *rows);
    }
    return writer->inserts[size];
}

static const iu_record *smallest(const part *stored)
{
    const iu_record *found = &stored->entries[0]->record;
    int i;

    for (i = 1; i < stored->count; i++) {
        const iu_record *record = &stored->entries[i]->record;

        if (record->document_length < found->document_length) {
            found = record;
        }
    }
    return found;
}

static const char *const *arguments_of(const part *stored, int rows)
{
    const iu_record *padding = smallest(stored);
    const char **arguments =
        apr_palloc(stored->group->pool, rows * COLUMNS * sizeof *arguments);
    const char **at = arguments;
    int i;

    for (i = 0; i < rows; i++) {
        const iu_record *record =
            i < stored->count ? &stored->entries[i]->record : padding;

        *at++ = record->invitation_id;
        *at++ = record->id;
        *at++ = record->version;
        *at++ = record->last_accessed;
        *at++ = record->last_modified;
        *at++ = record->document;
    }
    return arguments;
}

/* Asks for what a statement of this part's wants to know. */
static iu_failure *run(const part *stored, const char *sql,
                       const char *const *arguments, int count, iu_doubt *doubt,
                       apr_array_header_t **rows)
{
    iu_select select = {
        .sql = sql,
        .arguments = arguments,
        .count = count,
        .pool = stored->group->pool,
        .origin = stored->group->origin,
        .deadline = stored->group->deadline,
        .turn_held = 1,
    };

    return iu_session_select(&stored->writer->session, &select, doubt, rows);
}

/* The version that is in the table under an entry's key; NULL: none is. */
static iu_failure *look_up(const part *stored, const iu_commit_entry *entry,
                           const char **version)
{
    const char *const key[] = {entry->record.invitation_id, entry->record.id};
    iu_doubt doubt = {0, 0, 0};
    apr_array_header_t *rows;
    iu_failure *failure = run(stored, iu_sql_find, key, 2, &doubt, &rows);

    *version = !failure && rows->nelts > 0
                   ? APR_ARRAY_IDX(rows, 0, const char *const *)[0]
                   : NULL;
    return failure;
}

/* Answers an entry under whose key there is a version. */
static void answer_found(const part *stored, iu_commit_entry *entry,
                         const char *version)
{
    if (strcmp(version, entry->record.version) != 0) {
        entry->problem = iu_problem_make(stored->group->pool, IU_ALREADY_EXISTS,
                                         entry->record.id);
    }
}

static void answer_failure(const part *stored, iu_commit_entry *entry,
                           const iu_failure *failure)
{
    iu_database *database = stored->writer->session.database;
    apr_pool_t *pool = stored->group->pool;
    iu_problem *problem =
        iu_database_problem(database, failure, IU_STATEMENT_FAILED, pool);
    const char *version;
    iu_problem *unknown;

    if (stored->doubt.unknown ||
        (stored->doubt.unfamiliar && failure->kind != IU_FAILURE_CONTENT)) {
        if (!look_up(stored, entry, &version) && version) {
            answer_found(stored, entry, version);
            return;
        }
        /* Not there yet: a server may still be at what it was sent first. */
        unknown = iu_problem_make(pool, IU_COMMIT_UNKNOWN, entry->record.id);
        unknown->log_detail = problem->log_detail;
        unknown->retry_after = problem->retry_after ? problem->retry_after : 1;
        problem = unknown;
    }
    entry->problem = problem;
}

/* Answers an entry whose key was in the table when the statement was run, by
 * looking for it where that is in doubt. */
static void answer_absent(const part *stored, iu_commit_entry *entry)
{
    apr_pool_t *pool = stored->group->pool;
    const char *version;
    iu_failure *failure;
    iu_problem *problem;

    if (!stored->doubt.repeated) {
        entry->problem =
            iu_problem_make(pool, IU_ALREADY_EXISTS, entry->record.id);
        return;
    }
    failure = look_up(stored, entry, &version);
    if (version) {
        answer_found(stored, entry, version);
        return;
    }
    problem = iu_problem_make(pool, IU_COMMIT_UNKNOWN, entry->record.id);
    problem->retry_after = 1;
    entry->problem = iu_problem_log(pool, problem, "looking for it: %s",
                                    failure ? failure->text
                                            : "it is not there, nor another");
}

/* Answers all entries of a part whose statement went through. The rows come
 * mostly, but not surely, in the order of the entries. */
static void answer(const part *stored, const apr_array_header_t *rows)
{
    char found[IU_GROUP_RECORDS] = {0};
    int cursor = 0;
    int row;
    int i;

    for (row = 0; row < rows->nelts; row++) {
        const char *version = APR_ARRAY_IDX(rows, row, const char *const *)[0];

        for (i = 0; i < stored->count; i++) {
            int at = (cursor + i) % stored->count;

            if (strcmp(stored->entries[at]->record.version, version) == 0) {
                found[at] = 1;
                cursor = at + 1;
                break;
            }
        }
    }
    for (i = 0; i < stored->count; i++) {
        if (!found[i]) {
            answer_absent(stored, stored->entries[i]);
        }
    }
}

/* The same where the statement has no rows: mostly every record was stored, and
 * the number tells; else each is looked for. */
static void answer_counted(part *stored)
{
    const char *sql = stored->writer->session.database->dialect->changes;
    iu_doubt doubt = {0, 0, 0};
    apr_array_header_t *rows;
    iu_failure *failure = run(stored, sql, NULL, 0, &doubt, &rows);
    int i;

    if (!failure && !doubt.repeated &&
        apr_atoi64(APR_ARRAY_IDX(rows, 0, const char *const *)[0]) ==
            stored->count) {
        return;
    }
    stored->doubt.repeated = 1;
    for (i = 0; i < stored->count; i++) {
        answer_absent(stored, stored->entries[i]);
    }
}

static void store(part *stored);

/* Stores each half alone, so that in the end only the records at fault fail. */
static void store_halves(const part *stored, const iu_failure *failure)
{
    part half = *stored;

    if (stored->count == stored->group->count) {
        iu_database_tell(stored->writer->session.database, IU_STORE_WARNING,
                         stored->group->origin,
                         "IU0106: the database refused a group of %d records "
                         "(%s): looking for those at fault",
                         stored->count, failure->text);
    }
    half.count = stored->count / 2;
    store(&half);
    half = *stored;
    half.entries += stored->count / 2;
    half.count -= stored->count / 2;
    store(&half);
}

/* Stores a part by one statement and answers its entries. */
static void store(part *stored)
{
    apr_array_header_t *rows;
    iu_failure *failure;
    const char *sql;
    int size;
    int i;

    sql = insert_of(stored, &size);
    failure = run(stored, sql, arguments_of(stored, size), size * COLUMNS,
                  &stored->doubt, &rows);

    if (!failure && stored->writer->session.database->dialect->changes) {
        answer_counted(stored);
    }
    else if (!failure) {
        answer(stored, rows);
    }
    else if (failure->kind == IU_FAILURE_CONTENT && stored->count > 1) {
        store_halves(stored, failure);
    }
    else {
        for (i = 0; i < stored->count; i++) {
            answer_failure(stored, stored->entries[i], failure);
        }
    }
}

/* An entry and where it stands in its group. */
typedef struct place {
    iu_commit_entry *entry;
    int number;
} place;

static int compare_places(const void *one, const void *two)
{
    const place *left = one;
    const place *right = two;
    int order = strcmp(left->entry->record.invitation_id,
                       right->entry->record.invitation_id);

    if (order == 0) {
        order = strcmp(left->entry->record.id, right->entry->record.id);
    }
    return order ? order : left->number - right->number;
}

/* In the order of the keys, lest two statements of different processes with the
 * same keys wait for each other. Of two with one key the first stays first. */
static void sort_entries(iu_commit_group *group)
{
    place *places = apr_palloc(group->pool, group->count * sizeof *places);
    int i;

    for (i = 0; i < group->count; i++) {
        places[i].entry = group->entries[i];
        places[i].number = i;
    }
    qsort(places, group->count, sizeof *places, compare_places);
    for (i = 0; i < group->count; i++) {
        group->entries[i] = places[i].entry;
    }
}

void iu_writer_commit(void *data, iu_commit_group *group)
{
    iu_writer *writer = data;
    iu_database *database = writer->session.database;
    part all = {writer, group, group->entries, group->count, {0, 0, 0}};
    iu_failure *failure =
        iu_database_take_turn(database, group->deadline, group->pool);
    int i;

    if (failure) {
        for (i = 0; i < group->count; i++) {
            answer_failure(&all, group->entries[i], failure);
        }
        return;
    }
    if (!database->dialect->one_writer) {
        sort_entries(group);
    }
    store(&all);
    iu_database_end_turn(database);
}
