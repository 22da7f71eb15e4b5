/* SPDX-License-Identifier: Apache-2.0 */
/* apr_uuid_get generates version 1 or 4, whichever the platform has, and never
 * version 7. */
#include "uuid.h"

#define UUID_BYTES 16
#define VERSION_BYTES 8

static char *put_hex(char *text, const unsigned char *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    size_t i;

    for (i = 0; i < count; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 0xF];
    }
    return text;
}

/* Sets version and variant (RFC 9562 sections 4.1 and 4.2) and formats the
 * UUID as groups of 8-4-4-4-12 digits. */
static void write_uuid(char *text, unsigned char bytes[UUID_BYTES],
                       unsigned version)
{
    bytes[6] = version << 4 | (bytes[6] & 0x0F);
    bytes[8] = 0x80 | (bytes[8] & 0x3F);
    text = put_hex(text, bytes, 4);
    *text++ = '-';
    text = put_hex(text, bytes + 4, 2);
    *text++ = '-';
    text = put_hex(text, bytes + 6, 2);
    *text++ = '-';
    text = put_hex(text, bytes + 8, 2);
    *text++ = '-';
    text = put_hex(text, bytes + 10, 6);
    *text = '\0';
}

void iu_uuid_random(iu_random *random, char text[IU_UUID_SIZE])
{
    unsigned char bytes[UUID_BYTES];

    iu_random_take(random, bytes, sizeof bytes);
    write_uuid(text, bytes, 4);
}

void iu_uuid_ordered(iu_random *random, char text[IU_UUID_SIZE], apr_time_t now)
{
    unsigned char bytes[UUID_BYTES];
    apr_uint64_t milliseconds = now / 1000;
    /* The fraction of the millisecond, in 4096ths, goes into the 12 bits of
     * rand_a (RFC 9562 section 6.2, method 3). */
    unsigned fraction = (unsigned)(now % 1000) * 4096 / 1000;
    int i;

    for (i = 0; i < 6; i++) {
        bytes[i] = milliseconds >> (40 - 8 * i) & 0xFF;
    }
    bytes[6] = fraction >> 8;
    bytes[7] = fraction & 0xFF;
    iu_random_take(random, bytes + 8, UUID_BYTES - 8);
    write_uuid(text, bytes, 7);
}

void iu_version_make(iu_random *random, char text[IU_VERSION_SIZE])
{
    unsigned char bytes[VERSION_BYTES];

    iu_random_take(random, bytes, sizeof bytes);
    *put_hex(text, bytes, sizeof bytes) = '\0';
}
