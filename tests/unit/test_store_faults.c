/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of src/store while its database has a fault. Always, a record that was
 * answered as stored is in the file at the path, and one that was refused is
 * not.
 */
#include "support/store_fixture.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

static apr_pool_t *test_pool;

#define NUMBER(kind) iu_problem_number(kind)

/* The store, log and database of one fault. */
typedef struct trial {
    apr_pool_t *pool;
    const char *path;
    told *log;
    iu_store *store;
} trial;

static trial begin(void)
{
    trial begun;

    apr_pool_create(&begun.pool, test_pool);
    begun.path = fixture_path(begun.pool);
    begun.log = told_make(begun.pool);
    begun.store = fixture_store(begun.pool, begun.path, begun.log);
    return begun;
}

static const char *insert(trial *in, const char *id)
{
    return fixture_insert(in->store, in->pool, "i", id);
}

static const char *find(trial *in, const char *id)
{
    return fixture_find(in->store, in->pool, "i", id);
}

/* Waits until the breaker admits the next probe. */
static void wait_for_probe(void)
{
    apr_sleep(apr_time_from_msec(1050));
}

static void test_foreign_schema_changes(void)
{
    static const char *const changes[] = {
        "CREATE INDEX foreign_index ON used_insight (last_accessed)",
        "VACUUM",
        "DROP INDEX foreign_index",
        "CREATE TABLE other (a)",
        "ANALYZE",
        "DROP TABLE used_insight",
    };
    trial in = begin();
    apr_size_t i;

    insert(&in, "first");
    find(&in, "first");
    for (i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        foreign_sql(in.pool, in.path, changes[i]);
        is_text(insert(&in, apr_itoa(in.pool, (int)i)), NULL, "stored after %s",
                changes[i]);
        is_text(find(&in, apr_itoa(in.pool, (int)i)), NULL, "found after %s",
                changes[i]);
    }
    ok(told_times(in.log, "IU0104") > 0, "the recoveries are logged");
    is_number(told_times(in.log, "IU0103"), 2, "the table was made again");
    is_number(told_times(in.log, "IU0101"), 0, "the breaker stayed closed");
    foreign_sql(in.pool, in.path, "ALTER TABLE used_insight DROP document");
    is_text(insert(&in, "no column"), NUMBER(IU_DATABASE_REFUSED),
            "a table that is not ours is refused");
    apr_pool_destroy(in.pool);
}

static void test_replaced(void)
{
    trial in = begin();
    const char *other = fixture_path(in.pool);

    insert(&in, "a");
    find(&in, "a");
    fixture_unlink(in.pool, in.path);
    is_text(insert(&in, "b"), NULL, "stored after all was removed");
    is_text(foreign_text(in.pool, in.path,
                         "SELECT group_concat(id) FROM "
                         "used_insight"),
            "b", "it is in the new file");
    is_text(find(&in, "a"), NUMBER(IU_NOT_FOUND),
            "readers use the new file, too");
    is_number(told_times(in.log, "IU0105"), 2, "the log says what happened");

    unlink(in.path);
    is_text(insert(&in, "c"), NULL, "stored after the file alone was removed");
    is_text(foreign_text(in.pool, in.path,
                         "SELECT group_concat(id) FROM "
                         "used_insight"),
            "c", "it is in the new file, too");

    foreign_sql(in.pool, other, "CREATE TABLE something_else (a)");
    fixture_unlink(in.pool, in.path);
    rename(other, in.path);
    is_text(insert(&in, "d"), NULL, "stored after another file replaced it");
    is_text(foreign_text(in.pool, in.path,
                         "SELECT id || (SELECT count(*) FROM something_else)"
                         " FROM used_insight"),
            "d0", "it is in that file");

    fixture_unlink(in.pool, in.path);
    is_text(insert(&in, "d"), NULL,
            "a record of the removed file can be stored again");
    apr_pool_destroy(in.pool);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0) {
        give_up("a file cannot be written");
    }
}

static void test_not_a_database(void)
{
    trial in = begin();

    write_file(in.path, "This is not a database, and long enough to tell, as "
                        "SQLite looks at the first hundred bytes of a file.\n");
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_REFUSED),
            "a file that is not a database");
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_DOWN),
            "is not tried again at once");
    is_text(find(&in, "a"), NUMBER(IU_DATABASE_DOWN), "nor by a reader");
    is_number(told_times(in.log, "IU0101"), 1, "it is logged once");
    wait_for_probe();
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_REFUSED),
            "it is tried again after a second");
    is_number(told_times(in.log, "IU0101"), 1, "it is still logged once");
    unlink(in.path);
    wait_for_probe();
    is_text(insert(&in, "a"), NULL, "the store recovers when the file is gone");
    is_number(told_times(in.log, "IU0102"), 1, "the recovery is logged");
    is_text(find(&in, "a"), NULL, "for readers, too");
    apr_pool_destroy(in.pool);
}

