/* SPDX-License-Identifier: Apache-2.0 */
/* Unique identifiers from random bytes, or from names. */
#ifndef IU_TEXT_UUID_H
#define IU_TEXT_UUID_H

#include <apr_time.h>

#include "random.h"

/* Bytes of a UUID as text, with the NUL. */
#define IU_UUID_SIZE 37

/* Bytes of a UUID in binary. */
#define IU_UUID_BYTES 16

/* A random UUID (version 4, RFC 9562 section 5.4), lower case. */
void iu_uuid_random(iu_random *random, char text[IU_UUID_SIZE]);

/* A UUID that sorts by time (version 7, RFC 9562 section 5.7), so that new keys
 * are adjacent in a database index. now is in microseconds since 1970. */
void iu_uuid_ordered(iu_random *random, char text[IU_UUID_SIZE],
                     apr_time_t now);

/* The UUID of a name, length bytes, in a name space, itself a UUID (version 5,
 * RFC 9562 section 5.5). The same arguments give the same UUID. */
void iu_uuid_named(const unsigned char name_space[IU_UUID_BYTES],
                   const char *name, apr_size_t length,
                   char text[IU_UUID_SIZE]);

/* Likewise, but sorts by time, in microseconds since 1970: a version 7 with the
 * hash of the name in place of the random bits, as its section 5.7 permits. The
 * time counts in milliseconds. */
void iu_uuid_named_ordered(const unsigned char name_space[IU_UUID_BYTES],
                           const char *name, apr_size_t length, apr_time_t time,
                           char text[IU_UUID_SIZE]);

/* Bytes of a version, 16 lower-case hex digits, with the NUL. */
#define IU_VERSION_SIZE 17

/* The random version of one state of a record. It is the opaque part of the
 * ETag, and a writer recognizes its own row by it if the database's answer to a
 * commit was lost. */
void iu_version_make(iu_random *random, char text[IU_VERSION_SIZE]);

#endif
