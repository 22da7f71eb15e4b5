/* SPDX-License-Identifier: Apache-2.0 */
/* The service as an OpenAPI document: see openapi.h. */
#include "openapi.h"

#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "csdl.h"
#include "json_writer.h"
#include "query.h"

#define SET "/invitations/{invitation-id}/invitedUser/insights/used"
#define ITEM SET "/{usedInsight-id}"
#define JSON "application/json"
#define XML "application/xml"

/* The keys of If-Match: a DELETE may need it; a PATCH does, too, but for one
 * that creates, which OpenAPI has no words for. */
#define IF_MATCH "ifMatch"
#define IF_MATCH_TO_DELETE "ifMatchToDelete"

/* --- the operations --- */

typedef struct parameter {
    const char *key; /* in components */
    const char *name;
    const char *in;
    const char *description;
    const char *schema; /* JSON */
} parameter;

#define KEY_SCHEMA "{\"type\":\"string\",\"minLength\":1,\"maxLength\":255}"
#define TEXT_SCHEMA "{\"type\":\"string\"}"

static const parameter parameters[] = {
    {"invitation", "invitation-id", "path", "The key of an invitation.",
     KEY_SCHEMA},
    {"usedInsight", "usedInsight-id", "path", "The key of a usedInsight.",
     KEY_SCHEMA},
    {"filter", "$filter", "query", "Which items: an OData expression.",
     TEXT_SCHEMA},
    {"orderby", "$orderby", "query",
     "The order of the items, as lastUsed/lastAccessedDateTime desc.",
     TEXT_SCHEMA},
    {"select", "$select", "query", "Which properties, with commas between.",
     TEXT_SCHEMA},
    {"expand", "$expand", "query", "What is related, too: resource.",
     "{\"type\":\"string\",\"enum\":[\"resource\"]}"},
    {"top", "$top", "query", "How many items a page has.",
     "{\"type\":\"integer\",\"minimum\":0,"
     "\"maximum\":" APR_STRINGIFY(IU_PAGE_MAX) ","
                                               "\"default\":" APR_STRINGIFY(
                                                   IU_PAGE_DEFAULT) "}"},
    {"skip", "$skip", "query", "How many items to pass over.",
     "{\"type\":\"integer\",\"minimum\":0}"},
    {"count", "$count", "query", "Whether to count the items of all pages.",
     "{\"type\":\"boolean\",\"default\":false}"},
    {"skiptoken", "$skiptoken", "query",
     "Where the page begins; of an @odata.nextLink only.", TEXT_SCHEMA},
    {"prefer", "Prefer", "header",
     "return=minimal, return=representation, maxpagesize=, "
     "create-if-missing.",
     TEXT_SCHEMA},
    {IF_MATCH, "If-Match", "header", "The ETag that it must still have, or *.",
     TEXT_SCHEMA},
    {IF_MATCH_TO_DELETE, "If-Match", "header",
     "The ETag that it must still have, or *.", TEXT_SCHEMA},
    {"ifNoneMatch", "If-None-Match", "header",
     "The ETag that it must not have any more, or *.", TEXT_SCHEMA},
};

#define PARAMETERS (sizeof(parameters) / sizeof(parameters[0]))

typedef struct answer {
    const char *status; /* NULL: behind the last */
    const char *description;
    const char *type;   /* of its content; NULL: it has none */
    const char *schema; /* in components; NULL: a text */
} answer;

