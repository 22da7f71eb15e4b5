/* SPDX-License-Identifier: Apache-2.0 */
#include "problem.h"

#include <string.h>

#include <apr_strings.h>

/* What problem_list.h has for each kind. */
typedef struct kind_properties {
    const char *number;
    int status;
    const char *code;
    const char *message; /* a printf format */
} kind_properties;

static const kind_properties kinds[IU_PROBLEM_KINDS] = {
#define IU_PROBLEM(name, number, status, code, message)                        \
    [name] = {number, status, code, message},
#include "problem_list.h"
#undef IU_PROBLEM
};

iu_problem *iu_problem_make(apr_pool_t *pool, iu_problem_kind kind, ...)
{
    iu_problem *problem = apr_pcalloc(pool, sizeof *problem);
    va_list arguments;

    problem->kind = kind;
    problem->status = kinds[kind].status;
    problem->number = kinds[kind].number;
    problem->code = kinds[kind].code;
    va_start(arguments, kind);
    problem->message = apr_pvsprintf(pool, kinds[kind].message, arguments);
    va_end(arguments);
    return problem;
}

iu_problem *iu_problem_explain(apr_pool_t *pool, iu_problem *problem,
                               const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    problem->log_detail = apr_pvsprintf(pool, format, arguments);
    va_end(arguments);
    return problem;
}

static apr_array_header_t *copy_details(apr_pool_t *pool,
                                        const apr_array_header_t *details)
{
    apr_array_header_t *copy = apr_array_copy(pool, details);
    int i;

    for (i = 0; i < copy->nelts; i++) {
        iu_fault *fault = &APR_ARRAY_IDX(copy, i, iu_fault);

        fault->message = apr_pstrdup(pool, fault->message);
        fault->target = apr_pstrdup(pool, fault->target);
    }
    return copy;
}

iu_problem *iu_problem_copy(apr_pool_t *pool, const iu_problem *problem)
{
    iu_problem *copy = apr_pmemdup(pool, problem, sizeof *problem);

    /* apr_pstrdup returns NULL for NULL. */
    copy->number = apr_pstrdup(pool, problem->number);
    copy->code = apr_pstrdup(pool, problem->code);
    copy->message = apr_pstrdup(pool, problem->message);
    copy->target = apr_pstrdup(pool, problem->target);
    copy->log_detail = apr_pstrdup(pool, problem->log_detail);
    copy->location = apr_pstrdup(pool, problem->location);
    if (problem->details) {
        copy->details = copy_details(pool, problem->details);
    }
    return copy;
}

void iu_problem_set_headers(const iu_problem *problem, apr_pool_t *pool,
                            apr_table_t *headers)
{
    if (problem->retry_after) {
        apr_table_setn(headers, "Retry-After",
                       apr_itoa(pool, problem->retry_after));
    }
    if (problem->location) {
        apr_table_setn(headers, "Location", problem->location);
    }
    if (problem->repeatability_result) {
        apr_table_setn(headers, "Repeatability-Result",
                       problem->repeatability_result);
    }
}

/* Appends a member with a string value, unless value is NULL. prefix is all
 * that precedes the value: comma or brace, name, colon. */
static void render_member(iu_buffer *out, const char *prefix, const char *value)
{
    if (value) {
        iu_buffer_puts(out, prefix);
        iu_buffer_json_string(out, value, strlen(value));
    }
}

static void render_details(iu_buffer *out, const apr_array_header_t *details)
{
    int i;

    if (!details || details->nelts == 0) {
        return;
    }
    iu_buffer_puts(out, ",\"details\":[");
    for (i = 0; i < details->nelts; i++) {
        const iu_fault *fault = &APR_ARRAY_IDX(details, i, const iu_fault);

        render_member(
            out, i ? ",{\"code\":" : "{\"code\":", kinds[fault->kind].code);
        render_member(out, ",\"message\":", fault->message);
        render_member(out, ",\"target\":", fault->target);
        iu_buffer_puts(out, "}");
    }
    iu_buffer_puts(out, "]");
}

/* RFC 3339, in UTC with a Z. Graph omits the Z, and its own clients fail to
 * parse that. */
static void render_date(iu_buffer *out, apr_time_t date)
{
    char text[sizeof "2026-01-02T03:04:05Z"];
    apr_time_exp_t utc;

    apr_time_exp_gmt(&utc, date);
    apr_snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ",
                 utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
                 utc.tm_min, utc.tm_sec);
    render_member(out, ",\"date\":", text);
}

void iu_problem_render(const iu_problem *problem, apr_time_t date,
                       const char *request_id, const char *client_request_id,
                       iu_buffer *out)
{
    render_member(out, "{\"error\":{\"code\":", problem->code);
    render_member(out, ",\"message\":", problem->message);
    render_member(out, ",\"target\":", problem->target);
    render_details(out, problem->details);
    render_member(out, ",\"innerError\":{\"code\":", problem->number);
    render_date(out, date);
    render_member(out, ",\"request-id\":", request_id);
    render_member(out, ",\"client-request-id\":", client_request_id);
    iu_buffer_puts(out, "}}}");
}

const char *iu_problem_number(iu_problem_kind kind)
{
    return kinds[kind].number;
}

iu_problem_kind iu_problem_kind_of_status(int status)
{
    int kind;

    /* The first kind with the status: IU_HTTP_TOKEN_EMPTY also has 401, and
     * IU_HTTP_CLIENT 400. */
    for (kind = IU_HTTP_BAD_REQUEST; kind <= IU_HTTP_UNAVAILABLE; kind++) {
        if (kinds[kind].status == status) {
            return kind;
        }
    }
    return status >= 400 && status <= 499 ? IU_HTTP_CLIENT : IU_HTTP_SERVER;
}
