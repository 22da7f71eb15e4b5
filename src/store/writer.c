/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits a group. All inserts are one autocommit statement: either every
 * record that can be stored is stored, or none is, and no transaction is left
 * open. The statement returns the versions of the records that it stored. A
 * record that is not among them existed before, or was stored by an earlier run
 * of the statement whose result was lost: the version in the table tells which.
 * Updates and deletes follow, one statement each, judged in the same way. A row
 * may be visible before a synchronous standby has it: an answer that is based
 * on a row that was only seen waits for a further commit.
 */
#include "writer.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "../concurrency/clock.h"
#include "../text/buffer.h"

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
    int is_half; /* of one that was refused */
    iu_doubt doubt;
} part;

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
                       const char *const *arguments, int count, int counted,
                       iu_doubt *doubt, apr_array_header_t **rows)
{
    iu_execution execution = {
        .sql = sql,
        .arguments = arguments,
        .count = count,
        .counted = counted,
        .pool = stored->group->pool,
        .origin = stored->group->origin,
        .bound.deadline = stored->group->deadline,
        .turn_held = 1,
    };

    return iu_session_execute(&stored->writer->session, &execution, doubt,
                              rows);
}

/* The version that is in the table under an entry's key; NULL: none is. */
static iu_failure *look_up(const part *stored, const iu_commit_entry *entry,
                           const char **version)
{
    const char *const key[] = {entry->record.invitation_id, entry->record.id};
    iu_doubt doubt = {0, 0, 0};
    apr_array_header_t *rows;
    iu_failure *failure = run(stored, iu_sql_find, key, 2, 0, &doubt, &rows);

    *version = !failure && rows->nelts > 0
                   ? APR_ARRAY_IDX(rows, 0, const char *const *)[0]
                   : NULL;
    return failure;
}

/* The problem of an entry for which the table was not as it should be. */
static iu_problem *refusal(const part *stored, const iu_commit_entry *entry)
{
    iu_problem *problem = iu_problem_make(
        stored->group->pool,
        entry->kind == IU_INSERT ? IU_ALREADY_EXISTS : IU_VERSION_CONFLICT,
        entry->record.id);

    problem->retry_after = entry->kind == IU_INSERT ? 0 : 1;
    return problem;
}

/* Answers an entry of which the table is not as it should be. That a record is
 * there already is a promise, too; that it is another one is none. */
static void refuse(const part *stored, iu_commit_entry *entry)
{
    entry->problem = refusal(stored, entry);
    entry->found = entry->kind == IU_INSERT;
}

/* Whether a run of an entry's statement may have gone through unseen. */
static int in_doubt(const part *stored)
{
    return stored->doubt.unknown || stored->doubt.unfamiliar;
}

/* Answers an entry under whose key there is a version, or (NULL) none. Returns
 * 0 where that does not tell what became of it. */
static int answer_found(const part *stored, iu_commit_entry *entry,
                        const char *version)
{
    int is_done = entry->kind == IU_DELETE
                      ? !version
                      : version && !strcmp(version, entry->record.version);

    if (is_done) {
        entry->found = 1;
        return 1;
    }
    if (entry->kind == IU_INSERT ? !version : in_doubt(stored)) {
        return 0;
    }
    refuse(stored, entry);
    return 1;
}

static iu_problem *problem_of(const part *stored, const iu_commit_entry *entry,
                              const iu_failure *failure)
{
    iu_database *database = stored->writer->session.database;
    apr_pool_t *pool = stored->group->pool;
    iu_problem *problem =
        iu_database_problem(database, failure, IU_STATEMENT_FAILED, pool);

    /* Whoever may insert only was set up before records could be changed; not
     * every database says which right is missing. */
    if (failure->kind == IU_FAILURE_STALE && entry->kind != IU_INSERT &&
        !database->dialect->schema) {
        iu_problem_log(pool, problem,
                       "%s; where it is rights: SELECT, INSERT, UPDATE and "
                       "DELETE are needed, see conf/schema/%s.sql",
                       problem->log_detail, database->dialect->driver);
    }
    return problem;
}

static void answer_failure(const part *stored, iu_commit_entry *entry,
                           const iu_failure *failure)
{
    iu_problem *problem = problem_of(stored, entry, failure);
    const char *version;
    iu_problem *unknown;

    if (failure->kind == IU_FAILURE_UNREPLICATED || stored->doubt.unknown ||
        (stored->doubt.unfamiliar && failure->kind != IU_FAILURE_CONTENT)) {
        /* What is there is no news where it is not replicated. */
        if (failure->kind != IU_FAILURE_UNREPLICATED &&
            !look_up(stored, entry, &version) &&
            answer_found(stored, entry, version)) {
            return;
        }
        /* Not there yet: a server may still be at what it was sent first. */
        unknown = iu_commit_unknown(stored->group->pool, entry);
        unknown->log_detail = problem->log_detail;
        if (problem->retry_after) {
            unknown->retry_after = problem->retry_after;
        }
        problem = unknown;
    }
    entry->problem = problem;
}

/* Answers an entry that is not among the statement's rows, by looking for it
 * where that is no proof. */
