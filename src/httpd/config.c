/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <http_core.h>

#include <apr_fnmatch.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_uri.h>

#include "../graph/used_insight.h"
#include "../store/store.h"

#define DEFAULT_MAX_BODY (1024 * 1024)
#define DEFAULT_BATCH 20 /* as Graph */
#define DEFAULT_BATCH_BODY (4 * 1024 * 1024)
#define DEFAULT_COMMIT_TIMEOUT 5
#define DEFAULT_QUEUE 1024
#define DEFAULT_REPEAT_WINDOW (24 * 60 * 60)
#define DEFAULT_CLAIM_PREFIX "OAUTH2_CLAIM_"

/* httpd silently drops arguments after the 64th, so that a directive with 64
 * may have lost some. One less, because set_scopes takes off the first one. */
#define TOO_MANY_ARGUMENTS 63

void *iu_config_create(apr_pool_t *pool, char *path)
{
    iu_config *config = apr_pcalloc(pool, sizeof(*config));

    (void)path;
    config->enabled = IU_NOT_SET;
    config->required = IU_NOT_SET;
    config->if_match_required = IU_NOT_SET;
    config->anonymous = IU_NOT_SET;
    config->max_body = IU_NOT_SET;
    config->batch = IU_NOT_SET;
    config->batch_body = IU_NOT_SET;
    config->commit_timeout = IU_NOT_SET;
    config->queue = IU_NOT_SET;
    config->repeat_window = IU_NOT_SET;
    return config;
}

#define INHERIT_NUMBER(member)                                                 \
    merged->member = add->member == IU_NOT_SET ? base->member : add->member
#define INHERIT_POINTER(member)                                                \
    merged->member = add->member ? add->member : base->member

void *iu_config_merge(apr_pool_t *pool, void *base_config, void *add_config)
{
    const iu_config *base = base_config;
    const iu_config *add = add_config;
    iu_config *merged = apr_palloc(pool, sizeof(*merged));

    INHERIT_NUMBER(enabled);
    INHERIT_POINTER(root);
    INHERIT_POINTER(base_url);
    INHERIT_NUMBER(required);
    INHERIT_NUMBER(if_match_required);
    INHERIT_POINTER(invitation_query);
    INHERIT_POINTER(read_scopes);
    INHERIT_POINTER(write_scopes);
    INHERIT_POINTER(audiences);
    INHERIT_POINTER(claim_prefix);
    INHERIT_POINTER(user_claim);
    INHERIT_NUMBER(anonymous);
    INHERIT_NUMBER(max_body);
    INHERIT_NUMBER(batch);
    INHERIT_NUMBER(batch_body);
    INHERIT_NUMBER(commit_timeout);
    INHERIT_NUMBER(queue);
    INHERIT_NUMBER(repeat_window);
    if (add->root) {
        merged->base_url = add->base_url; /* a URL of another service root */
    }
    return merged;
}

void *iu_server_config_create(apr_pool_t *pool, server_rec *server)
{
    iu_server_config *config = apr_pcalloc(pool, sizeof(*config));

    (void)server;
    config->roots = apr_array_make(pool, 1, sizeof(const char *));
    return config;
}

void *iu_server_config_merge(apr_pool_t *pool, void *base_config,
                             void *add_config)
{
    const iu_server_config *base = base_config;
    const iu_server_config *add = add_config;
    iu_server_config *merged = apr_pcalloc(pool, sizeof(*merged));

    merged->driver = add->driver ? add->driver : base->driver;
    merged->params = add->driver ? add->params : base->params;
    merged->roots = apr_array_append(pool, base->roots, add->roots);
    return merged;
}

/* The error for a value that is not allowed. */
static const char *refuse_value(cmd_parms *cmd, const char *value,
                                const char *allowed)
{
    return apr_psprintf(cmd->pool, "%s: '%s' is not allowed: %s",
                        cmd->cmd->name, value, allowed);
}

/* Returns an error unless cmd is directly inside a <Location> whose path is a
 * fixed text. */
