/* SPDX-License-Identifier: Apache-2.0 */
#include "json_writer.h"

#include <stdlib.h>

#include "json_tree.h"

/* Out of memory ends the process, as it does for pools. */
static void must(int has_memory)
{
    if (!has_memory) {
        abort();
    }
}

/* Adds a new child to parent. */
static iu_json *add(iu_json *parent, const char *name, json_object *child)
{
    json_object *tree = iu_json_tree(parent);

    must(child != NULL);
    must((name ? json_object_object_add(tree, name, child)
               : json_object_array_add(tree, child)) == 0);
    return (iu_json *)child;
}

iu_json *iu_json_make(apr_pool_t *pool)
{
    json_object *tree = json_object_new_object();

    must(tree != NULL);
    iu_json_own(pool, tree);
    return (iu_json *)tree;
}

iu_json *iu_json_add_object(iu_json *parent, const char *name)
{
    return add(parent, name, json_object_new_object());
}

iu_json *iu_json_add_array(iu_json *parent, const char *name)
{
    return add(parent, name, json_object_new_array());
}

void iu_json_add_text(iu_json *parent, const char *name, const char *text)
{
    if (text) {
        add(parent, name, json_object_new_string(text));
    }
}

void iu_json_add_flag(iu_json *parent, const char *name, int flag)
{
    add(parent, name, json_object_new_boolean(flag));
}

iu_json *iu_json_add_constant(iu_json *parent, const char *name,
                              const char *json)
{
    return add(parent, name, json_tokener_parse(json));
}

void iu_json_print(iu_buffer *out, const iu_json *value)
{
    size_t length;
    const char *text = json_object_to_json_string_length(
        iu_json_tree(value),
        JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);

    must(text != NULL);
    iu_buffer_append(out, text, length);
}
