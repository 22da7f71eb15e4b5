/* SPDX-License-Identifier: Apache-2.0 */
#include "request_operation.h"

#include <poll.h>
#include <string.h>

#include <http_core.h>

#include <apr_portable.h>

#include "config.h"
#include "request.h"
#include "request_body.h"
#include "service_root.h"
#include "stores.h"

iu_method iu_request_method(const request_rec *r)
{
    switch (r->method_number) {
    case M_GET: /* and HEAD */
        return IU_METHOD_GET;
    case M_POST:
        return IU_METHOD_POST;
    case M_PATCH:
        return IU_METHOD_PATCH;
    case M_DELETE:
        return IU_METHOD_DELETE;
    default:
        return IU_METHOD_UNKNOWN;
    }
}

/* An iu_read_body. */
static iu_problem *read_body(const iu_operation *operation, iu_buffer *body)
{
    return iu_request_body_read(operation->source, operation->settings.max_body,
                                body);
}

/*
 * An iu_is_gone: one system call, which does not wait. The client has gone if
 * its end of the connection is closed, completely or for sending: the kernel
 * does not tell the two apart, and nginx also aborts the request in both cases.
 * A client that closes only its sending side and waits still gets its answer if
 * the database has it before the store first calls is_gone, which is nearly
 * always.
 *
 * With HTTP/2 this is the connection that all streams share. If the client
 * resets a stream, mod_http2 sets "aborted" on the stream's own conn_rec.
 */
static int client_is_gone(void *request)
{
    const request_rec *r = request;
    conn_rec *c = r->connection;
    struct pollfd client = {.events = POLLRDHUP};
    apr_socket_t *socket;

    if (c->aborted) {
        return 1;
    }
    socket = ap_get_conn_socket(c->master ? c->master : c);
    return socket && apr_os_sock_get(&client.fd, socket) == APR_SUCCESS &&
           poll(&client, 1, 0) > 0 &&
           (client.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

static void set_settings(request_rec *r, iu_settings *settings)
{
    const iu_config *config = iu_config_of(r);

    settings->service_root = iu_service_root(r);
    settings->required = iu_config_required(config);
    settings->if_match_required = config->if_match_required == 1;
    settings->has_batch = iu_config_batch(config) > 0;
    settings->invitation_query = iu_config_invitation_query(config);
    settings->max_body = iu_config_max_body(config);
    settings->timeout = iu_config_commit_timeout(config);
    settings->queue_limit = iu_config_queue(config);
    settings->repeat_window = iu_config_repeat_window(config);
    settings->max_target = r->connection->base_server->limit_req_line -
                           (int)strlen("GET  HTTP/1.1");
}

/* The problem of the route: that of reading it, or that nobody is "me". */
static iu_problem *problem_of_route(const request_rec *r,
                                    const iu_request *request)
{
    const iu_owner *owner = &request->route.owner;
    const char *claim = iu_config_of(r)->user_claim;

    if (request->route_problem || owner->kind != IU_OWNER_ME || owner->id) {
        return request->route_problem;
    }
    return iu_problem_explain(r->pool,
                              iu_problem_make(r->pool, IU_USER_UNKNOWN),
                              "no token with a usable claim %s was checked",
                              claim ? claim : "oid or sub");
}

void iu_request_operation_make(request_rec *r, iu_operation *operation)
{
    const iu_request *request = iu_request_get(r);

    operation->pool = r->pool;
    operation->route = request->route;
    operation->route_problem = problem_of_route(r, request);
    operation->method = iu_request_method(r);
    operation->is_head = r->header_only;
    operation->headers = r->headers_in;
    operation->query = r->args;
    operation->read_body = read_body;
    operation->is_gone = client_is_gone;
    operation->source = r;
    operation->deadline = 0;
    set_settings(r, &operation->settings);
    operation->store = iu_stores_of_request(r);
    operation->random = iu_request_random(r);
    operation->origin = request->origin;
}
