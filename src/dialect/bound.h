/* SPDX-License-Identifier: Apache-2.0 */
/* The limits within which the statements of one request run. */
#ifndef IU_DIALECT_BOUND_H
#define IU_DIALECT_BOUND_H

#include <apr_time.h>

/* Returns nonzero if the client has gone, so that nobody needs the answer.
 * Called by the request's thread, only after it has waited for a while. */
typedef int iu_is_gone(void *client);

typedef struct iu_bound {
    apr_time_t deadline; /* of iu_clock_now */
    iu_is_gone *is_gone; /* NULL: never ask */
    void *client;        /* argument of is_gone */
} iu_bound;

#endif
