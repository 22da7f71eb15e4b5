/* SPDX-License-Identifier: Apache-2.0 */
/* The databases there are. */
#include "dialect.h"

#include <string.h>

#include <apr_strings.h>

static const iu_dialect *const dialects[] = {&iu_dialect_sqlite3, NULL};

const iu_dialect *iu_dialect_of(const char *driver)
{
    const iu_dialect *const *dialect = dialects;

    while (*dialect && strcmp((*dialect)->driver, driver) != 0) {
        dialect++;
    }
    return *dialect;
}

const char *iu_dialect_names(apr_pool_t *pool)
{
    const char *names = dialects[0]->driver;
    int i;

    for (i = 1; dialects[i]; i++) {
        names = apr_pstrcat(pool, names, ", ", dialects[i]->driver, NULL);
    }
    return names;
}