/* Those of one path stand together. */
static const struct operation {
    const char *path;
    const char *method;
    const char *id;
    const char *summary;
    const char *parameters[11]; /* keys, up to NULL */
    const char *body;           /* its schema in components; NULL: none */
    answer answers[4];
} operations[] = {
    {"/",
     "get",
     "getServiceDocument",
     "The OData service document.",
     {NULL},
     NULL,
     {{"200", "What can be read as a whole.", JSON, NULL}}},
    {"/$metadata",
     "get",
     "getMetadata",
     "The OData metadata document.",
     {NULL},
     NULL,
     {{"200", "The service in CSDL, by Accept as XML or JSON.", XML, NULL}}},
    {"/openapi.json",
     "get",
     "getOpenApi",
     "This document.",
     {NULL},
     NULL,
     {{"200", "The document.", JSON, NULL}}},
    {SET,
     "get",
     "listUsed",
     "List used insights.",
     {"invitation", "filter", "orderby", "select", "expand", "top", "skip",
      "count", "skiptoken", "prefer"},
     NULL,
     {{"200", "A page.", JSON, "usedInsightCollection"}}},
    {SET,
     "post",
     "createUsed",
     "Create a used insight.",
     {"invitation", "prefer"},
     "usedInsightCreate",
     {{"201", "It is stored.", JSON, "usedInsight"},
      {"204", "It is stored; return=minimal was preferred.", NULL, NULL}}},
    {SET "/$count",
     "get",
     "countUsed",
     "Count used insights.",
     {"invitation", "filter"},
     NULL,
     {{"200", "The number.", "text/plain", "count"}}},
    {ITEM,
     "get",
     "getUsed",
     "Get a used insight.",
     {"invitation", "usedInsight", "select", "expand", "ifNoneMatch"},
     NULL,
     {{"200", "The used insight.", JSON, "usedInsight"},
      {"304", "It is as it was.", NULL, NULL}}},
    {ITEM,
     "patch",
     "updateUsed",
     "Change some of a used insight.",
     {"invitation", "usedInsight", IF_MATCH, "ifNoneMatch", "prefer"},
     "usedInsight",
     {{"200", "It is changed.", JSON, "usedInsight"},
      {"201", "It was missing and is created.", JSON, "usedInsight"},
      {"204", "It is changed or created; return=minimal was preferred.", NULL,
       NULL}}},
    {ITEM,
     "delete",
     "deleteUsed",
     "Delete a used insight.",
     {"invitation", "usedInsight", IF_MATCH_TO_DELETE},
     NULL,
     {{"204", "It is gone.", NULL, NULL}}},
    {ITEM "/resource",
     "get",
     "getResource",
     "Get what a used insight refers to.",
     {"invitation", "usedInsight"},
     NULL,
     {{"200", "What resourceReference names.", JSON, "entity"},
      {"204", "It names nothing.", NULL, NULL}}},
};

#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

/* --- writing --- */

static void write_reference(iu_buffer *out, const char *name, const char *kind,
                            const char *key)
{
    iu_json_open(out, name);
    iu_json_write_text(
        out, "$ref",
        apr_pstrcat(out->pool, "#/components/", kind, "/", key, NULL));
    iu_json_close(out);
}

/* Appends content of a media type; what is XML can be JSON too. */
static void write_content(iu_buffer *out, const char *type, const char *schema)
{
    iu_json_open(out, "content");
    iu_json_open(out, type);
    if (schema) {
        write_reference(out, "schema", "schemas", schema);
    }
    iu_json_close(out);
    if (!strcmp(type, XML)) {
        iu_json_write_raw(out, JSON, "{}");
    }
    iu_json_close(out);
}

static void write_answers(iu_buffer *out, const answer *answers)
{
    iu_json_open(out, "responses");
    for (; answers->status; answers++) {
        iu_json_open(out, answers->status);
        iu_json_write_text(out, "description", answers->description);
        if (answers->type) {
            write_content(out, answers->type, answers->schema);
        }
        iu_json_close(out);
    }
    write_reference(out, "default", "responses", "error");
    iu_json_close(out);
}

static void write_operation(iu_buffer *out, const struct operation *operation)
{
    const char *const *key;

    iu_json_open(out, operation->method);
    iu_json_write_text(out, "operationId", operation->id);
    iu_json_write_text(out, "summary", operation->summary);
    iu_json_write_raw(out, "parameters", "[");
    for (key = operation->parameters; *key; key++) {
        write_reference(out, NULL, "parameters", *key);
    }
    iu_buffer_puts(out, "]");
    if (operation->body) {
        iu_json_open(out, "requestBody");
        iu_json_write_raw(out, "required", "true");
        write_content(out, JSON, operation->body);
        iu_json_close(out);
    }
    write_answers(out, operation->answers);
    iu_json_close(out);
}

