/* SPDX-License-Identifier: Apache-2.0 */
/* Tests that every dialect has, each with the dialect's own table. A table ends
 * with NULL. */
#ifndef IU_TESTS_UNIT_DIALECT_CASES_H
#define IU_TESTS_UNIT_DIALECT_CASES_H

#include <apr_strings.h>

#include "../../../src/dialect/dialect.h"

#include "tap.h"

typedef struct dialect_error {
    const char *text; /* from the driver */
    iu_failure_kind kind;
    int number; /* from the driver; 0: a connection could not be opened */
} dialect_error;

static inline void test_classify(const iu_dialect *dialect,
                                 const dialect_error *error)
{
    for (; error->text; error++) {
        is_number(dialect->classify(error->number, error->text), error->kind,
                  "kind of error %d: %s", error->number, error->text);
    }
}

/* Pairs: the driver's text and how much of it may be logged. */
static inline void test_loggable(apr_pool_t *pool, const iu_dialect *dialect,
                                 const char *const (*pair)[2])
{
    for (; (*pair)[0]; pair++) {
        const char *text = (*pair)[0];

        is_text(apr_pstrmemdup(pool, text, dialect->loggable(text)), (*pair)[1],
                "loggable part of: %s", text);
    }
}

static inline void test_usable(apr_pool_t *pool, const iu_dialect *dialect,
                               const char *const *params)
{
    for (; *params; params++) {
        is_text(dialect->check_params(pool, *params), NULL, "usable: %s",
                *params);
    }
}

/* The word "secret" stands for a password. */
static inline void test_unusable(apr_pool_t *pool, const iu_dialect *dialect,
                                 const char *const *params)
{
    for (; *params; params++) {
        const char *sentence = dialect->check_params(pool, *params);

        ok(sentence && !strstr(sentence, "secret"),
           "not usable, and no password in the sentence: %s", *params);
    }
}

#endif
