/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/graph/used_insight.c. */
#include "support/tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/graph/record.h"
#include "../../src/graph/used_insight.h"

#define REQUIRED IU_MEMBERS_REQUIRED
#define EMPTY                                                                  \
    "\"lastUsed\":{},\"resourceVisualization\":{},\"resourceReference\":{}"
#define EMPTY_DOCUMENT                                                         \
    "{\"lastUsed\":{\"@odata.type\":\"microsoft.graph.usageDetails\"},"        \
    "\"resourceVisualization\":{\"@odata.type\":"                              \
    "\"microsoft.graph.resourceVisualization\"},"                              \
    "\"resourceReference\":{\"@odata.type\":"                                  \
    "\"microsoft.graph.resourceReference\"}}"

/* Messages of faults. */
#define UNEXPECTED(found, expected)                                            \
    "An unexpected '" found "' node was found when reading from the JSON "     \
    "reader. A '" expected "' node was expected."
#define UNKNOWN(name, type)                                                    \
    "The property '" name "' does not exist on type 'microsoft.graph." type "'."
#define UNREADABLE(literal, type)                                              \
    "Cannot convert the literal '" literal "' to the expected type "           \
    "'Edm." type "'."
#define NOT_A(type, given)                                                     \
    "A value with the type '" given "' is not assignable to the expected "     \
    "type 'microsoft.graph." type "'."
#define NO_LAST_USED                                                           \
    "The 'lastUsed' property is required to create a usedInsight."
#define INVALID_ID                                                             \
    "The property 'id' must be 1 to 255 bytes of UTF-8 without control "       \
    "characters."

static apr_pool_t *pool;

static iu_problem *read_text(const char *text, unsigned required,
                             iu_record *record)
{
    const iu_json *root;
    iu_problem *problem =
        iu_json_read(pool, apr_pstrdup(pool, text), strlen(text), &root);

    memset(record, 0, sizeof(*record));
    if (!problem) {
        problem = iu_used_insight_read(pool, root, required, record);
        iu_json_release(pool, root); /* record needs it no longer */
    }
    return problem;
}

static void is_document(const char *text, unsigned required,
                        const char *expected, const char *name)
{
    iu_record record;
    iu_problem *problem = read_text(text, required, &record);

    is_text(problem ? problem->message : record.document, expected, "%s", name);
    if (!problem) {
        is_number(record.document_length, strlen(expected), "%s: the length",
                  name);
    }
}

/* Reads a body that has one fault. */
static void has_fault(const char *text, iu_problem_kind kind,
                      const char *target, const char *message)
{
    iu_record record;
    iu_problem *problem = read_text(text, REQUIRED, &record);

    if (!ok(problem != NULL, "%s is refused", text)) {
        return;
    }
    is_number(problem->kind, kind, "%s: the kind", text);
    is_number(problem->status, 400, "%s: the status", text);
    is_text(problem->target, target, "%s: the target", text);
    is_text(problem->message, message, "%s: the message", text);
    is_number(problem->details->nelts, 1, "%s: the number of faults", text);
    is_text(APR_ARRAY_IDX(problem->details, 0, iu_fault).message, message,
            "%s: the message in the details", text);
}

static const char *with(const char *member)
{
    return apr_pstrcat(pool, "{", EMPTY, ",", member, "}", NULL);
}

static const char *in_visualization(const char *members)
{
    return apr_pstrcat(pool,
                       "{\"lastUsed\":{},\"resourceReference\":{},"
                       "\"resourceVisualization\":{",
                       members, "}}", NULL);
}

static const char *in_last_used(const char *members)
{
    return apr_pstrcat(pool,
                       "{\"resourceVisualization\":{},"
                       "\"resourceReference\":{},\"lastUsed\":{",
                       members, "}}", NULL);
}

