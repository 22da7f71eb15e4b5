/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/store with the nodes of a Galera cluster, which
 * tests/databases/galera starts. With a single server they are skipped. */
#include "../unit/support/competitor.h"
#include "trial.h"

#include <stdatomic.h>
#include <stdint.h>

/* A node that does not replicate its writes is refused. */
static void test_not_replicated(void)
{
    trial in = begin();

    foreign_sql(in.pool, in.params, "SET GLOBAL wsrep_on = OFF");
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_REFUSED), "not replicated");
    ok(strstr(in.log->text, "wsrep_on") != NULL, "told by the setting's name");
    foreign_sql(in.pool, in.params, "SET GLOBAL wsrep_on = ON");
    wait_for_probe();
    is_text(insert(&in, "a"), NULL, "it heals");
    end(&in);
}

#define MEMBERS 8
#define ROWS 20000
#define BULKS_MAX 60

/* How many commits the first node has replayed. */
static int replays(foreign first, apr_pool_t *pool)
{
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;

    if (apr_dbd_select(first.driver, pool, first.handle, &results,
                       "SELECT variable_value FROM"
                       " information_schema.global_status"
                       " WHERE variable_name = 'WSREP_LOCAL_REPLAYS'",
                       1) ||
        apr_dbd_get_row(first.driver, pool, results, &row, 1)) {
        give_up("the node does not tell its state");
    }
    return atoi(apr_dbd_get_entry(first.driver, row, 0));
}

static atomic_int replays_end;

/* Inserts two new records in one transaction. Returns whether that succeeded
 * for both. */
static int insert_pair(const single *self, const char *id)
{
    iu_store_call call = fixture_call(self->pool);
    iu_write one = {.kind = IU_INSERT, .record = fixture_record("i", id, "{}")};
    iu_write other = {.kind = IU_INSERT,
                      .record = fixture_record("pair", id, "{}")};
    iu_write *const writes[] = {&one, &other};

    iu_store_write_all(self->in->store, &call, writes, 2);
    return !one.problem && !other.problem;
}

/* Inserts new and existing records until the end, each on its own or in pairs;
 * returns the number of unexpected answers. */
static void *insert_beside(void *data)
{
    single *self = data;
    unsigned int number;
    intptr_t wrong = 0;

    for (number = 0; !atomic_load(&replays_end); number++) {
        int is_new = number % 2;
        const char *id =
            is_new ? apr_psprintf(self->pool, "n%s-%u", self->id, number)
                   : apr_psprintf(self->pool, "k%05u", number * 7919 % ROWS);
        iu_store_call call = fixture_call(self->pool);
        iu_record record = fixture_record("i", id, "{}");
        iu_problem *problem;

        if (number % 4 == 3) {
            wrong += !insert_pair(self, id);
        }
        else {
            problem = insert_record(self->in->store, &call, &record);
            wrong += is_new ? problem != NULL
                            : !problem || problem->kind != IU_ALREADY_EXISTS;
        }
        apr_pool_clear(self->pool);
    }
    return (void *)wrong;
}

/* Another node commits rows between those whose gaps a certified transaction
 * has locked here. That transaction is rolled back and replayed; its client
 * must get an answer. */
static void test_replayed(void)
{
    trial in = begin();
    foreign first = foreign_open(in.pool, in.params);
    foreign second = first;
    char *params = apr_pstrdup(in.pool, fixture_admin(in.pool, in.params));
    single members[MEMBERS];
    int before = replays(first, in.pool);
    int wrong = 0;
    int bulk;
    int i;

    *strstr(params, "/1/socket,") = '\0';
    params = apr_pstrcat(in.pool, params, "/2/socket,user=root",
                         strstr(in.params, ",dbname="), NULL);
    if (apr_dbd_open(second.driver, in.pool, params, &second.handle)) {
        give_up("the second node cannot be reached");
    }
    foreign_run(first, apr_psprintf(in.pool,
                                    "INSERT INTO " FOREIGN_TABLE " SELECT 'i',"
                                    " CONCAT('k', LPAD(seq, 5, '0')), 'v', '',"
                                    " '', '{}', '' FROM seq_0_to_%d",
                                    ROWS));
    for (i = 0; i < MEMBERS; i++) {
        members[i].in = &in;
        members[i].id = apr_itoa(in.pool, i);
        apr_pool_create(&members[i].pool, test_pool);
        pthread_create(&members[i].thread, NULL, insert_beside, &members[i]);
    }
    for (bulk = 0; bulk < BULKS_MAX && replays(first, in.pool) == before;
         bulk++) {
        foreign_run(second,
                    apr_psprintf(in.pool,
                                 "INSERT INTO " FOREIGN_TABLE " SELECT 'i',"
                                 " CONCAT('k', LPAD(seq, 5, '0'), '-%d'), 'v',"
                                 " '', '', '{}', '' FROM seq_0_to_%d",
                                 bulk, ROWS));
    }
    /* Not every run causes a replay. */
    printf("# replayed: %s, after %d tries\n", bulk < BULKS_MAX ? "yes" : "no",
           bulk);
    is_text(insert(&in, "last"), NULL, "and all goes on");
    atomic_store(&replays_end, 1);
    for (i = 0; i < MEMBERS; i++) {
        void *count;

        pthread_join(members[i].thread, &count);
        apr_pool_destroy(members[i].pool);
        wrong += (int)(intptr_t)count;
    }
    is_number(wrong, 0, "all were answered rightly");
    foreign_close(second);
    foreign_close(first);
    end(&in);
}

#define ROUNDS 60

/* Transactions of two nodes with the same key: certification lets one of them
 * commit, and the other one fails at its COMMIT. */
static void test_certified(void)
{
    trial in = begin();
    const char *at = strstr(in.params, "/1/socket,");
    const char *second =
        apr_pstrcat(in.pool, apr_pstrmemdup(in.pool, in.params, at - in.params),
                    "/2/socket,", at + strlen("/1/socket,"), NULL);
    competitor both[] = {{.store = in.store, .id = "first", .rounds = ROUNDS},
                         {.store = fixture_store(in.pool, second, in.log),
                          .id = "second",
                          .rounds = ROUNDS}};
    int i;

    for (i = 0; i < 2; i++) {
        pthread_create(&both[i].thread, NULL, compete, &both[i]);
    }
    for (i = 0; i < 2; i++) {
        pthread_join(both[i].thread, NULL);
    }
    is_number(both[0].wrong + both[1].wrong, 0,
              "each transaction is done or refused as a whole");
    is_number(both[0].committed + both[1].committed, ROUNDS,
              "one of each round is committed");
    end(&in);
}

int main(void)
{
    if (strcmp(strrchr(fixture_environment("INSIGHTS_TEST_SERVER"), '/'),
               "/galera") != 0) {
        printf("1..0 # SKIP no cluster\n");
        return EXIT_SUCCESS;
    }
    trial_begin();
    test_not_replicated();
    test_certified();
    test_replayed();
    return trial_end();
}
