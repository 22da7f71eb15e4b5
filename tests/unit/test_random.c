/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/text/random.c, with a getrandom() that can fail. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/text/random.h"
#include "support/tap.h"

#define MANY 100000

static enum { HONEST, BYTEWISE, ABSENT } kernel;
static int calls;

/* Replaces the C library's function in this program. */
ssize_t getrandom(void *bytes, size_t count, unsigned flags)
{
    calls++;
    switch (kernel) {
    case BYTEWISE:
        if (calls % 2) {
            errno = EINTR;
            return -1;
        }
        return syscall(SYS_getrandom, bytes, 1, flags);
    case ABSENT:
        errno = ENOSYS;
        return -1;
    case HONEST:
        break;
    }
    return syscall(SYS_getrandom, bytes, count, flags);
}

typedef unsigned char token[16];

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(token));
}

/* The number of duplicates among count tokens; sorts them. */
static int repeated(token *tokens, int count)
{
    int equal = 0;
    int i;

    qsort(tokens, count, sizeof(token), compare);
    for (i = 1; i < count; i++) {
        equal += memcmp(tokens[i], tokens[i - 1], sizeof(token)) == 0;
    }
    return equal;
}

static void take_many(iu_random *random, token *tokens, int count)
{
    int i;

    for (i = 0; i < count; i++) {
        iu_random_take(random, tokens[i], sizeof(token));
    }
}

static void test_stock(void)
{
    static token tokens[MANY];
    static iu_random random;
    unsigned char bytes[sizeof random.stock];

    calls = 0;
    take_many(&random, tokens, MANY);
    is_number(calls, MANY * 16 / 512, "bytes are fetched in bulk");
    is_number(repeated(tokens, MANY), 0, "no bytes are returned twice");
    iu_random_take(&random, bytes, 500);
    calls = 0;
    iu_random_take(&random, bytes, 12);
    is_number(calls, 0, "the rest of the buffer is used");
    iu_random_take(&random, bytes, 1);
    is_number(calls, 1, "the next byte comes from a new read");
    iu_random_take(&random, bytes, sizeof bytes);
    is_number(calls, 2, "a whole buffer can be taken");
}

static void test_interrupted(void)
{
    static token tokens[MANY / 100];
    static iu_random random;

    kernel = BYTEWISE;
    calls = 0;
    take_many(&random, tokens, MANY / 100);
    kernel = HONEST;
    ok(calls >= MANY / 100 * 32, "interrupted reads are repeated");
    is_number(repeated(tokens, MANY / 100), 0, "short reads are completed");
}

static void test_no_randomness(void)
{
    int status = 0;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        iu_random random = {0};
        token bytes;

        kernel = ABSENT;
        iu_random_take(&random, bytes, sizeof bytes);
        _exit(0);
    }
    waitpid(child, &status, 0);
    ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
       "without a random source the process ends");
}

int main(void)
{
    test_stock();
    test_interrupted();
    test_no_randomness();
    return done();
}