static void test_documents(void)
{
    is_document("{" EMPTY "}", REQUIRED, EMPTY_DOCUMENT, "three empty objects");
    is_document(with("\"@odata.type\":\"#microsoft.graph.usedInsight\""),
                REQUIRED, EMPTY_DOCUMENT, "the type with #");
    is_document(with("\"@type\":\"microsoft.graph.usedInsight\""), REQUIRED,
                EMPTY_DOCUMENT, "the type of 4.01, without #");
    is_document(with("\"@odata.context\":5,\"lastUsed@x.y\":[{}],"
                     "\"resource@odata.bind\":\"drives/x\",\"@odata.id\":\"\""),
                REQUIRED, EMPTY_DOCUMENT, "annotations are ignored");
    is_document("{}", 0, "{}", "nothing is required");
    is_document("{\"resource\":null,\"resourceReference\":null}", 0,
                "{\"resourceReference\":null}",
                "a navigation property that is null counts as absent");
    is_document("{\"resourceReference\":null}", 0,
                "{\"resourceReference\":null}",
                "a member that is null is kept");
    is_document(
        "{\"resourceReference\":{\"type\":null,\"id\":\"\",\"webUrl\":\"u\"}}",
        0,
        "{\"resourceReference\":{"
        "\"@odata.type\":\"microsoft.graph.resourceReference\","
        "\"webUrl\":\"u\",\"id\":\"\",\"type\":null}}",
        "properties in the order of the type, nulls kept");
    is_document(
        in_visualization("\"title\":\"a\\\"\\\\\\/\\u00e9\\n\\u001F"
                         "\\ud83d\\ude00 \xC3\xA9\""),
        IU_MEMBER_RESOURCE_VISUALIZATION,
        "{\"lastUsed\":{\"@odata.type\":\"microsoft.graph.usageDetails\"},"
        "\"resourceVisualization\":{\"@odata.type\":"
        "\"microsoft.graph.resourceVisualization\","
        "\"title\":\"a\\\"\\\\/\xC3\xA9\\n\\u001F\xF0\x9F\x98\x80 \xC3\xA9\"},"
        "\"resourceReference\":{\"@odata.type\":"
        "\"microsoft.graph.resourceReference\"}}",
        "text keeps its meaning when escapes change");
}

/* Every property of the page "Create used" is stored. */
static void test_every_property(void)
{
    static const char *const names[] = {"title",
                                        "type",
                                        "mediaType",
                                        "previewImageUrl",
                                        "previewText",
                                        "containerWebUrl",
                                        "containerDisplayName",
                                        "containerType"};
    iu_record record;
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *member =
            apr_psprintf(pool, "\"%s\":\"value %d\"", names[i], (int)i);

        if (ok(!read_text(in_visualization(member), REQUIRED, &record),
               "%s is accepted", names[i])) {
            ok(strstr(record.document, member) != NULL, "%s is kept", names[i]);
        }
    }
}

static void test_instants(void)
{
    iu_record record;

    ok(!read_text(
           in_last_used("\"lastAccessedDateTime\":"
                        "\"2016-12-31T23:58:24.6598438-02:00\","
                        "\"lastModifiedDateTime\":\"0001-01-01t00:00z\""),
           REQUIRED, &record),
       "instants are read");
    is_text(record.last_accessed, "2017-01-01T01:58:24.659843800000",
            "one with an offset is kept in UTC");
    is_text(record.last_modified, "0001-01-01T00:00:00.000000000000",
            "one without seconds gets them");
    ok(strstr(record.document, "\"2016-12-31T23:58:24.6598438-02:00\"") != NULL,
       "the document keeps the text that was sent");
    ok(strstr(record.document, "\"0001-01-01t00:00z\"") != NULL,
       "also in lower case and without seconds");
    ok(!read_text(in_last_used("\"lastAccessedDateTime\":null"), REQUIRED,
                  &record),
       "an instant that is null");
    is_text(record.last_accessed, "", "null is stored as an empty text");
    is_text(record.last_modified, "", "so is an absent one");
}

