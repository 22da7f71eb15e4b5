/* SPDX-License-Identifier: Apache-2.0 */
/* The XML representation of CSDL 4.01. Without the attribute Nullable a
 * property is nullable (section 7.2.1). */
#include <stdarg.h>
#include <string.h>

#include <apr_escape.h>
#include <apr_strings.h>

#include "csdl.h"

/* Appends text as an attribute value or the content of an element. */
static void write_escaped(iu_buffer *out, const char *text)
{
    iu_buffer_puts(out, apr_pescape_entity(out->pool, text, 0));
}

/* Appends the start-tag of an element, without the closing ">" or "/>". The
 * arguments are names and values of attributes, terminated by NULL; an
 * attribute with the value NULL is omitted. */
static void open_start_tag(iu_buffer *out, const char *element, ...)
{
    va_list attributes;
    const char *name;

    iu_buffer_puts(out, "<");
    iu_buffer_puts(out, element);
    va_start(attributes, element);
    while ((name = va_arg(attributes, const char *))) {
        const char *value = va_arg(attributes, const char *);

        if (value) {
            iu_buffer_puts(out, " ");
            iu_buffer_puts(out, name);
            iu_buffer_puts(out, "=\"");
            write_escaped(out, value);
            iu_buffer_puts(out, "\"");
        }
    }
    va_end(attributes);
}

static void write_end_tag(iu_buffer *out, const char *element)
{
    iu_buffer_puts(out, "</");
    iu_buffer_puts(out, element);
    iu_buffer_puts(out, ">");
}

/* The element for each kind of expression. A kind with a text value can also be
 * written as an attribute of this name. */
static const char *const expressions[] = {
    [IU_ANNOTATION_BOOLEAN] = "Bool",
    [IU_ANNOTATION_INTEGER] = "Int",
    [IU_ANNOTATION_STRING] = "String",
    [IU_ANNOTATION_ENUM] = "EnumMember",
    [IU_ANNOTATION_PROPERTY_PATH] = "PropertyPath",
    [IU_ANNOTATION_NAVIGATION_PATH] = "NavigationPropertyPath",
    [IU_ANNOTATION_COLLECTION] = "Collection",
    [IU_ANNOTATION_RECORD] = "Record"};

static void write_item(iu_buffer *out, const iu_annotation *item);

/* Appends an annotation, or a property of a record. */
static void write_named(iu_buffer *out, const char *element,
                        const char *attribute, const iu_annotation *annotation)
{
    if (annotation->text) {
        open_start_tag(out, element, attribute, annotation->name,
                       expressions[annotation->type], annotation->text, NULL);
        iu_buffer_puts(out, "/>");
        return;
    }
    open_start_tag(out, element, attribute, annotation->name, NULL);
    iu_buffer_puts(out, ">");
    write_item(out, annotation);
    write_end_tag(out, element);
}

/* Appends an expression as an element. */
static void write_item(iu_buffer *out, const iu_annotation *item)
{
    const char *element = expressions[item->type];
    const iu_annotation *part;

    open_start_tag(out, element, NULL);
    iu_buffer_puts(out, ">");
    if (item->text) {
        write_escaped(out, item->text);
    }
    for (part = item->parts; part && part->type; part++) {
        if (item->type == IU_ANNOTATION_RECORD) {
            write_named(out, "PropertyValue", "Property", part);
        }
        else {
            write_item(out, part);
        }
    }
    write_end_tag(out, element);
}

/* Closes the start-tag and appends the annotations and the end-tag. */
static void finish_element(iu_buffer *out, const char *element,
                           const iu_annotation *annotation)
{
    if (!annotation) {
        iu_buffer_puts(out, "/>");
        return;
    }
    iu_buffer_puts(out, ">");
    for (; annotation->type; annotation++) {
        write_named(out, "Annotation", "Term", annotation);
    }
    write_end_tag(out, element);
}

static void write_property(iu_buffer *out, const char *name, const char *type,
                           int is_nullable, const iu_annotation *annotations)
{
    open_start_tag(out, "Property", "Name", name, "Type", type, "Nullable",
                   is_nullable ? NULL : "false", NULL);
    finish_element(out, "Property", annotations);
}

static void write_navigation(iu_buffer *out, const iu_navigation *navigation)
{
    const char *type =
        navigation->is_collection
            ? apr_pstrcat(out->pool, "Collection(", navigation->type, ")", NULL)
            : navigation->type;
    int may_be_null = navigation->is_collection || !navigation->is_contained;

    open_start_tag(out, "NavigationProperty", "Name", navigation->name, "Type",
                   type, "ContainsTarget",
                   navigation->is_contained ? "true" : NULL, "Nullable",
                   may_be_null ? NULL : "false", NULL);
    finish_element(out, "NavigationProperty", navigation->annotations);
}