static const char *check_location(cmd_parms *cmd, const char *value)
{
    const ap_directive_t *section = cmd->directive->parent;

    if (!section || strcasecmp(section->directive, "<Location") != 0 ||
        !cmd->path || cmd->path[0] != '/' || apr_fnmatch_test(cmd->path)) {
        return refuse_value(cmd, value,
                            "it must stand in a <Location> whose path is "
                            "that of the service root, without wildcards");
    }
    return NULL;
}

/* Like an httpd FLAG, but the error quotes the value. */
static const char *read_flag(cmd_parms *cmd, const char *text, int *flag)
{
    *flag = !strcasecmp(text, "on");
    return *flag || !strcasecmp(text, "off")
               ? NULL
               : refuse_value(cmd, text, "allowed are On and Off");
}

static const char *set_enabled(cmd_parms *cmd, void *dconf, const char *text)
{
    iu_config *config = dconf;
    iu_server_config *server = iu_server_config_of(cmd->server);
    const char *error = read_flag(cmd, text, &config->enabled);
    apr_size_t length;

    if (!error) {
        error = check_location(cmd, text);
    }
    if (error || !config->enabled) {
        return error;
    }
    length = strlen(cmd->path);
    while (length && cmd->path[length - 1] == '/') {
        length--;
    }
    config->root = apr_pstrmemdup(cmd->pool, cmd->path, length);
    APR_ARRAY_PUSH(server->roots, const char *) = config->root;
    return NULL;
}

static const char *set_database(cmd_parms *cmd, void *dconf, const char *driver,
                                const char *params)
{
    iu_server_config *config = iu_server_config_of(cmd->server);
    const char *error = ap_check_cmd_context(cmd, NOT_IN_DIR_CONTEXT);

    (void)dconf;
    if (!error) {
        error = iu_store_check(cmd->pool, driver, params);
        error = error ? apr_psprintf(cmd->pool, "%s: %s", cmd->cmd->name, error)
                      : NULL;
    }
    if (error) {
        return error;
    }
    config->driver = driver;
    config->params = params;
    return NULL;
}

static const char *add_required(cmd_parms *cmd, iu_config *config,
                                const char *name)
{
    unsigned member = iu_used_insight_member(name);

    if (!strcasecmp(name, "none") && config->required <= 0) {
        config->required = 0;
        return NULL;
    }
    if (!member || config->required == 0) {
        return refuse_value(
            cmd, name,
            "allowed are 'none' alone, or names of id, lastUsed, "
            "resourceVisualization, resourceReference");
    }
    config->required =
        (config->required == IU_NOT_SET ? 0 : config->required) | (int)member;
    return NULL;
}

typedef const char *add_value(cmd_parms *cmd, iu_config *config,
                              const char *value);

/* Calls add for each argument. httpd's ITERATE would end at an empty argument,
 * and accept a directive with no other. */
static const char *add_each(cmd_parms *cmd, iu_config *config, int argc,
                            char *const argv[], add_value *add)
{
    const char *error = NULL;
    int i;

    if (argc < 1) {
        return refuse_value(cmd, "", "at least one value is needed");
    }
    if (argc >= TOO_MANY_ARGUMENTS) {
        return refuse_value(cmd, argv[argc - 1],
                            "so many values do not fit into one line");
    }
    for (i = 0; i < argc && !error; i++) {
        error = add(cmd, config, apr_pstrdup(cmd->pool, argv[i]));
    }
    return error;
}

static const char *set_required(cmd_parms *cmd, void *dconf, int argc,
                                char *const argv[])
{
    return add_each(cmd, dconf, argc, argv, add_required);
}

static const char *set_if_match(cmd_parms *cmd, void *dconf, const char *text)
{
    iu_config *config = dconf;

    config->if_match_required = !strcasecmp(text, "required");
    return config->if_match_required || !strcasecmp(text, "optional")
               ? NULL
               : refuse_value(cmd, text, "allowed are Optional and Required");
}

static const char *set_invitation_query(cmd_parms *cmd, void *dconf,
                                        const char *sql)
{
    iu_config *config = dconf;
    const char *error;

    if (!strcasecmp(sql, "none")) {
        config->invitation_query = "";
        return NULL;
    }
    error = iu_store_check_query(cmd->pool, sql);
    if (error) {
        return refuse_value(cmd, sql, error);
    }
    config->invitation_query = sql;
    return NULL;
}

