/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/query/query.c. */
#include "support/tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/query/query.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define INSTANT "2026-01-02T12:00:00.000000000000"
#define TOP_FAULT                                                              \
    "of the query option '$top' must be a whole number from 0 to 999."
#define SKIP_FAULT                                                             \
    "of the query option '$skip' must be a whole number from 0 to "            \
    "9223372036854775807."
#define COUNT_FAULT "of the query option '$count' must be true or false."

static apr_pool_t *pool;

/* The page size for a query and a Prefer; whether that was applied. */
static const struct {
    const char *query;
    const char *prefer;
    int top;
    int maxpagesize;
} pages[] = {{NULL, NULL, 100, 0},
             {"", "", 100, 0},
             {"$top=0", NULL, 0, 0},
             {"top=1", NULL, 1, 0},
             {"$top=999", NULL, 999, 0},
             {"$top=007", NULL, 7, 0},
             {NULL, "maxpagesize=5", 5, 1},
             {NULL, "odata.maxpagesize=5", 5, 1},
             {NULL, "maxpagesize=500", 500, 1},
             {NULL, "maxpagesize=1000", 999, 1},
             {NULL, "maxpagesize=99999999999999999999", 999, 1},
             {NULL, "maxpagesize=0", 100, 0},
             {NULL, "maxpagesize=-5", 100, 0},
             {NULL, "maxpagesize=many", 100, 0},
             {"$top=10", "maxpagesize=5", 5, 1},
             {"$top=10", "maxpagesize=10", 10, 0},
             {"$top=10", "maxpagesize=20", 10, 0},
             {"$top=0", "maxpagesize=20", 0, 0}};

static const struct {
    const char *query;
    const char *message;
    const char *target;
} bad[] = {
    {"$top=1000", "The value '1000' " TOP_FAULT, "$top"},
    {"TOP=-1", "The value '-1' " TOP_FAULT, "$top"},
    {"$top=", "The value '' " TOP_FAULT, "$top"},
    {"$top", "The value '' " TOP_FAULT, "$top"},
    {"$top=5x", "The value '5x' " TOP_FAULT, "$top"},
    {"$top=+5", "The value ' 5' " TOP_FAULT, "$top"},
    {"$top=%2B5", "The value '+5' " TOP_FAULT, "$top"},
    {"$top=NaN", "The value 'NaN' " TOP_FAULT, "$top"},
    {"$top=18446744073709551616", "The value '18446744073709551616' " TOP_FAULT,
     "$top"},
    {"$skip=-1", "The value '-1' " SKIP_FAULT, "$skip"},
    {"$skip=9223372036854775808", "The value '9223372036854775808' " SKIP_FAULT,
     "$skip"},
    {"$count=yes", "The value 'yes' " COUNT_FAULT, "$count"},
    {"$count", "The value '' " COUNT_FAULT, "$count"},
    {"$filter=",
     "Invalid filter clause at character 1: A property, a literal "
     "or a function was expected, not the end.",
     "$filter"},
    {"$filter=%C3%A9+eq+1",
     "Invalid filter clause at character 1: The "
     "property '\xC3\xA9' does not exist on type "
     "'microsoft.graph.usedInsight'.",
     "$filter"},
    {"$orderby=id+up",
     "Invalid order by clause at character 4: 'asc', 'desc', "
     "',' or the end was expected, not 'up'.",
     "$orderby"},
    {"$select=title",
     "The property 'title' does not exist on type "
     "'microsoft.graph.usedInsight'.",
     "$select"},
    {"$expand=title",
     "Invalid expand clause at character 1: The navigation "
     "property 'title' does not exist on type "
     "'microsoft.graph.usedInsight'.",
     "$expand"},
    {"$skiptoken=", "The skip token is not valid for this request.",
     "$skiptoken"},
    {"$skiptoken=AAAA", "The skip token is not valid for this request.",
     "$skiptoken"},
    {"$top=1&$nonsense", "The query option '$nonsense' is not known.", NULL},
    {"$search=x",
     "The query option '$search' is not supported on this "
     "resource.",
     NULL}};

static iu_problem *read_query(const char *text, iu_query *query)
{
    return iu_query_read(pool, IU_QUERY_COLLECTION, text, NULL, query);
}

