/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of iu_store_write with several writes, and of iu_store_write_all. They
 * also run against servers. */
#include "support/competitor.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static apr_pool_t *test_pool;
static iu_store *store;

/* The version of a stored record; NULL: there is none. */
static const char *version_of(const char *set_id, const char *id)
{
    iu_store_call call = fixture_call(test_pool);
    iu_record *found = NULL;
    iu_problem *problem = iu_store_find(store, &call, set_id, id, &found);

    return problem ? NULL : found->version;
}

static iu_write insert(const char *set_id, const char *id)
{
    return (iu_write){.kind = IU_INSERT,
                      .record = fixture_record(set_id, id, "{\"a\":1}")};
}

static iu_write change(iu_write_kind kind, const char *set_id, const char *id,
                       const char *expected)
{
    iu_write write = {.kind = kind,
                      .record = fixture_record(set_id, id, "{\"a\":2}")};

    apr_cpystrn(write.expected, expected, sizeof write.expected);
    return write;
}

/* Writes all or each, and describes the outcomes: "-" for success, else the
 * number, separated by blanks. */
static const char *write_many(int all, iu_write *writes, int count)
{
    iu_store_call call = fixture_call(test_pool);
    iu_write **pointers = apr_palloc(test_pool, count * sizeof *pointers);
    const char *outcomes = "";
    int i;

    for (i = 0; i < count; i++) {
        pointers[i] = &writes[i];
    }
    (all ? iu_store_write_all : iu_store_write)(store, &call, pointers, count);
    for (i = 0; i < count; i++) {
        const iu_problem *problem = writes[i].problem;

        if (problem && problem->log_detail) {
            printf("# %s: %s\n", problem->number, problem->log_detail);
        }
        outcomes = apr_pstrcat(test_pool, outcomes, i ? " " : "",
                               problem ? problem->number : "-", NULL);
    }
    return outcomes;
}

static void test_each(void)
{
    iu_write writes[] = {insert("each", "a"), insert("each", "b"),
                         insert("each", "a"),
                         change(IU_DELETE, "each", "none", "x")};

    is_text(write_many(0, writes, COUNT(writes)), "- - IU0050 IU0055",
            "each write has its own outcome");
    is_text(version_of("each", "a"), writes[0].record.version,
            "the first of two inserts of a key is stored");
}

/* More writes, and more bytes, than one group has. */
static void test_many(void)
{
    static char text[400000];
    iu_write writes[600];
    int wrong = 0;
    int i;

    for (i = 0; i < COUNT(writes); i++) {
        writes[i] = insert("many", apr_itoa(test_pool, i));
    }
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "{\"a\":\"", 6);
    memcpy(text + sizeof text - 3, "\"}", 2);
    for (i = 20; i < 30; i++) {
        writes[i].record.document = text;
        writes[i].record.document_length = strlen(text);
    }
    write_many(0, writes, COUNT(writes));
    for (i = 0; i < COUNT(writes); i++) {
        const char *found = version_of("many", writes[i].record.id);

        wrong += writes[i].problem || !found ||
                 strcmp(found, writes[i].record.version) != 0;
    }
    is_number(wrong, 0, "%d writes are stored", COUNT(writes));
}

static void test_all(void)
{
    iu_write first[] = {insert("all", "a"), insert("all", "b"),
                        insert("all", "c")};
    iu_write second[3];

    is_text(write_many(1, first, 3), "- - -", "all: inserts");
    second[0] = change(IU_DELETE, "all", "a", first[0].record.version);
    second[1] = insert("all", "d");
    second[2] = change(IU_UPDATE, "all", "b", first[1].record.version);
    is_text(write_many(1, second, 3), "- - -", "all: one of each kind");
    ok(!version_of("all", "a"), "deleted");
    is_text(version_of("all", "b"), second[2].record.version, "updated");
    is_text(version_of("all", "c"), first[2].record.version, "untouched");
    is_text(version_of("all", "d"), second[1].record.version, "inserted");
}

/* If one write is refused, none is done, and the store can be used as
 * before. */
