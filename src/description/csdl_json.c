/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON representation of CSDL 4.01. By default a property is not nullable
 * and of type Edm.String (section 7). */
#include <string.h>

#include <apr_strings.h>

#include "../json/json_writer.h"
#include "csdl.h"

/* Adds a flag if it is true: false is the default. */
static void add_flag(iu_json *to, const char *name, int flag)
{
    if (flag) {
        iu_json_add_flag(to, name, 1);
    }
}

/* Adds the value of an annotation or of a part of one. */
static void add_value(iu_json *to, const iu_annotation *annotation,
                      const char *name)
{
    const iu_annotation *part;
    iu_json *parts;

    switch (annotation->type) {
    case IU_ANNOTATION_BOOLEAN:
    case IU_ANNOTATION_INTEGER:
        iu_json_add_constant(to, name, annotation->text);
        break;
    case IU_ANNOTATION_ENUM:
        iu_json_add_text(to, name, strchr(annotation->text, '/') + 1);
        break;
    case IU_ANNOTATION_COLLECTION:
    case IU_ANNOTATION_RECORD:
        parts = annotation->type == IU_ANNOTATION_RECORD
                    ? iu_json_add_object(to, name)
                    : iu_json_add_array(to, name);
        for (part = annotation->parts; part->type; part++) {
            add_value(parts, part, part->name);
        }
        break;
    default:
        iu_json_add_text(to, name, annotation->text);
    }
}

static void add_annotations(iu_json *to, apr_pool_t *pool,
                            const iu_annotation *annotation)
{
    for (; annotation && annotation->type; annotation++) {
        add_value(to, annotation,
                  apr_pstrcat(pool, "@", annotation->name, NULL));
    }
}

static void add_navigation(iu_json *to, apr_pool_t *pool,
                           const iu_navigation *navigation)
{
    iu_json *object = iu_json_add_object(to, navigation->name);

    iu_json_add_text(object, "$Kind", "NavigationProperty");
    add_flag(object, "$Collection", navigation->is_collection);
    iu_json_add_text(object, "$Type", navigation->type);
    add_flag(object, "$Nullable", !navigation->is_contained);
    add_flag(object, "$ContainsTarget", navigation->is_contained);
    add_annotations(object, pool, navigation->annotations);
}

/* Adds the complex members of a used insight. */
static void add_members(iu_json *to, unsigned required)
{
    int i;

    for (i = 0; i < iu_member_count; i++) {
        const iu_member *member = &iu_members[i];

        if (member->type) {
            iu_json *object = iu_json_add_object(to, member->name);

            iu_json_add_text(object, "$Type", member->type);
            add_flag(object, "$Nullable", !(required & member->bit));
        }
    }
}

static void add_entity(iu_json *to, apr_pool_t *pool, const iu_entity *entity,
                       unsigned required)
{
    int is_used = !strcmp(entity->name, IU_ENTITY_TYPE);
    iu_json *object = iu_json_add_object(to, iu_unqualified_name(entity->name));

    iu_json_add_text(object, "$Kind", "EntityType");
    iu_json_add_constant(object, "$Key", "[\"id\"]");
    add_annotations(iu_json_add_object(object, "id"), pool,
                    is_used ? iu_key_annotations(required) : NULL);
    if (is_used) {
        add_members(object, required);
    }
    if (entity->property) {
        iu_json_add_constant(object, entity->property, "{\"$Nullable\":true}");
    }
    if (entity->navigation) {
        add_navigation(object, pool, entity->navigation);
    }
}

static void add_property(iu_json *to, const iu_property *property)
{
    iu_json *object = iu_json_add_object(to, property->name);

    if (property->type != IU_EDM_STRING) {
        iu_json_add_text(object, "$Type", iu_edm_type_name(property->type));
    }
    iu_json_add_flag(object, "$Nullable", 1);
    if (property->type == IU_EDM_DATE_TIME_OFFSET) {
        iu_json_add_constant(object, "$Precision", IU_INSTANT_PRECISION);
    }
}

static void add_complex_type(iu_json *to, const iu_member *member)
{
    iu_json *object = iu_json_add_object(to, iu_unqualified_name(member->type));
    int i;

    iu_json_add_text(object, "$Kind", "ComplexType");
    for (i = 0; i < iu_property_count; i++) {
        if (iu_properties[i].member == member) {
            add_property(object, &iu_properties[i]);
        }
    }
}

static void add_child(iu_json *to, apr_pool_t *pool,
                      const iu_container_child *child, int needs_if_match)
{
    iu_json *object = iu_json_add_object(to, child->name);

    add_flag(object, "$Collection", !child->is_singleton);
    iu_json_add_text(object, "$Type", child->type);
    if (!child->is_singleton) {
        iu_json_add_flag(object, "$IncludeInServiceDocument", 0);
    }
    add_annotations(object, pool, child->annotations[needs_if_match]);
}

static void add_container(iu_json *to, apr_pool_t *pool, int needs_if_match,
                          int has_batch)
{
    iu_json *object = iu_json_add_object(to, iu_unqualified_name(IU_CONTAINER));
    int i;

    iu_json_add_text(object, "$Kind", "EntityContainer");
    for (i = 0; i < iu_container_child_count; i++) {
        add_child(object, pool, &iu_container_children[i], needs_if_match);
    }
    add_annotations(object, pool, iu_container_annotations);
    add_annotations(object, pool, iu_batch_annotations[has_batch]);
}

static void add_references(iu_json *to, apr_pool_t *pool)
{
    iu_json *object = iu_json_add_object(to, "$Reference");
    const char *const *vocabulary;

    for (vocabulary = iu_vocabularies; *vocabulary; vocabulary++) {
        iu_json *reference =
            iu_json_add_object(object, apr_pstrcat(pool, IU_VOCABULARY_URL,
                                                   *vocabulary, ".json", NULL));

        iu_json_add_text(
            iu_json_add_object(iu_json_add_array(reference, "$Include"), NULL),
            "$Namespace", *vocabulary);
    }
}

void iu_csdl_write_json(iu_buffer *out, unsigned required, int needs_if_match,
                        int has_batch)
{
    iu_json *root = iu_json_make(out->pool);
    iu_json *schema;
    int i;

    iu_json_add_text(root, "$Version", "4.0");
    iu_json_add_text(root, "$EntityContainer", IU_CONTAINER);
    add_references(root, out->pool);
    schema = iu_json_add_object(root, IU_NAMESPACE);
    for (i = 0; i < iu_entity_count; i++) {
        add_entity(schema, out->pool, &iu_entities[i], required);
    }
    for (i = 0; i < iu_member_count; i++) {
        if (iu_members[i].type) {
            add_complex_type(schema, &iu_members[i]);
        }
    }
    add_container(schema, out->pool, needs_if_match, has_batch);
    iu_json_print(out, root);
}
