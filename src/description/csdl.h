/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service as $metadata describes it: types, paths and abilities (OData
 * Common Schema Definition Language 4.01, XML and JSON representation). The
 * properties come from the type table; what is told of them and of the paths
 * stands in csdl.c once, for both representations. It is what this module does,
 * not what Microsoft Graph's own metadata say: there the members that a create
 * needs are computed.
 */
#ifndef IU_DESCRIPTION_CSDL_H
#define IU_DESCRIPTION_CSDL_H

#include "../graph/property.h"
#include "../text/buffer.h"

#define IU_NAMESPACE "microsoft.graph"
#define IU_CONTAINER IU_NAMESPACE ".GraphService"

/* Digits of a second that an instant can have: date_time_offset.h. */
#define IU_INSTANT_PRECISION "12"

/* The kinds of annotation expression in use (CSDL 4.01 section 14.3). */
typedef enum iu_annotation_type {
    IU_ANNOTATION_END, /* behind the last of several */
    IU_ANNOTATION_BOOLEAN,
    IU_ANNOTATION_INTEGER,
    IU_ANNOTATION_STRING,
    IU_ANNOTATION_ENUM, /* of one member: its type, '/', its name */
    IU_ANNOTATION_PROPERTY_PATH,
    IU_ANNOTATION_NAVIGATION_PATH,
    IU_ANNOTATION_COLLECTION,
    IU_ANNOTATION_RECORD
} iu_annotation_type;

/* An annotation, or a part of one. */
typedef struct iu_annotation iu_annotation;
struct iu_annotation {
    iu_annotation_type type;
    const char *name;           /* the term, or the property of a record; NULL
                                 * in a collection */
    const char *text;           /* the value; NULL where it has parts */
    const iu_annotation *parts; /* up to IU_ANNOTATION_END */
};

typedef struct iu_navigation {
    const char *name;
    const char *type; /* qualified */
    int is_collection;
    int is_contained; /* else it may be null */
    const iu_annotation *annotations;
} iu_navigation;

/* An entity type; each has the key id. That of IU_ENTITY_TYPE has the members
 * of the type table besides. */
typedef struct iu_entity {
    const char *name;                /* qualified */
    const char *property;            /* another of Edm.String, or NULL */
    const iu_navigation *navigation; /* or NULL */
} iu_entity;

extern const iu_entity iu_entities[];
extern const int iu_entity_count;

/* What is told of the container. */
extern const iu_annotation iu_container_annotations[];

/* What is told of its one entity set. needs_if_match: a used insight can only
 * be changed with If-Match. */
const iu_annotation *iu_set_annotations(int needs_if_match);

/* What is told of the key of IU_ENTITY_TYPE. required is the set of IU_MEMBER_…
 * without which a create is refused. */
const iu_annotation *iu_key_annotations(unsigned required);

/* The vocabularies of the terms in use: namespaces, up to NULL, and where they
 * are defined, without ".xml" or ".json". */
extern const char *const iu_vocabularies[];
#define IU_VOCABULARY_URL                                                      \
    "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/"

/* The part of a qualified name behind its namespace. */
const char *iu_unqualified(const char *name);

/* Append the whole of $metadata. required and needs_if_match as above: those
 * members are not nullable. */
void iu_csdl_write_xml(iu_buffer *out, unsigned required, int needs_if_match);
void iu_csdl_write_json(iu_buffer *out, unsigned required, int needs_if_match);

#endif
