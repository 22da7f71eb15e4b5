/* SPDX-License-Identifier: Apache-2.0 */
#include "transaction.h"

#include <string.h>

#include "../concurrency/clock.h"
#include "insert.h"

/* How often a transaction is run at most. */
#define ATTEMPTS 6

/* A run of a transaction. */
typedef struct run {
    iu_entry_range inserts;
    iu_entry_range changes;
    iu_failure *failure;    /* of a statement; NULL: none */
    iu_entry_range *failed; /* what a failure or refusal is about: the inserts,
                             * or changes with the one entry; NULL: all */
    int is_refused;         /* entries of failed did not meet what is stored */
    int is_committing;      /* COMMIT was sent */
} run;

static iu_failure *control(run *self, const char *sql, int in_transaction)
{
    iu_entry_range *range = &self->inserts;
    iu_execution execution = {
        .sql = sql,
        .pool = range->group->pool,
        .origin = range->group->origin,
        .bound.deadline = range->group->deadline,
        .holds_turn = 1,
        .is_control = 1,
        .in_transaction = in_transaction,
    };
    iu_retry_state retry = {0, 0, 0};
    apr_array_header_t *rows;

    return iu_session_execute(&range->writer->session, &execution, &retry,
                              &rows);
}

/* Runs the inserts. */
static void insert(run *self)
{
    iu_entry_range *range = &self->inserts;
    iu_inserted inserted;

    self->failed = range;
    self->failure = range->count > 0 ? iu_insert_run(range, &inserted) : NULL;
    if (!self->failure && range->count > 0) {
        self->is_refused = inserted.is_unknown ||
                           memchr(inserted.stored, 0, range->count) != NULL;
    }
}

/* Runs the updates and deletes, up to the first that fails or is refused. */
static void change(run *self)
{
    iu_entry_range *one = &self->changes;
    int rest = one->count;
    int is_done;

    one->count = 1;
    self->failed = one;
    for (; rest > 0; rest--, one->entries++) {
        self->failure = iu_range_change(one, one->entries[0], &is_done);
        if (self->failure || !is_done) {
            self->is_refused = !self->failure;
            return;
        }
    }
}

/* Runs the transaction of a range, whose inserts come first. */
static void run_once(run *self, const iu_entry_range *range, int inserts)
{
    self->inserts.count = inserts;
    self->changes.entries += inserts;
    self->changes.count -= inserts;
    self->failure = control(self, iu_sql_begin, 0);
    if (self->failure) {
        return;
    }
    insert(self);
    if (!self->failure && !self->is_refused) {
        change(self);
    }
    if (!self->failure && !self->is_refused) {
        self->failed = NULL;
        self->is_committing = 1;
        self->failure = control(self, iu_sql_commit, 1);
    }
    if ((self->failure || self->is_refused) &&
        range->writer->session.connection &&
        control(self, iu_sql_rollback, 1)) {
        iu_session_drop(&range->writer->session);
    }
}

/* Whether nothing was stored, or in a file that nobody sees any more, and a new
 * run may succeed. */
static int may_run_again(const run *self)
{
    switch (self->failure->kind) {
    case IU_FAILURE_CONFLICT:
    case IU_FAILURE_REPLACED:
        return 1;
    case IU_FAILURE_STALE:
    case IU_FAILURE_LOST:
        /* A failure of BEGIN was tried again already. */
        return self->failed != NULL;
    default:
        return 0;
    }
}

static void answer_all(const iu_entry_range *range, iu_problem_kind kind)
{
    int i;

    for (i = 0; i < range->count; i++) {
        iu_problem *problem = iu_problem_make(range->group->pool, kind);

        problem->retry_after = kind == IU_COMMIT_TIMEOUT;
        range->entries[i]->problem = problem;
    }
}

/* Makes the answers agree that were found one by one, because the outcome of
 * COMMIT is unknown: another lookup may have failed, or another client may have
 * changed a record since. A version that is stored tells that all was done; a
 * record that is not there any more proves nothing. */
static void share_outcome(const iu_entry_range *range)
{
    int stored = 0;
    int failed = 0;
    int i;

    for (i = 0; i < range->count; i++) {
        const iu_commit_entry *entry = range->entries[i];

        stored += !entry->problem && entry->kind != IU_DELETE;
        failed += entry->problem != NULL;
    }
    for (i = 0; i < range->count; i++) {
        iu_commit_entry *entry = range->entries[i];

        if (stored > 0) {
            entry->problem = NULL;
            entry->from_lookup = 1;
        }
        else if (failed > 0 && !entry->problem) {
            entry->problem = iu_commit_unknown(range->group->pool, entry);
        }
    }
}

