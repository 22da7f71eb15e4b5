/* SPDX-License-Identifier: Apache-2.0 */
#include "used_insight.h"

#include <string.h>

#include <apr_strings.h>

#include "../text/buffer.h"
#include "../text/excerpt.h"
#include "date_time_offset.h"

/* A property's value; a JSON null is NULL, as is a missing value. */
typedef struct given {
    int present;
    const iu_json *value;
} given;

/* The state while a body is read. */
typedef struct reading {
    apr_pool_t *pool;
    iu_problem *first;          /* problem of the first fault */
    apr_array_header_t *faults; /* of iu_fault, at most IU_PROBLEM_DETAILS */
    int fault_count;            /* of all faults */
    iu_record *record;
    const char *id; /* required id; NULL: the body may set it */
    iu_buffer document;
    const iu_member *member; /* the object that is read; NULL: the entity */
    given *members;          /* values of iu_members */
    given *properties;       /* values of iu_properties; that of id is unused */
    const given *stored;     /* members of the stored record; NULL: a create */
} reading;

unsigned iu_used_insight_member(const char *name)
{
    int i;

    for (i = 0; i < iu_member_count; i++) {
        if (!strcmp(name, iu_members[i].name)) {
            return iu_members[i].bit;
        }
    }
    return 0;
}

/* The path of a property, for a fault's target. */
static const char *path_of(reading *in, const char *name)
{
    name = iu_excerpt(in->pool, name, strlen(name));
    return in->member ? apr_pstrcat(in->pool, in->member->name, "/", name, NULL)
                      : name;
}

/* Adds a fault with problem's kind and message. */
static void add_fault(reading *in, const char *target, iu_problem *problem)
{
    if (!in->first) {
        in->first = problem;
        problem->target = target;
    }
    if (in->fault_count++ < IU_PROBLEM_DETAILS) {
        iu_fault *fault = apr_array_push(in->faults);

        fault->kind = problem->kind;
        fault->message = problem->message;
        fault->target = target;
    }
}

static const char *node_name(const iu_json *value)
{
    switch (iu_json_type_of(value)) {
    case IU_JSON_OBJECT:
        return "StartObject";
    case IU_JSON_ARRAY:
        return "StartArray";
    default:
        return "PrimitiveValue";
    }
}

static void add_node_fault(reading *in, const char *target,
                           const iu_json *value, const char *expected)
{
    add_fault(in, target,
              iu_problem_make(in->pool, IU_NODE_UNEXPECTED, node_name(value),
                              expected));
}

static void add_literal_fault(reading *in, const char *target,
                              const iu_json *value, iu_edm_type type)
{
    apr_size_t length;
    const char *text = iu_json_type_of(value) == IU_JSON_STRING
                           ? iu_json_string(value, &length)
                           : iu_json_literal(value);

    add_fault(in, target,
              iu_problem_make(in->pool, IU_LITERAL_INVALID,
                              iu_excerpt(in->pool, text, strlen(text)),
                              iu_edm_type_name(type)));
}

/* An object may state its type, which must be right (OData JSON Format 4.01
 * section 4.6.3). */
static void check_type(reading *in, const char *name, const iu_json *value)
{
    const char *own = in->member ? in->member->type : IU_ENTITY_TYPE;
    apr_size_t length;
    const char *type;

    if (iu_json_type_of(value) != IU_JSON_STRING) {
        add_literal_fault(in, path_of(in, name), value, IU_EDM_STRING);
        return;
    }
    type = iu_json_string(value, &length);
    if (strcmp(type + (*type == '#'), own) != 0) {
        add_fault(in, path_of(in, name),
                  iu_problem_make(in->pool, IU_TYPE_MISMATCH,
                                  iu_excerpt(in->pool, type, length), own));
    }
}

/* Annotations have an '@' in their name. All but the type are ignored. */
static int is_annotation(reading *in, const char *name, const iu_json *value)
{
    if (!strchr(name, '@')) {
        return 0;
    }
    if (!strcmp(name, "@odata.type") || !strcmp(name, "@type")) {
        check_type(in, name, value);
    }
    return 1;
}

/* Most names differ in their first character, which saves calling strcmp. */
static int is_same(const char *name, const char *other)
{
    return *name == *other && strcmp(name, other) == 0;
}

/* Where the value of a property is kept; NULL: unknown property. */
static given *slot_of(reading *in, const char *name)
{
    int i;

    for (i = 0; !in->member && i < iu_member_count; i++) {
        if (is_same(name, iu_members[i].name)) {
            return &in->members[i];
        }
    }
    for (i = 0; in->member && i < iu_property_count; i++) {
        if (iu_properties[i].member == in->member &&
            is_same(name, iu_properties[i].name)) {
            return &in->properties[i];
        }
    }
    return NULL;
}

