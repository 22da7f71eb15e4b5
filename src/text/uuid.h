/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers that nobody has used before, made of random bytes. */
#ifndef IU_TEXT_UUID_H
#define IU_TEXT_UUID_H

#include <apr_time.h>

#include "random.h"

/* Bytes of the text form with its NUL. */
#define IU_UUID_SIZE 37

/* A random UUID (version 4, RFC 9562 section 5.4), lower case. */
void iu_uuid_random(iu_random *random, char text[IU_UUID_SIZE]);

/* A UUID whose order is that of now (version 7, RFC 9562 section 5.7): keys
 * made one after the other lie side by side in a database's index. now is in
 * microseconds since 1970. */
void iu_uuid_ordered(iu_random *random, char text[IU_UUID_SIZE],
                     apr_time_t now);

/* Bytes of a version with its NUL: 16 lower-case hex digits. */
#define IU_VERSION_SIZE 17

/* A random text that names one state of one record: the inside of its ETag,
 * and how a writer knows its own row again after a lost answer. */
void iu_version_make(iu_random *random, char text[IU_VERSION_SIZE]);

#endif