static void test_places(void)
{
    trial in = begin();
    const char *directory =
        apr_pstrmemdup(in.pool, in.path, strrchr(in.path, '/') - in.path);
    const char *elsewhere = fixture_path(in.pool);
    iu_store_call call = fixture_call(in.pool);
    iu_record record = fixture_record("i", "a", "{}");
    iu_problem *problem;

    chmod(directory, 0770);
    problem = insert_record(in.store, &call, &record);
    is_number(problem ? problem->kind : 0, IU_DATABASE_REFUSED,
              "a directory that a group may write");
    ok(problem && strstr(problem->log_detail, "may be written by others"),
       "the log names it");
    ok(problem && problem->retry_after > 0 &&
           !strstr(problem->message, directory),
       "the client's message does not");
    chmod(directory, 0700);
    foreign_sql(in.pool, elsewhere, "CREATE TABLE t (a)");
    if (symlink(elsewhere, in.path) != 0) {
        give_up("no symbolic link can be made");
    }
    wait_for_probe();
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_REFUSED), "a symbolic link");
    unlink(in.path);
    mkdir(in.path, 0700);
    wait_for_probe();
    is_text(insert(&in, "a"), NUMBER(IU_DATABASE_REFUSED), "a directory");
    rmdir(in.path);
    wait_for_probe();
    is_text(insert(&in, "a"), NULL, "nothing was stored");
    apr_pool_destroy(in.pool);
}

/* Inserts eight records at once; one of them is refused. */
typedef struct member {
    pthread_t thread;
    trial *in;
    apr_pool_t *pool;
    char id[20];
    const char *number;
} member;

static void *run_member(void *data)
{
    member *self = data;

    self->number = fixture_insert(self->in->store, self->pool, "i", self->id);
    return NULL;
}

static void start(member *started, trial *in, const char *prefix, int number)
{
    started->in = in;
    apr_snprintf(started->id, sizeof started->id, "%s%d", prefix, number);
    apr_pool_create(&started->pool, test_pool);
    pthread_create(&started->thread, NULL, run_member, started);
}

static void end(member *ended)
{
    pthread_join(ended->thread, NULL);
    apr_pool_destroy(ended->pool);
}

#define MEMBERS 8

/* A lock holds the first up, so that the others form one group. */
static void insert_group(trial *in, member *members, const char *prefix)
{
    foreign other = foreign_open(in->pool, in->path);
    int i;

    foreign_run(other, "BEGIN IMMEDIATE");
    for (i = 0; i < MEMBERS; i++) {
        start(&members[i], in, prefix, i);
        apr_sleep(i == 0 ? 50000 : 1000);
    }
    apr_sleep(50000);
    foreign_run(other, "COMMIT");
    foreign_close(other);
    for (i = 0; i < MEMBERS; i++) {
        end(&members[i]);
    }
}

static void test_content(void)
{
    trial in = begin();
    member members[MEMBERS];
    int i;

    insert(&in, "first");
    foreign_sql(in.pool, in.path,
                "CREATE TRIGGER picky BEFORE INSERT ON used_insight"
                " WHEN new.id LIKE '%5' BEGIN"
                " SELECT raise(ABORT, 'we do not like this one'); END");
    insert_group(&in, members, "a");
    for (i = 0; i < MEMBERS; i++) {
        is_text(members[i].number, i == 5 ? NUMBER(IU_STATEMENT_FAILED) : NULL,
                "record %d of a group with one that a trigger refuses", i);
    }
    is_number(told_times(in.log, "IU0106"), 1, "the search is logged once");
    is_number(foreign_count(in.pool, in.path), MEMBERS,
              "the other records are stored");
    foreign_sql(in.pool, in.path,
                "DROP TRIGGER picky;"
                "CREATE UNIQUE INDEX odd ON used_insight (id)"
                " WHERE id LIKE 'b%'");
    foreign_sql(in.pool, in.path,
                "CREATE TRIGGER full BEFORE INSERT ON used_insight BEGIN"
                " SELECT raise(ABORT, 'database or disk is full'); END");
    is_text(insert(&in, "c"), NUMBER(IU_DATABASE_FULL), "a full database");
    is_text(insert(&in, "c"), NUMBER(IU_DATABASE_FULL),
            "does not open the breaker");
    is_text(find(&in, "a1"), NULL, "but can be read");
    foreign_sql(in.pool, in.path, "DROP TRIGGER full");
    is_text(insert(&in, "c"), NULL, "the store recovers");
    is_number(told_times(in.log, "IU0101"), 0, "the breaker stayed closed");
    apr_pool_destroy(in.pool);
}

