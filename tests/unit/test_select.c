/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/query/select.c. */
#include "support/tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/query/select.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define ID 1u
#define ACCESSED (1u << 1)
#define MODIFIED (1u << 2)
#define TITLE (1u << 3)
#define ALL ((1u << 14) - 1)
#define UNKNOWN IU_PROPERTY_UNKNOWN
#define INVALID IU_SELECT_INVALID
#define UNSUPPORTED IU_OPTION_PART_UNSUPPORTED

static apr_pool_t *pool;

static const struct {
    const char *text;
    apr_uint32_t select;
    const char *select_text;
} selects[] = {
    {"id", ID, "id"},
    {" ID , Id", ID, "id"},
    {"lastUsed", ACCESSED | MODIFIED, "lastUsed"},
    {"LASTUSED/lastaccesseddatetime", ACCESSED,
     "lastUsed/lastAccessedDateTime"},
    {"resourceVisualization/title,lastUsed/lastModifiedDateTime,id",
     ID | MODIFIED | TITLE,
     "id,lastUsed/lastModifiedDateTime,resourceVisualization/title"},
    {"lastUsed/lastModifiedDateTime,lastUsed/lastAccessedDateTime",
     ACCESSED | MODIFIED, "lastUsed"},
    {"lastUsed,lastUsed/lastModifiedDateTime", ACCESSED | MODIFIED, "lastUsed"},
    {"*", ALL, "*"},
    {"* , id", ALL, "*"},
    {"id,lastUsed,resourceVisualization,resourceReference", ALL, "*"},
    {"resource", IU_SELECT_RESOURCE, "resource"},
    {"resource,id", IU_SELECT_RESOURCE | ID, "id,resource"},
    {"*,Resource", IU_SELECT_RESOURCE | ALL, "*,resource"}};

static const struct {
    const char *text;
    iu_problem_kind kind;
    const char *message;
} bad[] = {
    {"", INVALID,
     "Invalid select clause at character 1: A property or '*' was expected, "
     "not the end."},
    {"id,", INVALID,
     "Invalid select clause at character 4: A property or '*' was expected, "
     "not the end."},
    {"id,,id", INVALID,
     "Invalid select clause at character 4: A property or '*' was expected, "
     "not ','."},
    {"id lastUsed", INVALID,
     "Invalid select clause at character 4: ',' or the end was expected, not "
     "'lastUsed'."},
    {"'id", INVALID,
     "Invalid select clause at character 1: The text has no quote at its end."},
    {"5", INVALID,
     "Invalid select clause at character 1: A property or '*' was expected, "
     "not '5'."},
    {"id,@odata.etag", INVALID,
     "Invalid select clause at character 4: An annotation cannot be selected."},
    {"lastUsed/lastAccessedDateTime@x.y", INVALID,
     "Invalid select clause at character 1: An annotation cannot be selected."},
    {"id,title", UNKNOWN,
     "The property 'title' does not exist on type "
     "'microsoft.graph.usedInsight'."},
    {"lastUsed/title", UNKNOWN,
     "The property 'title' does not exist on type "
     "'microsoft.graph.usageDetails'."},
    {"lastUsed/*", UNKNOWN,
     "The property '' does not exist on type 'microsoft.graph.usageDetails'."},
    {"lastUsed($select=lastAccessedDateTime)", UNSUPPORTED,
     "'(' at character 9 of the query option '$select' is not supported."},
    {"microsoft.graph.usedInsight/id", UNSUPPORTED,
     "'microsoft.graph.usedInsight/id' at character 1 of the query option "
     "'$select' is not supported."},
    {"resource/id", UNSUPPORTED,
     "'resource/id' at character 1 of the query option '$select' is not "
     "supported."},
    {"lastUsed/$count", UNSUPPORTED,
     "'lastUsed/$count' at character 1 of the query option '$select' is not "
     "supported."}};

static const struct {
    const char *text;
    const char *message; /* NULL: taken */
} expands[] = {
    {"resource", NULL},
    {" RESOURCE ", NULL},
    {"*", NULL},
    {"*,resource", NULL},
    {"", "Invalid expand clause at character 1: A navigation property or '*' "
         "was expected, not the end."},
    {"resource,", "Invalid expand clause at character 10: A navigation "
                  "property or '*' was expected, not the end."},
    {"resource resource", "Invalid expand clause at character 10: ',' or the "
                          "end was expected, not 'resource'."},
    {"resource,lastUsed",
     "Invalid expand clause at character 10: The navigation property "
     "'lastUsed' does not exist on type 'microsoft.graph.usedInsight'."},
    {"resource/id",
     "Invalid expand clause at character 1: The navigation property "
     "'resource/id' does not exist on type 'microsoft.graph.usedInsight'."},
    {"resource($select=id)",
     "'(' at character 9 of the query option '$expand' is not supported."},
    {"*($levels=2)",
     "'(' at character 2 of the query option '$expand' is not supported."},
    {"*/$ref",
     "'/$ref' at character 2 of the query option '$expand' is not supported."},
    {"resource/$ref", "'resource/$ref' at character 1 of the query option "
                      "'$expand' is not supported."},
    {"resource/$count", "'resource/$count' at character 1 of the query option "
                        "'$expand' is not supported."}};

static void test_expands(void)
{
    size_t i;

    for (i = 0; i < COUNT(expands); i++) {
        iu_query query = {0};
        const char *text = expands[i].text;
        iu_problem *problem = iu_expand_read(pool, text, &query);

        is_text(problem ? problem->message : NULL, expands[i].message,
                "$expand=%s", text);
        if (problem) {
            is_text(problem->target, "$expand", "its target");
            is_number(problem->status, *problem->message == '\'' ? 501 : 400,
                      "its status");
        }
        else {
            is_number(query.expand_resource, 1, "is noted");
        }
    }
}

int main(void)
{
    size_t i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (i = 0; i < COUNT(selects); i++) {
        iu_query query = {0};
        const char *text = selects[i].text;

        ok(!iu_select_read(pool, text, &query), "$select=%s", text);
        is_number(query.select, selects[i].select, "its set");
        is_text(query.select_text, selects[i].select_text, "its text");
    }
    for (i = 0; i < COUNT(bad); i++) {
        iu_query query = {0};
        iu_problem *problem = iu_select_read(pool, bad[i].text, &query);

        is_text(problem ? problem->message : NULL, bad[i].message, "$select=%s",
                bad[i].text);
        is_number(problem ? problem->kind : IU_PROBLEM_KINDS, bad[i].kind,
                  "its kind");
        is_text(problem ? problem->target : NULL, "$select", "its target");
    }
    test_expands();
    apr_terminate();
    return done();
}
