/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/description/csdl.c, csdl_json.c and csdl_xml.c: what depends on
 * the type table and the configuration. tests/t/description.t validates both
 * forms and compares them. */
#include "support/tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/description/csdl.h"

static apr_pool_t *pool;

static const char *xml_with(unsigned required, int has_batch)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, 1);
    iu_csdl_write_xml(&out, required, 0, has_batch);
    return out.data;
}

static const char *json_with(unsigned required, int has_batch)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, 1);
    iu_csdl_write_json(&out, required, 0, has_batch);
    return out.data;
}

static const char *xml(unsigned required)
{
    return xml_with(required, 0);
}

static const char *json(unsigned required)
{
    return json_with(required, 0);
}

static void has(const char *text, const char *part, const char *name)
{
    ok(strstr(text, part) != NULL, "%s: %s", name, part);
}

/* The text from the beginning of a type to its end. */
static const char *type_in(const char *text, const char *begin, const char *end)
{
    const char *from = strstr(text, begin);
    const char *to = from ? strstr(from, end) : NULL;

    return to ? apr_pstrmemdup(pool, from, to - from) : "";
}

static void test_properties(void)
{
    int i;

    for (i = 1; i < iu_property_count; i++) {
        const iu_property *property = &iu_properties[i];
        const char *type = iu_unqualified_name(property->member->type);
        int is_instant = property->type == IU_EDM_DATE_TIME_OFFSET;
        const char *in_xml = type_in(
            xml(0), apr_psprintf(pool, "<ComplexType Name=\"%s\">", type),
            "</ComplexType>");
        const char *in_json = type_in(
            json(0), apr_psprintf(pool, "\"%s\":{\"$Kind\":\"Complex", type),
            "}}");

        has(in_xml,
            apr_psprintf(pool, "<Property Name=\"%s\" Type=\"%s\"%s/>",
                         property->name, iu_edm_type_name(property->type),
                         is_instant ? " Precision=\"12\"" : ""),
            "XML");
        has(in_json,
            apr_psprintf(pool, "\"%s\":{%s\"$Nullable\":true%s", property->name,
                         is_instant ? "\"$Type\":\"Edm.DateTimeOffset\"," : "",
                         is_instant ? ",\"$Precision\":12" : ""),
            "JSON");
    }
}

static void test_required(void)
{
    static const unsigned sets[] = {0, IU_MEMBER_LAST_USED,
                                    IU_MEMBER_ID |
                                        IU_MEMBER_RESOURCE_VISUALIZATION |
                                        IU_MEMBER_RESOURCE_REFERENCE};
    size_t set;
    int i;

    for (set = 0; set < sizeof(sets) / sizeof(sets[0]); set++) {
        for (i = 1; i < iu_member_count; i++) {
            const iu_member *member = &iu_members[i];
            int required = (sets[set] & member->bit) != 0;

            has(xml(sets[set]),
                apr_psprintf(pool, "<Property Name=\"%s\" Type=\"%s\"%s/>",
                             member->name, member->type,
                             required ? " Nullable=\"false\"" : ""),
                required ? "required in XML" : "not required in XML");
            has(json(sets[set]),
                apr_psprintf(pool, "\"%s\":{\"$Type\":\"%s\"%s}", member->name,
                             member->type,
                             required ? "" : ",\"$Nullable\":true"),
                required ? "required in JSON" : "not required in JSON");
        }
        ok(!strstr(xml(sets[set]), "ComputedDefaultValue") ==
               ((sets[set] & IU_MEMBER_ID) != 0),
           "the server generates a key unless it is required");
        ok(!strstr(json(sets[set]), "ComputedDefaultValue") ==
               ((sets[set] & IU_MEMBER_ID) != 0),
           "the same in JSON");
    }
}

static void test_batch(void)
{
    has(xml_with(0, 0),
        "<Annotation Term=\"Org.OData.Capabilities.V1.BatchSupported\" "
        "Bool=\"false\"/>",
        "XML without batches");
    has(json_with(0, 0), "\"@Org.OData.Capabilities.V1.BatchSupported\":false",
        "JSON without batches");
    has(xml_with(0, 1),
        "<Annotation Term=\"Org.OData.Capabilities.V1.BatchSupported\" "
        "Bool=\"true\"/>",
        "XML");
    has(json_with(0, 1), "\"SupportedFormats\":[\"application/json\"]}",
        "JSON");
    ok(!strstr(xml_with(0, 0), "BatchSupport\""), "no more without batches");
    ok(!strstr(json_with(0, 0), "BatchSupport\""), "nor in JSON");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_properties();
    test_required();
    test_batch();
    apr_terminate();
    return done();
}
