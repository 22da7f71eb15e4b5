/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "../graph/key.h"
#include "../http/claim_list.h"
#include "config.h"
#include "request.h"

/* Tolerated difference between the issuer's clock and ours, in seconds. */
#define CLOCK_SKEW 60

/* The request for which the authentication module has set the claims. After an
 * internal redirect this is an earlier one: httpd renames the environment
 * variables, and the module sets only the user again. */
static const request_rec *authenticated_request(const request_rec *r)
{
    const iu_request *request = iu_request_find(r);

    while (request && request->authenticated) {
        r = request->authenticated;
        request = iu_request_find(r);
    }
    return r;
}

/* A claim of the token; NULL: it has none of that name. */
static const char *get_claim(const request_rec *r, const char *name)
{
    const char *prefix = iu_config_claim_prefix(iu_config_of(r));

    return apr_table_get(authenticated_request(r)->subprocess_env,
                         apr_pstrcat(r->pool, prefix, name, NULL));
}

static void set_challenge(request_rec *r, const char *challenge)
{
    if (!apr_table_get(r->err_headers_out, "WWW-Authenticate")) {
        apr_table_setn(r->err_headers_out, "WWW-Authenticate", challenge);
    }
}

static iu_problem *refuse_unvouched(request_rec *r)
{
    const char *sent = apr_table_get(r->headers_in, "Authorization");

    set_challenge(r, "Bearer");
    return iu_problem_explain(
        r->pool,
        iu_problem_make(r->pool, IU_UNVOUCHED,
                        sent ? "Access token validation failure."
                             : "Access token is empty."),
        "no authentication module has set a user: the Location needs AuthType "
        "with Require (mod_oauth2, mod_auth_openidc), or "
        "InsightsUsedAnonymous On for a trial");
}

/* RFC 7519 section 4.1.5. A nbf that is not a number cannot be checked: refuse
 * it. */
static iu_problem *check_not_before(request_rec *r)
{
    const char *text = get_claim(r, "nbf");
    apr_int64_t not_before;
    char *end;

    if (!text) {
        return NULL;
    }
    not_before = apr_strtoi64(text, &end, 10);
    if (apr_isdigit(*text) && (*end == '\0' || *end == '.') &&
        not_before <= apr_time_sec(r->request_time) + CLOCK_SKEW) {
        return NULL;
    }
    set_challenge(r, "Bearer error=\"invalid_token\", "
                     "error_description=\"the token is not valid yet\"");
    return iu_problem_explain(r->pool,
                              iu_problem_make(r->pool, IU_TOKEN_NOT_YET_VALID),
                              "the token's nbf is %s", text);
}

static iu_problem *check_audience(request_rec *r)
{
    const apr_array_header_t *audiences = iu_config_of(r)->audiences;
    const char *given = get_claim(r, "aud");
    int i;

    for (i = 0; audiences && i < audiences->nelts; i++) {
        if (iu_claim_has(r->pool, given,
                         APR_ARRAY_IDX(audiences, i, const char *))) {
            return NULL;
        }
    }
    if (!audiences) {
        return NULL;
    }
    set_challenge(r, "Bearer error=\"invalid_token\", "
                     "error_description=\"the token is for another audience\"");
    return iu_problem_explain(
        r->pool, iu_problem_make(r->pool, IU_TOKEN_AUDIENCE),
        "the token's aud is %s", given ? given : "not given");
}

/* Whether the arrays have a name in common. */
static int have_common(const apr_array_header_t *some,
                       const apr_array_header_t *others)
{
    int i;
    int j;

    for (i = 0; some && i < some->nelts; i++) {
        for (j = 0; j < others->nelts; j++) {
            if (!strcmp(APR_ARRAY_IDX(some, i, const char *),
                        APR_ARRAY_IDX(others, j, const char *))) {
                return 1;
            }
        }
    }
    return 0;
}

/* The scopes of the token: delegated ones are in scp, those of an application
 * in roles (Microsoft identity platform, access token claims); other issuers
 * use scope (RFC 9068 section 2.2.3). */
static apr_array_header_t *granted_scopes(const request_rec *r)
{
    static const char *const claims[] = {"scp", "roles", "scope"};
    apr_array_header_t *granted = apr_array_make(r->pool, 4, sizeof(char *));
    int i;

    for (i = 0; i < 3; i++) {
        apr_array_cat(granted,
                      iu_claim_names(r->pool, get_claim(r, claims[i])));
    }
    return granted;
}

/* A write scope also permits reading. */
static iu_problem *check_scopes(request_rec *r, iu_access access)
{
    const iu_config *config = iu_config_of(r);
    apr_array_header_t *needed = config->write_scopes;
    apr_array_header_t *granted;
    char *scope;

    if (access == IU_ACCESS_READ && config->read_scopes) {
        needed = needed ? apr_array_append(r->pool, config->read_scopes, needed)
                        : config->read_scopes;
    }
    else if (access == IU_ACCESS_READ) {
        needed = NULL;
    }
    if (!needed) {
        return NULL;
    }
    granted = granted_scopes(r);
    if (have_common(needed, granted)) {
        return NULL;
    }
    scope = apr_array_pstrcat(r->pool, needed, ' ');
    set_challenge(
        r, apr_pstrcat(r->pool, "Bearer error=\"insufficient_scope\", scope=\"",
                       scope, "\"", NULL));
    return iu_problem_make(r->pool, IU_SCOPE_MISSING,
                           apr_array_pstrcat(r->pool, needed, ','),
                           apr_array_pstrcat(r->pool, granted, ','));
}

/* mod_auth_openidc sets an empty user if it lets anonymous requests pass. */
static int is_authenticated(const request_rec *r)
{
    return r->user && *r->user;
}

iu_problem *iu_access_check(request_rec *r, iu_access access)
{
    iu_problem *problem;

    if (!is_authenticated(r)) {
        return iu_config_of(r)->anonymous == 1 ? NULL : refuse_unvouched(r);
    }
    problem = check_not_before(r);
    if (!problem) {
        problem = check_audience(r);
    }
    if (!problem && access != IU_ACCESS_BATCH) {
        problem = check_scopes(r, access);
    }
    return problem;
}

/* A claim that is a key; NULL: none. */
static const char *get_key(const request_rec *r, const char *name)
{
    const char *key = iu_claim_text(get_claim(r, name));

    return key && iu_key_is_valid(key, strlen(key)) ? key : NULL;
}

const char *iu_access_user_id(const request_rec *r)
{
    const char *name = iu_config_of(r)->user_claim;
    const char *id;

    if (!is_authenticated(r)) {
        return NULL;
    }
    if (name) {
        return get_key(r, name);
    }
    id = get_key(r, "oid");
    return id ? id : get_key(r, "sub");
}
