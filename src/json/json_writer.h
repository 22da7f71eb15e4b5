/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON that is built as a tree of json-c, and printed. Members are printed in
 * the order in which they were added. A name is that of the member, NULL for an
 * element of an array. Not for what is written for each create: it would cost
 * as much as reading does.
 */
#ifndef IU_JSON_JSON_WRITER_H
#define IU_JSON_JSON_WRITER_H

#include "../text/buffer.h"
#include "json_reader.h"

/* An empty object, the root of a tree that is freed when pool is cleared. */
iu_json *iu_json_make(apr_pool_t *pool);

/* Add to parent, an object or array, and return an empty object or array that
 * lives as long. */
iu_json *iu_json_add_object(iu_json *parent, const char *name);
iu_json *iu_json_add_array(iu_json *parent, const char *name);

/* Adds a string, UTF-8; nothing where text is NULL. */
void iu_json_add_text(iu_json *parent, const char *name, const char *text);

void iu_json_add_flag(iu_json *parent, const char *name, int flag);

/* Adds what a constant of this program says: {"type":"string"}. Returns it. */
iu_json *iu_json_add_constant(iu_json *parent, const char *name,
                              const char *json);

/* Appends the text of value without white space. */
void iu_json_print(iu_buffer *out, const iu_json *value);

#endif
