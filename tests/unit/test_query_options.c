/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/query/query_options.c. */
#include "support/tap.h"

#include <apr_general.h>

#include "../../src/query/query_options.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define ALLOWED IU_PROBLEM_KINDS

static apr_pool_t *pool;

/* A resource that has no query options but $format. */
static const struct {
    const char *query;
    iu_problem_kind kind;
} refused[] = {{NULL, ALLOWED},
               {"", ALLOWED},
               {"x=1", ALLOWED},
               {"x=1&x=2", ALLOWED},
               {"topping=1&x=$top", ALLOWED},
               {"&&&", ALLOWED},
               {"=", ALLOWED},
               {"@p=1", ALLOWED},
               {" $top=1", ALLOWED},
               {"x=%c3%a9&%C3%A9=\xC3\xA9", ALLOWED},
               {"%", ALLOWED},
               {"%2", ALLOWED},
               {"%zz=1", ALLOWED},
               {"%zz=%24top", ALLOWED},
               {"x=%zz", ALLOWED},
               {"x=%c3", ALLOWED},
               {"x=\xFF", ALLOWED},
               {"x=%ed%a0%80", ALLOWED},
               {"x=%00", ALLOWED},
               {"sele%00ct=1", ALLOWED},
               {"x=1&y%2=&x=%zz", ALLOWED},
               {"$format=json", ALLOWED},
               {"$sele%00ct=1", IU_OPTION_ENCODING},
               {"%24%zz=1", IU_OPTION_ENCODING},
               {"$x=%zz", IU_OPTION_ENCODING},
               {"$format=%zz", IU_OPTION_ENCODING},
               {"FORMAT=%ff", IU_OPTION_ENCODING},
               {"%24top=%00", IU_OPTION_ENCODING},
               {"x=%zz&top=%c3", IU_OPTION_ENCODING},
               {"x=1&y%2=&$top=1", IU_OPTION_UNSUPPORTED},
               {"$select=id", IU_OPTION_UNSUPPORTED},
               {"select=id", IU_OPTION_UNSUPPORTED},
               {"SELECT=id", IU_OPTION_UNSUPPORTED},
               {"%24select=id", IU_OPTION_UNSUPPORTED},
               {"x=1&$expand=resource", IU_OPTION_UNSUPPORTED},
               {"$orderBy=id", IU_OPTION_UNSUPPORTED},
               {"$top", IU_OPTION_UNSUPPORTED},
               {"f%69lter=x", IU_OPTION_UNSUPPORTED},
               {"$nonsense=1", IU_OPTION_UNKNOWN},
               {"%24=1", IU_OPTION_UNKNOWN},
               {"$=1", IU_OPTION_UNKNOWN},
               {"$$top=1", IU_OPTION_UNKNOWN},
               {"$top+=1", IU_OPTION_UNKNOWN},
               {"$top=1&$nonsense=1", IU_OPTION_UNKNOWN},
               {"$top=1&$top=2", IU_OPTION_TWICE},
               {"$top=1&top=1", IU_OPTION_TWICE},
               {"$TOP=1&%24top=1", IU_OPTION_TWICE},
               {"$top&top", IU_OPTION_TWICE}};

/* The targets that accept each option, one letter each. */
static const char *const targets[][2] = {
    {"$count", "c"},        {"$expand", "cen"},  {"$filter", "cn"},
    {"$orderby", "cn"},     {"$select", "cen"},  {"$skip", "cn"},
    {"$skiptoken", "c"},    {"$top", "cn"},      {"$apply", ""},
    {"$compute", ""},       {"$format", "cen-"}, {"$search", ""},
    {"$deltatoken", ""},    {"$id", ""},         {"$index", ""},
    {"$schemaversion", ""}, {"$levels", ""}};

