/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/service/representation.c. */
#include "support/tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/graph/property.h"
#include "../../src/query/query.h"
#include "../../src/service/representation.h"

#define ROOT "https://graph.example.com/beta"
#define SET "/invitedUser/insights/used"

static apr_pool_t *pool;

static const iu_owner invitation = {IU_OWNER_INVITATION, "i"};

static const char *represent_of(iu_owner owner, const char *id,
                                const char *document, iu_metadata metadata)
{
    iu_record record = {"set", id,       "0123456789abcdef", "",
                        "",    document, strlen(document),   ""};
    iu_representation parts;

    if (iu_representation_make(pool, &record,
                               &(iu_shape){.format.metadata = metadata}, ROOT,
                               &owner, &parts)) {
        return NULL;
    }
    return apr_pstrcat(
        pool, apr_pstrmemdup(pool, parts.head, parts.head_length),
        apr_pstrmemdup(pool, parts.tail, parts.tail_length), NULL);
}

static const char *represent(const char *invitation_id, const char *id,
                             const char *document, iu_metadata metadata)
{
    return represent_of((iu_owner){IU_OWNER_INVITATION, invitation_id}, id,
                        document, metadata);
}

#define DOCUMENT                                                               \
    "{\"lastUsed\":{\"@odata.type\":\"microsoft.graph.usageDetails\","         \
    "\"lastAccessedDateTime\":\"2016-12-31T23:58:24.6598438+00:00\","          \
    "\"lastModifiedDateTime\":null},"                                          \
    "\"resourceReference\":{\"@odata.type\":"                                  \
    "\"microsoft.graph.resourceReference\"}}"

#define MINIMAL_HEAD                                                           \
    "{\"@odata.context\":\"" ROOT "/$metadata#invitations('i')" SET            \
    "/$entity\",\"@odata.etag\":\"W/\\\"0123456789abcdef\\\"\","               \
    "\"@odata.type\":\"#microsoft.graph.usedInsight\","

static void test_levels(void)
{
    is_text(represent("i", "x", DOCUMENT, IU_METADATA_MINIMAL),
            MINIMAL_HEAD
            "\"id\":\"x\","
            "\"lastUsed\":{\"@odata.type\":\"microsoft.graph.usageDetails\","
            "\"lastAccessedDateTime\":\"2016-12-31T23:58:24.6598438+00:00\","
            "\"lastModifiedDateTime\":null},"
            "\"resourceReference\":{\"@odata.type\":"
            "\"microsoft.graph.resourceReference\"}}",
            "minimal metadata");
    is_text(represent("i", "x", DOCUMENT, IU_METADATA_NONE),
            "{\"id\":\"x\",\"lastUsed\":{"
            "\"lastAccessedDateTime\":\"2016-12-31T23:58:24.6598438+00:00\","
            "\"lastModifiedDateTime\":null},\"resourceReference\":{}}",
            "no metadata");
    is_text(represent("i", "x", DOCUMENT, IU_METADATA_FULL),
            MINIMAL_HEAD
            "\"@odata.id\":\"" ROOT "/invitations/i" SET "/x\","
            "\"@odata.editLink\":\"invitations/i" SET "/x\","
            "\"resource@odata.navigationLink\":\"invitations/i" SET
            "/x/resource\",\"id\":\"x\","
            "\"lastUsed\":{\"@odata.type\":\"microsoft.graph.usageDetails\","
            "\"lastAccessedDateTime@odata.type\":\"#DateTimeOffset\","
            "\"lastAccessedDateTime\":\"2016-12-31T23:58:24.6598438+00:00\","
            "\"lastModifiedDateTime@odata.type\":\"#DateTimeOffset\","
            "\"lastModifiedDateTime\":null},"
            "\"resourceReference\":{\"@odata.type\":"
            "\"microsoft.graph.resourceReference\"}}",
            "full metadata");
    is_text(represent("i", "x", "{}", IU_METADATA_MINIMAL),
            MINIMAL_HEAD "\"id\":\"x\"}", "a record without members");
    is_text(represent("i", "x", "{}", IU_METADATA_NONE), "{\"id\":\"x\"}",
            "a record without members or metadata");
}

static const char *shaped(const char *document, const iu_shape *shape)
{
    iu_record record = {"i", "x",      "0123456789abcdef", "",
                        "",  document, strlen(document),   ""};
    iu_buffer out;
    iu_span rest;

    iu_buffer_init(&out, pool, 256);
    if (iu_representation_begin_item(&out, &record, shape, ROOT, &invitation,
                                     &rest)) {
        return NULL;
    }
    iu_buffer_append(&out, rest.text, rest.length);
    return out.data;
}

static apr_uint32_t bit(const char *path)
{
    return 1u << (iu_property_find(path, strlen(path)) - iu_properties);
}

#define CONTROL                                                                \
    "{\"@odata.etag\":\"W/\\\"0123456789abcdef\\\"\","                         \
    "\"@odata.type\":\"#microsoft.graph.usedInsight\","
