/* SPDX-License-Identifier: Apache-2.0 */
#include "samples.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "../../../src/graph/date_time_offset.h"
#include "../../../src/graph/used_insight.h"
#include "../../../src/text/random.h"

/* Texts that folding, collating, trimming, counting, padding, escaping and
 * converting may confuse. */
static const char *const texts[] = {
    "",
    " ",
    "  a b  ",
    "a",
    "a ",
    "A",
    "aa",
    "aba",
    "abc",
    "ABC",
    "aBcd",
    "b",
    "z",
    "Z",
    "SS",
    "ss",
    "i",
    "I",
    "K",
    "s",
    "\xc3\xa9",                         /* é */
    "e\xcc\x81",                        /* e, combining acute */
    "\xc3\x89t\xc3\xa9",                /* Été */
    "\xc3\x9f",                         /* ß */
    "\xe1\xba\x9e",                     /* capital ß */
    "\xc4\xb0",                         /* İ */
    "\xc4\xb1",                         /* dotless i */
    "\xe2\x84\xaa",                     /* Kelvin sign: lower case k */
    "\xc5\xbf",                         /* long s: upper case S */
    "\xce\xa3\xcf\x82",                 /* sigma, final */
    "\xf0\x9f\x98\x80",                 /* one character beyond 16 bits */
    "\xf0\x9f\x98\x80\xf0\x9f\x98\x80", /* two */
    "a\xf0\x9f\x98\x80 b",
    "\xee\x80\x80", /* U+E000: above surrogates, below those */
    "\xef\xbf\xbd", /* U+FFFD */
    "\xef\xbb\xbfx" /* byte order mark */,
    "\xc2\xa0x\xc2\xa0", /* other white space */
    "\xe3\x80\x80x",
    "\tx\n",
    "\x01",
    "\x1f\x7f",
    "\\",
    "a\\b",
    "\\u0041",
    "\"",
    "a\"b",
    "'",
    "a'b''",
    "%",
    "a%c",
    "a_c",
    "%s",
    "%%",
    "?1",
    "$1",
    ":a",
    "*",
    "[a]",
    "null",
    "NULL",
    "true",
    "0",
    "1",
    "1.0",
    "01",
    "-1",
    "1e1",
    "{\"a\":1}",
    "$.title",
    "2020-01-01",
    "\xe2\x80\xa8",
    "a/b?c=d&e#f",
    "10000000000000000000",
};

static const char *const instants[] = {
    "2020-01-01T00:00:00Z",
    "2020-01-01T01:00:00+01:00",
    "2019-12-31T19:00:00-05:00",
    "2020-01-01T00:00Z",
    "2020-01-01T00:00:00.000000000001Z",
    "2020-01-01T00:00:00.1Z",
    "2020-01-01T00:00:00.10Z",
    "2020-01-01t05:30:00.100000000000+05:30",
    "2020-02-29T23:59:60Z",
    "2020-02-29T12:34:56z",
    "2020-03-01T00:34+23:59",
    "2024-12-31T23:30:59-01:00",
    "1999-08-09T08:09:08Z",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00+14:00",
    "9999-12-31T23:59:59.999999999999Z",
    "9999-12-31T23:59:59-14:00",
};

#define ONE_OF(generator, table)                                               \
    ((table)[iu_generate_number(generator,                                     \
                                (int)(sizeof(table) / sizeof((table)[0])))])

static const char *repeated(apr_pool_t *pool, const char *character, int times,
                            const char *end)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, times * strlen(character) + 4);
    while (times-- > 0) {
        iu_buffer_puts(&out, character);
    }
    iu_buffer_puts(&out, end);
    return out.data;
}

/* A text with about the length that texts are sorted by; its character of four
 * bytes is beyond MariaDB's max_sort_length. */
static const char *long_text(iu_generator *generator)
{
    static const char *const characters[] = {"x", "\xc3\xa9",
                                             "\xf0\x9f\x98\x80"};
    static const char *const ends[] = {"", "1", "2", "21"};

    return repeated(generator->pool, ONE_OF(generator, characters),
                    IU_ORDER_CHARACTERS - 2 + iu_generate_number(generator, 3),
                    ONE_OF(generator, ends));
}

