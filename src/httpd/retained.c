/* SPDX-License-Identifier: Apache-2.0 */
#include "retained.h"

#include <http_config.h>

apr_hash_t *iu_retained_hash(server_rec *server, const char *name)
{
    apr_hash_t **hash = ap_retained_data_get(name);

    if (!hash) {
        hash = ap_retained_data_create(name, sizeof(*hash));
        *hash = apr_hash_make(server->process->pool);
    }
    return *hash;
}
