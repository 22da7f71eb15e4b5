/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/store/writer.c, with groups made by the tests. */
#include "../../src/store/writer.h"

#include "support/store_fixture.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static apr_pool_t *test_pool;

static iu_commit_group *make_group(void)
{
    iu_commit_group *group = apr_pcalloc(test_pool, sizeof *group);

    group->pool = test_pool;
    group->deadline = iu_clock_now() + 5000000;
    return group;
}

static iu_commit_entry *add(iu_commit_group *group, const char *id,
                            const char *version)
{
    iu_commit_entry *entry = apr_pcalloc(test_pool, sizeof *entry);

    entry->record =
        fixture_record("i", apr_pstrdup(test_pool, id), "{\"d\":\"\\n\"}");
    apr_cpystrn(entry->record.version, version, sizeof entry->record.version);
    group->entries[group->count++] = entry;
    return entry;
}

/* Adds an update or a delete; expected: the version to change. */
static iu_commit_entry *add_change(iu_commit_group *group, iu_write_kind kind,
                                   const char *id, const char *expected,
                                   const char *version)
{
    iu_commit_entry *entry = add(group, id, version);

    entry->kind = kind;
    apr_cpystrn(entry->expected, expected, sizeof entry->expected);
    return entry;
}

/* Commits a group as the leader of a queue does. */
static void commit(iu_writer *writer, iu_commit_group *group)
{
    group->begin_failure = iu_writer_begin(writer, group->deadline, test_pool);
    iu_writer_commit(writer, group);
}

/* Commits one change as a group. */
static iu_commit_entry *change(iu_writer *writer, iu_write_kind kind,
                               const char *id, const char *expected,
                               const char *version)
{
    iu_commit_group *group = make_group();
    iu_commit_entry *entry = add_change(group, kind, id, expected, version);

    commit(writer, group);
    return entry;
}

/* Commits two records for a test to change. */
static void store_two(iu_writer *writer, const char *first,
                      const char *first_version, const char *second,
                      const char *second_version)
{
    iu_commit_group *group = make_group();

    add(group, first, first_version);
    add(group, second, second_version);
    commit(writer, group);
}

static void test_duplicates(iu_writer *writer)
{
    iu_commit_group *group = make_group();
    iu_commit_entry *entries[5];

    entries[0] = add(group, "a", "0001");
    entries[1] = add(group, "b", "0002");
    entries[2] = add(group, "a", "0003");
    entries[3] = add(group, "c", "0004");
    entries[4] = add(group, "c", "0005");
    commit(writer, group);
    is_problem(entries[0]->problem, NO_PROBLEM,
               "the first of two inserts with the same key");
    is_problem(entries[2]->problem, IU_ALREADY_EXISTS, "the second");
    is_problem(entries[1]->problem, NO_PROBLEM, "an insert with another key");
    is_problem(entries[3]->problem, NO_PROBLEM, "the first of another pair");
    is_problem(entries[4]->problem, IU_ALREADY_EXISTS,
               "the second of that pair");
    group = make_group();
    entries[0] = add(group, "b", "0006");
    commit(writer, group);
    is_problem(entries[0]->problem, IU_ALREADY_EXISTS,
               "a key from an earlier group");
}

/* Makes the session repeat the next statement. */
static void make_stale(const char *path)
{
    static int made;

    if (fixture_has_server()) {
        foreign_sever(test_pool, path);
    }
    else {
        foreign_sql(
            test_pool, path,
            apr_psprintf(test_pool, "CREATE TABLE makes_stale_%d (a)", made++));
    }
}

/* Plays a commit whose answer was lost: when the statement is repeated, the
 * table has the record with the same version. */
static void test_own_row(iu_writer *writer, const char *path)
{
    iu_commit_group *group = make_group();
    iu_commit_entry *ours = add(group, "ours", "1111");
    iu_commit_entry *foreign = add(group, "foreign", "2222");

    foreign_sql(test_pool, path,
                "INSERT INTO " FOREIGN_TABLE " VALUES"
                " ('i', 'ours', '1111', '', '', '', ''),"
                " ('i', 'foreign', '3333', '', '', '', '')");
    make_stale(path);
    commit(writer, group);
    is_problem(ours->problem, NO_PROBLEM,
               "a repeated insert finds its own row, and succeeds");
    is_problem(foreign->problem, IU_ALREADY_EXISTS,
               "a repeated insert finds the row of another");
}

/* A repeated insert stored nothing, and the table does not have the record: the
 * first run may have stored it and another may have deleted it. */
