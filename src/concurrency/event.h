/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting until a word changes, and waking those who wait: futex(2). Unlike a
 * condition variable it wakes all waiters without making them queue for a
 * mutex again, and costs nothing where nobody has to wait.
 */
#ifndef IU_CONCURRENCY_EVENT_H
#define IU_CONCURRENCY_EVENT_H

#include <limits.h>
#include <stdatomic.h>

#include <apr.h>
#include <apr_time.h>

/* The word. Its values are the user's; it is only seen by this process. */
typedef _Atomic apr_uint32_t iu_event;

#define IU_EVENT_ALL INT_MAX

/* Sleeps while *event is expected. Returns 0 when deadline (of iu_clock_now)
 * has passed, else 1: the word may have changed, or not (look again). */
int iu_event_wait(iu_event *event, apr_uint32_t expected, apr_time_t deadline);

/* Wakes up to count of those who wait; the word must have been changed before.
 * Harmless where nobody waits. */
void iu_event_wake(iu_event *event, int count);

#endif
