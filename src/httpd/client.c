/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client has gone if its end of the connection is closed, completely or for
 * sending: the kernel does not tell the two apart, and nginx also aborts the
 * request in both cases. A client that closes only its sending side and waits
 * still gets its answer if the database has it before the store first calls
 * is_gone, which is nearly always.
 *
 * With HTTP/2 this is the connection that all streams share. If the client
 * resets a stream, mod_http2 sets "aborted" on the stream's own conn_rec.
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