static void push(apr_pool_t *pool, apr_array_header_t **array, const char *text)
{
    if (!*array) {
        *array = apr_array_make(pool, 2, sizeof(const char *));
    }
    APR_ARRAY_PUSH(*array, const char *) = text;
}

/* RFC 6749 section 3.3, scope-token; no apostrophe, and no comma, which
 * separates the members of a claim. */
static const char *check_scope(cmd_parms *cmd, const char *scope)
{
    const char *at;

    for (at = scope; *at; at++) {
        if (*at < 0x21 || *at > 0x7e || strchr("\"\\,'", *at)) {
            return refuse_value(cmd, scope,
                                "a scope has no white space, quote, "
                                "comma or backslash");
        }
    }
    return at == scope
               ? refuse_value(cmd, scope, "a scope has at least one character")
               : NULL;
}

static const char *add_read_scope(cmd_parms *cmd, iu_config *config,
                                  const char *scope)
{
    push(cmd->pool, &config->read_scopes, scope);
    return check_scope(cmd, scope);
}

static const char *add_write_scope(cmd_parms *cmd, iu_config *config,
                                   const char *scope)
{
    push(cmd->pool, &config->write_scopes, scope);
    return check_scope(cmd, scope);
}

static const char *set_scopes(cmd_parms *cmd, void *dconf, int argc,
                              char *const argv[])
{
    const char *access = argc ? argv[0] : "";

    if (!strcasecmp(access, "read")) {
        return add_each(cmd, dconf, argc - 1, argv + 1, add_read_scope);
    }
    if (!strcasecmp(access, "write")) {
        return add_each(cmd, dconf, argc - 1, argv + 1, add_write_scope);
    }
    return refuse_value(cmd, access, "the first argument is read or write");
}

static const char *add_audience(cmd_parms *cmd, iu_config *config,
                                const char *audience)
{
    if (*audience == '\0' || strchr(audience, ',')) {
        return refuse_value(cmd, audience,
                            "an audience is the value of a token's aud claim, "
                            "at least one character and no comma");
    }
    push(cmd->pool, &config->audiences, audience);
    return NULL;
}

static const char *set_audiences(cmd_parms *cmd, void *dconf, int argc,
                                 char *const argv[])
{
    return add_each(cmd, dconf, argc, argv, add_audience);
}

static const char *set_claim_prefix(cmd_parms *cmd, void *dconf,
                                    const char *prefix)
{
    iu_config *config = dconf;

    if (strcmp(prefix, "OAUTH2_CLAIM_") && strcmp(prefix, "OIDC_CLAIM_")) {
        return refuse_value(cmd, prefix,
                            "allowed are OAUTH2_CLAIM_ (mod_oauth2) and "
                            "OIDC_CLAIM_ (mod_auth_openidc)");
    }
    config->claim_prefix = prefix;
    return NULL;
}

/* The name is a part of the name of an environment variable. */
static const char *set_user_claim(cmd_parms *cmd, void *dconf, const char *name)
{
    const char *at = name;

    while (*at > 0x20 && *at < 0x7f && *at != '=') {
        at++;
    }
    if (at == name || *at) {
        return refuse_value(cmd, name,
                            "a claim's name is visible ASCII without '='");
    }
    ((iu_config *)dconf)->user_claim = name;
    return NULL;
}

static const char *set_anonymous(cmd_parms *cmd, void *dconf, const char *text)
{
    return read_flag(cmd, text, &((iu_config *)dconf)->anonymous);
}

/* Reads a decimal number from least to most. */
static const char *read_number(cmd_parms *cmd, const char *text,
                               apr_int64_t least, apr_int64_t most,
                               const char *unit, apr_int64_t *number)
{
    char *end;

    *number = apr_strtoi64(text, &end, 10);
    if (!apr_isdigit(*text) || *end || *number < least || *number > most) {
        return refuse_value(cmd, text,
                            apr_psprintf(cmd->pool,
                                         "allowed are %" APR_INT64_T_FMT
                                         " to %" APR_INT64_T_FMT " %s",
                                         least, most, unit));
    }
    return NULL;
}

