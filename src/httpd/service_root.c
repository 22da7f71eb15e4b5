/* SPDX-License-Identifier: Apache-2.0 */
#include "service_root.h"

#include <http_core.h>
#include <http_protocol.h>

#include <apr_strings.h>
#include <apr_uri.h>

#include "../text/buffer.h"
#include "config.h"

/* Percent-encodes path: httpd matches a Location's path decoded. */
static void append_path(iu_buffer *url, const char *path)
{
    while (*path == '/') {
        apr_size_t length = strcspn(++path, "/");

        iu_buffer_puts(url, "/");
        iu_buffer_percent_encoded(url, path, length);
        path += length;
    }
}

const char *iu_service_root(request_rec *r)
{
    const iu_config *config = iu_config_of(r);
    const char *scheme = ap_http_scheme(r);
    const char *host = r->server->server_hostname;
    apr_port_t usual = apr_uri_port_of_scheme(scheme);
    apr_port_t port = r->server->port ? r->server->port : usual;
    iu_buffer url;

    if (config->base_url) {
        return config->base_url;
    }
    iu_buffer_init(&url, r->pool, 128);
    iu_buffer_puts(&url, scheme);
    iu_buffer_puts(&url, "://");
    iu_buffer_puts(&url, host);
    if (port != usual) {
        iu_buffer_puts(&url, ":");
        iu_buffer_puts(&url, apr_itoa(r->pool, port));
    }
    append_path(&url, config->root);
    return url.data;
}
