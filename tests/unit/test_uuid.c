/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/text/uuid.c. */
#include <stdlib.h>

#include <apr_general.h>

#include "../../src/text/uuid.h"
#include "support/tap.h"

#define MANY 100000

static iu_random stock;

/* Whether text is a UUID of a version and of the variant of RFC 9562, in lower
 * case. */
static int is_uuid(const char *text, char version)
{
    static const char shape[] = "xxxxxxxx-xxxx-Vxxx-Nxxx-xxxxxxxxxxxx";
    int i;

    for (i = 0; shape[i]; i++) {
        const char *allowed = shape[i] == '-'   ? "-"
                              : shape[i] == 'N' ? "89ab"
                              : shape[i] == 'V' ? (char[]){version, 0}
                                                : "0123456789abcdef";

        if (!text[i] || !strchr(allowed, text[i])) {
            return 0;
        }
    }
    return text[i] == '\0';
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The number of duplicates among count texts; sorts them. */
static int repeated(void *texts, int count, size_t size)
{
    int equal = 0;
    int i;

    qsort(texts, count, size, compare);
    for (i = 1; i < count; i++) {
        equal += strcmp((char *)texts + i * size,
                        (char *)texts + (i - 1) * size) == 0;
    }
    return equal;
}

/* Checks that every digit occurs at each place of the texts. */
static void is_random(char (*texts)[IU_UUID_SIZE], const char *fixed,
                      const char *name)
{
    int place;
    int stiff = 0;

    for (place = 0; place < IU_UUID_SIZE - 1; place++) {
        unsigned seen = 0;
        int i;

        for (i = 0; i < 2000; i++) {
            char c = texts[i][place];

            seen |= c == '-' ? 0 : 1u << (c <= '9' ? c - '0' : c - 'a' + 10);
        }
        stiff += fixed[place] == 'x' && seen != 0xFFFF;
        stiff += fixed[place] == 'N' && seen != 0x0F00;
    }
    is_number(stiff, 0, "%s: each digit takes all its values", name);
}

static void test_random(void)
{
    static char texts[MANY][IU_UUID_SIZE];
    int wrong = 0;
    int i;

    for (i = 0; i < MANY; i++) {
        iu_uuid_random(&stock, texts[i]);
        wrong += !is_uuid(texts[i], '4');
    }
    is_number(wrong, 0, "random: all have the shape, version 4 and variant");
    is_random(texts, "xxxxxxxx-xxxx-.xxx-Nxxx-xxxxxxxxxxxx", "random");
    is_number(repeated(texts, MANY, sizeof texts[0]), 0, "random: all differ");
}

static void test_ordered(void)
{
    /* RFC 9562, appendix A.6: 2022-02-22 19:22:22 UTC */
    const apr_time_t example = APR_TIME_C(0x017F22E279B0) * 1000;
    static char texts[MANY][IU_UUID_SIZE];
    int wrong = 0;
    int disorder = 0;
    int i;

    iu_uuid_ordered(&stock, texts[0], example);
    ok(strncmp(texts[0], "017f22e2-79b0-7000-", 19) == 0,
       "ordered: the time is that of the example in RFC 9562");
    iu_uuid_ordered(&stock, texts[0], example + 999);
    ok(strncmp(texts[0], "017f22e2-79b0-7ffb-", 19) == 0,
       "ordered: microseconds fill rand_a");
    iu_uuid_ordered(&stock, texts[0], 0);
    ok(strncmp(texts[0], "00000000-0000-7000-", 19) == 0,
       "ordered: times begin in 1970");

    for (i = 0; i < MANY; i++) {
        iu_uuid_ordered(&stock, texts[i], example + i);
        wrong += !is_uuid(texts[i], '7');
        disorder += i > 0 && strcmp(texts[i - 1], texts[i]) >= 0;
    }
    is_number(wrong, 0, "ordered: all have the shape, version 7 and variant");
    is_number(disorder, 0, "ordered: each microsecond comes after the last");

    for (i = 0; i < MANY; i++) {
        iu_uuid_ordered(&stock, texts[i], example);
    }
    is_random(texts, "........-....-....-Nxxx-xxxxxxxxxxxx", "ordered");
    is_number(repeated(texts, MANY, sizeof texts[0]), 0,
              "ordered: all of one microsecond differ");
}

/* The name space of domain names, RFC 9562 section 6.6. */
static const unsigned char domains[IU_UUID_BYTES] = {
    0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
    0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};

static void test_named(void)
{
    static const char name[] = "www.example.com";
    const apr_time_t time = APR_TIME_C(0x017F22E279B0) * 1000;
    char text[IU_UUID_SIZE];
    char other[IU_UUID_SIZE];

    iu_uuid_named(domains, name, strlen(name), text);
    is_text(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2",
            "named: the example of RFC 9562, appendix A.4");
    iu_uuid_named(domains, name, strlen(name) - 1, other);
    ok(strcmp(text, other) != 0, "named: another name, another UUID");

    iu_uuid_named_ordered(domains, name, strlen(name), time, text);
    is_text(text, "017f22e2-79b0-768b-95e1-2665a8aea6a2",
            "named and ordered: the time, then the bits of the name");
    iu_uuid_named_ordered(domains, name, strlen(name), time + 999, other);
    is_text(other, text, "named and ordered: milliseconds count");
    iu_uuid_named_ordered(domains, name, strlen(name), time + 1000, other);
    ok(strcmp(text, other) < 0, "named and ordered: sorts by time");
}

static void test_version(void)
{
    static char texts[MANY][IU_VERSION_SIZE];
    int wrong = 0;
    int i;

    for (i = 0; i < MANY; i++) {
        memset(texts[i], 'x', IU_VERSION_SIZE);
        iu_version_make(&stock, texts[i]);
        wrong += strspn(texts[i], "0123456789abcdef") != 16;
        wrong += texts[i][16] != '\0';
    }
    is_number(wrong, 0, "version: 16 lower-case hex digits");
    is_number(repeated(texts, MANY, sizeof texts[0]), 0, "version: all differ");
}

int main(void)
{
    apr_initialize();
    test_random();
    test_ordered();
    test_named();
    test_version();
    apr_terminate();
    return done();
}