static const char *set_max_body(cmd_parms *cmd, void *dconf, const char *text)
{
    return read_number(cmd, text, 1, 16 * 1024 * 1024, "bytes",
                       &((iu_config *)dconf)->max_body);
}

static const char *set_batch(cmd_parms *cmd, void *dconf, const char *text)
{
    apr_int64_t number;
    const char *error = read_number(cmd, text, 0, 1000, "requests", &number);

    ((iu_config *)dconf)->batch = (int)number;
    return error;
}

static const char *set_batch_body(cmd_parms *cmd, void *dconf, const char *text)
{
    return read_number(cmd, text, 1, 64 * 1024 * 1024, "bytes",
                       &((iu_config *)dconf)->batch_body);
}

static const char *set_commit_timeout(cmd_parms *cmd, void *dconf,
                                      const char *text)
{
    apr_int64_t number;
    const char *error = read_number(cmd, text, 1, 60, "seconds", &number);

    ((iu_config *)dconf)->commit_timeout = (int)number;
    return error;
}

static const char *set_queue(cmd_parms *cmd, void *dconf, const char *text)
{
    apr_int64_t number;
    const char *error = read_number(cmd, text, 1, 65535, "requests", &number);

    ((iu_config *)dconf)->queue = (int)number;
    return error;
}

static const char *set_repeat_window(cmd_parms *cmd, void *dconf,
                                     const char *text)
{
    apr_int64_t number;
    const char *error =
        read_number(cmd, text, 1, 366 * 24 * 60 * 60, "seconds", &number);

    ((iu_config *)dconf)->repeat_window = (int)number;
    return error;
}

static const char *set_base_url(cmd_parms *cmd, void *dconf, const char *url)
{
    iu_config *config = dconf;
    const char *error = check_location(cmd, url);
    apr_size_t length = strlen(url);
    apr_uri_t uri;

    if (error) {
        return error;
    }
    if (apr_uri_parse(cmd->temp_pool, url, &uri) != APR_SUCCESS ||
        !uri.scheme ||
        (strcmp(uri.scheme, "http") && strcmp(uri.scheme, "https")) ||
        !uri.hostname || !*uri.hostname || uri.user || uri.query ||
        uri.fragment || strpbrk(url, "\"\\<> \t")) {
        return refuse_value(
            cmd, url,
            "allowed is the public URL of the service root, as "
            "https://graph.example.com/beta, without user, query "
            "and fragment");
    }
    while (url[length - 1] == '/') {
        length--;
    }
    config->base_url = apr_pstrmemdup(cmd->pool, url, length);
    return NULL;
}

#define ANYWHERE (RSRC_CONF | ACCESS_CONF)

/* clang-format off */
const command_rec iu_config_commands[] = {
    AP_INIT_TAKE1("InsightsUsed", set_enabled, NULL, ACCESS_CONF,
                 "On: this Location is a service root"),
    AP_INIT_TAKE2("InsightsUsedDBD", set_database, NULL, RSRC_CONF,
                  "the apr_dbd driver and its parameters"),
    AP_INIT_TAKE_ARGV("InsightsUsedRequired", set_required, NULL, ANYWHERE,
                      "the members that a create must have, or none"),
    AP_INIT_TAKE1("InsightsUsedIfMatch", set_if_match, NULL, ANYWHERE,
                  "whether a change needs If-Match: Optional or Required"),
    AP_INIT_TAKE1("InsightsUsedInvitationQuery", set_invitation_query, NULL,
                  ANYWHERE, "SQL that finds a row for an invitation, or none"),
    AP_INIT_TAKE_ARGV("InsightsUsedScopes", set_scopes, NULL, ANYWHERE,
                      "read or write, and the scopes of which one is needed"),
    AP_INIT_TAKE_ARGV("InsightsUsedAudience", set_audiences, NULL, ANYWHERE,
                      "the audiences of which a token must name one"),
    AP_INIT_TAKE1("InsightsUsedClaimPrefix", set_claim_prefix, NULL, ANYWHERE,
                  "OAUTH2_CLAIM_ or OIDC_CLAIM_"),
    AP_INIT_TAKE1("InsightsUsedUserClaim", set_user_claim, NULL, ANYWHERE,
                  "the claim that has the id of the user \"me\""),
    AP_INIT_TAKE1("InsightsUsedAnonymous", set_anonymous, NULL, ANYWHERE,
                 "On: serve requests that nobody vouched for"),
    AP_INIT_TAKE1("InsightsUsedMaxBody", set_max_body, NULL, ANYWHERE,
                  "the largest request body, in bytes"),
    AP_INIT_TAKE1("InsightsUsedBatch", set_batch, NULL, ANYWHERE,
                  "how many requests a batch may have; 0: no $batch"),
    AP_INIT_TAKE1("InsightsUsedBatchBody", set_batch_body, NULL, ANYWHERE,
                  "the largest body of a batch, in bytes"),
    AP_INIT_TAKE1("InsightsUsedCommitTimeout", set_commit_timeout, NULL,
                  ANYWHERE, "how long to wait for the database, in seconds"),
    AP_INIT_TAKE1("InsightsUsedQueue", set_queue, NULL, ANYWHERE,
                  "how many requests of one child may wait for a commit"),
    AP_INIT_TAKE1("InsightsUsedRepeatWindow", set_repeat_window, NULL, ANYWHERE,
                  "how old a create may be that is repeated, in seconds"),
    AP_INIT_TAKE1("InsightsUsedBaseURL", set_base_url, NULL, ACCESS_CONF,
                  "the public URL of this service root"),
    {NULL, {NULL}, NULL, 0, RAW_ARGS, NULL}
};
/* clang-format on */

