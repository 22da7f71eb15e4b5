/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the client still waits for its answer. It has gone where its end of
 * the connection is closed, for good or for sending: the kernel does not tell
 * the two apart, and nginx, too, ends what it does for such a client. Who sends
 * a request, closes that half only and waits gets its answer where that takes
 * the database less than the store's first question, as nearly all do.
 *
 * With HTTP/2 that is the connection that all streams share. mod_http2 marks
 * the connection that it makes for a stream when the client resets the stream.
 */
#include "client.h"

#include <poll.h>

#include <http_core.h>

#include <apr_portable.h>

int iu_client_is_gone(void *request)
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