static void test_unknown(iu_writer *writer, const char *path)
{
    iu_commit_group *group = make_group();
    iu_commit_entry *entry = add(group, "gone", "4444");

    foreign_sql(test_pool, path,
                "CREATE TRIGGER skip BEFORE INSERT ON used_insight BEGIN"
                " SELECT raise(IGNORE); END");
    commit(writer, group);
    is_problem(entry->problem, IU_COMMIT_UNKNOWN,
               "the outcome of the insert is unknown");
    foreign_sql(test_pool, path, "DROP TRIGGER skip");
}

/* Makes the database refuse versions that begin with f. SQLite refuses them for
 * one action only: INSERT or UPDATE. */
static void be_picky(const char *path, const char *action)
{
    foreign_sql(test_pool, path,
                fixture_has_server()
                    ? "ALTER TABLE used_insight ADD CONSTRAINT picky"
                      " CHECK (version NOT LIKE 'f%')"
                    : apr_pstrcat(test_pool, "CREATE TRIGGER picky BEFORE ",
                                  action,
                                  " ON used_insight WHEN new.version LIKE 'f%'"
                                  " BEGIN SELECT raise(ABORT, 'no'); END",
                                  NULL));
}

static void end_pickiness(const char *path)
{
    foreign_sql(test_pool, path,
                fixture_has_server()
                    ? "ALTER TABLE used_insight DROP CONSTRAINT picky"
                    : "DROP TRIGGER picky");
}

/* The refused entries are found at any place: one, two, or all. */
static void test_halves(iu_writer *writer, const char *path)
{
    iu_commit_entry *entries[9];
    iu_commit_group *group;
    int first;
    int second;
    int wrong = 0;
    int i;

    be_picky(path, "INSERT");
    for (first = 0; first < 9; first++) {
        for (second = first; second < 9; second++) {
            group = make_group();
            for (i = 0; i < 9; i++) {
                const char *id =
                    apr_psprintf(test_pool, "h%d-%d-%d", first, second, i);

                entries[i] =
                    add(group, id,
                        apr_psprintf(test_pool, "%s%d",
                                     i == first || i == second ? "f" : "0", i));
            }
            commit(writer, group);
            for (i = 0; i < 9; i++) {
                wrong += (entries[i]->problem != NULL) !=
                         (i == first || i == second);
            }
        }
    }
    is_number(wrong, 0,
              "only the refused one or two of nine fail, at any place");
    group = make_group();
    for (i = 0; i < 9; i++) {
        entries[i] = add(group, "all", "ffff");
    }
    commit(writer, group);
    for (i = 0; i < 9; i++) {
        wrong += !entries[i]->problem ||
                 entries[i]->problem->kind != IU_STATEMENT_FAILED;
    }
    is_number(wrong, 0, "all nine fail when all are refused");
    end_pickiness(path);
}

static void test_turn(iu_writer *writer)
{
    iu_database *database = writer->session.database;
    iu_commit_group *group = make_group();
    iu_commit_entry *first = add(group, "t1", "aaa1");
    iu_commit_entry *second = add(group, "t2", "aaa2");
    turn_holder other;

    if (apr_global_mutex_create(&database->writer_turn, NULL,
                                APR_LOCK_DEFAULT_TIMED,
                                test_pool) != APR_SUCCESS) {
        give_up("no mutex can be made");
    }
    other = turn_hold(database);
    group->deadline = iu_clock_now() + 100000;
    commit(writer, group);
    turn_release(other, 'e');
    is_problem(first->problem, IU_DATABASE_BUSY,
               "the writer's turn does not come");
    is_problem(second->problem, IU_DATABASE_BUSY, "the whole group fails");
    group = make_group();
    first = add(group, "t1", "aaa3");
    commit(writer, group);
    is_problem(first->problem, NO_PROBLEM,
               "and had no effect, so that its key is free");
    database->writer_turn = NULL;
}

static void test_full_group(iu_writer *writer)
{
    iu_commit_group *group = make_group();
    int wrong = 0;
    int i;

    for (i = 0; i < IU_GROUP_RECORDS; i++) {
        add(group, apr_psprintf(test_pool, "full%d", i),
            apr_psprintf(test_pool, "%016x", 77 * i));
    }
    commit(writer, group);
    for (i = 0; i < IU_GROUP_RECORDS; i++) {
        wrong += group->entries[i]->problem != NULL;
    }
    is_number(wrong, 0, "a full group is stored");
}

/* A group is padded to the size of a prepared statement; the padding stores and
 * answers nothing. */