static void test_none(void)
{
    iu_write there[] = {insert("none", "there"), insert("none", "other")};
    const char *version = there[0].record.version;
    struct {
        const char *name;
        iu_write writes[3];
        const char *outcomes;
    } cases[] = {
        {"a key that exists",
         {insert("none", "a"), insert("none", "there"), insert("none", "b")},
         "IU0057 IU0050 IU0057"},
        {"two keys that exist",
         {insert("none", "other"), insert("none", "a"),
          insert("none", "there")},
         "IU0050 IU0057 IU0050"},
        {"an update of another version",
         {insert("none", "a"), change(IU_UPDATE, "none", "there", "stale"),
          change(IU_DELETE, "none", "other", there[1].record.version)},
         "IU0057 IU0055 IU0057"},
        {"a deletion of nothing",
         {change(IU_UPDATE, "none", "there", version),
          change(IU_DELETE, "none", "gone", "x"), insert("none", "b")},
         "IU0057 IU0055 IU0057"},
        {"a key twice",
         {insert("none", "a"), insert("none", "b"), insert("none", "a")},
         "IU0057 IU0057 IU0058"},
    };
    iu_write after[] = {insert("none", "after")};
    int i;

    is_text(write_many(0, there, 2), "- -", "there before");
    for (i = 0; i < COUNT(cases); i++) {
        is_text(write_many(1, cases[i].writes, 3), cases[i].outcomes, "%s",
                cases[i].name);
        ok(!version_of("none", "a") && !version_of("none", "b"),
           "%s: nothing is inserted", cases[i].name);
        is_text(version_of("none", "there"), version, "%s: nothing is updated",
                cases[i].name);
        is_text(version_of("none", "other"), there[1].record.version,
                "%s: nothing is deleted", cases[i].name);
    }
    is_text(write_many(0, after, 1), "-", "the next write succeeds");
}

/* A batch may come to its deadline between two of its writes. */
static void test_too_late(void)
{
    iu_store_call call = fixture_call(test_pool);
    iu_write late = insert("late", "a");
    iu_write *const writes[] = {&late};

    call.deadline = iu_clock_now();
    iu_store_write(store, &call, writes, 1);
    ok(late.problem && late.problem->kind == IU_COMMIT_TIMEOUT,
       "a write after the deadline is refused");
    iu_store_write_all(store, &call, writes, 1);
    ok(late.problem && late.problem->kind == IU_COMMIT_TIMEOUT,
       "also in a transaction");
    ok(!version_of("late", "a"), "nothing is stored");
}

/* A record that the database refuses: PostgreSQL and MariaDB do not store a
 * byte that is no UTF-8. */
static void test_refused_value(void)
{
    iu_write writes[] = {insert("refused", "a"), insert("refused", "b"),
                         insert("refused", "c")};
    iu_write after[] = {insert("refused", "a")};

    if (!fixture_has_server()) {
        return;
    }
    writes[1].record.last_accessed = "\xff";
    is_text(write_many(1, writes, 3), "IU0068 IU0068 IU0068",
            "a statement that the database refuses");
    ok(!version_of("refused", "a") && !version_of("refused", "c"),
       "nothing is stored");
    is_text(write_many(1, after, 1), "-", "the next transaction succeeds");
}

#define COMPETITORS 6
#define ROUNDS 40

static void test_competition(void)
{
    competitor competitors[COMPETITORS];
    iu_store_call call = fixture_call(test_pool);
    int committed = 0;
    int wrong = 0;
    int i;

    for (i = 0; i < COMPETITORS; i++) {
        competitors[i] = (competitor){
            .store = store, .id = apr_itoa(test_pool, i), .rounds = ROUNDS};
        pthread_create(&competitors[i].thread, NULL, compete, &competitors[i]);
    }
    for (i = 0; i < COMPETITORS; i++) {
        pthread_join(competitors[i].thread, NULL);
        committed += competitors[i].committed;
        wrong += competitors[i].wrong;
    }
    is_number(wrong, 0, "each transaction is done or refused as a whole");
    is_number(committed, ROUNDS, "one of each round is committed");
    for (i = 0; i < ROUNDS; i++) {
        apr_int64_t count = 0;

        wrong +=
            iu_store_count(store, &call, apr_psprintf(test_pool, "round %d", i),
                           NULL, &count) != NULL ||
            count != 2;
    }
    is_number(wrong, 0, "each round has left its two records");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    store = fixture_store(test_pool, fixture_path(test_pool), NULL);
    test_each();
    test_many();
    test_all();
    test_none();
    test_too_late();
    test_refused_value();
    test_competition();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