/* More bytes than a database stores in a row, and more than 65535. */
static const char *very_long_text(iu_generator *generator)
{
    return repeated(generator->pool, "\xf0\x9f\x98\x80",
                    20000 + iu_generate_number(generator, 2), " end ");
}

static const char *value_for(iu_generator *generator, iu_edm_type type)
{
    if (iu_generate_number(generator, 5) == 0) {
        return NULL;
    }
    if (type == IU_EDM_DATE_TIME_OFFSET) {
        return ONE_OF(generator, instants);
    }
    if (iu_generate_number(generator, 15)) {
        return ONE_OF(generator, texts);
    }
    return iu_generate_number(generator, 20) ? long_text(generator)
                                             : very_long_text(generator);
}

static void put_name(iu_buffer *out, const char *before, const char *name)
{
    iu_buffer_puts(out, before);
    iu_buffer_json_string(out, name, strlen(name));
    iu_buffer_puts(out, ":");
}

static void put_member(iu_generator *generator, const iu_member *member,
                       iu_sample *sample, iu_buffer *out)
{
    const char *before = "{";
    int i;

    for (i = 0; i < iu_property_count; i++) {
        const char *text = sample->sent[i];

        if (iu_properties[i].member != member ||
            (!text && iu_generate_number(generator, 2))) {
            continue;
        }
        put_name(out, before, iu_properties[i].name);
        if (text) {
            iu_buffer_json_string(out, text, strlen(text));
        }
        else {
            iu_buffer_puts(out, "null");
        }
        before = ",";
    }
    iu_buffer_puts(out, *before == '{' ? "{}" : "}");
}

/* Chooses the values of a member and adds it to a body; without values it may
 * be null or absent. */
static void choose_member(iu_generator *generator, const iu_member *member,
                          iu_sample *sample, iu_buffer *out)
{
    int choice = iu_generate_number(generator, 20);
    int i;

    for (i = 0; i < iu_property_count && choice > 1; i++) {
        if (iu_properties[i].member == member) {
            sample->sent[i] = value_for(generator, iu_properties[i].type);
        }
    }
    if (choice == 0) {
        return;
    }
    put_name(out, out->length > 1 ? "," : "", member->name);
    if (choice == 1) {
        iu_buffer_puts(out, "null");
    }
    else {
        put_member(generator, member, sample, out);
        sample->objects |= member->bit;
    }
}

/* Sets the texts that values are compared by. */
static void compare_by(apr_pool_t *pool, iu_sample *sample)
{
    int i;

    for (i = 0; i < iu_property_count; i++) {
        const char *text = sample->sent[i];

        sample->compared[i] = text;
        if (text && iu_properties[i].type == IU_EDM_DATE_TIME_OFFSET) {
            char *instant = apr_palloc(pool, IU_INSTANT_SIZE);

            if (!iu_date_time_offset_read(text, strlen(text), instant)) {
                abort();
            }
            sample->compared[i] = instant;
        }
    }
}

static void make_sample(iu_generator *generator, const char *set_id,
                        const char *id, iu_sample *sample)
{
    apr_pool_t *pool = generator->pool;
    iu_random random = {0};
    const iu_json *root;
    iu_buffer body;
    int i;

    iu_buffer_init(&body, pool, 1024);
    iu_buffer_puts(&body, "{");
    for (i = 1; i < iu_member_count; i++) {
        choose_member(generator, &iu_members[i], sample, &body);
    }
    iu_buffer_puts(&body, "}");
    if (iu_json_read(pool, body.data, body.length, &root) ||
        iu_used_insight_read(pool, root, 0, &sample->record)) {
        abort();
    }
    sample->sent[0] = sample->record.id = id;
    sample->record.set_id = set_id;
    iu_version_make(&random, sample->record.version);
    compare_by(pool, sample);
}

iu_sample *iu_samples_make(iu_generator *generator, const char *set_id,
                           const char *prefix, int count)
{
    /* Ids differ in case, and in the number of their digits. */
    static const char *const middles[] = {"", "a", "A", "\xc3\xa9", " ", "_"};
    iu_sample *samples = apr_pcalloc(generator->pool, count * sizeof *samples);
    int i;

    for (i = 0; i < count; i++) {
        make_sample(generator, set_id,
                    apr_psprintf(generator->pool, "%s%s%d", prefix,
                                 ONE_OF(generator, middles), i),
                    &samples[i]);
    }
    return samples;
}