static void test_every_size(iu_writer *writer, const char *path)
{
    int before = foreign_count(test_pool, path);
    int wrong = 0;
    int size;
    int i;

    for (size = 1; size <= 40; size++) {
        iu_commit_group *group = make_group();

        for (i = 0; i < size; i++) {
            add(group, apr_psprintf(test_pool, "size%d-%d", size, i),
                apr_psprintf(test_pool, "%08x%08x", size, i));
        }
        commit(writer, group);
        for (i = 0; i < size; i++) {
            wrong += group->entries[i]->problem != NULL;
        }
    }
    is_number(wrong, 0, "groups of 1 to 40 entries are stored");
    is_number(foreign_count(test_pool, path) - before, 40 * 41 / 2,
              "each entry is one row");
}

/* Version, instants and document of a row, as one text. */
static const char *row_of(const char *path, const char *id)
{
    const char *columns =
        strcmp(fixture_driver(), "mysql") == 0
            ? "concat(version, last_accessed, last_modified, document)"
            : "version || last_accessed || last_modified || document";

    return foreign_text(
        test_pool, path,
        apr_psprintf(test_pool, "SELECT %s FROM used_insight WHERE id = '%s'",
                     columns, id));
}

static void test_changes(iu_writer *writer, const char *path)
{
    iu_commit_group *group = make_group();
    iu_commit_entry *entry;

    store_two(writer, "u", "0001", "d", "0002");
    entry = add_change(group, IU_UPDATE, "u", "0001", "0003");
    entry->record.last_accessed = "";
    entry->record.last_modified = "2021-01-02T03:04:05.000000000000";
    entry->record.document = "{\"e\":\"%s'\\\\\"}";
    commit(writer, group);
    is_problem(entry->problem, NO_PROBLEM, "an update");
    is_text(row_of(path, "u"),
            "00032021-01-02T03:04:05.000000000000{\"e\":\"%s'\\\\\"}",
            "an update replaces everything but the keys");
    entry = change(writer, IU_UPDATE, "u", "0001", "0004");
    is_problem(entry->problem, IU_VERSION_CONFLICT,
               "an update of a version that has been replaced");
    is_number(entry->problem ? entry->problem->retry_after : 0, 1,
              "may be tried again");
    entry = change(writer, IU_UPDATE, "none", "0001", "0004");
    is_problem(entry->problem, IU_VERSION_CONFLICT,
               "an update of a record that is not stored");
    is_text(row_of(path, "none"), NULL, "stores nothing");
    entry = change(writer, IU_DELETE, "d", "0001", "");
    is_problem(entry->problem, IU_VERSION_CONFLICT,
               "a delete of a version that the record never had");
    ok(row_of(path, "d") != NULL, "deletes nothing");
    entry = change(writer, IU_DELETE, "d", "0002", "");
    is_problem(entry->problem, NO_PROBLEM, "a delete");
    is_text(row_of(path, "d"), NULL, "deletes the row");
    ok(row_of(path, "u") != NULL, "and no other row");
    is_number(group->count, 1, "a commit adds no entry to the group");
}

typedef struct expected_change {
    iu_write_kind kind;
    const char *id;
    const char *expected;
    const char *version;
    iu_problem_kind problem;
    const char *name;
} expected_change;

/* Inserts come first; otherwise the entries keep their order. */
static void test_mixed(iu_writer *writer, const char *path)
{
    static const expected_change changes[] = {
        {IU_UPDATE, "m1", "1001", "1003", NO_PROBLEM, "mixed: an update"},
        {IU_INSERT, "m3", "", "1004", NO_PROBLEM, "an insert"},
        {IU_UPDATE, "m1", "1001", "1005", IU_VERSION_CONFLICT,
         "a second update of the same version"},
        {IU_UPDATE, "m1", "1003", "1006", NO_PROBLEM,
         "an update of the version that the first update made"},
        {IU_DELETE, "m2", "1002", "", NO_PROBLEM, "a delete"},
        {IU_INSERT, "m1", "", "1007", IU_ALREADY_EXISTS,
         "an insert with a key that is stored"},
        {IU_INSERT, "m2", "", "1008", IU_ALREADY_EXISTS,
         "also if the same group deletes it"},
        {IU_DELETE, "m2", "1002", "", IU_VERSION_CONFLICT,
         "a second delete of the same version"},
        {IU_UPDATE, "m3", "1004", "1009", NO_PROBLEM,
         "an update of a record that the same group inserts"},
    };
    static const char *const ids[] = {"m1", "m2", "m3"};
    static const char *const versions[] = {"1006", NULL, "1009"};
    iu_commit_entry *entries[COUNT(changes)];
    iu_commit_group *group = make_group();
    int wrong = 0;
    int i;

    store_two(writer, "m1", "1001", "m2", "1002");
    for (i = 0; i < COUNT(changes); i++) {
        entries[i] = add_change(group, changes[i].kind, changes[i].id,
                                changes[i].expected, changes[i].version);
    }
    commit(writer, group);
    for (i = 0; i < COUNT(changes); i++) {
        is_problem(entries[i]->problem, changes[i].problem, changes[i].name);
    }
    for (i = 0; i < 3; i++) {
        const char *row = row_of(path, ids[i]);

        wrong += versions[i] ? !row || strncmp(row, versions[i], 4) != 0
                             : row != NULL;
    }
    is_number(wrong, 0, "the table has the result of the mixed group");
}

