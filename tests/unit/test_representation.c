/* SPDX-License-Identifier: Apache-2.0 */
/* src/graph/representation.c: a record as an answer carries it. */
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/graph/representation.h"

#define ROOT "https://graph.example.com/beta"
#define SET "/invitedUser/insights/used"

static apr_pool_t *pool;

static const char *represent(const char *invitation_id, const char *id,
                             const char *document, iu_metadata metadata)
{
    iu_record record = {
        invitation_id,   id, "0123456789abcdef", "", "", document,
        strlen(document)};
    iu_representation parts;

    iu_used_insight_represent(pool, &record, metadata, ROOT, &parts);
    return apr_pstrcat(
        pool, apr_pstrmemdup(pool, parts.head, parts.head_length),
        apr_pstrmemdup(pool, parts.tail, parts.tail_length), NULL);
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
            "\"@odata.editLink\":\"invitations/i" SET "/x\",\"id\":\"x\","
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
            "the same without metadata");
}

/* Text that looks like a name or a type is left alone. */
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
            "only a real type is left out");
    ok(!strstr(represent("i", "x", document, IU_METADATA_FULL),
               "DateTimeOffset"),
       "only a real instant is given its type");
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

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_levels();
    test_lookalikes();
    test_keys();
    apr_terminate();
    return done();
}
