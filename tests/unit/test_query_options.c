/* SPDX-License-Identifier: Apache-2.0 */
/* src/graph/query_options.c: what must not be ignored. */
#include "tap.h"

#include <apr_general.h>

#include "../../src/graph/query_options.h"

#define ALLOWED IU_PROBLEM_KINDS

static const struct {
    const char *query;
    iu_problem_kind kind;
} examples[] = {{NULL, ALLOWED},
                {"", ALLOWED},
                {"x=1", ALLOWED},
                {"x=1&x=2", ALLOWED},
                {"topping=1&x=$top", ALLOWED},
                {"&&&", ALLOWED},
                {"=", ALLOWED},
                {"%", ALLOWED},
                {"%2", ALLOWED},
                {"%zz=1", ALLOWED},
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
                {"$top=1&$nonsense=1", IU_OPTION_UNKNOWN},
                {"$top=1&$top=2", IU_OPTION_TWICE},
                {"$top=1&top=1", IU_OPTION_TWICE},
                {"$TOP=1&%24top=1", IU_OPTION_TWICE}};

int main(void)
{
    apr_pool_t *pool;
    iu_problem *problem;
    size_t i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        const char *query = examples[i].query;

        problem = iu_query_options_refuse(pool, query);
        is_number(problem ? problem->kind : ALLOWED, examples[i].kind, "?%s",
                  query ? query : "");
    }
    problem = iu_query_options_refuse(pool, "%24select=id");
    is_text(problem->message,
            "The query option '$select' is not supported on this resource.",
            "the message names the option");
    is_number(problem->status, 501, "and the status is 501");
    apr_terminate();
    return done();
}