/* As test_own_row, for changes: the first two were done, the others not. The
 * outcome of the first run is unknown only if its connection was lost. */
static void test_own_change(iu_writer *writer, const char *path)
{
    iu_problem_kind unknown =
        fixture_has_server() ? IU_CHANGE_UNKNOWN : IU_VERSION_CONFLICT;
    const expected_change changes[] = {
        {IU_UPDATE, "done", "1111", "2222", NO_PROBLEM,
         "a repeated update finds its own version, and succeeds"},
        {IU_DELETE, "deleted", "1111", "", NO_PROBLEM,
         "a repeated delete finds no row, and succeeds"},
        {IU_UPDATE, "other", "1111", "2222", unknown,
         "a repeated update finds the version of another"},
        {IU_DELETE, "left", "1111", "", unknown,
         "a repeated delete finds the version of another"},
    };
    int i;

    foreign_sql(test_pool, path,
                "INSERT INTO " FOREIGN_TABLE " VALUES"
                " ('i', 'done', '2222', '', '', '', ''),"
                " ('i', 'other', '3333', '', '', '', ''),"
                " ('i', 'left', '3333', '', '', '', '')");
    for (i = 0; i < COUNT(changes); i++) {
        const iu_commit_entry *entry;

        make_stale(path);
        entry = change(writer, changes[i].kind, changes[i].id,
                       changes[i].expected, changes[i].version);
        is_problem(entry->problem, changes[i].problem, changes[i].name);
    }
}

/* A change that is refused fails alone. */
static void test_refused_change(iu_writer *writer, const char *path)
{
    iu_commit_group *group = make_group();
    iu_commit_entry *refused;
    iu_commit_entry *next;

    store_two(writer, "r1", "5001", "r2", "5002");
    be_picky(path, "UPDATE");
    refused = add_change(group, IU_UPDATE, "r1", "5001", "ffff");
    next = add_change(group, IU_UPDATE, "r2", "5002", "5003");
    commit(writer, group);
    is_problem(refused->problem, IU_STATEMENT_FAILED,
               "an update that the database refuses");
    is_problem(next->problem, NO_PROBLEM, "the next update is done");
    end_pickiness(path);
}

/* After the deadline of the group no further change is begun. */
static void test_late_changes(iu_writer *writer, const char *path)
{
    iu_commit_group *group = make_group();
    iu_commit_entry *first;
    iu_commit_entry *second;

    store_two(writer, "l1", "6001", "l2", "6002");
    group->deadline = iu_clock_now();
    first = add_change(group, IU_DELETE, "l1", "6001", "");
    second = add_change(group, IU_DELETE, "l2", "6002", "");
    commit(writer, group);
    is_problem(first->problem, NO_PROBLEM,
               "after the deadline the first change is done");
    is_problem(second->problem, IU_COMMIT_TIMEOUT, "the second is not");
    is_number(second->problem ? second->problem->retry_after : 0, 1,
              "and may be tried again");
    ok(row_of(path, "l2") != NULL, "the second had no effect");
}

int main(void)
{
    iu_writer writer = {{NULL, NULL}, {NULL}};
    const char *path;

    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    path = fixture_path(test_pool);
    writer.session.database = fixture_database(test_pool, path, NULL);
    test_duplicates(&writer);
    test_own_row(&writer, path);
    if (!fixture_has_server()) {
        test_unknown(&writer, path);
    }
    test_halves(&writer, path);
    test_turn(&writer);
    test_full_group(&writer);
    test_every_size(&writer, path);
    test_changes(&writer, path);
    test_mixed(&writer, path);
    test_own_change(&writer, path);
    test_refused_change(&writer, path);
    test_late_changes(&writer, path);
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