static void answer_absent(const part *stored, iu_commit_entry *entry)
{
    apr_pool_t *pool = stored->group->pool;
    const char *version;
    iu_failure *failure;

    if (!stored->doubt.repeated) {
        refuse(stored, entry);
        return;
    }
    failure = look_up(stored, entry, &version);
    if (!failure && answer_found(stored, entry, version)) {
        return;
    }
    entry->problem = iu_problem_log(
        pool, iu_commit_unknown(pool, entry), "looking for it: %s",
        failure ? failure->text
                : (version ? "another version is there" : "it is not there"));
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

/* The row with the number of records that the statement stored; NULL where that
 * cannot be known. */
static apr_array_header_t *ask_changes(const part *stored)
{
    const char *sql = stored->writer->session.database->dialect->changes;
    iu_doubt doubt = {0, 0, 0};
    apr_array_header_t *rows;
    iu_failure *failure = run(stored, sql, NULL, 0, 0, &doubt, &rows);

    return failure || doubt.repeated ? NULL : rows;
}

/* The number that a single row tells. */
static apr_int64_t number_of(const apr_array_header_t *rows)
{
    return apr_atoi64(APR_ARRAY_IDX(rows, 0, const char *const *)[0]);
}

/* The same where the statement has no rows: mostly every record was stored, and
 * the number tells; else each is looked for. */
static void answer_counted(part *stored, const apr_array_header_t *number)
{
    int i;

    if (number && number_of(number) == stored->count) {
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

    if (!stored->is_half) {
        iu_database_tell(stored->writer->session.database, IU_LOG_WARNING,
                         stored->group->origin,
                         "IU0106: the database refused a group of %d records "
                         "(%s): looking for those at fault",
                         stored->count, failure->text);
    }
    half.is_half = 1;
    half.count = stored->count / 2;
    store(&half);
    half = *stored;
    half.is_half = 1;
    half.entries += stored->count / 2;
    half.count -= stored->count / 2;
    store(&half);
}

/* Stores a part by one statement and answers its entries. */
static void store(part *stored)
{
    const iu_dialect *dialect = stored->writer->session.database->dialect;
    apr_array_header_t *rows;
    iu_failure *failure;
    const char *sql;
    int size;
    int i;

    sql = insert_of(stored, &size);
    failure = run(stored, sql, arguments_of(stored, size), size * COLUMNS,
                  dialect->counted, &stored->doubt, &rows);

    if (!failure && (dialect->changes || dialect->counted)) {
        answer_counted(stored, dialect->changes ? ask_changes(stored) : rows);
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

/* Updates or deletes one record and answers its entry. */
static void change_one(part *changed)
{
    iu_commit_entry *entry = changed->entries[0];
    const iu_dialect *dialect = changed->writer->session.database->dialect;
    const iu_record *record = &entry->record;
    const char *const arguments[] = {
        record->version,  record->last_accessed, record->last_modified,
        record->document, record->invitation_id, record->id,
        entry->expected};
    int is_update = entry->kind == IU_UPDATE;
    const char *sql = apr_pstrcat(changed->group->pool,
                                  is_update ? iu_sql_update : iu_sql_delete,
                                  dialect->change_tail, NULL);
    apr_array_header_t *rows;
    iu_failure *failure =
        run(changed, sql, is_update ? arguments : arguments + 4,
            is_update ? 7 : 3, dialect->counted, &changed->doubt, &rows);

    if (failure) {
        answer_failure(changed, entry, failure);
    }
    else if (dialect->counted ? number_of(rows) == 0 : rows->nelts == 0) {
        answer_absent(changed, entry);
    }
}

/* Updates and deletes in the order in which they came. When the time of all is
 * up, nobody waits for those that are left. */
static void change_each(const part *changes)
{
    const iu_commit_group *group = changes->group;
    int i;

    for (i = 0; i < changes->count; i++) {
        part one = *changes;

        one.entries += i;
        one.count = 1;
        if (i == 0 || iu_clock_now() < group->deadline) {
            change_one(&one);
        }
        else {
            iu_problem *problem =
                iu_problem_make(group->pool, IU_COMMIT_TIMEOUT);

            problem->retry_after = 1;
            one.entries[0]->problem = problem;
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
static void sort_entries(const part *sorted)
{
    place *places =
        apr_palloc(sorted->group->pool, sorted->count * sizeof *places);
    int i;

    for (i = 0; i < sorted->count; i++) {
        places[i].entry = sorted->entries[i];
        places[i].number = i;
    }
    qsort(places, sorted->count, sizeof *places, compare_places);
    for (i = 0; i < sorted->count; i++) {
        sorted->entries[i] = places[i].entry;
    }
}

/* Puts the inserts of a group first and returns their number. All of a group
 * are under way at the same time, so that clients may see any order of them;
 * apart from that it stays as it is. */
static int inserts_first(iu_commit_group *group)
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

/* Waits until all that was found in the table is where a commit must be. */
static void settle(const part *all)
{
    const char *sql = all->writer->session.database->dialect->settle;
    iu_doubt doubt = {0, 0, 0};
    apr_array_header_t *rows;
    iu_failure *failure = NULL;
    int found = 0;
    int i;

    for (i = 0; i < all->count; i++) {
        found += all->entries[i]->found;
    }
    if (sql && found > 0) {
        failure = run(all, sql, NULL, 0, 0, &doubt, &rows);
    }
    for (i = 0; failure && i < all->count; i++) {
        iu_commit_entry *entry = all->entries[i];

        if (entry->found) {
            entry->problem = iu_problem_log(
                all->group->pool, iu_commit_unknown(all->group->pool, entry),
                "waiting for a further commit: %s", failure->text);
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
    part all = {.writer = writer,
                .group = group,
                .entries = group->entries,
                .count = group->count};
    part inserts = all;
    part changes = all;
    int i;

    if (group->refusal) {
        for (i = 0; i < group->count; i++) {
            answer_failure(&all, group->entries[i], group->refusal);
        }
        return;
    }
    inserts.count = inserts_first(group);
    if (inserts.count > 0) {
        if (!database->dialect->one_writer) {
            sort_entries(&inserts);
        }
        store(&inserts);
    }
    changes.entries += inserts.count;
    changes.count -= inserts.count;
    change_each(&changes);
    settle(&all);
    iu_database_end_turn(database);
}