/* Clients that send all properties of a type send this one as null. */
static void check_navigation(reading *in, const iu_json *value)
{
    if (iu_json_type_of(value) != IU_JSON_NULL) {
        add_fault(in, IU_NAVIGATION,
                  iu_problem_make(in->pool, IU_NAVIGATION_SET));
    }
}

/* An iu_json_visit: keeps a property's value, or adds a fault. */
static int keep_property(void *baton, const char *name, const iu_json *value)
{
    reading *in = baton;
    given *slot = slot_of(in, name);

    if (slot) {
        slot->present = 1;
        slot->value = value;
    }
    else if (is_annotation(in, name, value)) {
        /* is_annotation has handled it */
    }
    else if (!in->member && !strcmp(name, IU_NAVIGATION)) {
        check_navigation(in, value);
    }
    else {
        add_fault(
            in, path_of(in, name),
            iu_problem_make(in->pool, IU_PROPERTY_UNKNOWN,
                            iu_excerpt(in->pool, name, strlen(name)),
                            in->member ? in->member->type : IU_ENTITY_TYPE));
    }
    return 1;
}

static void read_id(reading *in, const given *given, unsigned required)
{
    const iu_json *value = given->value;
    apr_size_t length;

    in->record->id = NULL;
    if (iu_json_type_of(value) == IU_JSON_NULL) { /* the same as missing */
        if (required & IU_MEMBER_ID && !in->id) {
            add_fault(in, "id",
                      iu_problem_make(in->pool, IU_PROPERTY_REQUIRED, "id"));
        }
        return;
    }
    if (iu_json_type_of(value) != IU_JSON_STRING) {
        add_literal_fault(in, "id", value, IU_EDM_STRING);
        return;
    }
    in->record->id = apr_pstrdup(in->pool, iu_json_string(value, &length));
    if (!iu_key_is_valid(in->record->id, length)) {
        add_fault(in, "id", iu_problem_make(in->pool, IU_ID_INVALID));
    }
    else if (in->id && strcmp(in->record->id, in->id) != 0) {
        add_fault(in, "id", iu_problem_make(in->pool, IU_ID_DIFFERS));
    }
}

static void read_instant(reading *in, const iu_property *row,
                         const iu_json *value)
{
    char *instant = apr_palloc(in->pool, IU_INSTANT_SIZE);
    apr_size_t length;
    const char *text = iu_json_string(value, &length);

    if (iu_date_time_offset_read(text, length, instant)) {
        *(const char **)((char *)in->record + row->offset) = instant;
    }
    else {
        add_literal_fault(in, path_of(in, row->name), value, row->type);
    }
}

/* Checks a property's value and appends it to the document. */
static void read_property(reading *in, const iu_property *row,
                          const iu_json *value)
{
    apr_size_t length;
    const char *text;

    iu_buffer_json_name(&in->document, row->name);
    switch (iu_json_type_of(value)) {
    case IU_JSON_NULL:
        iu_buffer_puts(&in->document, "null");
        break;
    case IU_JSON_STRING:
        if (row->type == IU_EDM_DATE_TIME_OFFSET) {
            read_instant(in, row, value);
        }
        text = iu_json_string(value, &length);
        iu_buffer_json_string(&in->document, text, length);
        break;
    case IU_JSON_OBJECT:
    case IU_JSON_ARRAY:
        add_node_fault(in, path_of(in, row->name), value, "PrimitiveValue");
        break;
    default:
        add_literal_fault(in, path_of(in, row->name), value, row->type);
    }
}

/* Checks an object, merges it into the stored one if there is one, and appends
 * the result to the document, with its type first as on the page "Create
 * used". */
static void read_object(reading *in, const iu_member *member,
                        const iu_json *stored, const iu_json *value)
{
    int i;

    in->member = member;
    iu_buffer_puts(&in->document, "{\"@odata.type\":\"");
    iu_buffer_puts(&in->document, member->type);
    iu_buffer_puts(&in->document, "\"");
    if (iu_json_type_of(stored) == IU_JSON_OBJECT) {
        iu_json_each_member(stored, keep_property, in);
    }
    iu_json_each_member(value, keep_property, in);
    for (i = 0; i < iu_property_count; i++) {
        if (iu_properties[i].member == member && in->properties[i].present) {
            read_property(in, &iu_properties[i], in->properties[i].value);
        }
    }
    iu_buffer_puts(&in->document, "}");
    in->member = NULL;
}

