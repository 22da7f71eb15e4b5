/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/description/openapi.c: what depends on the type table and the
 * configuration. tests/t/description.t validates the document. */
#include "support/tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/description/openapi.h"
#include "../../src/graph/property.h"

static apr_pool_t *pool;

static const char *document_with(unsigned required, int needs_if_match,
                                 int has_batch)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, 1);
    iu_openapi_write(&out, "https://h.example/\"b\"", required, needs_if_match,
                     has_batch);
    return out.data;
}

static const char *document(unsigned required)
{
    return document_with(required, 0, 0);
}

static void has(const char *text, const char *part)
{
    ok(strstr(text, part) != NULL, "%s", part);
}

/* The number of required parameters. */
static int required_in(const char *text)
{
    const char *at = strstr(text, "\"parameters\":{");
    const char *end = strstr(text, "\"schemas\":{");
    int count = 0;

    while ((at = strstr(at, "\"required\":true")) && at < end) {
        count++;
        at++;
    }
    return count;
}

/* If-Match is a required parameter if changes need it; otherwise only path
 * parameters are. */
static void test_if_match(void)
{
    static const char parameter[] =
        "\"ifMatchToDelete\":{\"name\":\"If-Match\",\"in\":\"header\","
        "\"description\":\"The ETag that it must still have, or *.\","
        "\"required\":%s,";

    has(document_with(0, 0, 0), apr_psprintf(pool, parameter, "false"));
    has(document_with(0, 1, 0), apr_psprintf(pool, parameter, "true"));
    is_number(required_in(document_with(0, 0, 0)), 3, "the three keys");
    is_number(required_in(document_with(0, 1, 0)), 4,
              "the three keys, If-Match");
}

static void test_batch(void)
{
    ok(!strstr(document(0), "batch"), "no batches");
    has(document_with(0, 0, 1), "\"/$batch\":{\"post\":");
    has(document_with(0, 0, 1), "\"batchRequests\":{\"type\":");
    has(document_with(0, 0, 1), "\"batchResponses\":{\"type\":");
}

int main(void)
{
    int i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    has(document(0), "\"servers\":[{\"url\":\"https://h.example/\\\"b\\\"\"}]");
    for (i = 1; i < iu_property_count; i++) {
        const iu_property *property = &iu_properties[i];

        has(document(0),
            apr_psprintf(pool,
                         "\"%s\":{\"type\":\"string\",%s\"nullable\":true}",
                         property->name,
                         property->type == IU_EDM_DATE_TIME_OFFSET
                             ? "\"format\":\"date-time\","
                             : ""));
    }
    has(document(0), "\"usedInsightCreate\":{\"allOf\":[{\"$ref\":"
                     "\"#/components/schemas/usedInsight\"}]}");
    has(document(0), "\"lastUsed\":{\"nullable\":true,");
    has(document(IU_MEMBER_ID | IU_MEMBER_LAST_USED),
        "\"required\":[\"id\",\"lastUsed\"]");
    has(document(IU_MEMBER_LAST_USED), "\"lastUsed\":{\"allOf\":");
    test_if_match();
    test_batch();
    apr_terminate();
    return done();
}