/* Answers the entries of a run that has failed for good. */
static void answer_failure(const iu_entry_range *range, run *self)
{
    iu_failure *failure = self->failure;
    iu_entry_range all = *range;
    int i;

    /* A refused COMMIT has stored nothing; any other failure of it may have
     * come after the commit. */
    all.retry.outcome_unknown = self->is_committing &&
                                failure->kind != IU_FAILURE_CONTENT &&
                                failure->kind != IU_FAILURE_CONFLICT &&
                                failure->kind != IU_FAILURE_FULL &&
                                failure->kind != IU_FAILURE_READ_ONLY;
    if (failure->kind == IU_FAILURE_CONTENT && self->failed) {
        answer_all(range, IU_GROUP_FAILED);
        all = *self->failed;
    }
    for (i = 0; i < all.count; i++) {
        iu_range_answer_failure(&all, all.entries[i], failure);
    }
    if (all.retry.outcome_unknown) {
        share_outcome(&all);
    }
}

/* Answers the entries after a refusal. An insert is refused if its key exists
 * now. Returns 0 if no key does: it was deleted meanwhile. */
static int answer_refusal(const iu_entry_range *range, run *self)
{
    iu_entry_range *failed = self->failed;
    int refused = 0;
    int i;

    answer_all(range, IU_GROUP_FAILED);
    for (i = 0; i < failed->count; i++) {
        iu_commit_entry *entry = failed->entries[i];
        const char *version = "";
        iu_failure *failure = NULL;

        if (entry->kind == IU_INSERT) {
            failed->in_transaction = 0;
            failure = iu_range_look_up(failed, entry, &version);
        }
        if (failure) {
            self->failure = failure;
            self->failed = NULL;
            answer_failure(range, self);
            return 1;
        }
        if (version) {
            iu_range_refuse(failed, entry);
            refused = 1;
        }
    }
    return refused;
}

/* Answers the entries and returns 1 if two have the same keys: one of them
 * would always be refused. */
static int refuse_twice(const iu_entry_range *range)
{
    int i;
    int j;

    for (i = 1; i < range->count; i++) {
        const iu_record *record = &range->entries[i]->record;

        for (j = 0; j < i; j++) {
            const iu_record *other = &range->entries[j]->record;

            if (!strcmp(record->id, other->id) &&
                !strcmp(record->set_id, other->set_id)) {
                answer_all(range, IU_GROUP_FAILED);
                range->entries[i]->problem = iu_problem_make(
                    range->group->pool, IU_GROUP_TWICE, record->id);
                return 1;
            }
        }
    }
    return 0;
}

/* Runs the transaction until its entries are answered. Returns 0 if it must be
 * run again. */
static int run_and_answer(const iu_entry_range *range, int inserts, int is_last)
{
    run self = {.inserts = *range, .changes = *range};
    int i;

    self.inserts.in_transaction = 1;
    self.changes.in_transaction = 1;
    run_once(&self, range, inserts);
    if (self.is_refused) {
        return answer_refusal(range, &self);
    }
    if (self.failure && !is_last && may_run_again(&self)) {
        return 0;
    }
    if (self.failure) {
        answer_failure(range, &self);
        return 1;
    }
    for (i = 0; i < range->count; i++) {
        range->entries[i]->problem = NULL;
    }
    return 1;
}

void iu_transaction_run(iu_entry_range *range)
{
    iu_entry_range part = *range;
    int inserts;
    int attempt;

    if (refuse_twice(range)) {
        return;
    }
    inserts = iu_range_move_first(range, iu_entry_is_insert);
    part.count = inserts;
    iu_range_sort(&part);
    part.entries += inserts;
    part.count = range->count - inserts;
    iu_range_sort(&part);
    for (attempt = 1; attempt <= ATTEMPTS; attempt++) {
        if (iu_clock_now() >= range->group->deadline) {
            break;
        }
        if (run_and_answer(range, inserts, attempt == ATTEMPTS)) {
            return;
        }
        iu_session_back_off(attempt);
    }
    answer_all(range, IU_COMMIT_TIMEOUT);
}