static void write_paths(iu_buffer *out)
{
    size_t i;

    iu_json_open(out, "paths");
    for (i = 0; i < OPERATIONS; i++) {
        const char *path = operations[i].path;

        if (i == 0 || strcmp(path, operations[i - 1].path) != 0) {
            iu_json_open(out, path);
        }
        write_operation(out, &operations[i]);
        if (i + 1 == OPERATIONS || strcmp(path, operations[i + 1].path) != 0) {
            iu_json_close(out);
        }
    }
    iu_json_close(out);
}

static void write_parameters(iu_buffer *out, int needs_if_match)
{
    size_t i;

    iu_json_open(out, "parameters");
    for (i = 0; i < PARAMETERS; i++) {
        const parameter *one = &parameters[i];
        int is_required =
            !strcmp(one->in, "path") ||
            (needs_if_match && !strcmp(one->key, IF_MATCH_TO_DELETE));

        iu_json_open(out, one->key);
        iu_json_write_text(out, "name", one->name);
        iu_json_write_text(out, "in", one->in);
        iu_json_write_text(out, "description", one->description);
        iu_json_write_raw(out, "required", is_required ? "true" : "false");
        iu_json_write_raw(out, "schema", one->schema);
        iu_json_close(out);
    }
    iu_json_close(out);
}

/* --- the schemas --- */

static void open_schema(iu_buffer *out, const char *name)
{
    iu_json_open(out, name);
    iu_json_write_text(out, "type", "object");
    iu_json_open(out, "properties");
}

static void close_schema(iu_buffer *out)
{
    iu_buffer_puts(out, "}}");
}

static void write_member_schema(iu_buffer *out, const iu_member *member)
{
    int i;

    open_schema(out, iu_unqualified(member->type));
    iu_json_write_raw(out, "@odata.type", TEXT_SCHEMA);
    for (i = 0; i < iu_property_count; i++) {
        const iu_property *property = &iu_properties[i];

        if (property->member == member) {
            iu_json_open(out, property->name);
            iu_json_write_text(out, "type", "string");
            if (property->type == IU_EDM_DATE_TIME_OFFSET) {
                iu_json_write_text(out, "format", "date-time");
            }
            iu_json_write_raw(out, "nullable", "true");
            iu_json_close(out);
        }
    }
    close_schema(out);
}

/* What an answer has, and what a change may have. */
static void write_entity_schema(iu_buffer *out, unsigned required)
{
    int i;

    open_schema(out, "usedInsight");
    iu_json_write_raw(out, "@odata.context",
                      "{\"type\":\"string\",\"readOnly\":true}");
    iu_json_write_raw(out, "@odata.etag",
                      "{\"type\":\"string\",\"readOnly\":true}");
    iu_json_write_raw(out, "@odata.type", TEXT_SCHEMA);
    iu_json_write_raw(out, "id", KEY_SCHEMA);
    for (i = 0; i < iu_member_count; i++) {
        const iu_member *member = &iu_members[i];

        if (member->type) {
            iu_json_open(out, member->name);
            if (!(required & member->bit)) {
                iu_json_write_raw(out, "nullable", "true");
            }
            iu_json_write_raw(out, "allOf", "[");
            write_reference(out, NULL, "schemas", iu_unqualified(member->type));
            iu_buffer_puts(out, "]}");
        }
    }
    iu_json_write_raw(
        out, "resource",
        "{\"readOnly\":true,\"nullable\":true,"
        "\"allOf\":[{\"$ref\":\"#/components/schemas/entity\"}]}");
    close_schema(out);
}