#define ID_LINK "\"@odata.id\":\"" ROOT "/invitations/i" SET "/x\""

static void test_select(void)
{
    iu_shape shape = {{IU_METADATA_MINIMAL, 0}, bit("id"), "id", 0};

    is_text(shaped(DOCUMENT, &shape), CONTROL "\"id\":\"x\"}", "the key only");
    shape.select = bit("lastUsed/lastModifiedDateTime");
    is_text(shaped(DOCUMENT, &shape),
            CONTROL ID_LINK ",\"lastUsed\":{\"@odata.type\":"
                            "\"microsoft.graph.usageDetails\","
                            "\"lastModifiedDateTime\":null}}",
            "a record without its key has its @odata.id");
    shape.format.metadata = IU_METADATA_NONE;
    is_text(shaped(DOCUMENT, &shape),
            "{\"lastUsed\":{\"lastModifiedDateTime\":null}}",
            "not without metadata");
    shape.select = bit("resourceVisualization/title");
    is_text(shaped(DOCUMENT, &shape), "{}", "a property that is absent");
    shape.select = bit("resourceReference/id") | bit("id");
    is_text(shaped(DOCUMENT, &shape), "{\"id\":\"x\",\"resourceReference\":{}}",
            "a member without the property");
    is_text(shaped("{\"lastUsed\":null,\"resourceReference\":null}", &shape),
            "{\"id\":\"x\",\"resourceReference\":null}",
            "a member that is null");
    shape.format.metadata = IU_METADATA_FULL;
    ok(!strstr(shaped("{}", &shape), "navigationLink"),
       "no link to a navigation property that is not selected");
    shape.select = IU_SELECT_RESOURCE;
    ok(strstr(shaped("{}", &shape),
              "\"resource@odata.navigationLink\":"
              "\"invitations/i" SET "/x/resource\"}") != NULL,
       "a selected navigation property is a link");
}

#define REFERENCE(inside)                                                      \
    "{\"resourceReference\":{\"@odata.type\":"                                 \
    "\"microsoft.graph.resourceReference\"" inside "}}"

static void test_expand(void)
{
    static const char whole[] = REFERENCE(",\"webUrl\":\"u\",\"id\":\"r\\\"\","
                                          "\"type\":\"t\"");
    iu_shape shape = {{IU_METADATA_MINIMAL, 0}, bit("id"), "id", 1};
    iu_record record = {"i", "x",   "0123456789abcdef", "",
                        "",  whole, strlen(whole),      ""};
    iu_buffer out;

    is_text(shaped(whole, &shape),
            CONTROL "\"id\":\"x\",\"resource\":{\"@odata.type\":\"#t\","
                    "\"id\":\"r\\\"\",\"webUrl\":\"u\"}}",
            "an expanded navigation property");
    is_text(shaped(REFERENCE(",\"id\":\"r\",\"type\":\"#t\""), &shape),
            CONTROL "\"id\":\"x\",\"resource\":{\"@odata.type\":\"#t\","
                    "\"id\":\"r\"}}",
            "a type that has a # already");
    shape.format.metadata = IU_METADATA_NONE;
    is_text(shaped(REFERENCE(",\"webUrl\":null,\"id\":\"r\""), &shape),
            "{\"id\":\"x\",\"resource\":{\"id\":\"r\",\"webUrl\":null}}",
            "without type and metadata");
    is_text(shaped(REFERENCE(",\"id\":\"r\",\"type\":\"\""), &shape),
            "{\"id\":\"x\",\"resource\":{\"id\":\"r\"}}", "an empty type");
    is_text(shaped(REFERENCE(",\"id\":\"\",\"type\":\"t\""), &shape),
            "{\"id\":\"x\",\"resource\":null}", "an empty id");
    is_text(shaped(REFERENCE(",\"id\":null,\"type\":\"t\""), &shape),
            "{\"id\":\"x\",\"resource\":null}", "a reference whose id is null");
    is_text(shaped("{}", &shape), "{\"id\":\"x\",\"resource\":null}",
            "a record without a reference");

    iu_buffer_init(&out, pool, 10);
    ok(!iu_representation_resource(&out, &record, IU_METADATA_MINIMAL, ROOT),
       "a record with a reference has a resource");
    is_text(out.data,
            "{\"@odata.context\":\"" ROOT "/$metadata#microsoft.graph.entity\","
            "\"@odata.type\":\"#t\",\"id\":\"r\\\"\",\"webUrl\":\"u\"}",
            "the resource as an answer");
    record.document = "{}";
    out.length = 0;
    ok(!iu_representation_resource(&out, &record, IU_METADATA_NONE, ROOT) &&
           out.length == 0,
       "a record without a reference has no resource");
    record.document = "{\"resourceReference\":{\"id\": \"r\"}}";
    ok(iu_representation_resource(&out, &record, IU_METADATA_NONE, ROOT) !=
           NULL,
       "a document with white space is no document");
    is_text(shaped(record.document, &shape), NULL, "nor in a list");
    is_text(represent("i", "x", record.document, IU_METADATA_FULL), NULL,
            "nor alone");
}

