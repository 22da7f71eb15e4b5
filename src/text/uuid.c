/* SPDX-License-Identifier: Apache-2.0 */
/* apr_uuid_get generates version 1 or 4, whichever the platform has, and never
 * version 7. */
#include "uuid.h"

#include <string.h>

#include <apr_sha1.h>

#include "hex.h"

#define VERSION_BYTES 8

/* Sets version and variant (RFC 9562 sections 4.1 and 4.2) and formats the
 * UUID as groups of 8-4-4-4-12 digits. */
static void write_uuid(char *text, unsigned char bytes[IU_UUID_BYTES],
                       unsigned version)
{
    bytes[6] = version << 4 | (bytes[6] & 0x0F);
    bytes[8] = 0x80 | (bytes[8] & 0x3F);
    text = iu_hex_put(text, bytes, 4);
    *text++ = '-';
    text = iu_hex_put(text, bytes + 4, 2);
    *text++ = '-';
    text = iu_hex_put(text, bytes + 6, 2);
    *text++ = '-';
    text = iu_hex_put(text, bytes + 8, 2);
    *text++ = '-';
    text = iu_hex_put(text, bytes + 10, 6);
    *text = '\0';
}

void iu_uuid_random(iu_random *random, char text[IU_UUID_SIZE])
{
    unsigned char bytes[IU_UUID_BYTES];

    iu_random_take(random, bytes, sizeof bytes);
    write_uuid(text, bytes, 4);
}

/* The first 48 bits of version 7. */
static void put_milliseconds(unsigned char bytes[IU_UUID_BYTES],
                             apr_time_t time)
{
    apr_uint64_t milliseconds = time / 1000;
    int i;

    for (i = 0; i < 6; i++) {
        bytes[i] = milliseconds >> (40 - 8 * i) & 0xFF;
    }
}

void iu_uuid_ordered(iu_random *random, char text[IU_UUID_SIZE], apr_time_t now)
{
    unsigned char bytes[IU_UUID_BYTES];
    /* The fraction of the millisecond, in 4096ths, goes into the 12 bits of
     * rand_a (RFC 9562 section 6.2, method 3). */
    unsigned fraction = (unsigned)(now % 1000) * 4096 / 1000;

    put_milliseconds(bytes, now);
    bytes[6] = fraction >> 8;
    bytes[7] = fraction & 0xFF;
    iu_random_take(random, bytes + 8, IU_UUID_BYTES - 8);
    write_uuid(text, bytes, 7);
}

/* The first bytes of the SHA-1 over the name space and the name. */
static void hash_name(unsigned char bytes[IU_UUID_BYTES],
                      const unsigned char name_space[IU_UUID_BYTES],
                      const char *name, apr_size_t length)
{
    unsigned char digest[APR_SHA1_DIGESTSIZE];
    apr_sha1_ctx_t sha1;

    apr_sha1_init(&sha1);
    apr_sha1_update_binary(&sha1, name_space, IU_UUID_BYTES);
    apr_sha1_update(&sha1, name, (unsigned)length);
    apr_sha1_final(digest, &sha1);
    memcpy(bytes, digest, IU_UUID_BYTES);
}

void iu_uuid_named(const unsigned char name_space[IU_UUID_BYTES],
                   const char *name, apr_size_t length, char text[IU_UUID_SIZE])
{
    unsigned char bytes[IU_UUID_BYTES];

    hash_name(bytes, name_space, name, length);
    write_uuid(text, bytes, 5);
}

void iu_uuid_named_ordered(const unsigned char name_space[IU_UUID_BYTES],
                           const char *name, apr_size_t length, apr_time_t time,
                           char text[IU_UUID_SIZE])
{
    unsigned char bytes[IU_UUID_BYTES];

    hash_name(bytes, name_space, name, length);
    put_milliseconds(bytes, time);
    write_uuid(text, bytes, 7);
}

void iu_version_make(iu_random *random, char text[IU_VERSION_SIZE])
{
    unsigned char bytes[VERSION_BYTES];

    iu_random_take(random, bytes, sizeof bytes);
    *iu_hex_put(text, bytes, sizeof bytes) = '\0';
}
