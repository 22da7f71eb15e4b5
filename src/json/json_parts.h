/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts the text of a JSON object or array into its parts, without a tree: for
 * texts that hold more values than json_reader.h takes at once.
 *
 * Only what is between the parts is checked (RFC 8259: white space, quotes,
 * colons, commas). A part itself is found by counting brackets and strings, and
 * must be read with iu_json_read, which refuses a part that is not one whole
 * JSON text. So the text was JSON if all parts could be read. iu_json_read
 * overwrites its text: cut an object or array to its end before a part of it is
 * read in place, or read a copy.
 */
#ifndef IU_JSON_JSON_PARTS_H
#define IU_JSON_JSON_PARTS_H

#include "../text/span.h"

/* The parts of one object or array. */
typedef struct iu_json_parts {
    const char *at; /* the next byte; after a fault: the first wrong byte */
    const char *end;
    const char *reason; /* a constant: "a colon is expected"; NULL: no fault */
    char close;         /* '}' or ']'; NUL: closed */
    int count;          /* parts that were begun */
    int is_inner;       /* another text may follow */
} iu_json_parts;

/* Begins to cut text, which must live as long as the parts are used. open is
 * '{' or '['. */
void iu_json_parts_begin(iu_json_parts *parts, iu_span text, char open);

/* Move to the value of the next member of an object, whose name with its quotes
 * and escapes is *name, or of the next element of an array: at is its first
 * byte. The value must be read before the next one. Return 0 after the last,
 * which only white space may follow, and then and after a fault always;
 * parts->reason tells which. Names may be given twice. */
int iu_json_next_member(iu_json_parts *parts, iu_span *name);
int iu_json_next_element(iu_json_parts *parts);

/* Reads the value, without the white space around it. Returns 0 after a
 * fault. */
int iu_json_read_part(iu_json_parts *parts, iu_span *value);

/* Read the value by cutting it: begin with its first byte, and go on with outer
 * after its last part or after a fault, which outer takes over. */
void iu_json_parts_enter(iu_json_parts *inner, const iu_json_parts *outer,
                         char open);
void iu_json_parts_leave(const iu_json_parts *inner, iu_json_parts *outer);

/* The place of a byte of text: *line from 1, *column in characters from 1. */
void iu_json_locate(const char *text, const char *at, unsigned *line,
                    unsigned *column);

#endif
