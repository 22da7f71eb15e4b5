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
    char close;         /* '}' or ']' */
    int count;          /* parts that were read */
} iu_json_parts;

typedef struct iu_json_member {
    iu_span name; /* with its quotes and escapes */
    iu_span value;
} iu_json_member;

/* Begins to cut text, which must live as long as the parts are used. open is
 * '{' or '['. */
void iu_json_parts_begin(iu_json_parts *parts, iu_span text, char open);

/* Read the next member of an object or element of an array, without the white
 * space around it. Return 0 after the last, which only white space may follow,
 * and then and after a fault always; parts->reason tells which. Names may be
 * given twice. */
int iu_json_next_member(iu_json_parts *parts, iu_json_member *member);
int iu_json_next_element(iu_json_parts *parts, iu_span *value);

/* The place of a byte of text: *line from 1, *column in characters from 1. */
void iu_json_locate(const char *text, const char *at, unsigned *line,
                    unsigned *column);

#endif
