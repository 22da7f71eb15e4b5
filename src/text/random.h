/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes from the kernel, read in bulk: a system call for every few bytes
 * would be a noticeable part of the cost of a request. */
#ifndef IU_TEXT_RANDOM_H
#define IU_TEXT_RANDOM_H

#include <apr.h>

/* A stock of random bytes; initialize with zeros. Not thread-safe, and must not
 * be used on both sides of a fork: a copy returns the same bytes again. */
typedef struct iu_random {
    apr_size_t unused; /* bytes left at the end of stock */
    unsigned char stock[512];
} iu_random;

/* Writes count random bytes, at most sizeof(random->stock); refills the stock
 * if it has too few. Aborts the process if the kernel has no random bytes:
 * without them identifiers would not be unique. */
void iu_random_take(iu_random *random, unsigned char *bytes, apr_size_t count);

#endif
