/* SPDX-License-Identifier: Apache-2.0 */
/* What bounds the statements of one request. */
#ifndef IU_DIALECT_BOUND_H
#define IU_DIALECT_BOUND_H

#include <apr_time.h>

/* Whether the client has gone, so that nobody waits for the answer: not 0.
 * Called by the request's thread, and only when it has waited for a while. */
typedef int iu_is_gone(void *client);

typedef struct iu_bound {
    apr_time_t deadline; /* of iu_clock_now */
    iu_is_gone *is_gone; /* NULL: nobody can tell */
    void *client;        /* for is_gone */
} iu_bound;

#endif
