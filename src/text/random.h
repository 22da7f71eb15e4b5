/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes from the kernel, fetched in bulk: a system call for each few
 * bytes would be a good part of what a request costs. */
#ifndef IU_TEXT_RANDOM_H
#define IU_TEXT_RANDOM_H

#include <apr.h>

/* A stock of bytes that nobody has used; empty when all zero. Of one thread at
 * a time, and of one process: a copy gives the same bytes again. */
typedef struct iu_random {
    apr_size_t left; /* bytes at the end of stock that are still good */
    unsigned char stock[512];
} iu_random;

/* Takes count bytes, at most sizeof(random->stock), and fetches more where they
 * do not suffice. Without randomness no identifier is unique, and no answer to
 * a request would be right: the process ends. */
void iu_random_take(iu_random *random, unsigned char *bytes, apr_size_t count);

#endif
