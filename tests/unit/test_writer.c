/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the one who writes, given groups that are put together by hand. */
#include "../../src/store/writer.h"

#include "support/store_fixture.h"

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

/* A change of a record, from a version that it may have. */
static iu_commit_entry *add_change(iu_commit_group *group, iu_write_kind kind,
                                   const char *id, const char *expected,
                                   const char *version)
{
    iu_commit_entry *entry = add(group, id, version);

    entry->kind = kind;
    apr_cpystrn(entry->expected, expected, sizeof entry->expected);
    return entry;
}

/* As a queue's leader does it. */
static void commit(iu_writer *writer, iu_commit_group *group)
{
    group->refusal = iu_writer_begin(writer, group->deadline, test_pool);
    iu_writer_commit(writer, group);
}

static const char *answer(const iu_commit_entry *entry)
{
    return entry->problem ? entry->problem->number : NULL;
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
    is_text(answer(entries[0]), NULL, "the first of two with one key");
    is_text(answer(entries[2]), iu_problem_number(IU_ALREADY_EXISTS),
            "the second");
    is_text(answer(entries[1]), NULL, "another");
    is_text(answer(entries[3]), NULL, "the first of another two");
    is_text(answer(entries[4]), iu_problem_number(IU_ALREADY_EXISTS), "again");
    group = make_group();
    entries[0] = add(group, "b", "0006");
    commit(writer, group);
    is_text(answer(entries[0]), iu_problem_number(IU_ALREADY_EXISTS),
            "there from a group before");
}

/* Plays a commit whose answer got lost: the record is in the table, with the
 * version that it still has, when its statement is run again. */
static void test_own_row(iu_writer *writer, const char *path)
{
    iu_commit_group *group = make_group();
    iu_commit_entry *ours = add(group, "ours", "1111");
    iu_commit_entry *foreign = add(group, "foreign", "2222");

    foreign_sql(test_pool, path,
                "INSERT INTO used_insight VALUES"
                " ('i', 'ours', '1111', '', '', ''),"
                " ('i', 'foreign', '3333', '', '', '')");
    if (fixture_has_server()) {
        foreign_sever(test_pool, path);
    }
    else {
        foreign_sql(test_pool, path, "CREATE TABLE makes_statements_stale (a)");
    }
    commit(writer, group);
    is_text(answer(ours), NULL,
            "after a repeated statement the own row is known again");
    is_text(answer(foreign), iu_problem_number(IU_ALREADY_EXISTS),
            "and told from another's");
}

/* A repeated statement did not store the record, nor is it in the table: it may
 * have been, and nobody can know. */
static void test_unknown(iu_writer *writer, const char *path)
{
    iu_commit_group *group = make_group();
    iu_commit_entry *entry = add(group, "gone", "4444");

    foreign_sql(test_pool, path,
                "CREATE TRIGGER skip BEFORE INSERT ON used_insight BEGIN"
                " SELECT raise(IGNORE); END");
    commit(writer, group);
    is_text(answer(entry), iu_problem_number(IU_COMMIT_UNKNOWN),
            "an outcome that cannot be known");
    foreign_sql(test_pool, path, "DROP TRIGGER skip");
}

/* From now on a version that begins with f is refused. */
static void be_picky(const char *path)
{
    foreign_sql(test_pool, path,
                fixture_has_server()
                    ? "ALTER TABLE used_insight ADD CONSTRAINT picky"
                      " CHECK (version NOT LIKE 'f%')"
                    : "CREATE TRIGGER picky BEFORE INSERT ON used_insight"
                      " WHEN new.version LIKE 'f%' BEGIN"
                      " SELECT raise(ABORT, 'no'); END");
}

static void end_pickiness(const char *path)
{
    foreign_sql(test_pool, path,
                fixture_has_server()
                    ? "ALTER TABLE used_insight DROP CONSTRAINT picky"
                    : "DROP TRIGGER picky");
}