static void test_ids(void)
{
    char long_id[IU_KEY_MAX + 2];
    iu_record record;

    ok(!read_text(with("\"id\":\"a/b \xF0\x9F\x98\x80\""), REQUIRED, &record),
       "an id from the client");
    is_text(record.id, "a/b \xF0\x9F\x98\x80", "becomes the key");
    ok(!read_text("{" EMPTY "}", REQUIRED, &record), "a body without an id");
    ok(record.id == NULL, "leaves it to the server");
    memset(long_id, 'k', sizeof(long_id));
    long_id[IU_KEY_MAX] = '\0';
    ok(!read_text(with(apr_psprintf(pool, "\"id\":\"%s\"", long_id)), REQUIRED,
                  &record),
       "an id of 255 bytes");
    long_id[IU_KEY_MAX] = 'k';
    long_id[IU_KEY_MAX + 1] = '\0';
    has_fault(with(apr_psprintf(pool, "\"id\":\"%s\"", long_id)), IU_ID_INVALID,
              "id", INVALID_ID);
    has_fault(with("\"id\":\"\""), IU_ID_INVALID, "id", INVALID_ID);
    has_fault(with("\"id\":\"a\\nb\""), IU_ID_INVALID, "id", INVALID_ID);
    has_fault(with("\"id\":5"), IU_LITERAL_INVALID, "id",
              UNREADABLE("5", "String"));
    ok(!read_text(with("\"id\":null"), REQUIRED, &record),
       "an id that is null");
    ok(record.id == NULL, "counts as absent");
    is_number(read_text("{" EMPTY "}", REQUIRED | IU_MEMBER_ID, &record)->kind,
              IU_PROPERTY_REQUIRED, "an id can be required");
    is_number(
        read_text(with("\"id\":null"), REQUIRED | IU_MEMBER_ID, &record)->kind,
        IU_PROPERTY_REQUIRED, "and then must not be null");
}

static void test_faults(void)
{
    has_fault("[]", IU_NODE_UNEXPECTED, NULL,
              UNEXPECTED("StartArray", "StartObject"));
    has_fault("null", IU_NODE_UNEXPECTED, NULL,
              UNEXPECTED("PrimitiveValue", "StartObject"));
    has_fault(with("\"nonsense\":1"), IU_PROPERTY_UNKNOWN, "nonsense",
              UNKNOWN("nonsense", "usedInsight"));
    has_fault(with("\"LastUsed\":{}"), IU_PROPERTY_UNKNOWN, "LastUsed",
              UNKNOWN("LastUsed", "usedInsight"));
    has_fault(with("\"resource\":{}"), IU_NAVIGATION_SET, "resource",
              "The navigation property 'resource' follows "
              "'resourceReference': it must be null or absent.");
    has_fault(in_last_used("\"resource\":null"), IU_PROPERTY_UNKNOWN,
              "lastUsed/resource", UNKNOWN("resource", "usageDetails"));
    has_fault(in_last_used("\"title\":\"x\""), IU_PROPERTY_UNKNOWN,
              "lastUsed/title", UNKNOWN("title", "usageDetails"));
    has_fault("{\"resourceVisualization\":{},\"resourceReference\":{}}",
              IU_PROPERTY_REQUIRED, "lastUsed", NO_LAST_USED);
    has_fault("{\"lastUsed\":null,\"resourceVisualization\":{},"
              "\"resourceReference\":{}}",
              IU_PROPERTY_REQUIRED, "lastUsed", NO_LAST_USED);
    has_fault("{\"lastUsed\":\"x\",\"resourceVisualization\":{},"
              "\"resourceReference\":{}}",
              IU_NODE_UNEXPECTED, "lastUsed",
              UNEXPECTED("PrimitiveValue", "StartObject"));
}

