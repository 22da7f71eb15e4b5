/* SPDX-License-Identifier: Apache-2.0 */
/* What a fuzz target holds to be true of every input. */
#ifndef IU_TESTS_FUZZ_MUST_H
#define IU_TESTS_FUZZ_MUST_H

#include <stdlib.h>

static inline void must(int condition)
{
    if (!condition) {
        abort();
    }
}

#endif