static void test_locked(void)
{
    trial in = begin();
    foreign other;
    member waiting;
    apr_time_t before;

    insert(&in, "first");
    other = foreign_open(in.pool, in.path);
    foreign_run(other, "BEGIN IMMEDIATE");
    before = apr_time_now();
    start(&waiting, &in, "short", 1);
    apr_sleep(300000);
    foreign_run(other, "COMMIT");
    end(&waiting);
    is_text(waiting.number, NULL, "a foreign lock is waited for");
    ok(apr_time_now() - before >= 300000, "as long as it lasts");
    foreign_run(other, "BEGIN IMMEDIATE");
    is_text(insert(&in, "long"), NUMBER(IU_DATABASE_BUSY),
            "a lock that lasts ends the wait at the deadline");
    is_text(find(&in, "first"), NULL, "reading works meanwhile");
    foreign_run(other, "COMMIT");
    foreign_close(other);
    is_text(find(&in, "long"), NUMBER(IU_NOT_FOUND),
            "the insert had no effect");
    is_text(insert(&in, "long"), NULL, "and can be repeated");
    is_number(told_times(in.log, "IU0101"), 0, "the breaker stayed closed");
    apr_pool_destroy(in.pool);
}

/* Runs test in a child process and returns its result, 0 to 255. */
static int in_child(int (*test)(trial *), trial *in)
{
    pid_t child;
    int status;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        _exit(test(in));
    }
    if (child < 0 || waitpid(child, &status, 0) != child ||
        !WIFEXITED(status)) {
        return 255;
    }
    return WEXITSTATUS(status);
}

/* The kind of problem of an insert, 254 if it succeeds. */
static int insert_kind(trial *in, const char *id)
{
    iu_store_call call = fixture_call(in->pool);
    iu_record record = fixture_record("i", id, "{}");
    iu_problem *problem = insert_record(in->store, &call, &record);

    if (problem) {
        printf("# %s: %s\n", problem->number, problem->log_detail);
        fflush(stdout);
    }
    return problem ? (int)problem->kind : 254;
}

#define STORED 254

/* Root can write everything: gives up its rights first. */
static void become_nobody(trial *in)
{
    const char *directory =
        apr_pstrmemdup(in->pool, in->path, strrchr(in->path, '/') - in->path);
    const char *const names[] = {"", "-wal", "-shm"};
    int i;

    if (geteuid() != 0) {
        return;
    }
    for (i = 0; i < 3; i++) {
        if (chown(apr_pstrcat(in->pool, in->path, names[i], NULL), 65534,
                  65534) != 0 &&
            i == 0 && errno != ENOENT) {
            give_up("chown");
        }
    }
    if (chown(directory, 65534, 65534) != 0 || setgid(65534) != 0 ||
        setuid(65534) != 0) {
        give_up("the user cannot be changed");
    }
}

static int read_only_file(trial *in)
{
    become_nobody(in);
    chmod(in->path, 0400);
    return insert_kind(in, "a");
}

/* Another process, which has made the table and keeps the database open, so
 * that the -wal and -shm files remain. */
static pid_t foreign_process(trial *in)
{
    int made[2];
    char byte = 'm';
    pid_t process;

    fflush(stdout);
    if (pipe(made) != 0 || (process = fork()) < 0) {
        give_up("no process can be made");
    }
    if (process == 0) {
        foreign_run(foreign_open(in->pool, in->path),
                    iu_dialect_of("sqlite3")->schema[0]);
        if (write(made[1], &byte, 1) == 1) {
            pause();
        }
        _exit(EXIT_FAILURE);
    }
    close(made[1]);
    if (read(made[0], &byte, 1) != 1) {
        give_up("the other process has made no table");
    }
    close(made[0]);
    return process;
}

/* A reader opens the file while it is read-only, as are -wal and -shm. */
static int read_only_for_a_while(trial *in)
{
    const char *const names[] = {"", "-wal", "-shm"};
    int kind;
    int i;

    become_nobody(in);
    for (i = 0; i < 3; i++) {
        chmod(apr_pstrcat(in->pool, in->path, names[i], NULL), 0400);
    }
    find(in, "a");
    kind = insert_kind(in, "a");
    for (i = 0; i < 3; i++) {
        chmod(apr_pstrcat(in->pool, in->path, names[i], NULL), 0600);
    }
    return kind == (int)IU_DATABASE_READ_ONLY ? insert_kind(in, "a") : 253;
}

static int read_only_directory(trial *in)
{
    const char *directory =
        apr_pstrmemdup(in->pool, in->path, strrchr(in->path, '/') - in->path);

    become_nobody(in);
    chmod(directory, 0500);
    return insert_kind(in, "a");
}

