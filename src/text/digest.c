/* SPDX-License-Identifier: Apache-2.0 */
#include "digest.h"

#include <apr_sha1.h>

#include "hex.h"

void iu_digest_make(const char *text, apr_size_t length,
                    char digest[IU_DIGEST_SIZE])
{
    unsigned char bytes[APR_SHA1_DIGESTSIZE];
    apr_sha1_ctx_t sha1;

    apr_sha1_init(&sha1);
    apr_sha1_update(&sha1, text, (unsigned)length);
    apr_sha1_final(bytes, &sha1);
    *iu_hex_put(digest, bytes, sizeof bytes) = '\0';
}
