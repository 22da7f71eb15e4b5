/* SPDX-License-Identifier: Apache-2.0 */
#include "random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static void fill(unsigned char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t got = getrandom(bytes, count, 0);

        if (got < 0 && errno != EINTR) {
            abort();
        }
        if (got > 0) {
            bytes += got;
            count -= got;
        }
    }
}

void iu_random_take(iu_random *random, unsigned char *bytes, apr_size_t count)
{
    const unsigned char *end = random->stock + sizeof random->stock;

    if (random->unused < count) {
        fill(random->stock, sizeof random->stock);
        random->unused = sizeof random->stock;
    }
    memcpy(bytes, end - random->unused, count);
    random->unused -= count;
}