static void test_value_faults(void)
{
    has_fault(in_visualization("\"title\":{}"), IU_NODE_UNEXPECTED,
              "resourceVisualization/title",
              UNEXPECTED("StartObject", "PrimitiveValue"));
    has_fault(in_visualization("\"title\":true"), IU_LITERAL_INVALID,
              "resourceVisualization/title", UNREADABLE("true", "String"));
    has_fault(in_last_used("\"lastAccessedDateTime\":"
                           "\"2024-01-19T13:38:22.169688\""),
              IU_LITERAL_INVALID, "lastUsed/lastAccessedDateTime",
              UNREADABLE("2024-01-19T13:38:22.169688", "DateTimeOffset"));
    has_fault(in_last_used("\"lastAccessedDateTime\":1483228704"),
              IU_LITERAL_INVALID, "lastUsed/lastAccessedDateTime",
              UNREADABLE("1483228704", "DateTimeOffset"));
    has_fault(with("\"@odata.type\":\"#microsoft.graph.trending\""),
              IU_TYPE_MISMATCH, "@odata.type",
              NOT_A("usedInsight", "#microsoft.graph.trending"));
    has_fault(in_last_used("\"@type\":\"#microsoft.graph.usedInsight\""),
              IU_TYPE_MISMATCH, "lastUsed/@type",
              NOT_A("usageDetails", "#microsoft.graph.usedInsight"));
    has_fault(with("\"@odata.type\":5"), IU_LITERAL_INVALID, "@odata.type",
              UNREADABLE("5", "String"));
}

static void test_all_faults(void)
{
    static const char body[] =
        "{\"x\":1,\"id\":\"\",\"lastUsed\":{\"lastAccessedDateTime\":\"x\","
        "\"y\":2},\"resourceVisualization\":[]}";
    static const char *const targets[] = {"x",
                                          "id",
                                          "lastUsed/y",
                                          "lastUsed/lastAccessedDateTime",
                                          "resourceVisualization",
                                          "resourceReference"};
    iu_record record;
    iu_problem *problem = read_text(body, REQUIRED, &record);
    int i;

    is_number(problem->details->nelts, 6, "all faults are reported");
    for (i = 0; i < problem->details->nelts && i < 6; i++) {
        is_text(APR_ARRAY_IDX(problem->details, i, iu_fault).target, targets[i],
                "fault %d", i + 1);
    }
    is_text(problem->target, "x", "the target is that of the first");
}

static void test_many_faults(void)
{
    char *body = apr_pstrdup(pool, "{" EMPTY);
    iu_record record;
    iu_problem *problem;
    int i;

    for (i = 0; i < 21; i++) {
        body = apr_psprintf(pool, "%s,\"x%d\":1", body, i);
    }
    problem = read_text(apr_pstrcat(pool, body, "}", NULL), REQUIRED, &record);
    is_number(problem->details->nelts, 20, "at most 20 faults are listed");
    ok(strstr(problem->message, "The first 20 of 21 faults are listed.") !=
           NULL,
       "and the message says how many there are");
}

/* Merges a body into a stored document. */
static iu_problem *merge_text(const char *document, const char *text,
                              unsigned required, iu_record *record)
{
    const iu_record stored = {.id = "the id",
                              .document = document,
                              .document_length = strlen(document)};
    const iu_json *root;
    iu_problem *problem =
        iu_json_read(pool, apr_pstrdup(pool, text), strlen(text), &root);

    memset(record, 0, sizeof(*record));
    return problem ? problem
                   : iu_used_insight_merge(pool, root, required, stored.id,
                                           &stored, record);
}

static void is_merged(const char *document, const char *text,
                      const char *expected, const char *name)
{
    iu_record record;
    iu_problem *problem = merge_text(document, text, 0, &record);

    is_text(problem ? problem->message : record.document, expected, "%s", name);
    if (!problem) {
        is_number(record.document_length, strlen(expected), "%s: the length",
                  name);
        is_text(record.id, "the id", "%s: the id", name);
    }
}

#define USED "\"lastUsed\":{\"@odata.type\":\"microsoft.graph.usageDetails\""
#define REFERENCE                                                              \
    "\"resourceReference\":{\"@odata.type\":"                                  \
    "\"microsoft.graph.resourceReference\""
#define BEFORE                                                                 \
    "{" USED ",\"lastAccessedDateTime\":\"2020-01-02T03:04:05+01:00\","        \
    "\"lastModifiedDateTime\":null}," REFERENCE                                \
    ",\"webUrl\":\"\\\"u\",\"id\":\"\"}}"

