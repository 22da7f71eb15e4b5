/* SPDX-License-Identifier: Apache-2.0 */
/* The answers that describe the service: see description.h. */
#include "description.h"

#include <apr_strings.h>

#include "../graph/csdl.h"
#include "../graph/json_writer.h"
#include "../graph/negotiation.h"
#include "../graph/openapi.h"
#include "../graph/query.h"
#include "config.h"
#include "reply.h"
#include "request.h"
#include "service_root.h"

static iu_problem *check_request(request_rec *r)
{
    iu_problem *problem = iu_request_check_version(r);
    iu_query query;

    return problem
               ? problem
               : iu_query_read(r->pool, IU_QUERY_NONE, r->args, NULL, &query);
}

/* Chooses one of count media types, or says that it can be only what. */
static iu_problem *choose_type(request_rec *r, const char *const *types,
                               int count, const char *what, int *chosen)
{
    iu_problem *problem = check_request(r);

    if (problem) {
        return problem;
    }
    *chosen =
        iu_accept_choose(apr_table_get(r->headers_in, "Accept"), types, count);
    return *chosen < 0 ? iu_problem_make(r->pool, IU_NOT_ACCEPTABLE, what)
                       : NULL;
}

iu_problem *iu_description_service(request_rec *r)
{
    iu_problem *problem = check_request(r);
    iu_metadata metadata;
    iu_buffer text;

    if (problem) {
        return problem;
    }
    if (!iu_accept_read(apr_table_get(r->headers_in, "Accept"), &metadata)) {
        return iu_problem_make(r->pool, IU_NOT_ACCEPTABLE, "application/json");
    }
    iu_buffer_init(&text, r->pool, 256);
    iu_json_write_raw(&text, NULL, "{");
    /* Whatever the metadata: section 5 has no service document without. */
    iu_json_write_text(
        &text, "@odata.context",
        apr_pstrcat(r->pool, iu_service_root(r), "/$metadata", NULL));
    iu_json_write_raw(&text, "value", "[]}");
    iu_reply_send(r, HTTP_OK, iu_content_type_of(metadata), text.data,
                  text.length);
    return NULL;
}

iu_problem *iu_description_metadata(request_rec *r)
{
    static const char *const types[] = {"application/xml", "application/json"};
    const iu_config *config = iu_config_of(r);
    int chosen;
    iu_problem *problem = choose_type(
        r, types, 2, "application/xml or application/json", &chosen);
    iu_buffer text;

    if (problem) {
        return problem;
    }
    iu_buffer_init(&text, r->pool, 16384);
    (chosen ? iu_csdl_write_json : iu_csdl_write_xml)(
        &text, iu_config_required(config), config->if_match_required == 1);
    iu_reply_send(r, HTTP_OK,
                  apr_pstrcat(r->pool, types[chosen], ";charset=utf-8", NULL),
                  text.data, text.length);
    return NULL;
}

iu_problem *iu_description_openapi(request_rec *r)
{
    static const char *const types[] = {"application/json"};
    const iu_config *config = iu_config_of(r);
    int chosen;
    iu_problem *problem = choose_type(r, types, 1, types[0], &chosen);
    iu_buffer text;

    if (problem) {
        return problem;
    }
    iu_buffer_init(&text, r->pool, 16384);
    iu_openapi_write(&text, iu_service_root(r), iu_config_required(config),
                     config->if_match_required == 1);
    iu_reply_send(r, HTTP_OK, types[0], text.data, text.length);
    return NULL;
}