static void write_create_schema(iu_buffer *out, unsigned required)
{
    int i;

    iu_json_open(out, "usedInsightCreate");
    iu_json_write_raw(out, "allOf", "[");
    write_reference(out, NULL, "schemas", "usedInsight");
    iu_buffer_puts(out, "]");
    if (required) {
        iu_json_write_raw(out, "required", "[");
        for (i = 0; i < iu_member_count; i++) {
            if (required & iu_members[i].bit) {
                iu_json_write_text(out, NULL, iu_members[i].name);
            }
        }
        iu_buffer_puts(out, "]");
    }
    iu_json_close(out);
}

/* Those that have nothing of the type table. */
static const char fixed_schemas[] =
    "\"count\":{\"type\":\"integer\",\"format\":\"int64\"},"
    "\"entity\":{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{"
    "\"@odata.context\":" TEXT_SCHEMA ",\"@odata.type\":" TEXT_SCHEMA
    ",\"id\":" TEXT_SCHEMA
    ",\"webUrl\":{\"type\":\"string\",\"nullable\":true}}},"
    "\"usedInsightCollection\":{\"type\":\"object\",\"required\":[\"value\"],"
    "\"properties\":{\"@odata.context\":" TEXT_SCHEMA ",\"@odata.count\":"
    "{\"$ref\":\"#/components/schemas/count\"},\"value\":{\"type\":\"array\","
    "\"items\":{\"$ref\":\"#/components/schemas/usedInsight\"}},"
    "\"@odata.nextLink\":{\"type\":\"string\",\"format\":\"uri\"}}},"
    "\"fault\":{\"type\":\"object\",\"required\":[\"code\",\"message\"],"
    "\"properties\":{\"code\":" TEXT_SCHEMA ",\"message\":" TEXT_SCHEMA
    ",\"target\":" TEXT_SCHEMA "}},"
    "\"error\":{\"type\":\"object\",\"required\":[\"error\"],\"properties\":{"
    "\"error\":{\"allOf\":[{\"$ref\":\"#/components/schemas/fault\"},"
    "{\"type\":\"object\",\"required\":[\"innerError\"],\"properties\":{"
    "\"details\":{\"type\":\"array\",\"items\":"
    "{\"$ref\":\"#/components/schemas/fault\"}},"
    "\"innerError\":{\"type\":\"object\",\"required\":[\"code\",\"date\","
    "\"request-id\",\"client-request-id\"],\"properties\":{"
    "\"code\":{\"type\":\"string\",\"pattern\":\"^IU[0-9]{4}$\"},"
    "\"date\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"request-id\":{\"type\":\"string\",\"format\":\"uuid\"},"
    "\"client-request-id\":" TEXT_SCHEMA "}}}}]}}}";

static void write_schemas(iu_buffer *out, unsigned required)
{
    int i;

    iu_json_open(out, "schemas");
    iu_buffer_puts(out, fixed_schemas);
    write_entity_schema(out, required);
    write_create_schema(out, required);
    for (i = 0; i < iu_member_count; i++) {
        if (iu_members[i].type) {
            write_member_schema(out, &iu_members[i]);
        }
    }
    iu_json_close(out);
}

void iu_openapi_write(iu_buffer *out, const char *service_root,
                      unsigned required, int needs_if_match)
{
    iu_json_open(out, NULL);
    iu_json_write_text(out, "openapi", "3.0.3");
    iu_json_open(out, "info");
    iu_json_write_text(out, "title", "Used insights of invited users");
    iu_json_write_text(out, "version", "0.1.0");
    iu_json_close(out);
    iu_json_write_raw(out, "servers", "[{");
    iu_json_write_text(out, "url", service_root);
    iu_buffer_puts(out, "}]");
    iu_json_write_raw(out, "security", "[{\"bearer\":[]}]");
    write_paths(out);
    iu_json_open(out, "components");
    iu_json_write_raw(out, "securitySchemes",
                      "{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"}}");
    write_parameters(out, needs_if_match);
    iu_json_open(out, "responses");
    iu_json_open(out, "error");
    iu_json_write_text(out, "description", "An error, with its number.");
    write_content(out, JSON, "error");
    iu_json_close(out);
    iu_json_close(out);
    write_schemas(out, required);
    iu_json_close(out);
    iu_json_close(out);
}
