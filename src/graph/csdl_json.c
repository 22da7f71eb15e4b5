/* SPDX-License-Identifier: Apache-2.0 */
/* $metadata in the JSON representation of CSDL 4.01: see csdl.h. Nothing is
 * nullable and everything is Edm.String unless it is said (section 7). */
#include <string.h>

#include <apr_strings.h>

#include "csdl.h"
#include "json_writer.h"

static void write_flag(iu_buffer *out, const char *name, int flag)
{
    if (flag) {
        iu_json_write_raw(out, name, "true");
    }
}

/* Appends the value of an annotation or a part of one. */
static void write_value(iu_buffer *out, const iu_annotation *annotation,
                        const char *name)
{
    int is_record = annotation->type == IU_ANNOTATION_RECORD;
    const iu_annotation *part;

    switch (annotation->type) {
    case IU_ANNOTATION_BOOLEAN:
    case IU_ANNOTATION_INTEGER:
        iu_json_write_raw(out, name, annotation->text);
        break;
    case IU_ANNOTATION_ENUM:
        iu_json_write_text(out, name, strchr(annotation->text, '/') + 1);
        break;
    case IU_ANNOTATION_COLLECTION:
    case IU_ANNOTATION_RECORD:
        iu_json_write_raw(out, name, is_record ? "{" : "[");
        for (part = annotation->parts; part->type; part++) {
            write_value(out, part, part->name);
        }
        iu_buffer_puts(out, is_record ? "}" : "]");
        break;
    default:
        iu_json_write_text(out, name, annotation->text);
    }
}

static void write_annotations(iu_buffer *out, const iu_annotation *annotation)
{
    for (; annotation && annotation->type; annotation++) {
        write_value(out, annotation,
                    apr_pstrcat(out->pool, "@", annotation->name, NULL));
    }
}

static void write_key(iu_buffer *out, const iu_annotation *annotations)
{
    iu_json_open(out, "id");
    write_annotations(out, annotations);
    iu_json_close(out);
}

static void write_navigation(iu_buffer *out, const iu_navigation *navigation)
{
    iu_json_open(out, navigation->name);
    iu_json_write_text(out, "$Kind", "NavigationProperty");
    write_flag(out, "$Collection", navigation->is_collection);
    iu_json_write_text(out, "$Type", navigation->type);
    write_flag(out, "$Nullable", !navigation->is_contained);
    write_flag(out, "$ContainsTarget", navigation->is_contained);
    write_annotations(out, navigation->annotations);
    iu_json_close(out);
}

/* Appends the complex members of a used insight. */
static void write_members(iu_buffer *out, unsigned required)
{
    int i;

    for (i = 0; i < iu_member_count; i++) {
        const iu_member *member = &iu_members[i];

        if (member->type) {
            iu_json_open(out, member->name);
            iu_json_write_text(out, "$Type", member->type);
            write_flag(out, "$Nullable", !(required & member->bit));
            iu_json_close(out);
        }
    }
}

static void write_entity(iu_buffer *out, const iu_entity *entity,
                         unsigned required)
{
    int is_used = !strcmp(entity->name, IU_ENTITY_TYPE);

    iu_json_open(out, iu_unqualified(entity->name));
    iu_json_write_text(out, "$Kind", "EntityType");
    iu_json_write_raw(out, "$Key", "[\"id\"]");
    write_key(out, is_used ? iu_key_annotations(required) : NULL);
    if (is_used) {
        write_members(out, required);
    }
    if (entity->property) {
        iu_json_open(out, entity->property);
        write_flag(out, "$Nullable", 1);
        iu_json_close(out);
    }
    if (entity->navigation) {
        write_navigation(out, entity->navigation);
    }
    iu_json_close(out);
}

static void write_complex_type(iu_buffer *out, const iu_member *member)
{
    int i;

    iu_json_open(out, iu_unqualified(member->type));
    iu_json_write_text(out, "$Kind", "ComplexType");
    for (i = 0; i < iu_property_count; i++) {
        const iu_property *property = &iu_properties[i];

        if (property->member == member) {
            iu_json_open(out, property->name);
            if (property->type != IU_EDM_STRING) {
                iu_json_write_text(out, "$Type",
                                   iu_edm_type_name(property->type));
            }
            write_flag(out, "$Nullable", 1);
            if (property->type == IU_EDM_DATE_TIME_OFFSET) {
                iu_json_write_raw(out, "$Precision", IU_INSTANT_PRECISION);
            }
            iu_json_close(out);
        }
    }
    iu_json_close(out);
}

static void write_container(iu_buffer *out, int needs_if_match)
{
    iu_json_open(out, iu_unqualified(IU_CONTAINER));
    iu_json_write_text(out, "$Kind", "EntityContainer");
    iu_json_open(out, "invitations");
    write_flag(out, "$Collection", 1);
    iu_json_write_text(out, "$Type", iu_entities[0].name);
    iu_json_write_raw(out, "$IncludeInServiceDocument", "false");
    write_annotations(out, iu_set_annotations(needs_if_match));
    iu_json_close(out);
    write_annotations(out, iu_container_annotations);
    iu_json_close(out);
}

static void write_references(iu_buffer *out)
{
    const char *const *vocabulary;

    iu_json_open(out, "$Reference");
    for (vocabulary = iu_vocabularies; *vocabulary; vocabulary++) {
        iu_json_open(out, apr_pstrcat(out->pool, IU_VOCABULARY_URL, *vocabulary,
                                      ".json", NULL));
        iu_json_write_raw(out, "$Include", "[{");
        iu_json_write_text(out, "$Namespace", *vocabulary);
        iu_buffer_puts(out, "}]");
        iu_json_close(out);
    }
    iu_json_close(out);
}

void iu_csdl_write_json(iu_buffer *out, unsigned required, int needs_if_match)
{
    int i;

    iu_json_open(out, NULL);
    iu_json_write_text(out, "$Version", "4.0");
    iu_json_write_text(out, "$EntityContainer", IU_CONTAINER);
    write_references(out);
    iu_json_open(out, IU_NAMESPACE);
    for (i = 0; i < iu_entity_count; i++) {
        write_entity(out, &iu_entities[i], required);
    }
    for (i = 0; i < iu_member_count; i++) {
        if (iu_members[i].type) {
            write_complex_type(out, &iu_members[i]);
        }
    }
    write_container(out, needs_if_match);
    iu_json_close(out);
    iu_json_close(out);
}
