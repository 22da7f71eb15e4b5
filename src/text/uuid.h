/* SPDX-License-Identifier: Apache-2.0 */
/* Unique identifiers from random bytes. */
#ifndef IU_TEXT_UUID_H
#define IU_TEXT_UUID_H

#include <apr_time.h>

#include "random.h"

/* Bytes of a UUID as text, with the NUL. */
#define IU_UUID_SIZE 37

/* A random UUID (version 4, RFC 9562 section 5.4), lower case. */
void iu_uuid_random(iu_random *random, char text[IU_UUID_SIZE]);

/* A UUID that sorts by time (version 7, RFC 9562 section 5.7), so that new keys
 * are adjacent in a database index. now is in microseconds since 1970. */
void iu_uuid_ordered(iu_random *random, char text[IU_UUID_SIZE],
                     apr_time_t now);

/* Bytes of a version, 16 lower-case hex digits, with the NUL. */
#define IU_VERSION_SIZE 17

/* The random version of one state of a record. It is the opaque part of the
 * ETag, and a writer recognizes its own row by it if the database's answer to a
 * commit was lost. */
void iu_version_make(iu_random *random, char text[IU_VERSION_SIZE]);

#endif