static int another_owner(trial *in)
{
    foreign_sql(in->pool, in->path, "CREATE TABLE t (a)");
    if (chown(in->path, 65534, 65534) != 0) {
        return 255;
    }
    return insert_kind(in, "a");
}

static void test_read_only(void)
{
    trial in = begin();
    pid_t other;

    if (geteuid() == 0) {
        is_number(in_child(another_owner, &in), IU_DATABASE_REFUSED,
                  "a file of another user is refused");
    }
    else {
        printf("# only root can make a file of another user: not tried\n");
    }
    apr_pool_destroy(in.pool);
    in = begin();
    foreign_sql(in.pool, in.path,
                "PRAGMA journal_mode=WAL;"
                "CREATE TABLE t (a);"
                "INSERT INTO t VALUES (1)");
    is_number(in_child(read_only_file, &in), IU_DATABASE_READ_ONLY,
              "a file that cannot be written");
    apr_pool_destroy(in.pool);
    in = begin();
    foreign_sql(in.pool, in.path, "PRAGMA journal_mode=WAL;ANALYZE");
    other = foreign_process(&in);
    is_number(in_child(read_only_for_a_while, &in), STORED,
              "a file that can be written again, though a reader is open");
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    apr_pool_destroy(in.pool);
    in = begin();
    is_number(in_child(read_only_directory, &in), IU_DATABASE_REFUSED,
              "a directory in which no file can be made");
    apr_pool_destroy(in.pool);
}

/* Inserts until that fails, then makes room and inserts again. Exactly the
 * records that were answered as stored must be stored. */
static int fill(trial *in, void (*make_room)(trial *))
{
    int stored = 0;
    int kind;
    int i;

    while ((kind = insert_kind(in, apr_itoa(in->pool, stored))) == STORED) {
        stored++;
    }
    printf("# %d stored, then %s\n", stored, iu_problem_number(kind));
    make_room(in);
    wait_for_probe();
    for (i = 0; i < stored; i++) {
        if (find(in, apr_itoa(in->pool, i))) {
            return 1; /* a record is missing */
        }
    }
    if (insert_kind(in, "later") != STORED) {
        return 2; /* it did not recover */
    }
    if (strcmp(foreign_text(in->pool, in->path, "PRAGMA integrity_check"),
               "ok") != 0) {
        return 3;
    }
    /* A record whose outcome is unknown may be stored or not. */
    i = (int)foreign_count(in->pool, in->path);
    if (i != stored + 1 &&
        !(i == stored + 2 && kind == (int)IU_COMMIT_UNKNOWN)) {
        return 4;
    }
    fflush(stdout);
    return stored > 10 ? kind : 5;
}

static void lift_limit(trial *in)
{
    struct rlimit limit;

    (void)in;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static int small_files(trial *in)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 512 * 1024;
    setrlimit(RLIMIT_FSIZE, &limit);
    return fill(in, lift_limit);
}

static void empty_ballast(trial *in)
{
    unlink(apr_pstrcat(in->pool, in->path, ".ballast", NULL));
}

/* A file system of 600 KiB with 100 KiB of ballast, in a mount namespace of
 * this process. 253: it cannot be made here. */
static int small_file_system(trial *in)
{
    const char *directory =
        apr_pstrmemdup(in->pool, in->path, strrchr(in->path, '/') - in->path);
    char ballast[100 * 1024];
    FILE *file;

    if (unshare(CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", directory, "tmpfs", 0, "size=600k,mode=0700") != 0) {
        return 253;
    }
    memset(ballast, 'b', sizeof ballast);
    file = fopen(apr_pstrcat(in->pool, in->path, ".ballast", NULL), "w");
    if (!file || fwrite(ballast, sizeof ballast, 1, file) != 1 ||
        fclose(file) != 0) {
        return 252;
    }
    return fill(in, empty_ballast);
}

static void test_no_room(void)
{
    trial in = begin();
    int kind = in_child(small_files, &in);

    ok(kind == IU_COMMIT_UNKNOWN || kind == IU_DATABASE_DOWN,
       "a file that may not grow (%d)", kind);
    apr_pool_destroy(in.pool);
    in = begin();
    kind = in_child(small_file_system, &in);
    if (kind == 253) {
        printf("# no file system may be mounted here: the full disk is only "
               "played by a trigger\n");
    }
    else {
        is_number(kind, IU_DATABASE_FULL, "a full disk");
    }
    apr_pool_destroy(in.pool);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&test_pool, NULL);
    test_foreign_schema_changes();
    test_replaced();
    test_not_a_database();
    test_places();
    test_content();
    test_locked();
    test_read_only();
    test_no_room();
    apr_pool_destroy(test_pool);
    apr_terminate();
    return done();
}
