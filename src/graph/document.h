/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Splits a stored document into its parts without a JSON parser, which is
 * faster: used_insight.c writes documents without white space, with objects of
 * strings and null.
 */
#ifndef IU_GRAPH_DOCUMENT_H
#define IU_GRAPH_DOCUMENT_H

#include "../text/span.h"
#include "property.h"

#define IU_DOCUMENT_MEMBERS 8
#define IU_DOCUMENT_PROPERTIES 31

/* The text of a span is NULL if it is not in the document. */
typedef struct iu_document {
    /* The value of each of iu_members: an object, or null. */
    iu_span members[IU_DOCUMENT_MEMBERS];
    /* The value of each of iu_properties: a string with its quotes, or null.
     * The key is not in the document. */
    iu_span properties[IU_DOCUMENT_PROPERTIES];
} iu_document;

/* Splits text, which is NUL-terminated. The spans point into it. Ignores
 * unknown members and properties, which a later version may have written.
 * Returns 0 if used_insight.c cannot have written text. */
int iu_document_read(const char *text, iu_document *document);

/* Whether a span is a JSON string: neither null nor missing. */
int iu_span_is_string(iu_span span);

#endif
