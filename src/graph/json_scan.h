/* SPDX-License-Identifier: Apache-2.0 */
/* Whether bytes from outside are JSON: the strict scan before the parser. */
#ifndef IU_GRAPH_JSON_SCAN_H
#define IU_GRAPH_JSON_SCAN_H

#include <apr.h>

#define IU_JSON_DEPTH 8    /* objects and arrays within each other */
#define IU_JSON_VALUES 256 /* values of any kind, the outermost counted */

typedef struct iu_json_fault {
    apr_size_t offset;  /* byte at which the text went wrong */
    unsigned line;      /* from 1; lines end with LF */
    unsigned column;    /* in characters, from 1 */
    const char *reason; /* a constant: "a name is given twice in one object" */
} iu_json_fault;

/* Whether length bytes are one JSON text within the limits: RFC 8259 grammar,
 * UTF-8, no U+0000 and no lone surrogate in strings, no name twice in one
 * object (compared after unescaping), at most INT_MAX bytes. Where not, fault
 * tells where and why. Needs no memory but the stack. */
int iu_json_scan(const char *text, apr_size_t length, iu_json_fault *fault);

/* Writes a fault at a place of text, which must be UTF-8 up to there. */
void iu_json_locate(const char *text, const char *at, const char *reason,
                    iu_json_fault *fault);

#endif
