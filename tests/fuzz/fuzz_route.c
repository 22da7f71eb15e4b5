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

static int has_invitation(iu_route_kind kind)
{
    return has_id(kind) || kind == IU_ROUTE_COLLECTION ||
           kind == IU_ROUTE_COUNT;
}

static void check_keys(apr_pool_t *pool, const iu_route *route)
{
    iu_route again;
    iu_buffer path;

    if (!iu_key_is_valid(route->invitation_id, strlen(route->invitation_id)) ||
        (route->id && !iu_key_is_valid(route->id, strlen(route->id)))) {
        abort();
    }
    iu_buffer_init(&path, pool, 16);
    iu_buffer_puts(&path, "/beta/");
    iu_route_write(&path, route->invitation_id, route->id ? route->id : "x");
    if (iu_route_read(pool, "/beta", path.data, &again) ||
        again.kind != IU_ROUTE_ITEM ||
        strcmp(again.invitation_id, route->invitation_id) != 0 ||
        strcmp(again.id, route->id ? route->id : "x") != 0) {
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
    if (problem ? !has_invitation(route.kind)
                : has_invitation(route.kind) != (route.invitation_id != NULL) ||
                      has_id(route.kind) != (route.id != NULL)) {
        abort();
    }
    if (!problem && route.invitation_id) {
        check_keys(pool, &route);
    }
    apr_pool_destroy(pool);
    return 0;
}