int iu_config_check(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                    server_rec *server)
{
    (void)pconf;
    (void)plog;
    (void)ptemp;
    for (; server; server = server->next) {
        const iu_server_config *config = iu_server_config_of(server);

        if (config->roots->nelts && !config->driver) {
            ap_log_error(APLOG_MARK, APLOG_EMERG, 0, server,
                         "IU0140: InsightsUsed is On for %s%s, but no "
                         "InsightsUsedDBD names its database, in the virtual "
                         "host or the server",
                         server->server_hostname ? server->server_hostname : "",
                         APR_ARRAY_IDX(config->roots, 0, const char *));
            return HTTP_INTERNAL_SERVER_ERROR;
        }
    }
    return OK;
}

const iu_config *iu_config_of(const request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &insights_used_module);
}

iu_server_config *iu_server_config_of(server_rec *server)
{
    return ap_get_module_config(server->module_config, &insights_used_module);
}

unsigned iu_config_required(const iu_config *config)
{
    return config->required == IU_NOT_SET ? IU_MEMBERS_REQUIRED
                                          : (unsigned)config->required;
}

const char *iu_config_claim_prefix(const iu_config *config)
{
    return config->claim_prefix ? config->claim_prefix : DEFAULT_CLAIM_PREFIX;
}

apr_int64_t iu_config_max_body(const iu_config *config)
{
    return config->max_body == IU_NOT_SET ? DEFAULT_MAX_BODY : config->max_body;
}

int iu_config_batch(const iu_config *config)
{
    return config->batch == IU_NOT_SET ? DEFAULT_BATCH : config->batch;
}

apr_int64_t iu_config_batch_body(const iu_config *config)
{
    return config->batch_body == IU_NOT_SET ? DEFAULT_BATCH_BODY
                                            : config->batch_body;
}

apr_interval_time_t iu_config_commit_timeout(const iu_config *config)
{
    return apr_time_from_sec(config->commit_timeout == IU_NOT_SET
                                 ? DEFAULT_COMMIT_TIMEOUT
                                 : config->commit_timeout);
}

apr_uint32_t iu_config_queue(const iu_config *config)
{
    return config->queue == IU_NOT_SET ? DEFAULT_QUEUE
                                       : (apr_uint32_t)config->queue;
}

apr_interval_time_t iu_config_repeat_window(const iu_config *config)
{
    return apr_time_from_sec(config->repeat_window == IU_NOT_SET
                                 ? DEFAULT_REPEAT_WINDOW
                                 : config->repeat_window);
}

const char *iu_config_invitation_query(const iu_config *config)
{
    return config->invitation_query && *config->invitation_query
               ? config->invitation_query
               : NULL;
}
