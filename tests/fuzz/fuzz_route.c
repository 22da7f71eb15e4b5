/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer target: src/graph/route.c. Keys that are read must be valid, and
 * the path that is written for them must be read as the same keys. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/graph/key.h"
#include "../../src/graph/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int has_id(iu_route_kind kind)
{
    return kind == IU_ROUTE_ITEM || kind == IU_ROUTE_RESOURCE;
}

static int has_owner(iu_route_kind kind)
{
    return has_id(kind) || kind == IU_ROUTE_COLLECTION ||
           kind == IU_ROUTE_COUNT;
}

static int same_text(const char *left, const char *right)
{
    return left && right ? strcmp(left, right) == 0 : left == right;
}

static void check_key(const char *key)
{
    if (key && !iu_key_is_valid(key, strlen(key))) {
        abort();
    }
}

static void check_keys(apr_pool_t *pool, const iu_route *route)
{
    const char *id = route->id ? route->id : "x";
    iu_route again;
    iu_buffer path;

    check_key(route->owner.id);
    check_key(route->id);
    if (!route->owner.id != (route->owner.kind == IU_OWNER_ME)) {
        abort();
    }
    iu_buffer_init(&path, pool, 16);
    iu_buffer_puts(&path, "/beta/");
    iu_route_write(&path, &route->owner, id);
    if (iu_route_read(pool, "/beta", path.data, &again) ||
        again.kind != IU_ROUTE_ITEM || again.owner.kind != route->owner.kind ||
        !same_text(again.owner.id, route->owner.id) ||
        !same_text(again.id, id)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *parent;
    apr_pool_t *pool;
    iu_route route;
    iu_problem *problem;

    if (!parent) {
        apr_initialize();
        apr_pool_create(&parent, NULL);
    }
    apr_pool_create(&pool, parent);
    problem = iu_route_read(
        pool, "/beta", apr_pstrmemdup(pool, (const char *)data, size), &route);
    if (has_owner(route.kind) != (route.owner.kind != IU_OWNER_NONE) ||
        (problem ? !has_owner(route.kind)
                 : has_id(route.kind) != (route.id != NULL))) {
        abort();
    }
    if (!problem && has_owner(route.kind)) {
        check_keys(pool, &route);
    }
    apr_pool_destroy(pool);
    return 0;
}