static const char *list_of(iu_json_format format, const char *select_text,
                           const apr_int64_t *count, const char *next_link)
{
    iu_shape shape = {format, 0, select_text, 0};
    iu_buffer out;

    iu_buffer_init(&out, pool, 10);
    iu_representation_begin_list(&out, &shape, ROOT, &invitation, count);
    iu_representation_end_list(&out, next_link);
    return out.data;
}

static const char *list(iu_metadata metadata, const char *select_text,
                        const apr_int64_t *count, const char *next_link)
{
    iu_json_format format = {metadata, 0};

    return list_of(format, select_text, count, next_link);
}

static void test_list(void)
{
    const apr_int64_t count = APR_INT64_C(12345678901);
    const iu_json_format with_texts = {IU_METADATA_NONE, 1};

    is_text(list(IU_METADATA_MINIMAL, NULL, NULL, NULL),
            "{\"@odata.context\":\"" ROOT "/$metadata#invitations('i')" SET
            "\",\"value\":[]}",
            "an empty list");
    is_text(list(IU_METADATA_FULL, "id,lastUsed", &count, "http://n/?a=\""),
            "{\"@odata.context\":\"" ROOT "/$metadata#invitations('i')" SET
            "(id,lastUsed)\",\"@odata.count\":12345678901,\"value\":[],"
            "\"@odata.nextLink\":\"http://n/?a=\\\"\"}",
            "selection, count and link");
    is_text(list(IU_METADATA_NONE, "id", &count, NULL),
            "{\"@odata.count\":12345678901,\"value\":[]}",
            "a list without metadata has no context");
    is_text(list_of(with_texts, NULL, &count, NULL),
            "{\"@odata.count\":\"12345678901\",\"value\":[]}",
            "IEEE754Compatible: the count is a string");
}

/* Text that looks like a name or a type is not changed. */
static void test_lookalikes(void)
{
    static const char document[] =
        "{\"resourceVisualization\":{"
        "\"@odata.type\":\"microsoft.graph.resourceVisualization\","
        "\"title\":\"{\\\"@odata.type\\\":\\\"x\\\"}{\","
        "\"type\":\"\\\"lastAccessedDateTime\\\":\\\"\"}}";

    is_text(represent("i", "x", document, IU_METADATA_NONE),
            "{\"id\":\"x\",\"resourceVisualization\":{"
            "\"title\":\"{\\\"@odata.type\\\":\\\"x\\\"}{\","
            "\"type\":\"\\\"lastAccessedDateTime\\\":\\\"\"}}",
            "only the type itself is left out");
    ok(!strstr(represent("i", "x", document, IU_METADATA_FULL),
               "DateTimeOffset"),
       "only an instant itself gets a type");
}

static void test_keys(void)
{
    const char *text =
        represent("it's \"a\"/b\\", "c\"'\xC3\xA9", "{}", IU_METADATA_FULL);

    ok(strstr(text, "$metadata#invitations('it''s \\\"a\\\"/b\\\\')/") != NULL,
       "the context has the key with its quotes doubled");
    ok(strstr(text, "\"id\":\"c\\\"'\xC3\xA9\"") != NULL, "the id is JSON");
    ok(strstr(text, "/invitations/it%27s%20%22a%22%2Fb%5C" SET
                    "/c%22%27%C3%A9\"") != NULL,
       "the links are URLs");
}

static void test_owners(void)
{
    is_text(represent_of((iu_owner){IU_OWNER_USER, "u/1"}, "x", "{}",
                         IU_METADATA_FULL),
            "{\"@odata.context\":\"" ROOT "/$metadata#users('u/1')"
            "/insights/used/$entity\",\"@odata.etag\":"
            "\"W/\\\"0123456789abcdef\\\"\","
            "\"@odata.type\":\"#microsoft.graph.usedInsight\","
            "\"@odata.id\":\"" ROOT "/users/u%2F1/insights/used/x\","
            "\"@odata.editLink\":\"users/u%2F1/insights/used/x\","
            "\"resource@odata.navigationLink\":"
            "\"users/u%2F1/insights/used/x/resource\",\"id\":\"x\"}",
            "a record of a user");
    is_text(
        represent_of((iu_owner){IU_OWNER_ME, "u"}, "x", "{}", IU_METADATA_FULL),
        "{\"@odata.context\":\"" ROOT "/$metadata#me/insights/used/"
        "$entity\",\"@odata.etag\":\"W/\\\"0123456789abcdef\\\"\","
        "\"@odata.type\":\"#microsoft.graph.usedInsight\","
        "\"@odata.id\":\"" ROOT "/me/insights/used/x\","
        "\"@odata.editLink\":\"me/insights/used/x\","
        "\"resource@odata.navigationLink\":"
        "\"me/insights/used/x/resource\",\"id\":\"x\"}",
        "the same by the caller");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_levels();
    test_select();
    test_expand();
    test_list();
    test_lookalikes();
    test_keys();
    test_owners();
    apr_terminate();
    return done();
}
