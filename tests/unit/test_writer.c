/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the one who writes, given groups that are put together by hand. */
#include "../../src/store/writer.h"

#include "store_fixture.h"

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
    iu_writer_commit(writer, group);
    is_text(answer(entries[0]), NULL, "the first of two with one key");
    is_text(answer(entries[2]), iu_problem_number(IU_ALREADY_EXISTS),
            "the second");
    is_text(answer(entries[1]), NULL, "another");
    is_text(answer(entries[3]), NULL, "the first of another two");
    is_text(answer(entries[4]), iu_problem_number(IU_ALREADY_EXISTS), "again");
    group = make_group();
    entries[0] = add(group, "b", "0006");
    iu_writer_commit(writer, group);
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
    iu_writer_commit(writer, group);
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
    iu_writer_commit(writer, group);
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
            iu_writer_commit(writer, group);
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
    iu_writer_commit(writer, group);
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
    iu_writer_commit(writer, group);
    turn_release(other, 'e');
    is_text(answer(first), iu_problem_number(IU_DATABASE_BUSY),
            "a turn that does not come");
    is_text(answer(second), iu_problem_number(IU_DATABASE_BUSY),
            "fails the whole group");
    group = make_group();
    first = add(group, "t1", "aaa3");
    iu_writer_commit(writer, group);
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
    iu_writer_commit(writer, group);
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
        iu_writer_commit(writer, group);
        for (i = 0; i < size; i++) {
            wrong += group->entries[i]->problem != NULL;
        }
    }
    is_number(wrong, 0, "groups of 1 to 40");
    is_number(foreign_count(test_pool, path) - before, 40 * 41 / 2,
              "and their rows");
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
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
