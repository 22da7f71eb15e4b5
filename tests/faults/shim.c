/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a server under test. Makes system calls fail and sets the
 * clock, controlled from outside at run time. libfiu and libfaketime are
 * configured when a process starts, or affect only one process; here a test
 * switches a fault on and off in all children at once by writing to the file
 * FAULTS_CONTROL, which all of them have mapped. A crashing process logs its
 * stack, which shows whether the module is to blame.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

#define BILLION 1000000000L

/* Interval for checking the clock, which may be set meanwhile: 20 ms in
 * nanoseconds. */
#define SLICE (BILLION / 50)

/* Layout of the file; lib/Faults/Shim.pm reads and writes it. */
struct control {
    _Atomic int64_t shift;        /* of the wall clock, in nanoseconds */
    _Atomic uint32_t fail_sync;   /* per thousand */
    _Atomic uint32_t fail_write;  /* per thousand */
    _Atomic uint64_t calls;       /* subject to faults */
    _Atomic uint64_t failed_sync; /* made to fail */
    _Atomic uint64_t failed_write;
};

static struct control nothing;
static struct control *control = &nothing;

__attribute__((constructor)) static void map_control(void)
{
    const char *name = getenv("FAULTS_CONTROL");
    int file = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
    void *mapped;

    if (file < 0) {
        return;
    }
    mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE,
                  MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED) {
        control = mapped;
    }
}

/* The wrapped function. POSIX guarantees that void * can hold its address. */
static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (!found) {
        abort();
    }
    return found;
}

#define REAL(name)                                                             \
    static __typeof__(&name) real_##name;                                      \
    if (!real_##name) {                                                        \
        *(void **)&real_##name = real(#name);                                  \
    }

static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

#define CRASHES (sizeof crashes / sizeof crashes[0])
#define FRAMES_MAX 100

/* Logs the stack of the crashing thread, one line per frame: the file of its
 * code, and the function if known. (None of this is async-signal-safe. It
 * mostly works, and there is nothing left to lose.) */
static void tell_stack(int number)
{
    void *frames[FRAMES_MAX];
    int count = backtrace(frames, FRAMES_MAX);
    Dl_info found;
    int i;

    for (i = 0; i < count; i++) {
        if (dladdr(frames[i], &found)) {
            dprintf(STDERR_FILENO, "stack of %d: %s %s\n", (int)getpid(),
                    found.dli_fname, found.dli_sname ? found.dli_sname : "");
        }
    }
    /* Delivered when this handler returns, with a core if enabled. */
    raise(number);
}

EXPORTED int sigaction(int number, const struct sigaction *restrict action,
                       struct sigaction *restrict before)
{
    size_t i;
    REAL(sigaction)

    /* httpd's own handlers, which log no stack, are not installed. */
    for (i = 0; action && i < CRASHES; i++) {
        if (crashes[i] == number) {
            action = NULL;
        }
    }
    return real_sigaction(number, action, before);
}

__attribute__((constructor)) static void watch_for_crashes(void)
{
    const struct sigaction action = {.sa_handler = tell_stack,
                                     .sa_flags = (int)SA_RESETHAND};
    void *frame;
    size_t i;
    REAL(sigaction)

    backtrace(&frame, 1); /* loads its library now */
    for (i = 0; i < CRASHES; i++) {
        real_sigaction(crashes[i], &action, NULL);
    }
}

/* True if this call is to fail. The sequence of random numbers (SplitMix64) is
 * the same in each run, their assignment to threads is not. */
static int fails(_Atomic uint32_t *in_a_thousand, _Atomic uint64_t *failed)
{
    uint32_t limit = atomic_load(in_a_thousand);
    uint64_t z;

    if (limit == 0) {
        return 0;
    }
    z = (atomic_fetch_add(&control->calls, 1) + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    if (z % 1000 >= limit) {
        return 0;
    }
    atomic_fetch_add(failed, 1);
    errno = EIO;
    return 1;
}

/* True if this write is to fail; every second time with ENOSPC. */
static int write_fails(void)
{
    if (!fails(&control->fail_write, &control->failed_write)) {
        return 0;
    }
    if (atomic_load(&control->failed_write) % 2) {
        errno = ENOSPC;
    }
    return 1;
}

EXPORTED int fdatasync(int file)
{
    REAL(fdatasync)
    return fails(&control->fail_sync, &control->failed_sync)
               ? -1
               : real_fdatasync(file);
}

EXPORTED int fsync(int file)
{
    REAL(fsync)
    return fails(&control->fail_sync, &control->failed_sync) ? -1
                                                             : real_fsync(file);
}

EXPORTED ssize_t pwrite(int file, const void *data, size_t length, off_t at)
{
    REAL(pwrite)
    return write_fails() ? -1 : real_pwrite(file, data, length, at);
}

EXPORTED ssize_t pwrite64(int file, const void *data, size_t length, off64_t at)
{
    REAL(pwrite64)
    return write_fails() ? -1 : real_pwrite64(file, data, length, at);
}

EXPORTED int ftruncate(int file, off_t length)
{
    REAL(ftruncate)
    return write_fails() ? -1 : real_ftruncate(file, length);
}

EXPORTED int ftruncate64(int file, off64_t length)
{
    REAL(ftruncate64)
    return write_fails() ? -1 : real_ftruncate64(file, length);
}

static void add(struct timespec *to, int64_t nanoseconds)
{
    int64_t left = to->tv_nsec + nanoseconds % BILLION;

    to->tv_sec += nanoseconds / BILLION + (left < 0 ? -1 : left / BILLION);
    to->tv_nsec = left < 0 ? left + BILLION : left % BILLION;
}

static int is_before(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec < b->tv_sec ||
           (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

EXPORTED int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result;
    REAL(clock_gettime)

    result = real_clock_gettime(clock, now);
    if (result == 0 &&
        (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        add(now, atomic_load(&control->shift));
    }
    return result;
}

EXPORTED int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec precise;

    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) {
        return -1;
    }
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

EXPORTED time_t time(time_t *copy)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (copy) {
        *copy = now.tv_sec;
    }
    return now.tv_sec;
}

/* Sets until, by the kernel's clock, to the next check of our clock. Returns 0
 * if the deadline, which is by our clock, has passed. */
static int next_look(const struct timespec *deadline, struct timespec *until)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (!is_before(&now, deadline)) {
        return 0;
    }
    add(&now, SLICE);
    *until = is_before(deadline, &now) ? *deadline : now;
    add(until, -atomic_load(&control->shift));
    return 1;
}

/* Follows changes of the clock, as the kernel does: waits end by the clock as
 * set meanwhile. */
EXPORTED int pthread_mutex_timedlock(pthread_mutex_t *mutex,
                                     const struct timespec *deadline)
{
    struct timespec until;
    int result;
    REAL(pthread_mutex_timedlock)

    do {
        if (!next_look(deadline, &until)) {
            result = pthread_mutex_trylock(mutex);
            return result == EBUSY ? ETIMEDOUT : result;
        }
        result = real_pthread_mutex_timedlock(mutex, &until);
    } while (result == ETIMEDOUT);
    return result;
}

EXPORTED int pthread_cond_timedwait(pthread_cond_t *condition,
                                    pthread_mutex_t *mutex,
                                    const struct timespec *deadline)
{
    struct timespec until;
    int result;
    REAL(pthread_cond_timedwait)

    do {
        if (!next_look(deadline, &until)) {
            return ETIMEDOUT;
        }
        result = real_pthread_cond_timedwait(condition, mutex, &until);
    } while (result == ETIMEDOUT);
    return result;
}