static void test_merges(void)
{
    is_merged(BEFORE, "{}", BEFORE, "an empty body changes nothing");
    is_merged(BEFORE, "{\"id\":null,\"resource\":null}", BEFORE,
              "null for the id or the navigation property changes nothing");
    is_merged(BEFORE, "{\"lastUsed\":{},\"resourceReference\":{}}", BEFORE,
              "empty objects change nothing");
    is_merged(BEFORE,
              "{\"@odata.type\":\"#microsoft.graph.usedInsight\","
              "\"id\":\"the id\",\"lastUsed\":{\"@odata.type\":"
              "\"#microsoft.graph.usageDetails\"},\"@odata.etag\":\"x\"}",
              BEFORE, "types, annotations and the same id change nothing");
    is_merged(
        BEFORE, "{\"resourceReference\":{\"type\":\"t\",\"webUrl\":\"v\"}}",
        "{" USED ",\"lastAccessedDateTime\":\"2020-01-02T03:04:05+01:00\","
        "\"lastModifiedDateTime\":null}," REFERENCE
        ",\"webUrl\":\"v\",\"id\":\"\",\"type\":\"t\"}}",
        "properties are merged, in the order of the type");
    is_merged(BEFORE, "{\"resourceReference\":{\"webUrl\":null}}",
              "{" USED
              ",\"lastAccessedDateTime\":\"2020-01-02T03:04:05+01:00\","
              "\"lastModifiedDateTime\":null}," REFERENCE
              ",\"webUrl\":null,\"id\":\"\"}}",
              "null sets a property to null");
    is_merged(BEFORE, "{\"resourceReference\":null}",
              "{" USED
              ",\"lastAccessedDateTime\":\"2020-01-02T03:04:05+01:00\","
              "\"lastModifiedDateTime\":null},\"resourceReference\":null}",
              "null sets a member to null");
    is_merged(
        "{\"lastUsed\":null}", "{\"lastUsed\":{\"lastModifiedDateTime\":null}}",
        "{" USED ",\"lastModifiedDateTime\":null}}", "an object replaces null");
    is_merged("{}", "{\"resourceReference\":{\"id\":\"a\"}}",
              "{" REFERENCE ",\"id\":\"a\"}}",
              "an object is added where it was absent");
    is_merged("{" REFERENCE "}}", "{\"lastUsed\":{}}",
              "{" USED "}," REFERENCE "}}",
              "members are added in the order of the type");
}

/* Merges a body: the instants of the record. */
static void are_instants(const char *text, const char *accessed,
                         const char *modified, const char *name)
{
    iu_record record;
    iu_problem *problem = merge_text(BEFORE, text, 0, &record);

    if (ok(!problem, "%s", name)) {
        is_text(record.last_accessed, accessed, "%s: last access", name);
        is_text(record.last_modified, modified, "%s: last modification", name);
    }
}

static void test_merged_instants(void)
{
    are_instants("{}", "2020-01-02T02:04:05.000000000000", "",
                 "instants are kept");
    are_instants("{\"lastUsed\":{\"lastModifiedDateTime\":"
                 "\"2021-01-01T00:00Z\"}}",
                 "2020-01-02T02:04:05.000000000000",
                 "2021-01-01T00:00:00.000000000000", "one instant is replaced");
    are_instants("{\"lastUsed\":{\"lastAccessedDateTime\":null}}", "", "",
                 "one instant is set to null");
    are_instants("{\"lastUsed\":null}", "", "", "lastUsed is set to null");
}

/* Merges a body that has one fault. */
static void has_merge_fault(const char *text, iu_problem_kind kind,
                            const char *target)
{
    iu_record record;
    iu_problem *problem = merge_text(BEFORE, text, REQUIRED, &record);

    is_text(problem ? problem->number : NULL, iu_problem_number(kind),
            "%s is not merged", text);
    if (problem) {
        is_text(problem->target, target, "%s: the target", text);
        is_number(problem->details->nelts, 1, "%s: the number of faults", text);
    }
}