/* Adds a fault and returns 0 if a required member is missing or null. A PATCH
 * need not send it; the stored record may lack it, if it was stored when the
 * member was not required. */
static int has_required(reading *in, const iu_member *member,
                        const given *value)
{
    if (value->present ? iu_json_type_of(value->value) != IU_JSON_NULL
                       : in->stored != NULL) {
        return 1;
    }
    add_fault(in, member->name,
              iu_problem_make(in->pool,
                              in->stored ? IU_PROPERTY_NOT_NULLABLE
                                         : IU_PROPERTY_REQUIRED,
                              member->name));
    return 0;
}

static void read_member(reading *in, const iu_member *member,
                        const given *value, const given *stored,
                        unsigned required)
{
    if (required & member->bit && !has_required(in, member, value)) {
        return;
    }
    if (!value->present) {
        value = stored;
    }
    if (!value->present) {
        return;
    }
    iu_buffer_json_name(&in->document, member->name);
    switch (iu_json_type_of(value->value)) {
    case IU_JSON_NULL:
        iu_buffer_puts(&in->document, "null");
        break;
    case IU_JSON_OBJECT:
        read_object(in, member, stored->value, value->value);
        break;
    default:
        add_node_fault(in, member->name, value->value, "StartObject");
    }
}

/* Makes one problem from all faults: code, message and target are those of the
 * first, for clients that ignore details. */
static iu_problem *problem_of(reading *in)
{
    iu_problem *problem = in->first;

    problem->details = in->faults;
    if (in->fault_count > IU_PROBLEM_DETAILS) {
        problem->message =
            apr_psprintf(in->pool, "%s The first %d of %d faults are listed.",
                         problem->message, IU_PROBLEM_DETAILS, in->fault_count);
    }
    return problem;
}

static reading *begin_reading(apr_pool_t *pool, iu_record *record)
{
    reading *in = apr_pcalloc(pool, sizeof(*in));

    in->pool = pool;
    in->record = record;
    in->members = apr_pcalloc(pool, iu_member_count * sizeof(given));
    in->properties = apr_pcalloc(pool, iu_property_count * sizeof(given));
    in->faults = apr_array_make(pool, 2, sizeof(iu_fault));
    record->last_accessed = record->last_modified = "";
    return in;
}

static iu_problem *read_entity(reading *in, const iu_json *root,
                               unsigned required)
{
    static const given nothing = {0, NULL};
    int i;

    if (iu_json_type_of(root) != IU_JSON_OBJECT) {
        add_node_fault(in, NULL, root, "StartObject");
        return problem_of(in);
    }
    iu_buffer_init(&in->document, in->pool,
                   iu_json_size(root) + IU_DOCUMENT_TYPES);
    iu_buffer_puts(&in->document, "{");
    iu_json_each_member(root, keep_property, in);
    for (i = 0; i < iu_member_count; i++) {
        if (iu_members[i].type) {
            read_member(in, &iu_members[i], &in->members[i],
                        in->stored ? &in->stored[i] : &nothing, required);
        }
        else {
            read_id(in, &in->members[i], required);
        }
    }
    iu_buffer_puts(&in->document, "}");
    if (in->fault_count) {
        return problem_of(in);
    }
    in->record->document = in->document.data;
    in->record->document_length = in->document.length;
    return NULL;
}

iu_problem *iu_used_insight_read(apr_pool_t *pool, const iu_json *root,
                                 unsigned required, iu_record *record)
{
    return read_entity(begin_reading(pool, record), root, required);
}

/* Parses the document of a stored record. */
static iu_problem *read_stored(apr_pool_t *pool, const iu_record *stored,
                               const given **members)
{
    iu_record same;
    reading *in = begin_reading(pool, &same);
    const iu_json *root;
    iu_problem *problem = iu_json_read(
        pool, apr_pstrmemdup(pool, stored->document, stored->document_length),
        stored->document_length, &root);

    if (!problem) {
        problem = read_entity(in, root, 0);
    }
    *members = in->members;
    return problem
               ? iu_problem_explain(pool, iu_problem_make(pool, IU_READ_FAILED),
                                    "the document of '%s' is not one that is "
                                    "written here: %s",
                                    stored->id, problem->message)
               : NULL;
}

iu_problem *iu_used_insight_merge(apr_pool_t *pool, const iu_json *root,
                                  unsigned required, const char *id,
                                  const iu_record *stored, iu_record *record)
{
    reading *in = begin_reading(pool, record);
    iu_problem *problem =
        stored ? read_stored(pool, stored, &in->stored) : NULL;

    in->id = id;
    if (!problem) {
        problem = read_entity(in, root, required);
    }
    record->id = id;
    return problem;
}
