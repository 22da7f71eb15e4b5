/* SPDX-License-Identifier: Apache-2.0 */
#include "description.h"

#include <apr_strings.h>

#include "../description/csdl.h"
#include "../description/openapi.h"
#include "../json/json_writer.h"
#include "negotiation.h"

static void put_text(iu_work *work, const char *type, const iu_buffer *text)
{
    iu_answer_begin(work->operation, work->answer, 200, type);
    iu_answer_append(work->answer, text->data, text->length);
}

iu_problem *iu_description_service(iu_work *work)
{
    const iu_operation *operation = work->operation;
    iu_json *root = iu_json_make(operation->pool);
    iu_json *value;
    iu_json *me;
    iu_buffer text;

    /* Even with metadata=none: section 5 requires the context URL. */
    iu_json_add_text(root, "@odata.context",
                     apr_pstrcat(operation->pool,
                                 operation->settings.service_root, "/$metadata",
                                 NULL));
    value = iu_json_add_array(root, "value");
    me = iu_json_add_object(value, NULL);
    iu_json_add_text(me, "name", "me");
    iu_json_add_text(me, "kind", "Singleton");
    iu_json_add_text(me, "url", "me");
    iu_buffer_init(&text, operation->pool, 256);
    iu_json_print(&text, root);
    put_text(work, iu_json_content_type(work->format), &text);
    return NULL;
}

iu_problem *iu_description_metadata(iu_work *work)
{
    static const char *const types[] = {"application/xml", "application/json"};
    const iu_operation *operation = work->operation;
    const iu_settings *settings = &operation->settings;
    int chosen;
    iu_problem *problem = iu_negotiate(
        work, types, 2, "application/xml or application/json", &chosen);
    iu_buffer text;

    if (problem) {
        return problem;
    }
    iu_buffer_init(&text, operation->pool, 16384);
    (chosen ? iu_csdl_write_json : iu_csdl_write_xml)(
        &text, settings->required, settings->if_match_required,
        settings->has_batch);
    put_text(
        work,
        apr_pstrcat(operation->pool, types[chosen], ";charset=utf-8", NULL),
        &text);
    return NULL;
}

iu_problem *iu_description_openapi(iu_work *work)
{
    static const char *const types[] = {"application/json"};
    const iu_operation *operation = work->operation;
    const iu_settings *settings = &operation->settings;
    int chosen;
    iu_problem *problem = iu_negotiate(work, types, 1, types[0], &chosen);
    iu_buffer text;

    if (problem) {
        return problem;
    }
    iu_buffer_init(&text, operation->pool, 16384);
    iu_openapi_write(&text, settings->service_root, settings->required,
                     settings->if_match_required, settings->has_batch);
    put_text(work, types[0], &text);
    return NULL;
}
