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
 * way. Transactions come last.
 *
 * A row may be visible before a synchronous standby has it. An answer that
 * rests on a row that was only read therefore waits for one more commit.
 */
#include "writer.h"

#include "../concurrency/clock.h"
#include "entry_range.h"
#include "insert.h"
#include "transaction.h"

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
    iu_inserted inserted;
    iu_failure *failure = iu_insert_run(range, &inserted);
    int i;

    if (failure && failure->kind == IU_FAILURE_CONTENT && range->count > 1) {
        insert_halves(range, failure);
        return;
    }
    if (!failure && inserted.is_unknown) {
        range->retry.retried = 1; /* each entry is looked up */
    }
    for (i = 0; i < range->count; i++) {
        if (failure) {
            iu_range_answer_failure(range, range->entries[i], failure);
        }
        else if (!inserted.stored[i]) {
            iu_range_answer_missing(range, range->entries[i]);
        }
    }
}

/* Updates or deletes one record and answers its entry. */
static void apply_change(iu_entry_range *range)
{
    iu_commit_entry *entry = range->entries[0];
    int is_done;
    iu_failure *failure = iu_range_change(range, entry, &is_done);

    if (failure) {
        iu_range_answer_failure(range, entry, failure);
    }
    else if (!is_done) {
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

iu_failure *iu_writer_begin(void *data, apr_time_t deadline, apr_pool_t *pool)
{
    const iu_writer *writer = data;

    return iu_database_take_turn(writer->session.database, deadline, pool);
}

/* Commits entries that are in no transaction. Their requests are concurrent, so
 * clients may see them in any order: inserts come first. */
static void commit_individuals(const iu_entry_range *individuals)
{
    iu_entry_range inserts = *individuals;
    iu_entry_range changes = *individuals;

    inserts.count = iu_range_move_first(individuals, iu_entry_is_insert);
    if (inserts.count > 0) {
        iu_range_sort(&inserts);
        insert_range(&inserts);
    }
    changes.entries += inserts.count;
    changes.count -= inserts.count;
    apply_changes(&changes);
}

/* Commits the transactions. The entries of each are neighbours. */
static void commit_transactions(const iu_entry_range *transactions)
{
    iu_entry_range one = *transactions;
    int rest;

    for (rest = transactions->count; rest > 0; rest -= one.count) {
        one.count = 1;
        while (one.count < rest && one.entries[one.count]->transaction ==
                                       one.entries[0]->transaction) {
            one.count++;
        }
        iu_transaction_run(&one);
        one.entries += one.count;
    }
}

static int is_individual(const iu_commit_entry *entry)
{
    return entry->transaction == 0;
}

/* Whether all writes would be refused for this reason. */
static int is_lasting(iu_problem_kind kind)
{
    return kind == IU_DATABASE_FULL || kind == IU_DATABASE_READ_ONLY ||
           kind == IU_DATABASE_REFUSED || kind == IU_DATABASE_DOWN;
}

/* Counts a commit that has returned. */
static void count_commit(const iu_database *database,
                         const iu_commit_group *group, apr_time_t begin)
{
    static const iu_metric_change changes[] = {[IU_INSERT] = IU_METRIC_CREATE,
                                               [IU_UPDATE] = IU_METRIC_UPDATE,
                                               [IU_DELETE] = IU_METRIC_REMOVE};
    iu_metrics_slot *metrics = database->metrics;
    apr_time_t now = iu_clock_now();
    int i;

    iu_metrics_observe(metrics, IU_METRIC_COMMIT_TIME, now - begin);
    iu_metrics_observe(metrics, IU_METRIC_COMMIT_RECORDS, group->count);
    for (i = 0; i < group->count; i++) {
        const iu_problem *problem = group->entries[i]->problem;

        if (!problem) {
            iu_metrics_count(metrics, IU_METRIC_CHANGES,
                             changes[group->entries[i]->kind]);
            atomic_store(&database->writes->durable_at, now);
        }
        else if (is_lasting(problem->kind)) {
            atomic_store(&database->writes->refused_at, now);
        }
    }
}

void iu_writer_commit(void *data, iu_commit_group *group)
{
    iu_writer *writer = data;
    apr_time_t begin = iu_clock_now();
    iu_entry_range all = {.writer = writer,
                          .group = group,
                          .entries = group->entries,
                          .count = group->count};
    iu_entry_range individuals = all;
    iu_entry_range transactions = all;
    int i;

    if (group->begin_failure) {
        for (i = 0; i < group->count; i++) {
            iu_range_answer_failure(&all, group->entries[i],
                                    group->begin_failure);
        }
        return;
    }
    individuals.count = iu_range_move_first(&all, is_individual);
    commit_individuals(&individuals);
    transactions.entries += individuals.count;
    transactions.count -= individuals.count;
    commit_transactions(&transactions);
    iu_range_await_replication(&all);
    iu_database_end_turn(writer->session.database);
    count_commit(writer->session.database, group, begin);
}