static void test_merge_faults(void)
{
    iu_record record;
    iu_problem *problem;

    has_merge_fault("{\"id\":\"other\"}", IU_ID_DIFFERS, "id");
    has_merge_fault("{\"id\":\"The Id\"}", IU_ID_DIFFERS, "id");
    has_merge_fault("{\"id\":\"\"}", IU_ID_INVALID, "id");
    has_merge_fault("{\"resource\":[]}", IU_NAVIGATION_SET, "resource");
    has_merge_fault("{\"lastUsed\":null}", IU_PROPERTY_NOT_NULLABLE,
                    "lastUsed");
    has_merge_fault("{\"resourceVisualization\":null}",
                    IU_PROPERTY_NOT_NULLABLE, "resourceVisualization");
    has_merge_fault("{\"x\":1}", IU_PROPERTY_UNKNOWN, "x");
    has_merge_fault("{\"lastUsed\":[]}", IU_NODE_UNEXPECTED, "lastUsed");
    has_merge_fault("{\"lastUsed\":{\"lastAccessedDateTime\":\"now\"}}",
                    IU_LITERAL_INVALID, "lastUsed/lastAccessedDateTime");
    has_merge_fault("[]", IU_NODE_UNEXPECTED, NULL);
    ok(!merge_text(BEFORE, "{\"lastUsed\":{}}", REQUIRED, &record),
       "a required member may be absent from the body and the stored "
       "document");
    ok(!merge_text("{\"lastUsed\":null}", "{}", REQUIRED, &record),
       "or be null in the stored document");
    problem = merge_text("{\"lastUsed\":5}", "{}", 0, &record);
    is_text(problem ? problem->number : NULL, iu_problem_number(IU_READ_FAILED),
            "a stored document that is not a usedInsight");
    ok(problem && strstr(problem->log_detail, "'the id'"),
       "is named in the log: %s", problem ? problem->log_detail : "");
    problem = merge_text("{\"lastUsed\":", "{}", 0, &record);
    is_text(problem ? problem->number : NULL, iu_problem_number(IU_READ_FAILED),
            "a stored document that is not JSON");
}

/* PATCH of an id that is not stored creates the record. */
static void test_merge_with_nothing(void)
{
    const iu_json *root;
    iu_record record;
    iu_problem *problem;

    iu_json_read(pool, apr_pstrdup(pool, "{" EMPTY "}"), strlen("{" EMPTY "}"),
                 &root);
    problem = iu_used_insight_merge(pool, root, REQUIRED | IU_MEMBER_ID, "key",
                                    NULL, &record);
    is_text(problem ? problem->message : record.document, EMPTY_DOCUMENT,
            "a merge without a stored record creates one");
    is_text(record.id, "key", "with the id of the URL");
    iu_json_read(pool, apr_pstrdup(pool, "{}"), 2, &root);
    problem = iu_used_insight_merge(pool, root, REQUIRED, "key", NULL, &record);
    is_text(problem ? problem->number : NULL,
            iu_problem_number(IU_PROPERTY_REQUIRED),
            "and needs the required members");
    is_number(problem ? problem->details->nelts : 0, 3,
              "each of the three is reported");
}

/* IU_DOCUMENT_TYPES bounds what the types add to a document. */
static void test_types_length(void)
{
    const char *text = "{" EMPTY "}";
    iu_record record;

    read_text(text, REQUIRED, &record);
    ok(record.document_length <= strlen(text) + IU_DOCUMENT_TYPES,
       "types make a document longer by IU_DOCUMENT_TYPES at most");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    is_number(iu_used_insight_member("lastUsed"), IU_MEMBER_LAST_USED,
              "the bit of a member");
    is_number(iu_used_insight_member("id"), IU_MEMBER_ID, "the bit of the id");
    is_number(iu_used_insight_member("none"), 0,
              "an unknown member has no bit");
    test_documents();
    test_every_property();
    test_instants();
    test_ids();
    test_faults();
    test_value_faults();
    test_all_faults();
    test_many_faults();
    test_merges();
    test_merged_instants();
    test_merge_faults();
    test_merge_with_nothing();
    test_types_length();
    apr_terminate();
    return done();
}
