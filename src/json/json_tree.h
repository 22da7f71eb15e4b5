/* SPDX-License-Identifier: Apache-2.0 */
/* json-c's type behind iu_json, for the files of this folder. */
#ifndef IU_JSON_JSON_TREE_H
#define IU_JSON_JSON_TREE_H

#include <apr_pools.h>

#include <json-c/json.h>

#include "json_reader.h"

/* An iu_json is a json_object. json-c's getters take it without const. */
static inline json_object *iu_json_tree(const iu_json *value)
{
    return (json_object *)value;
}

/* A pool cleanup. */
static inline apr_status_t iu_json_put(void *tree)
{
    json_object_put(tree);
    return APR_SUCCESS;
}

/* Frees a tree when pool is cleared. */
static inline void iu_json_own(apr_pool_t *pool, json_object *tree)
{
    apr_pool_cleanup_register(pool, tree, iu_json_put, apr_pool_cleanup_null);
}

#endif
