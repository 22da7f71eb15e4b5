/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/query/order_by.c. */
#include "support/tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/query/order_by.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define EIGHT                                                                  \
    "resourceVisualization/title,resourceVisualization/type,"                  \
    "resourceVisualization/mediaType,resourceVisualization/previewImageUrl,"   \
    "resourceVisualization/previewText,resourceVisualization/containerWebUrl," \
    "resourceVisualization/containerDisplayName,"                              \
    "resourceVisualization/containerType"

static apr_pool_t *pool;

static const char *const good[][2] = {
    {NULL, "lastUsed/lastAccessedDateTime desc,id"},
    {"LastUsed/LastAccessedDateTime desc",
     "lastUsed/lastAccessedDateTime desc,id"},
    {"lastUsed/lastModifiedDateTime", "lastUsed/lastModifiedDateTime,id"},
    {"lastUsed/lastModifiedDateTime asc", "lastUsed/lastModifiedDateTime,id"},
    {" resourceReference/id\tDESC , resourceVisualization/title ASC ",
     "resourceReference/id desc,resourceVisualization/title,id"},
    {"id", "id"},
    {"ID desc", "id desc"},
    {"resourceReference/type,id desc,resourceReference/id desc",
     "resourceReference/type,id desc"},
    {EIGHT, EIGHT ",id"}};

static const struct {
    const char *text;
    int position;
    const char *reason;
} bad[] = {
    {"", 1, "A property was expected, not the end."},
    {"id,", 4, "A property was expected, not the end."},
    {",id", 1, "A property was expected, not ','."},
    {"id descending", 4,
     "'asc', 'desc', ',' or the end was expected, not 'descending'."},
    {"id desc asc", 9,
     "'asc', 'desc', ',' or the end was expected, not 'asc'."},
    {"id;desc", 3, "'asc', 'desc', ',' or the end was expected, not ';'."},
    {"id 'a", 4, "The text has no quote at its end."},
    {"id,lastUsed", 4,
     "The property 'lastUsed' is complex; name one of its own."},
    {"colour desc", 1,
     "The property 'colour' does not exist on type "
     "'microsoft.graph.usedInsight'."},
    {"desc", 1,
     "The property 'desc' does not exist on type "
     "'microsoft.graph.usedInsight'."},
    {"id,lastUsed/colour", 4,
     "The property 'colour' does not exist on type "
     "'microsoft.graph.usageDetails'."},
    {"colour(id)", 1, "The function 'colour' is not known."},
    {"id,resourceReference/id,ID desc", 25, "The property stands there twice."},
    {"id,resourceReference/id,RESOURCEREFERENCE/ID", 25,
     "The property stands there twice."},
    {EIGHT ",resourceReference/id", sizeof(EIGHT) + 1, "More than 8 keys."}};

static const struct {
    const char *text;
    int position;
    const char *quoted;
} unsupported[] = {{"tolower(id)", 1, "tolower"},
                   {"id,length(id) desc", 4, "length"},
                   {"now()", 1, "now"},
                   {"resourceReference/id eq null", 22, "eq"},
                   {"resourceReference/id IN ('a')", 22, "IN"},
                   {"id add 1", 4, "add"},
                   {"'a'", 1, "'a'"},
                   {"1", 1, "1"},
                   {"(id)", 1, "("},
                   {"-id", 1, "-"},
                   {"not true", 1, "not"},
                   {"$it/id", 1, "$it/id"},
                   {"lastUsed/$count", 1, "lastUsed/$count"},
                   {"@odata.etag", 1, "@odata.etag"},
                   {"resource", 1, "resource"},
                   {"id,RESOURCE/id", 4, "RESOURCE/id"}};

/* The keys as a text, or the message of the problem. */
static const char *read_text(const char *text, iu_problem_kind kind)
{
    iu_query query;
    iu_problem *problem = iu_order_by_read(pool, text, &query);
    const char *out = "";
    int i;

    if (problem) {
        is_number(problem->kind, kind, "the kind for %s", text);
        is_text(problem->target, "$orderby", "its target");
        return problem->message;
    }
    for (i = 0; i < query.order_count; i++) {
        const iu_property *property = query.order[i].property;

        out = apr_pstrcat(pool, out, i ? "," : "",
                          property->member->type ? property->member->name : "",
                          property->member->type ? "/" : "", property->name,
                          query.order[i].descending ? " desc" : "", NULL);
    }
    return out;
}

int main(void)
{
    size_t i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (i = 0; i < COUNT(good); i++) {
        is_text(read_text(good[i][0], IU_PROBLEM_KINDS), good[i][1], "%s",
                good[i][0] ? good[i][0] : "the default order");
    }
    for (i = 0; i < COUNT(bad); i++) {
        is_text(read_text(bad[i].text, IU_ORDER_INVALID),
                apr_psprintf(pool,
                             "Invalid order by clause at character %d: %s",
                             bad[i].position, bad[i].reason),
                "%s", bad[i].text);
    }
    for (i = 0; i < COUNT(unsupported); i++) {
        is_text(read_text(unsupported[i].text, IU_OPTION_PART_UNSUPPORTED),
                apr_psprintf(pool,
                             "'%s' at character %d of the query option "
                             "'$orderby' is not supported.",
                             unsupported[i].quoted, unsupported[i].position),
                "%s", unsupported[i].text);
    }
    apr_terminate();
    return done();
}
