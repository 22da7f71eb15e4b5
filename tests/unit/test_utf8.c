/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/text/utf8.c. */
#include <apr_general.h>

#include "../../src/text/utf8.h"
#include "support/tap.h"

/* Encodes a character as RFC 3629 section 3 defines it; returns the length. */
static apr_size_t encode(char bytes[4], unsigned character)
{
    if (character < 0x80) {
        bytes[0] = character;
        return 1;
    }
    if (character < 0x800) {
        bytes[0] = 0xC0 | character >> 6;
        bytes[1] = 0x80 | (character & 0x3F);
        return 2;
    }
    if (character < 0x10000) {
        bytes[0] = 0xE0 | character >> 12;
        bytes[1] = 0x80 | (character >> 6 & 0x3F);
        bytes[2] = 0x80 | (character & 0x3F);
        return 3;
    }
    bytes[0] = 0xF0 | character >> 18;
    bytes[1] = 0x80 | (character >> 12 & 0x3F);
    bytes[2] = 0x80 | (character >> 6 & 0x3F);
    bytes[3] = 0x80 | (character & 0x3F);
    return 4;
}

static void test_all_characters(void)
{
    unsigned character;
    long wrong = 0;
    long cut = 0;
    long written = 0;

    for (character = 0; character <= 0x10FFFF; character++) {
        char bytes[5] = {0, 0, 0, 0, 'x'};
        char ours[5] = {0, 0, 0, 0, 'x'};
        apr_size_t length = encode(bytes, character);
        int surrogate = character >= 0xD800 && character <= 0xDFFF;

        wrong += iu_utf8_length(bytes, bytes + 5) != (surrogate ? 0 : length);
        wrong +=
            iu_utf8_length(bytes, bytes + length) != (surrogate ? 0 : length);
        written += iu_utf8_write(ours, character) != length ||
                   memcmp(ours, bytes, sizeof ours) != 0;
        cut += length > 1 && iu_utf8_length(bytes, bytes + length - 1) != 0;
        cut += length > 1 && iu_utf8_length(bytes, bytes + 1) != 0;
    }
    is_number(wrong, 0,
              "every character has its length; surrogates are invalid");
    is_number(written, 0, "no other encoding of a character is valid");
    is_number(cut, 0, "a truncated character is invalid");
}

/* All characters pass. The number of sequences that pass equals the number of
 * characters: no other sequence passes. */
static void test_nothing_else(void)
{
    long passed[5] = {0};
    unsigned long rest;
    int first;

    for (first = 0; first < 0xE0; first++) {
        for (rest = 0; rest < 0x100; rest++) {
            char bytes[] = {first, rest};

            passed[iu_utf8_length(bytes, bytes + 2)]++;
        }
    }
    is_number(passed[1], 0x80 * 0x100, "128 first bytes are characters");
    is_number(passed[2], 0x800 - 0x80, "no other pair of bytes is");
    for (; first < 0xF0; first++) {
        for (rest = 0; rest < 0x10000; rest++) {
            char bytes[] = {first, rest >> 8, rest};

            passed[iu_utf8_length(bytes, bytes + 3)]++;
        }
    }
    is_number(passed[3], 0x10000 - 0x800 - 0x800, "no other triple is");
    for (; first <= 0xFF; first++) {
        for (rest = 0; rest < 0x1000000; rest += first > 0xF7 ? 0xFFF : 1) {
            char bytes[] = {first, rest >> 16, rest >> 8, rest};

            passed[iu_utf8_length(bytes, bytes + 4)]++;
        }
    }
    is_number(passed[4], 0x110000 - 0x10000, "no other four bytes are");
    is_number(passed[1] + passed[2] + passed[3], 0x80 * 0x100 + 0x780 + 0xF000,
              "nor is a prefix of four bytes");
}

static void test_texts(void)
{
    static const char text[] = "a\n\x01\xC3\xBC\xF0\x9F\x98\x80";

    ok(iu_utf8_is_text("", 0), "an empty text is valid");
    ok(iu_utf8_is_text(text, sizeof text - 1),
       "a text with control characters is valid");
    ok(!iu_utf8_is_text(text, sizeof text), "a text with a NUL is not");
    ok(!iu_utf8_is_text(text, sizeof text - 2),
       "nor is one with half a character");
    ok(!iu_utf8_is_text("a\xFF", 2), "nor one with an invalid byte");
    is_number(iu_utf8_characters("", 0), 0, "an empty text has no characters");
    is_number(iu_utf8_characters(text, sizeof text - 1), 5,
              "a text of five characters");
    is_number(iu_utf8_characters(text, 5), 4,
              "characters up to a length are counted");
}

int main(void)
{
    apr_initialize();
    test_all_characters();
    test_nothing_else();
    test_texts();
    apr_terminate();
    return done();
}
