/* SPDX-License-Identifier: Apache-2.0 */
/* Digests that tell texts apart. They are no protection against someone who
 * looks for two texts with one digest, and need not be. */
#ifndef IU_TEXT_DIGEST_H
#define IU_TEXT_DIGEST_H

#include <apr.h>

/* Bytes of a digest, 40 lower-case hex digits, with the NUL. */
#define IU_DIGEST_SIZE 41

/* Writes the SHA-1 (FIPS 180-4) of length bytes of text. */
void iu_digest_make(const char *text, apr_size_t length,
                    char digest[IU_DIGEST_SIZE]);

#endif
