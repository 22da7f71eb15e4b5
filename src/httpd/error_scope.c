/* SPDX-License-Identifier: Apache-2.0 */
#include "error_scope.h"

#include <http_main.h>

#include "config.h"

/* Whether path is, or is below, a service root of the server. */
static int is_under_root(server_rec *server, const char *path)
{
    const apr_array_header_t *roots = iu_server_config_of(server)->roots;
    int i;

    for (i = 0; i < roots->nelts; i++) {
        const char *root = APR_ARRAY_IDX(roots, i, const char *);
        apr_size_t length = strlen(root);

        if (!strncmp(path, root, length) &&
            (path[length] == '/' || path[length] == '\0')) {
            return 1;
        }
    }
    return 0;
}

const char *iu_error_scope_target(const request_rec *r)
{
    const char *space;

    if (r->uri) {
        return r->uri;
    }
    /* Not parsed yet: the target follows the method in the request line. */
    space = r->the_request ? strchr(r->the_request, ' ') : NULL;
    return space ? space + 1 : "";
}

/* Whether r, whose virtual host is unknown, may be under a service root: looks
 * at all servers, because r->server is only the first one of the address.
 * mod_http2 does not keep a target that is too long: then the existence of any
 * root is enough. */
static int may_be_under_root(const request_rec *r)
{
    int is_target_lost = r->proto_num >= HTTP_VERSION(2, 0) &&
                         r->status == HTTP_REQUEST_URI_TOO_LARGE;
    server_rec *server = ap_server_conf;

    while (server && !(is_target_lost
                           ? iu_server_config_of(server)->roots->nelts > 0
                           : is_under_root(server, iu_error_scope_target(r)))) {
        server = server->next;
    }
    return server != NULL;
}

int iu_error_scope_contains(request_rec *r)
{
    if (r->per_dir_config != r->server->lookup_defaults) {
        return iu_config_of(r)->enabled == 1;
    }
    /* httpd has not looked for the Location yet: only the path can tell. It
     * refuses a request line that is too long (414) before it chooses the
     * virtual host. */
    return r->hostname && r->status != HTTP_REQUEST_URI_TOO_LARGE
               ? is_under_root(r->server, iu_error_scope_target(r))
               : may_be_under_root(r);
}