static void test_pages(void)
{
    iu_query query;
    size_t i;

    for (i = 0; i < COUNT(pages); i++) {
        const char *text = pages[i].query ? pages[i].query : "nothing";
        const char *prefer = pages[i].prefer ? pages[i].prefer : "nothing";

        ok(!iu_query_read(pool, IU_QUERY_COLLECTION, pages[i].query,
                          pages[i].prefer, &query),
           "%s, Prefer: %s", text, prefer);
        is_number(query.top, pages[i].top, "the page's size");
        is_number(query.maxpagesize, pages[i].maxpagesize,
                  "whether Prefer was applied");
    }
}

static void test_bad(void)
{
    iu_query query;
    size_t i;

    for (i = 0; i < COUNT(bad); i++) {
        iu_problem *problem = read_query(bad[i].query, &query);

        is_text(problem ? problem->message : NULL, bad[i].message, "?%s",
                bad[i].query);
        is_text(problem ? problem->target : "none", bad[i].target,
                "its target");
        is_number(problem ? problem->status : 0,
                  problem && problem->kind == IU_OPTION_UNSUPPORTED ? 501 : 400,
                  "its status");
    }
}

static void test_everything(void)
{
    iu_query query;

    ok(!read_query(NULL, &query), "a request without query options");
    ok(!query.filter && !query.after && !query.skip && !query.count &&
           !query.expand_resource && !query.select && !query.select_text,
       "has no filter, count or selection");
    is_number(query.order_count, 2, "but an order");
    is_text(query.order[0].property->column, "last_accessed",
            "first by the instant");
    ok(query.order[0].descending, "in descending order");
    is_text(query.order[1].property->column, "id", "then by the key");
    ok(!query.order[1].descending, "in ascending order");
    ok(!read_query("%24Filter=id+eq+%27%26%27&orderBy=id%20desc&$top=5&$skip="
                   "9223372036854775807&count=TRUE&$select=id&$expand=*&x=1",
                   &query),
       "a query with everything");
    is_text(query.filter->operands[1]->text, "&", "the filter");
    is_number(query.order_count, 1, "the order");
    is_number(query.top, 5, "the page's size");
    is_number(query.skip, APR_INT64_MAX, "the records to skip");
    is_number(query.count, 1, "the count");
    is_number(query.select, 1, "the selection");
    is_text(query.select_text, "id", "the text of the selection");
    is_number(query.expand_resource, 1, "the expansion");
    ok(!read_query("$count=False", &query) && !query.count, "no $count");
    ok(!iu_query_read(pool, IU_QUERY_NONE, "x=1", "maxpagesize=5", &query),
       "a resource without options");
    ok(!query.order_count && !query.maxpagesize, "reads no options");
    is_text(query.format, NULL, "and no $format");
    ok(!iu_query_read(pool, IU_QUERY_NONE,
                      "$format=application/json;metadata%3Dfull%3Bx=a%2Bb+c",
                      NULL, &query),
       "a resource without options has a format");
    is_text(query.format, "application/json;metadata=full;x=a+b c",
            "which is decoded");
    ok(!read_query("format=json", &query), "$format of a collection");
    is_text(query.format, "json", "it is kept");
}

/* A count depends on the filter only. */
static void test_count(void)
{
    iu_query query;

    ok(!iu_query_read(pool, IU_QUERY_COUNT,
                      "$top=5&$filter=id%20eq%20'a'&$skip=1&$orderby=id"
                      "&$select=id&$expand=resource&$format=text/plain",
                      NULL, &query),
       "a count with options of a list");
    ok(query.filter && !query.top && !query.skip && !query.order_count &&
           !query.select && !query.expand_resource,
       "has a filter only");
    is_text(query.format, "text/plain", "and a format");
    ok(!iu_query_read(pool, IU_QUERY_COUNT,
                      "$top=x&$skip=-1&$orderby=nothing&$select=&$expand", NULL,
                      &query),
       "their values are not read");
    ok(iu_query_read(pool, IU_QUERY_COUNT, "$filter=x", NULL, &query) != NULL,
       "unlike that of the filter");
}

/* The link to the next page of a query, which is read into next; or a
 * message. */
