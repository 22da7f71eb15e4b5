/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds JSON as a json-c tree and prints it. Members are printed in the order
 * in which they were added. name is the member's name, NULL for an array
 * element. Creates do not use this: it would cost as much as parsing.
 */
#ifndef IU_JSON_JSON_WRITER_H
#define IU_JSON_JSON_WRITER_H

#include "../text/buffer.h"
#include "json_reader.h"

/* Makes an empty object: the root of a tree that lives until pool is
 * cleared. */
iu_json *iu_json_make(apr_pool_t *pool);

/* Add an empty object or array to parent, an object or array, and return it. It
 * lives as long as the tree. */
iu_json *iu_json_add_object(iu_json *parent, const char *name);
iu_json *iu_json_add_array(iu_json *parent, const char *name);

/* Adds a string in UTF-8; nothing if text is NULL. */
void iu_json_add_text(iu_json *parent, const char *name, const char *text);

void iu_json_add_flag(iu_json *parent, const char *name, int flag);

/* Parses a constant of this program, such as {"type":"string"}, adds and
 * returns it. */
iu_json *iu_json_add_constant(iu_json *parent, const char *name,
                              const char *json);

/* Appends the text of value without white space. */
void iu_json_print(iu_buffer *out, const iu_json *value);

#endif
