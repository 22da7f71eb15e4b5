/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect.h"

#include <string.h>

#include <apr_strings.h>

static const iu_dialect *const dialects[] = {
    &iu_dialect_sqlite3, &iu_dialect_pgsql, &iu_dialect_mysql, NULL};

const char iu_sql_insert_head[] =
    "INSERT INTO used_insight (invitation_id, id, version, last_accessed,"
    " last_modified, document, digest, last_stored) VALUES ";
const char iu_sql_find[] =
    "SELECT version, last_accessed, last_modified, document, digest"
    " FROM used_insight WHERE invitation_id = %s AND id = %s";
const char iu_sql_delete[] =
    "DELETE FROM used_insight"
    " WHERE invitation_id = %s AND id = %s AND version = %s";
const char iu_sql_begin[] = "BEGIN";
const char iu_sql_commit[] = "COMMIT";
const char iu_sql_rollback[] = "ROLLBACK";

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