static const char *next_of(const char *text, const char *const *values,
                           iu_query *next)
{
    iu_query query;
    iu_problem *problem = read_query(text, &query);
    const char *link;

    if (problem) {
        return problem->message;
    }
    link = iu_query_next(pool, text, &query, values);
    problem = read_query(link, next);
    return problem ? problem->message : link;
}

static void test_next(void)
{
    static const char *const values[] = {INSTANT, "id"};
    static const char *const titles[] = {NULL, "id"};
    iu_query next;
    const char *link = next_of(NULL, values, &next);
    const char *token = link + strlen("$skiptoken=");

    is_text(apr_pstrndup(pool, link, 11),
            "$skiptoken=", "the link after a request without options");
    is_text(next.after[0], INSTANT, "it has the instant of the last record");
    is_text(next.after[1], "id", "and the key");
    is_text(next_of("", values, &next), link, "the link after an empty query");
    is_text(next_of(link, values, &next), link, "the link after the next page");
    is_text(next_of("a=%31+%C3%A9&$skip=2&%24top=5&&b", values, &next),
            apr_pstrcat(pool, "a=%31+%C3%A9&$skip=2&%24top=5&&b&$skiptoken=",
                        token, NULL),
            "the link keeps every option");
    is_text(next_of("x=%zz&$format=application/json;metadata%3Dfull&\xFF=1",
                    values, &next),
            apr_pstrcat(pool,
                        "$format=application/json;metadata%3Dfull&$skiptoken=",
                        token, NULL),
            "but not what is not UTF-8");
    is_text(next_of("x=\"a\\b<\xC3\xA9>|%22", values, &next),
            apr_pstrcat(pool, "x=%22a%5Cb%3C%C3%A9%3E%7C%22&$skiptoken=", token,
                        NULL),
            "characters that a URL cannot have are encoded");
    next_of("$skip=2&$top=5", values, &next);
    is_number(next.skip, 0, "$skip applies to the first page only");
    is_number(next.top, 5, "$top applies to all pages");
    is_text(next_of(apr_pstrcat(pool, "SkipToken=", token, "&x=1", NULL),
                    values, &next),
            apr_pstrcat(pool, "x=1&$skiptoken=", token, NULL),
            "the previous token is dropped");
    next_of("$orderby=resourceVisualization/title desc", titles, &next);
    is_text(next.after ? next.after[0] : "none", NULL,
            "null is read again as null");
}

/* A token is valid only with the query that it was made for. */
static void test_other_queries(void)
{
    static const char *const values[] = {INSTANT, "id"};
    static const struct {
        const char *query;
        int fits;
    } others[] = {
        {"", 1},
        {"$top=7&$count=true&$select=id&$expand=*&x=1", 1},
        {"$orderby=LASTUSED/lastAccessedDateTime%20desc,id", 1},
        {"$orderby=lastUsed/lastAccessedDateTime", 0},
        {"$orderby=lastUsed/lastAccessedDateTime%20desc,id%20desc", 0},
        {"$orderby=lastUsed/lastModifiedDateTime%20desc", 0},
        {"$orderby=id", 0},
        {"$filter=true", 0}};
    iu_query query;
    const char *link = next_of(NULL, values, &query);
    const char *filtered = next_of("$filter=id%20eq%20'a'", values, &query);
    size_t i;

    for (i = 0; i < COUNT(others); i++) {
        iu_problem *problem = read_query(
            apr_pstrcat(pool, others[i].query, "&", link, NULL), &query);

        is_number(problem ? problem->kind : IU_PROBLEM_KINDS,
                  others[i].fits ? IU_PROBLEM_KINDS : IU_SKIP_TOKEN_INVALID,
                  "the token of the default order is refused with '%s'",
                  others[i].query);
    }
    ok(!read_query(filtered, &query),
       "a token of a query with a filter is accepted");
    filtered = strchr(filtered, '&');
    ok(!read_query(apr_pstrcat(pool, "filter=id+eq+%27a%27", filtered, NULL),
                   &query),
       "also if the filter is encoded in another way");
    ok(read_query(apr_pstrcat(pool, "filter=id+eq+%27b%27", filtered, NULL),
                  &query) != NULL,
       "but not with another filter");
    ok(read_query(filtered + 1, &query) != NULL, "or without one");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_pages();
    test_bad();
    test_everything();
    test_count();
    test_next();
    test_other_queries();
    apr_terminate();
    return done();
}
