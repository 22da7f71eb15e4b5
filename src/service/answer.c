/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <apr_strings.h>

#include "../graph/route.h"
#include "../http/media_type.h"
#include "../http/prefer.h"
#include "../text/buffer.h"

const char *iu_answer_location(const iu_operation *operation,
                               const iu_record *record)
{
    iu_buffer url;

    iu_buffer_init(&url, operation->pool, 256);
    iu_buffer_puts(&url, operation->settings.service_root);
    iu_buffer_puts(&url, "/");
    iu_route_write(&url, &operation->route.owner, record->id);
    return url.data;
}

/* The content depends on these request headers (RFC 9110 section 12.5.5, RFC
 * 7240 section 2). */
static void set_vary(iu_answer *answer)
{
    apr_table_setn(answer->headers, "Vary", "Accept, Prefer");
}

static void set_etag(const iu_operation *operation, iu_answer *answer,
                     const iu_record *record)
{
    apr_table_setn(
        answer->headers, "ETag",
        apr_pstrcat(operation->pool, "W/\"", record->version, "\"", NULL));
}

void iu_answer_begin(const iu_operation *operation, iu_answer *answer,
                     int status, const char *content_type)
{
    answer->status = status;
    answer->content_type = content_type;
    answer->parts = apr_array_make(operation->pool, 4, sizeof(iu_span));
    answer->parts_pool = operation->pool;
    set_vary(answer);
}

void iu_answer_append(iu_answer *answer, const char *text, apr_size_t length)
{
    APR_ARRAY_PUSH(answer->parts, iu_span) = (iu_span){text, length};
}

void iu_answer_no_content(iu_answer *answer)
{
    answer->status = 204;
}

static iu_problem *put_record(const iu_operation *operation, iu_answer *answer,
                              int status, const iu_record *record,
                              const iu_shape *shape)
{
    iu_representation parts;
    iu_problem *problem = iu_representation_make(
        operation->pool, record, shape, operation->settings.service_root,
        &operation->route.owner, &parts);

    if (problem) {
        return problem;
    }
    iu_answer_begin(operation, answer, status,
                    iu_json_content_type(shape->format));
    set_etag(operation, answer, record);
    iu_answer_append(answer, parts.head, parts.head_length);
    iu_answer_append(answer, parts.tail, parts.tail_length);
    return NULL;
}

/* Answers a change with the representation, or with 204 if the client prefers
 * return=minimal. */
static iu_problem *put_change(const iu_operation *operation, iu_answer *answer,
                              int status, const iu_record *record,
                              const iu_shape *shape)
{
    iu_return preferred =
        iu_prefer_return(apr_table_get(operation->headers, "Prefer"));

    if (preferred == IU_RETURN_MINIMAL) {
        iu_answer_no_content(answer);
        set_vary(answer);
        set_etag(operation, answer, record);
        apr_table_setn(answer->headers, "OData-EntityId",
                       iu_answer_location(operation, record));
        apr_table_setn(answer->headers, "Preference-Applied", "return=minimal");
        return NULL;
    }
    if (preferred == IU_RETURN_REPRESENTATION) {
        apr_table_setn(answer->headers, "Preference-Applied",
                       "return=representation");
    }
    return put_record(operation, answer, status, record, shape);
}

iu_problem *iu_answer_created(const iu_operation *operation, iu_answer *answer,
                              const iu_record *record, const iu_shape *shape)
{
    apr_table_setn(answer->headers, "Location",
                   iu_answer_location(operation, record));
    return put_change(operation, answer, 201, record, shape);
}

iu_problem *iu_answer_updated(const iu_operation *operation, iu_answer *answer,
                              const iu_record *record, const iu_shape *shape)
{
    return put_change(operation, answer, 200, record, shape);
}

iu_problem *iu_answer_found(const iu_operation *operation, iu_answer *answer,
                            const iu_record *record, const iu_shape *shape)
{
    return put_record(operation, answer, 200, record, shape);
}

void iu_answer_not_modified(const iu_operation *operation, iu_answer *answer,
                            const iu_record *record)
{
    answer->status = 304;
    set_vary(answer);
    set_etag(operation, answer, record);
}

iu_problem *iu_answer_resource(const iu_operation *operation, iu_answer *answer,
                               const iu_record *record, iu_json_format format)
{
    iu_problem *problem;
    iu_buffer text;

    iu_buffer_init(&text, operation->pool, 512);
    problem = iu_representation_resource(&text, record, format.metadata,
                                         operation->settings.service_root);
    if (problem) {
        return problem;
    }
    if (text.length == 0) {
        iu_answer_no_content(answer);
        return NULL;
    }
    iu_answer_begin(operation, answer, 200, iu_json_content_type(format));
    iu_answer_append(answer, text.data, text.length);
    return NULL;
}