static const char *const without[][2] = {
    {NULL, ""},
    {"", ""},
    {"$skiptoken=x", ""},
    {"a=1&$skiptoken=x", "a=1&"},
    {"skipToken=x&a=1", "a=1"},
    {"a=%31+&%24skiptoken=x&$b%20=c", "a=%31+&$b%20=c"},
    {"&&a&=&skiptoken&&", "&&a&=&&"},
    {"x=%zz&a=1&\xFF&%2=b&c=%c3&d", "a=1&d"},
    {"a=1&x=%00", "a=1&"},
    {"a=%25zz", "a=%25zz"},
    {"$skiptokens=x&x=$skiptoken", "$skiptokens=x&x=$skiptoken"}};

static iu_problem_kind kind_of(iu_query_target target, const char *query,
                               iu_options *options)
{
    iu_problem *problem = iu_query_options_read(pool, target, query, options);

    return problem ? problem->kind : ALLOWED;
}

static void test_targets(void)
{
    static const char letters[] = {[IU_QUERY_COLLECTION] = 'c',
                                   [IU_QUERY_COUNT] = 'n',
                                   [IU_QUERY_ENTITY] = 'e',
                                   [IU_QUERY_NONE] = '-'};
    iu_options options;
    size_t i;
    int target;

    for (i = 0; i < COUNT(targets); i++) {
        for (target = IU_QUERY_COLLECTION; target <= IU_QUERY_NONE; target++) {
            int allowed = strchr(targets[i][1], letters[target]) != NULL;

            is_number(kind_of(target, targets[i][0], &options),
                      allowed ? ALLOWED : IU_OPTION_UNSUPPORTED,
                      "%s for target %c", targets[i][0], letters[target]);
        }
    }
}

static void test_values(void)
{
    iu_options options;

    is_number(kind_of(IU_QUERY_COLLECTION,
                      "x=1&Filter=a+b%2B%26%3D=c&%24TOP&select=\xC3\xA9&"
                      "orderby=",
                      &options),
              ALLOWED, "a query of all kinds");
    is_text(options.values[IU_SYSTEM_FILTER], "a b+&==c",
            "a plus is a space; what is encoded is data");
    is_text(options.values[IU_SYSTEM_TOP], "", "no value");
    is_text(options.values[IU_SYSTEM_ORDERBY], "", "an empty one");
    is_text(options.values[IU_SYSTEM_SELECT], "\xC3\xA9", "raw UTF-8");
    is_text(options.values[IU_SYSTEM_SKIP], NULL, "an option that is absent");
    is_text(iu_system_option_name(IU_SYSTEM_SKIPTOKEN), "$skiptoken", "a name");
}

static void test_messages(void)
{
    static const char *const messages[][2] = {
        {"%24select=id",
         "The query option '$select' is not supported on this resource."},
        {"a=b&$\xFF%zz",
         "The query '$?%zz' is not percent-encoded UTF-8 text."},
        {"Top=1&$top=2", "The query option '$top' is given more than once."},
        {"$Nonsense=2", "The query option '$Nonsense' is not known."}};
    iu_options options;
    size_t i;

    for (i = 0; i < COUNT(messages); i++) {
        iu_problem *problem = iu_query_options_read(pool, IU_QUERY_NONE,
                                                    messages[i][0], &options);

        is_text(problem ? problem->message : NULL, messages[i][1],
                "the message for %s", messages[i][0]);
        is_number(problem ? problem->status : 0, i ? 400 : 501, "its status");
    }
}

int main(void)
{
    iu_options options;
    size_t i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (i = 0; i < COUNT(refused); i++) {
        const char *query = refused[i].query;

        is_number(kind_of(IU_QUERY_NONE, query, &options), refused[i].kind,
                  "?%s", query ? query : "");
    }
    test_targets();
    test_values();
    test_messages();
    for (i = 0; i < COUNT(without); i++) {
        is_text(
            iu_query_options_without(pool, without[i][0], IU_SYSTEM_SKIPTOKEN),
            without[i][1], "%s without the token",
            without[i][0] ? without[i][0] : "nothing");
    }
    apr_terminate();
    return done();
}
