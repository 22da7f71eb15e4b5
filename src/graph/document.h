/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stored document, taken apart without a JSON parser. That is sound because
 * it is our own writing (used_insight.c): compact, with the members and
 * properties of the type table and nothing else but each object's type in
 * front.
 */
#ifndef IU_GRAPH_DOCUMENT_H
#define IU_GRAPH_DOCUMENT_H

#include "property.h"

#define IU_DOCUMENT_MEMBERS 8
#define IU_DOCUMENT_PROPERTIES 31

/* A part of a document, as it stands there. */
typedef struct iu_span {
    const char *text; /* not NUL-terminated; NULL: the document has none */
    apr_size_t length;
} iu_span;

typedef struct iu_document {
    /* The value of each of iu_members: an object, or null. */
    iu_span members[IU_DOCUMENT_MEMBERS];
    /* The value of each of iu_properties: a string with its quotes, or null.
     * There is none of the key, which is not in the document. */
    iu_span properties[IU_DOCUMENT_PROPERTIES];
} iu_document;

/* Takes a document apart; its spans point into text, which is
 * NUL-terminated. */
void iu_document_read(const char *text, iu_document *document);

/* Whether a span is a JSON string, and not null or nothing. */
int iu_span_is_string(iu_span span);

#endif