static void write_entity(iu_buffer *out, const iu_entity *entity,
                         unsigned required)
{
    int is_used = !strcmp(entity->name, IU_ENTITY_TYPE);
    int i;

    open_start_tag(out, "EntityType", "Name", iu_unqualified_name(entity->name),
                   NULL);
    iu_buffer_puts(out, "><Key><PropertyRef Name=\"id\"/></Key>");
    write_property(out, "id", "Edm.String", 0,
                   is_used ? iu_key_annotations(required) : NULL);
    for (i = 0; is_used && i < iu_member_count; i++) {
        if (iu_members[i].type) {
            write_property(out, iu_members[i].name, iu_members[i].type,
                           !(required & iu_members[i].bit), NULL);
        }
    }
    if (entity->property) {
        write_property(out, entity->property, "Edm.String", 1, NULL);
    }
    if (entity->navigation) {
        write_navigation(out, entity->navigation);
    }
    write_end_tag(out, "EntityType");
}

static void write_complex_type(iu_buffer *out, const iu_member *member)
{
    int i;

    open_start_tag(out, "ComplexType", "Name",
                   iu_unqualified_name(member->type), NULL);
    iu_buffer_puts(out, ">");
    for (i = 0; i < iu_property_count; i++) {
        const iu_property *property = &iu_properties[i];

        if (property->member == member) {
            open_start_tag(out, "Property", "Name", property->name, "Type",
                           iu_edm_type_name(property->type), "Precision",
                           property->type == IU_EDM_DATE_TIME_OFFSET
                               ? IU_INSTANT_PRECISION
                               : NULL,
                           NULL);
            iu_buffer_puts(out, "/>");
        }
    }
    write_end_tag(out, "ComplexType");
}

/* No child of the container can be read: the service document has only the
 * singleton, which cannot be left out of it. */
static void write_child(iu_buffer *out, const iu_container_child *child,
                        int needs_if_match)
{
    const char *element = child->is_singleton ? "Singleton" : "EntitySet";

    open_start_tag(out, element, "Name", child->name,
                   child->is_singleton ? "Type" : "EntityType", child->type,
                   "IncludeInServiceDocument",
                   child->is_singleton ? NULL : "false", NULL);
    finish_element(out, element, child->annotations[needs_if_match]);
}

static void write_annotations(iu_buffer *out, const iu_annotation *annotation)
{
    for (; annotation->type; annotation++) {
        write_named(out, "Annotation", "Term", annotation);
    }
}

static void write_container(iu_buffer *out, int needs_if_match, int has_batch)
{
    int i;

    open_start_tag(out, "EntityContainer", "Name",
                   iu_unqualified_name(IU_CONTAINER), NULL);
    iu_buffer_puts(out, ">");
    for (i = 0; i < iu_container_child_count; i++) {
        write_child(out, &iu_container_children[i], needs_if_match);
    }
    write_annotations(out, iu_container_annotations);
    write_annotations(out, iu_batch_annotations[has_batch]);
    write_end_tag(out, "EntityContainer");
}

static void write_references(iu_buffer *out)
{
    const char *const *vocabulary;

    for (vocabulary = iu_vocabularies; *vocabulary; vocabulary++) {
        open_start_tag(out, "edmx:Reference", "Uri",
                       apr_pstrcat(out->pool, IU_VOCABULARY_URL, *vocabulary,
                                   ".xml", NULL),
                       NULL);
        iu_buffer_puts(out, ">");
        open_start_tag(out, "edmx:Include", "Namespace", *vocabulary, NULL);
        iu_buffer_puts(out, "/></edmx:Reference>");
    }
}

void iu_csdl_write_xml(iu_buffer *out, unsigned required, int needs_if_match,
                       int has_batch)
{
    int i;

    iu_buffer_puts(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                        "<edmx:Edmx xmlns:edmx=\"http://docs.oasis-open.org/"
                        "odata/ns/edmx\" Version=\"4.0\">");
    write_references(out);
    iu_buffer_puts(out, "<edmx:DataServices><Schema xmlns=\"http://docs."
                        "oasis-open.org/odata/ns/edm\" "
                        "Namespace=\"" IU_NAMESPACE "\">");
    for (i = 0; i < iu_entity_count; i++) {
        write_entity(out, &iu_entities[i], required);
    }
    for (i = 0; i < iu_member_count; i++) {
        if (iu_members[i].type) {
            write_complex_type(out, &iu_members[i]);
        }
    }
    write_container(out, needs_if_match, has_batch);
    iu_buffer_puts(out, "</Schema></edmx:DataServices></edmx:Edmx>");
}
