/* SPDX-License-Identifier: Apache-2.0 */
#include "prepared.h"

#include <string.h>

#include <apr_strings.h>

typedef struct iu_prepared {
    apr_pool_t *pool; /* its own */
    const char *sql;
    void *statement; /* NULL: not prepared */
} iu_prepared;

static void free_prepared(const iu_prepared_set *set, iu_prepared *prepared)
{
    if (set->finalize && prepared->statement) {
        set->finalize(prepared->statement);
    }
    apr_pool_destroy(prepared->pool);
}

/* Puts a statement first. The ones before index, whose slot is free, move up by
 * one. */
static void put_first(iu_prepared_set *set, iu_prepared *prepared, int index)
{
    memmove(set->statements + 1, set->statements,
            index * sizeof *set->statements);
    set->statements[0] = prepared;
}

/* Finds a statement and puts it first; NULL: the cache does not have it. */
static iu_prepared *find(iu_prepared_set *set, const char *sql)
{
    iu_prepared *found;
    int index = 0;

    while (index < set->count &&
           strcmp(set->statements[index]->sql, sql) != 0) {
        index++;
    }
    if (index == set->count) {
        return NULL;
    }
    found = set->statements[index];
    put_first(set, found, index);
    return found;
}

/* Adds a statement, in place of the least recently used one if the cache is
 * full. */
static void add(iu_prepared_set *set, iu_prepared *prepared)
{
    if (set->count == IU_PREPARED_MAX) {
        free_prepared(set, set->statements[--set->count]);
    }
    put_first(set, prepared, set->count++);
}

static iu_prepared *make_prepared(const iu_prepared_set *set, const char *sql)
{
    iu_prepared *made;
    apr_pool_t *pool;

    apr_pool_create(&pool, set->pool);
    made = apr_pcalloc(pool, sizeof *made);
    made->pool = pool;
    made->sql = apr_pstrdup(pool, sql);
    return made;
}

int iu_prepared_get(iu_prepared_set *set, const char *sql, iu_prepare *prepare,
                    void *baton, void **statement)
{
    iu_prepared *prepared = find(set, sql);
    int result;

    if (!prepared) {
        prepared = make_prepared(set, sql);
        result = prepare(baton, sql, prepared->pool, &prepared->statement);
        if (result != 0) {
            free_prepared(set, prepared);
            return result;
        }
        add(set, prepared);
    }
    *statement = prepared->statement;
    return 0;
}

void iu_prepared_free_all(iu_prepared_set *set)
{
    while (set->count > 0) {
        free_prepared(set, set->statements[--set->count]);
    }
}
