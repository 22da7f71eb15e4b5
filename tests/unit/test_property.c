/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/graph/property.c. */
#include "support/tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/graph/property.h"
#include "../../src/graph/record.h"

static apr_pool_t *pool;

static const char *path_of(const iu_property *property)
{
    if (!property) {
        return NULL;
    }
    return property->member->type ? apr_pstrcat(pool, property->member->name,
                                                "/", property->name, NULL)
                                  : property->name;
}

static const iu_property *find(const char *path)
{
    return iu_property_find(path, strlen(path));
}

static void test_table(void)
{
    int i;

    is_number(iu_member_count, 4, "a usedInsight has four members");
    is_number(iu_property_count, 14, "and 13 properties and the key");
    ok(iu_property_count <= 31, "a set of properties fits into an integer");
    is_text(path_of(&iu_properties[0]), "id", "the key comes first");
    for (i = 0; i < iu_property_count; i++) {
        const iu_property *property = &iu_properties[i];

        ok(find(path_of(property)) == property, "%s is found",
           path_of(property));
        ok(!property->offset == !property->column,
           "a column has a place in a record");
    }
    is_number(find("lastUsed/lastModifiedDateTime")->offset,
              offsetof(iu_record, last_modified),
              "the column has the property's name");
    is_number(find("id")->offset, offsetof(iu_record, id),
              "so has that of the key");
    is_text(iu_edm_type_name(IU_EDM_STRING), "Edm.String",
            "the name of a type");
    is_text(iu_edm_type_name(IU_EDM_DATE_TIME_OFFSET), "Edm.DateTimeOffset",
            "the name of the other type");
}

static void test_names(void)
{
    static const char *const wrong[] = {"",
                                        "lastUsed",
                                        "lastAccessedDateTime",
                                        "lastUsed/",
                                        "/id",
                                        "id/",
                                        "id/id",
                                        "lastUsed/id",
                                        "id ",
                                        "i",
                                        "lastUsed/lastAccessedDateTime/x",
                                        "title",
                                        "/",
                                        "resourceVisualization//type",
                                        "lastUsed/x"};
    size_t i;

    is_text(path_of(find("ResourceVisualization/Type")),
            "resourceVisualization/type",
            "the spelling of Graph's documentation");
    is_text(path_of(find("LASTUSED/lastaccesseddatetime")),
            "lastUsed/lastAccessedDateTime", "names match in any case");
    is_text(path_of(find("resourceReference/id")), "resourceReference/id",
            "a path that ends in id is not the key");
    is_text(path_of(iu_property_find("id,title", 2)), "id",
            "bytes after the length do not count");
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ok(!find(wrong[i]), "no property: '%s'", wrong[i]);
    }
    is_text(iu_member_find("LASTused eq", 8)->name, "lastUsed",
            "the name of a member");
    ok(!iu_member_find("lastUse", 7), "a truncated name of a member");
    ok(!iu_member_find("lastUsedX", 9), "a name that is too long");
}

/* The message for a path that names no property. */
static void test_unknown(void)
{
    static const char *const examples[][3] = {
        {"colour", "colour", IU_ENTITY_TYPE},
        {"colour/red", "colour", IU_ENTITY_TYPE},
        {"lastUsed/colour", "colour", "microsoft.graph.usageDetails"},
        {"LASTUSED/colour/red", "colour", "microsoft.graph.usageDetails"},
        {"id/x", "x", "Edm.String"},
        {"lastUsed/lastAccessedDateTime/x", "x", "Edm.DateTimeOffset"}};
    size_t i;

    for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        const char *path = examples[i][0];
        iu_problem *problem = iu_property_unknown(pool, path, strlen(path));

        is_number(problem->kind, IU_PROPERTY_UNKNOWN, "%s: the kind", path);
        is_text(problem->message,
                apr_psprintf(pool,
                             "The property '%s' does not exist on type '%s'.",
                             examples[i][1], examples[i][2]),
                "%s: the message", path);
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_table();
    test_names();
    test_unknown();
    apr_terminate();
    return done();
}