/* The refused are found wherever they are, also two of them, also all. */
static void test_halves(iu_writer *writer, const char *path)
{
    iu_commit_entry *entries[9];
    iu_commit_group *group;
    int first;
    int second;
    int wrong = 0;
    int i;

    be_picky(path);
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
                wrong +=
                    (answer(entries[i]) != NULL) != (i == first || i == second);
            }
        }
    }
    is_number(wrong, 0, "one or two of nine fail alone, wherever they are");
    group = make_group();
    for (i = 0; i < 9; i++) {
        entries[i] = add(group, "all", "ffff");
    }
    commit(writer, group);
    for (i = 0; i < 9; i++) {
        wrong += !entries[i]->problem ||
                 entries[i]->problem->kind != IU_STATEMENT_FAILED;
    }
    is_number(wrong, 0, "and all of nine fail all");
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
    is_text(answer(first), iu_problem_number(IU_DATABASE_BUSY),
            "a turn that does not come");
    is_text(answer(second), iu_problem_number(IU_DATABASE_BUSY),
            "fails the whole group");
    group = make_group();
    first = add(group, "t1", "aaa3");
    commit(writer, group);
    is_text(answer(first), NULL, "and had no effect");
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
    is_number(wrong, 0, "a full group");
}

/* The padding of a group to a prepared size stores and answers nothing else. */
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
    is_number(wrong, 0, "groups of 1 to 40");
    is_number(foreign_count(test_pool, path) - before, 40 * 41 / 2,
              "and their rows");
}

/* What the table has of a record: version, instants and document. */
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
    iu_commit_entry *updated;

    add(group, "u", "0001");
    add(group, "d", "0002");
    commit(writer, group);
    group = make_group();
    updated = add_change(group, IU_UPDATE, "u", "0001", "0003");
    updated->record.last_accessed = "";
    updated->record.last_modified = "2021-01-02T03:04:05.000000000000";
    updated->record.document = "{\"e\":\"%s'\\\\\"}";
    commit(writer, group);
    is_text(answer(updated), NULL, "an update");
    is_text(row_of(path, "u"),
            "00032021-01-02T03:04:05.000000000000{\"e\":\"%s'\\\\\"}",
            "replaces all but the keys");
    group = make_group();
    updated = add_change(group, IU_UPDATE, "u", "0001", "0004");
    commit(writer, group);
    is_text(answer(updated), iu_problem_number(IU_VERSION_CONFLICT),
            "an update from a version that was");
    is_number(updated->problem ? updated->problem->retry_after : 0, 1,
              "may be tried again");
    group = make_group();
    updated = add_change(group, IU_UPDATE, "none", "0001", "0004");
    commit(writer, group);
    is_text(answer(updated), iu_problem_number(IU_VERSION_CONFLICT),
            "an update of nothing");
    is_text(row_of(path, "none"), NULL, "makes nothing");
    group = make_group();
    updated = add_change(group, IU_DELETE, "d", "0001", "");
    commit(writer, group);
    is_text(answer(updated), iu_problem_number(IU_VERSION_CONFLICT),
            "a delete from a version that never was");
    ok(row_of(path, "d") != NULL, "deletes nothing");
    group = make_group();
    updated = add_change(group, IU_DELETE, "d", "0002", "");
    commit(writer, group);
    is_text(answer(updated), NULL, "a delete");
    is_text(row_of(path, "d"), NULL, "deletes the row");
    ok(row_of(path, "u") != NULL, "and no other");
    is_number(group->count, 1, "nothing is added to a group");
}

/* The order of all entries is kept but for the inserts, which come first. */
static void test_mixed(iu_writer *writer, const char *path)
{
    iu_commit_group *group = make_group();
    iu_commit_entry *entries[9];
    int wrong = 0;
    int i;

    add(group, "m1", "1001");
    add(group, "m2", "1002");
    commit(writer, group);
    group = make_group();
    entries[0] = add_change(group, IU_UPDATE, "m1", "1001", "1003");
    entries[1] = add(group, "m3", "1004");
    entries[2] = add_change(group, IU_UPDATE, "m1", "1001", "1005");
    entries[3] = add_change(group, IU_UPDATE, "m1", "1003", "1006");
    entries[4] = add_change(group, IU_DELETE, "m2", "1002", "");
    entries[5] = add(group, "m1", "1007");
    entries[6] = add(group, "m2", "1008");
    entries[7] = add_change(group, IU_DELETE, "m2", "1002", "");
    entries[8] = add_change(group, IU_UPDATE, "m3", "1004", "1009");
    commit(writer, group);
    is_text(answer(entries[0]), NULL, "mixed: the first update");
    is_text(answer(entries[2]), iu_problem_number(IU_VERSION_CONFLICT),
            "the second from the same version");
    is_text(answer(entries[3]), NULL, "one that goes out from the first");
    is_text(answer(entries[1]), NULL, "an insert between");
    is_text(answer(entries[4]), NULL, "a delete");
    is_text(answer(entries[7]), iu_problem_number(IU_VERSION_CONFLICT),
            "the second of the same version");
    is_text(answer(entries[5]), iu_problem_number(IU_ALREADY_EXISTS),
            "an insert of what is there");
    is_text(answer(entries[6]), iu_problem_number(IU_ALREADY_EXISTS),
            "also of what is deleted after it");
    is_text(answer(entries[8]), NULL, "an update of what is inserted with it");
    for (i = 0; i < 3; i++) {
        static const char *const ids[] = {"m1", "m2", "m3"};
        static const char *const versions[] = {"1006", NULL, "1009"};
        const char *row = row_of(path, ids[i]);

        wrong += versions[i] ? !row || strncmp(row, versions[i], 4) != 0
                             : row != NULL;
    }
    is_number(wrong, 0, "and that is what is in the table");
}

