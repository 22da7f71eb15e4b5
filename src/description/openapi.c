/* SPDX-License-Identifier: Apache-2.0 */
#include "openapi.h"

#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "../json/json_writer.h"
#include "../query/query.h"
#include "../text/version.h"
#include "csdl.h"

#define ITEM "/{usedInsight-id}"
#define JSON "application/json"
#define XML "application/xml"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The keys of the parameter If-Match. The configuration may require it for
 * DELETE and PATCH, but a PATCH that creates never needs it: OpenAPI cannot
 * express that. */
#define IF_MATCH "ifMatch"
#define IF_MATCH_TO_DELETE "ifMatchToDelete"

/* --- operations --- */

typedef struct parameter {
    const char *key; /* in the document's components */
    const char *name;
    const char *in;
    const char *description;
    const char *schema; /* JSON */
} parameter;

#define KEY_SCHEMA "{\"type\":\"string\",\"minLength\":1,\"maxLength\":255}"
#define REPEAT_KEY_SCHEMA "{\"type\":\"string\",\"pattern\":\"^[!-~]{1,255}$\"}"
#define TEXT_SCHEMA "{\"type\":\"string\"}"

static const parameter parameters[] = {
    {"invitation", "invitation-id", "path", "The key of an invitation.",
     KEY_SCHEMA},
    {"user", "user-id", "path", "The key of a user.", KEY_SCHEMA},
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
    {"format", "$format", "query",
     "The media type of the answer, in place of Accept; json is short for "
     "application/json.",
     TEXT_SCHEMA},
    {"requestId", "Repeatability-Request-ID", "header",
     "A new key of this request, for its repeats; with "
     "Repeatability-First-Sent.",
     REPEAT_KEY_SCHEMA},
    {"firstSent", "Repeatability-First-Sent", "header",
     "When the request was first sent, an HTTP date.", TEXT_SCHEMA},
    {"idempotencyKey", "Idempotency-Key", "header",
     "A new key of this request, for its repeats; in place of the other two.",
     TEXT_SCHEMA},
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

typedef struct response {
    const char *status; /* NULL terminates an array */
    const char *description;
    const char *type;   /* media type; NULL: no content */
    const char *schema; /* key in components; NULL: none */
} response;

typedef struct operation {
    const char *path;
    const char *method;
    const char *id;
    const char *summary;
    const char *parameters[12]; /* keys, terminated by NULL */
    const char *body;           /* key of its schema; NULL: no body */
    response responses[4];
} operation;

static const operation fixed_operations[] = {
    {"/",
     "get",
     "getServiceDocument",
     "The OData service document.",
     {"format"},
     NULL,
     {{"200", "What can be read as a whole.", JSON, NULL}}},
    {"/$metadata",
     "get",
     "getMetadata",
     "The OData metadata document.",
     {"format"},
     NULL,
     {{"200", "The service in CSDL, as XML or JSON.", XML, NULL}}},
    {"/openapi.json",
     "get",
     "getOpenApi",
     "This document.",
     {NULL},
     NULL,
     {{"200", "The document.", JSON, NULL}}},
};

static const operation batch_operation = {
    "/$batch",
    "post",
    "runBatch",
    "Run several requests.",
    {NULL},
    "batchRequests",
    {{"200", "The answer of each request.", JSON, "batchResponses"}}};

/* The operations of each set of used insights, with paths below it. Those of
 * the same path must be adjacent. */
static const operation set_operations[] = {
    {"",
     "get",
     "listUsed",
     "List used insights.",
     {"filter", "orderby", "select", "expand", "top", "skip", "count",
      "skiptoken", "format", "prefer"},
     NULL,
     {{"200", "A page.", JSON, "usedInsightCollection"}}},
    {"",
     "post",
     "createUsed",
     "Create a used insight.",
     {"format", "prefer", "requestId", "firstSent", "idempotencyKey"},
     "usedInsightCreate",
     {{"201", "It is stored, now or by the request that this one repeats.",
       JSON, "usedInsight"},
      {"204", "It is stored; return=minimal was preferred.", NULL, NULL}}},
    {"/$count",
     "get",
     "countUsed",
     "Count used insights.",
     {"filter"},
     NULL,
     {{"200", "The number.", "text/plain", "count"}}},
    {ITEM,
     "get",
     "getUsed",
     "Get a used insight.",
     {"usedInsight", "select", "expand", "format", "ifNoneMatch"},
     NULL,
     {{"200", "The used insight.", JSON, "usedInsight"},
      {"304", "It is as it was.", NULL, NULL}}},
    {ITEM,
     "patch",
     "updateUsed",
     "Change some of a used insight.",
     {"usedInsight", "format", IF_MATCH, "ifNoneMatch", "prefer"},
     "usedInsight",
     {{"200", "It is changed.", JSON, "usedInsight"},
      {"201", "It was missing and is created.", JSON, "usedInsight"},
      {"204", "It is changed or created; return=minimal was preferred.", NULL,
       NULL}}},
    {ITEM,
     "delete",
     "deleteUsed",
     "Delete a used insight.",
     {"usedInsight", IF_MATCH_TO_DELETE},
     NULL,
     {{"204", "It is gone.", NULL, NULL}}},
    {ITEM "/resource",
     "get",
     "getResource",
     "Get what a used insight refers to.",
     {"usedInsight", "format"},
     NULL,
     {{"200", "What resourceReference names.", JSON, "entity"},
      {"204", "It names nothing.", NULL, NULL}}},
};

/* The paths to the sets of used insights. */
static const struct set {
    const char *path;
    const char *suffix;    /* makes the ids of its operations unique */
    const char *parameter; /* key; NULL: none */
} sets[] = {{"/invitations/{invitation-id}/invitedUser/insights/used", "",
             "invitation"},
            {"/users/{user-id}/insights/used", "OfUser", "user"},
            {"/me/insights/used", "OfMe", NULL}};

/* --- writing --- */

/* Adds a $ref to a component; kind is "schemas", "parameters" or
 * "responses". */
static void add_reference(iu_json *to, apr_pool_t *pool, const char *name,
                          const char *kind, const char *key)
{
    iu_json_add_text(iu_json_add_object(to, name), "$ref",
                     apr_pstrcat(pool, "#/components/", kind, "/", key, NULL));
}

/* Adds the content of a body. All that is available as XML is also available as
 * JSON. */
static void add_content(iu_json *to, apr_pool_t *pool, const char *type,
                        const char *schema)
{
    iu_json *content = iu_json_add_object(to, "content");
    iu_json *media = iu_json_add_object(content, type);

    if (schema) {
        add_reference(media, pool, "schema", "schemas", schema);
    }
    if (!strcmp(type, XML)) {
        iu_json_add_object(content, JSON);
    }
}

static void add_responses(iu_json *to, apr_pool_t *pool, const response *next)
{
    iu_json *responses = iu_json_add_object(to, "responses");

    for (; next->status; next++) {
        iu_json *object = iu_json_add_object(responses, next->status);

        iu_json_add_text(object, "description", next->description);
        if (next->type) {
            add_content(object, pool, next->type, next->schema);
        }
    }
    add_reference(responses, pool, "default", "responses", "error");
}

/* set: whose operation it is; NULL: of no set. */
static void add_operation(iu_json *to, apr_pool_t *pool, const struct set *set,
                          const operation *operation)
{
    iu_json *object = iu_json_add_object(to, operation->method);
    iu_json *list;
    const char *const *key;

    iu_json_add_text(
        object, "operationId",
        apr_pstrcat(pool, operation->id, set ? set->suffix : "", NULL));
    iu_json_add_text(object, "summary", operation->summary);
    list = iu_json_add_array(object, "parameters");
    if (set && set->parameter) {
        add_reference(list, pool, NULL, "parameters", set->parameter);
    }
    for (key = operation->parameters; *key; key++) {
        add_reference(list, pool, NULL, "parameters", *key);
    }
    if (operation->body) {
        iu_json *body = iu_json_add_object(object, "requestBody");

        iu_json_add_flag(body, "required", 1);
        add_content(body, pool, JSON, operation->body);
    }
    add_responses(object, pool, operation->responses);
}

static void add_set(iu_json *paths, apr_pool_t *pool, const struct set *set)
{
    iu_json *path = NULL;
    size_t i;

    for (i = 0; i < COUNT(set_operations); i++) {
        const operation *next = &set_operations[i];

        if (i == 0 || strcmp(next->path, next[-1].path) != 0) {
            path = iu_json_add_object(
                paths, apr_pstrcat(pool, set->path, next->path, NULL));
        }
        add_operation(path, pool, set, next);
    }
}

static void add_paths(iu_json *to, apr_pool_t *pool, int has_batch)
{
    iu_json *paths = iu_json_add_object(to, "paths");
    size_t i;

    for (i = 0; i < COUNT(fixed_operations); i++) {
        const operation *next = &fixed_operations[i];

        add_operation(iu_json_add_object(paths, next->path), pool, NULL, next);
    }
    if (has_batch) {
        add_operation(iu_json_add_object(paths, batch_operation.path), pool,
                      NULL, &batch_operation);
    }
    for (i = 0; i < COUNT(sets); i++) {
        add_set(paths, pool, &sets[i]);
    }
}

static void add_parameters(iu_json *to, int needs_if_match)
{
    iu_json *components = iu_json_add_object(to, "parameters");
    size_t i;

    for (i = 0; i < COUNT(parameters); i++) {
        const parameter *next = &parameters[i];
        iu_json *object = iu_json_add_object(components, next->key);

        iu_json_add_text(object, "name", next->name);
        iu_json_add_text(object, "in", next->in);
        iu_json_add_text(object, "description", next->description);
        iu_json_add_flag(
            object, "required",
            !strcmp(next->in, "path") ||
                (needs_if_match && !strcmp(next->key, IF_MATCH_TO_DELETE)));
        iu_json_add_constant(object, "schema", next->schema);
    }
}

/* --- schemas --- */

/* Adds the schema of an object; returns the object for its properties. */
static iu_json *add_schema(iu_json *to, const char *name)
{
    iu_json *schema = iu_json_add_object(to, name);

    iu_json_add_text(schema, "type", "object");
    return iu_json_add_object(schema, "properties");
}

static void add_member_schema(iu_json *to, const iu_member *member)
{
    iu_json *properties = add_schema(to, iu_unqualified_name(member->type));
    int i;

    iu_json_add_constant(properties, "@odata.type", TEXT_SCHEMA);
    for (i = 0; i < iu_property_count; i++) {
        const iu_property *property = &iu_properties[i];

        if (property->member == member) {
            iu_json_add_constant(
                properties, property->name,
                property->type == IU_EDM_DATE_TIME_OFFSET
                    ? "{\"type\":\"string\",\"format\":\"date-time\","
                      "\"nullable\":true}"
                    : "{\"type\":\"string\",\"nullable\":true}");
        }
    }
}

/* The schema of responses and of the body of PATCH. */
static void add_entity_schema(iu_json *to, apr_pool_t *pool, unsigned required)
{
    static const char read_only[] = "{\"type\":\"string\",\"readOnly\":true}";
    iu_json *properties = add_schema(to, "usedInsight");
    int i;

    iu_json_add_constant(properties, "@odata.context", read_only);
    iu_json_add_constant(properties, "@odata.etag", read_only);
    iu_json_add_constant(properties, "@odata.type", TEXT_SCHEMA);
    iu_json_add_constant(properties, "id", KEY_SCHEMA);
    for (i = 0; i < iu_member_count; i++) {
        const iu_member *member = &iu_members[i];

        if (member->type) {
            iu_json *object = iu_json_add_object(properties, member->name);

            if (!(required & member->bit)) {
                iu_json_add_flag(object, "nullable", 1);
            }
            add_reference(iu_json_add_array(object, "allOf"), pool, NULL,
                          "schemas", iu_unqualified_name(member->type));
        }
    }
    iu_json_add_constant(
        properties, "resource",
        "{\"readOnly\":true,\"nullable\":true,"
        "\"allOf\":[{\"$ref\":\"#/components/schemas/entity\"}]}");
}

static void add_create_schema(iu_json *to, apr_pool_t *pool, unsigned required)
{
    iu_json *schema = iu_json_add_object(to, "usedInsightCreate");
    iu_json *names;
    int i;

    add_reference(iu_json_add_array(schema, "allOf"), pool, NULL, "schemas",
                  "usedInsight");
    if (!required) {
        return;
    }
    names = iu_json_add_array(schema, "required");
    for (i = 0; i < iu_member_count; i++) {
        if (required & iu_members[i].bit) {
            iu_json_add_text(names, NULL, iu_members[i].name);
        }
    }
}

/* Schemas that do not depend on the type table. */
static const char fixed_schemas[] =
    "{\"count\":{\"type\":\"integer\",\"format\":\"int64\"},"
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
    "\"client-request-id\":" TEXT_SCHEMA "}}}}]}}}}";

#define BATCH_HEADERS                                                          \
    "{\"type\":\"object\",\"additionalProperties\":" TEXT_SCHEMA "}"

static const char batch_requests_schema[] =
    "{\"type\":\"object\",\"required\":[\"requests\"],\"properties\":{"
    "\"requests\":{\"type\":\"array\",\"minItems\":1,\"items\":{"
    "\"type\":\"object\",\"required\":[\"id\",\"method\",\"url\"],"
    "\"properties\":{\"id\":" KEY_SCHEMA ",\"method\":{\"type\":\"string\","
    "\"enum\":[\"GET\",\"POST\",\"PATCH\",\"DELETE\"]},"
    "\"url\":" TEXT_SCHEMA ",\"headers\":" BATCH_HEADERS
    ",\"body\":{\"type\":\"object\"},"
    "\"dependsOn\":{\"type\":\"array\",\"items\":" TEXT_SCHEMA "},"
    "\"atomicityGroup\":{\"type\":\"string\",\"minLength\":1}}}}}}";

static const char batch_responses_schema[] =
    "{\"type\":\"object\",\"required\":[\"responses\"],\"properties\":{"
    "\"responses\":{\"type\":\"array\",\"items\":{"
    "\"type\":\"object\",\"required\":[\"id\",\"status\"],"
    "\"properties\":{\"id\":" TEXT_SCHEMA ",\"status\":{\"type\":\"integer\"},"
    "\"headers\":" BATCH_HEADERS ",\"body\":{}}}}}}";

static void add_schemas(iu_json *to, apr_pool_t *pool, unsigned required,
                        int has_batch)
{
    iu_json *schemas = iu_json_add_constant(to, "schemas", fixed_schemas);
    int i;

    if (has_batch) {
        iu_json_add_constant(schemas, "batchRequests", batch_requests_schema);
        iu_json_add_constant(schemas, "batchResponses", batch_responses_schema);
    }
    add_entity_schema(schemas, pool, required);
    add_create_schema(schemas, pool, required);
    for (i = 0; i < iu_member_count; i++) {
        if (iu_members[i].type) {
            add_member_schema(schemas, &iu_members[i]);
        }
    }
}

void iu_openapi_write(iu_buffer *out, const char *service_root,
                      unsigned required, int needs_if_match, int has_batch)
{
    apr_pool_t *pool = out->pool;
    iu_json *root = iu_json_make(pool);
    iu_json *components;
    iu_json *error;

    iu_json_add_text(root, "openapi", "3.0.3");
    iu_json_add_constant(root, "info",
                         "{\"title\":\"Used insights of users\","
                         "\"version\":\"" IU_MODULE_VERSION "\"}");
    iu_json_add_text(
        iu_json_add_object(iu_json_add_array(root, "servers"), NULL), "url",
        service_root);
    iu_json_add_constant(root, "security", "[{\"bearer\":[]}]");
    add_paths(root, pool, has_batch);
    components = iu_json_add_object(root, "components");
    iu_json_add_constant(components, "securitySchemes",
                         "{\"bearer\":{\"type\":\"http\","
                         "\"scheme\":\"bearer\"}}");
    add_parameters(components, needs_if_match);
    error = iu_json_add_object(iu_json_add_object(components, "responses"),
                               "error");
    iu_json_add_text(error, "description", "An error, with its number.");
    add_content(error, pool, JSON, "error");
    add_schemas(components, pool, required, has_batch);
    iu_json_print(out, root);
}
