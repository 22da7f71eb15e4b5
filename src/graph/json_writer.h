/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON written from front to back. The comma between two values comes by
 * itself. A name is that of the member, NULL for an element of an array or the
 * whole text; names are constants of this program that need no escape.
 */
#ifndef IU_GRAPH_JSON_WRITER_H
#define IU_GRAPH_JSON_WRITER_H

#include "buffer.h"

/* Appends text, UTF-8, as a string; nothing where it is NULL. */
void iu_json_write_text(iu_buffer *out, const char *name, const char *text);

/* Begin and end an object. */
void iu_json_open(iu_buffer *out, const char *name);
void iu_json_close(iu_buffer *out);

/* Appends what is JSON already: a number, true, the bracket that begins an
 * array. (That which ends it is appended as it is.) */
void iu_json_write_raw(iu_buffer *out, const char *name, const char *json);

#endif