/* As test_own_row, for changes: the first two were done, the next two not. */
static void test_own_change(iu_writer *writer, const char *path)
{
    iu_commit_group *group = make_group();
    iu_commit_entry *entries[4];

    foreign_sql(test_pool, path,
                "INSERT INTO used_insight VALUES"
                " ('i', 'done', '2222', '', '', ''),"
                " ('i', 'other', '3333', '', '', ''),"
                " ('i', 'left', '3333', '', '', '')");
    entries[0] = add_change(group, IU_UPDATE, "done", "1111", "2222");
    entries[1] = add_change(group, IU_DELETE, "deleted", "1111", "");
    entries[2] = add_change(group, IU_UPDATE, "other", "1111", "2222");
    entries[3] = add_change(group, IU_DELETE, "left", "1111", "");
    for (int i = 0; i < 4; i++) {
        iu_commit_group *alone = make_group();

        alone->entries[alone->count++] = entries[i];
        if (fixture_has_server()) {
            foreign_sever(test_pool, path);
        }
        else {
            foreign_sql(
                test_pool, path,
                apr_psprintf(test_pool, "CREATE TABLE makes_stale_%d (a)", i));
        }
        commit(writer, alone);
    }
    is_text(answer(entries[0]), NULL,
            "after a repeated statement the own update is known again");
    is_text(answer(entries[1]), NULL, "and that what was to go is gone");
    /* Only a lost connection leaves it open what became of the first run. */
    is_text(answer(entries[2]),
            iu_problem_number(fixture_has_server() ? IU_CHANGE_UNKNOWN
                                                   : IU_VERSION_CONFLICT),
            "another's update tells nothing of the own before");
    is_text(answer(entries[3]),
            iu_problem_number(fixture_has_server() ? IU_CHANGE_UNKNOWN
                                                   : IU_VERSION_CONFLICT),
            "nor does it of a delete");
}

/* A change that is refused fails alone. */
static void test_refused_change(iu_writer *writer, const char *path)
{
    iu_commit_group *group = make_group();
    iu_commit_entry *refused;
    iu_commit_entry *next;

    add(group, "r1", "5001");
    add(group, "r2", "5002");
    commit(writer, group);
    foreign_sql(test_pool, path,
                fixture_has_server()
                    ? "ALTER TABLE used_insight ADD CONSTRAINT picky"
                      " CHECK (version NOT LIKE 'f%')"
                    : "CREATE TRIGGER picky BEFORE UPDATE ON used_insight"
                      " WHEN new.version LIKE 'f%' BEGIN"
                      " SELECT raise(ABORT, 'no'); END");
    group = make_group();
    refused = add_change(group, IU_UPDATE, "r1", "5001", "ffff");
    next = add_change(group, IU_UPDATE, "r2", "5002", "5003");
    commit(writer, group);
    is_text(answer(refused), iu_problem_number(IU_STATEMENT_FAILED),
            "an update that is refused");
    is_text(answer(next), NULL, "the next one is not");
    end_pickiness(path);
}

/* When all members' time is up, what is left is not begun. */
static void test_late_changes(iu_writer *writer, const char *path)
{
    iu_commit_group *group = make_group();
    iu_commit_entry *first;
    iu_commit_entry *second;

    add(group, "l1", "6001");
    add(group, "l2", "6002");
    commit(writer, group);
    group = make_group();
    group->deadline = iu_clock_now();
    first = add_change(group, IU_DELETE, "l1", "6001", "");
    second = add_change(group, IU_DELETE, "l2", "6002", "");
    commit(writer, group);
    is_text(answer(first), NULL, "late: the first is done");
    is_text(answer(second), iu_problem_number(IU_COMMIT_TIMEOUT),
            "the others are not");
    is_number(second->problem ? second->problem->retry_after : 0, 1,
              "and may be tried again");
    ok(row_of(path, "l2") != NULL, "they had no effect");
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
