/* SPDX-License-Identifier: Apache-2.0 */
/* An assertion of a fuzz target. */
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
