/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/graph/document.c. */
#include "support/tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/graph/document.h"
#include "../../src/graph/used_insight.h"
#include "../../src/json/json_reader.h"

static apr_pool_t *pool;

static const char *text_of(iu_span span)
{
    return span.text ? apr_pstrmemdup(pool, span.text, span.length) : NULL;
}

static const char *property(const iu_document *document, const char *path)
{
    const iu_property *found = iu_property_find(path, strlen(path));

    return text_of(document->properties[found - iu_properties]);
}

static const char *member(const iu_document *document, const char *name)
{
    return text_of(
        document->members[iu_member_find(name, strlen(name)) - iu_members]);
}

/* The document that is stored for a body. */
static iu_document stored(const char *body)
{
    const iu_json *root;
    iu_document document;
    iu_record record;

    ok(!iu_json_read(pool, apr_pstrdup(pool, body), strlen(body), &root) &&
           !iu_used_insight_read(pool, root, 0, &record),
       "%s is a record", body);
    ok(iu_document_read(record.document, &document), "a document");
    return document;
}

static void test_parts(void)
{
    iu_document document = stored(
        "{\"id\":\"x\",\"resourceReference\":{\"type\":\"\",\"webUrl\":null},"
        "\"resourceVisualization\":{\"title\":\"a \\\"b\\\" \\\\\","
        "\"previewText\":\"},\\\"title\\\":\\\"no\\\"\\\\\"},"
        "\"lastUsed\":{\"lastModifiedDateTime\":\"2026-01-02T03:04Z\"}}");

    is_text(property(&document, "resourceVisualization/title"),
            "\"a \\\"b\\\" \\\\\"", "a text with its escapes");
    is_text(property(&document, "resourceVisualization/previewText"),
            "\"},\\\"title\\\":\\\"no\\\"\\\\\"", "a text like JSON");
    is_text(property(&document, "lastUsed/lastModifiedDateTime"),
            "\"2026-01-02T03:04Z\"", "an instant");
    is_text(property(&document, "lastUsed/lastAccessedDateTime"), NULL,
            "a property that is absent");
    is_text(property(&document, "resourceReference/webUrl"), "null",
            "a property that is null");
    is_text(property(&document, "resourceReference/type"), "\"\"",
            "a property that is empty");
    is_text(property(&document, "id"), NULL,
            "the key is not part of the document");
    is_text(member(&document, "lastUsed"),
            "{\"@odata.type\":\"microsoft.graph.usageDetails\","
            "\"lastModifiedDateTime\":\"2026-01-02T03:04Z\"}",
            "a whole member");
}

static void test_little(void)
{
    iu_document document = stored("{}");

    is_text(member(&document, "lastUsed"), NULL, "a member that is absent");
    document = stored("{\"lastUsed\":null,\"resourceReference\":{}}");
    is_text(member(&document, "lastUsed"), "null", "a member that is null");
    is_text(member(&document, "resourceVisualization"), NULL,
            "another member that is absent");
    is_text(member(&document, "resourceReference"),
            "{\"@odata.type\":\"microsoft.graph.resourceReference\"}",
            "a member without properties");
    ok(iu_span_is_string((iu_span){"\"x\"", 3}), "a string is one");
    ok(!iu_span_is_string((iu_span){"null", 4}), "null is no string");
    ok(!iu_span_is_string((iu_span){NULL, 0}), "nor is an absent value");
}

/* What others may have written into the table. */
static void test_foreign(void)
{
    static const char *const texts[] = {
        "",
        "x",
        "{",
        "{}x",
        "{,}",
        "{\"lastUsed\"",
        "{\"lastUsed\":",
        "{\"lastUsed\":1}",
        "{\"lastUsed\":nul",
        "{\"lastUsed\":null",
        "{\"lastUsed\":null,",
        "{\"lastUsed\":null,}",
        "{\"lastUsed\": null}",
        "{\"lastUsed\":{}}",
        "{\"lastUsed\":{\"a\": 1}}",
        "{\"lastUsed\":{\"a\":[]}}",
        "{\"lastUsed\":{\"a\":\"b",
        "{\"lastUsed\":{\"a\":\"b\\",
        "{\"lastUsed\":{\"a\":\"b\\\"",
        "{\"lastUsed\":{\"a\":\"b\"",
        "{\"lastUsed\":{\"a\":\"b\"}",
        "{\"lastUsed\":{\"a\":\"b\",}}",
    };
    iu_document document;
    size_t i;

    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        /* A copy of its own, so that reading past its end is noticed. */
        char *text = strdup(texts[i]);

        ok(!iu_document_read(text, &document), "no document: %s", texts[i]);
        free(text);
    }
    ok(iu_document_read("{\"later\":{\"a\":\"b\"},\"lastUsed\":"
                        "{\"later\":null,\"lastAccessedDateTime\":null},"
                        "\"other\":null}",
                        &document),
       "unknown members and properties are ignored");
    is_text(property(&document, "lastUsed/lastAccessedDateTime"), "null",
            "a property among unknown ones");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    ok(iu_member_count <= IU_DOCUMENT_MEMBERS &&
           iu_property_count <= IU_DOCUMENT_PROPERTIES,
       "a document has room for the whole type table");
    test_parts();
    test_little();
    test_foreign();
    apr_terminate();
    return done();
}
