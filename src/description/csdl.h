/* SPDX-License-Identifier: Apache-2.0 */
/*
 * $metadata: types, paths and capabilities of the service (OData Common Schema
 * Definition Language 4.01, XML and JSON representation). The properties come
 * from the type table; csdl.c has paths and annotations for both
 * representations. $metadata describes this service and differs from Microsoft
 * Graph's, in which the members that a create requires are computed.
 */
#ifndef IU_DESCRIPTION_CSDL_H
#define IU_DESCRIPTION_CSDL_H

#include "../graph/property.h"
#include "../text/buffer.h"

#define IU_NAMESPACE "microsoft.graph"
#define IU_CONTAINER IU_NAMESPACE ".GraphService"

/* Digits of fractional seconds: date_time_offset.h. */
#define IU_INSTANT_PRECISION "12"

/* The kinds of annotation expression in use (CSDL 4.01 section 14.3). */
typedef enum iu_annotation_type {
    IU_ANNOTATION_END, /* terminates an array */
    IU_ANNOTATION_BOOLEAN,
    IU_ANNOTATION_INTEGER,
    IU_ANNOTATION_STRING,
    IU_ANNOTATION_ENUM, /* one member: "type/name" */
    IU_ANNOTATION_PROPERTY_PATH,
    IU_ANNOTATION_NAVIGATION_PATH,
    IU_ANNOTATION_COLLECTION,
    IU_ANNOTATION_RECORD
} iu_annotation_type;

/* An annotation or part of one. */
typedef struct iu_annotation iu_annotation;
struct iu_annotation {
    iu_annotation_type type;
    const char *name;           /* the term, or the property of a record; NULL
                                 * in a collection */
    const char *text;           /* the value; NULL if it has parts */
    const iu_annotation *parts; /* terminated by IU_ANNOTATION_END */
};

typedef struct iu_navigation {
    const char *name;
    const char *type; /* qualified */
    int is_collection;
    int is_contained;                 /* 0: may be null */
    const iu_annotation *annotations; /* or NULL */
} iu_navigation;

/* An entity type with the key id. IU_ENTITY_TYPE also has the members in the
 * type table. */
typedef struct iu_entity {
    const char *name;                /* qualified */
    const char *property;            /* another Edm.String, or NULL */
    const iu_navigation *navigation; /* or NULL */
} iu_entity;

extern const iu_entity iu_entities[];
extern const int iu_entity_count;

/* Annotations of the entity container, and those that say that there is no
 * $batch or, the second, that there is one. */
extern const iu_annotation iu_container_annotations[];
extern const iu_annotation *const iu_batch_annotations[2];

/* An entity set or singleton of the container. */
typedef struct iu_container_child {
    const char *name;
    const char *type; /* qualified */
    int is_singleton;
    const iu_annotation *annotations[2]; /* the second: if changes of a used
                                          * insight require If-Match */
} iu_container_child;

extern const iu_container_child iu_container_children[];
extern const int iu_container_child_count;

/* Annotations of the key of IU_ENTITY_TYPE. required is the set of IU_MEMBER_…
 * that a create requires. */
const iu_annotation *iu_key_annotations(unsigned required);

/* The namespaces of the vocabularies in use, terminated by NULL, and the base
 * URL of their definitions, to which the namespace and ".xml" or ".json" are
 * appended. */
extern const char *const iu_vocabularies[];
#define IU_VOCABULARY_URL                                                      \
    "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/"

/* The part of a qualified name after its namespace; points into name. */
const char *iu_unqualified_name(const char *name);

/* Append $metadata. required as above; these members are not nullable.
 * needs_if_match: changes of a used insight require If-Match. has_batch: there
 * is a $batch. Both are 0 or 1. */
void iu_csdl_write_xml(iu_buffer *out, unsigned required, int needs_if_match,
                       int has_batch);
void iu_csdl_write_json(iu_buffer *out, unsigned required, int needs_if_match,
                        int has_batch);

#endif
