/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/query/skip_token.c. */
#include "support/tap.h"

#include <apr_base64.h>
#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/graph/record.h"
#include "../../src/query/skip_token.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define INSTANT "2026-01-02T12:00:00.000000000000"
#define FINGERPRINT "\x08\x07\x06\x05\x04\x03\x02\x01"

static apr_pool_t *pool;

/* The order of all examples: by an instant, a text and the key. */
static iu_query query_of(void)
{
    static const char *const keys[] = {"lastUsed/lastAccessedDateTime",
                                       "resourceVisualization/title", "id"};
    iu_query query = {0};
    size_t i;

    for (i = 0; i < COUNT(keys); i++) {
        query.order[i].property = iu_property_find(keys[i], strlen(keys[i]));
    }
    query.order_count = COUNT(keys);
    query.fingerprint = APR_UINT64_C(0x0102030405060708);
    return query;
}

static const char *const good[][3] = {
    {INSTANT, "a title", "id"},
    {NULL, NULL, "x"},
    {"0000-12-31T23:59:60.000000000001", "", "\xF0\x9F\x98\x80"},
    {"9999-12-31T24:00:00.000000000000", "\xC3\xA9\x01\n\"'&=+/%", "n"}};

static void test_good(void)
{
    iu_query query = query_of();
    size_t i;
    int key;

    for (i = 0; i < COUNT(good); i++) {
        const char *token = iu_skip_token_write(pool, &query, good[i]);

        is_number(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789-_"),
                  strlen(token),
                  "%s: a token has no character that a URL encodes", token);
        query.after = NULL;
        ok(!iu_skip_token_read(pool, token, &query), "it is read");
        for (key = 0; query.after && key < query.order_count; key++) {
            is_text(query.after[key], good[i][key], "value %d", key);
        }
        is_number(key, query.order_count, "all of its values");
    }
}

static void is_refused(iu_query *query, const char *token, const char *name)
{
    iu_problem *problem;

    query->after = NULL;
    problem = iu_skip_token_read(pool, token, query);
    is_text(problem ? problem->message : NULL,
            "The skip token is not valid for this request.", "%s", name);
    is_text(problem ? problem->target : NULL, "$skiptoken", "its target");
    ok(!query->after, "it sets no values");
}

/* A token with these bytes. */
static const char *token_of(const char *bytes, apr_size_t length)
{
    char *token = apr_palloc(pool, apr_base64_encode_len((int)length));
    char *c;

    apr_base64_encode_binary(token, (const unsigned char *)bytes, (int)length);
    for (c = token; *c; c++) {
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c == '=' ? '\0' : *c;
    }
    return token;
}

#define BYTES(text) text, sizeof(text) - 1

static const struct {
    const char *bytes;
    apr_size_t length;
    const char *name;
} bad[] = {
    {BYTES(""), "nothing"},
    {BYTES("\x08\x07\x06\x05\x04\x03\x02"), "half a fingerprint"},
    {BYTES(FINGERPRINT), "no value"},
    {BYTES("\x09\x07\x06\x05\x04\x03\x02\x01n\0n\0tid\0"),
     "another fingerprint"},
    {BYTES(FINGERPRINT "n\0tid\0"), "too few values"},
    {BYTES(FINGERPRINT "n\0n\0tid\0n\0"), "too many"},
    {BYTES(FINGERPRINT "n\0n\0tid\0\0"), "a NUL behind"},
    {BYTES(FINGERPRINT "n\0n\0tid"), "the last NUL is missing"},
    {BYTES(FINGERPRINT "n\0n\0t\0"), "an empty key"},
    {BYTES(FINGERPRINT "n\0n\0n\0"), "a null key"},
    {BYTES(FINGERPRINT "n\0n\0ta\x07\0"), "a key with a control character"},
    {BYTES(FINGERPRINT "nx\0n\0tid\0"), "null and a text"},
    {BYTES(FINGERPRINT "x\0n\0tid\0"), "neither null nor text"},
    {BYTES(FINGERPRINT "\0n\0tid\0"), "no value at all"},
    {BYTES(FINGERPRINT "t\0n\0tid\0"), "an empty instant"},
    {BYTES(FINGERPRINT "t2026-01-02T12:00:00Z\0n\0tid\0"),
     "an instant of another form"},
    {BYTES(FINGERPRINT "t" INSTANT "0\0n\0tid\0"), "a digit too many"},
    {BYTES(FINGERPRINT "t2026-01-02T12:00:00.00000000000x\0n\0tid\0"),
     "a letter for a digit"},
    {BYTES(FINGERPRINT "n\0t\xFF\0tid\0"), "no UTF-8"}};

static void test_bad(void)
{
    iu_query query = query_of();
    const char *values[] = {INSTANT, "title", "id"};
    const char *token = iu_skip_token_write(pool, &query, values);
    size_t i;

    ok(!iu_skip_token_read(pool, token_of(BYTES(FINGERPRINT "n\0n\0tid\0")),
                           &query),
       "a token made by hand");
    for (i = 0; i < COUNT(bad); i++) {
        is_refused(&query, token_of(bad[i].bytes, bad[i].length), bad[i].name);
    }
    is_refused(&query, apr_pstrcat(pool, token, "=", NULL), "padding");
    is_refused(&query, apr_pstrcat(pool, token, "+", NULL),
               "base64 that is not base64url");
    is_refused(&query, apr_pstrcat(pool, token, " ", NULL), "a space");
    is_refused(&query, apr_pstrcat(pool, token, "AAAA", NULL), "more behind");
    is_refused(&query, "A", "six bits");
    is_refused(&query, "\xC3\xA9", "no ASCII");
    query.fingerprint++;
    is_refused(&query, token, "the token of another query");
}

/* There is only one spelling of a token. */
static void test_spelling(void)
{
    static const char *const titles[] = {"a", "ab", "abc",
                                         "\xEF\xBF\xBF\xEF\xBF\xBE"};
    iu_query query = query_of();
    int with_rest = 0;
    int with_url = 0;
    size_t i;

    for (i = 0; i < COUNT(titles); i++) {
        const char *values[] = {INSTANT, titles[i], "id"};
        char *token =
            apr_pstrdup(pool, iu_skip_token_write(pool, &query, values));
        char *own = strpbrk(token, "-_");
        char *last = token + strlen(token) - 1;

        if (strlen(token) % 4 != 0) {
            with_rest++;
            ++*last;
            is_refused(&query, token, "bits that are left over");
            --*last;
        }
        if (own) {
            with_url++;
            *own = *own == '-' ? '+' : '/';
            is_refused(&query, token, "base64's own alphabet");
        }
    }
    ok(with_rest > 0 && with_url > 0, "both outcomes occurred");
    is_refused(&query, "", "nothing");
}

/* Texts are compared by their first IU_ORDER_CHARACTERS characters. */
static void test_length(void)
{
    iu_query query = query_of();
    const char *values[] = {INSTANT, NULL, "id"};
    char *text = apr_pcalloc(pool, 2 * (IU_ORDER_CHARACTERS + 1) + 1);
    char key[IU_KEY_MAX + 2] = "";
    char bytes[1024] = FINGERPRINT "n\0t";
    apr_size_t length = 8 + 3;
    int i;

    for (i = 0; i <= IU_ORDER_CHARACTERS; i++) {
        memcpy(text + 2 * i, "\xC3\xA9", 2);
    }
    values[1] = text;
    ok(!iu_skip_token_read(pool, iu_skip_token_write(pool, &query, values),
                           &query),
       "a long text is written");
    is_number(strlen(query.after[1]), 2 * IU_ORDER_CHARACTERS,
              "it is truncated to the characters that are compared");
    memcpy(bytes + length, text, strlen(text) + 1);
    length += strlen(text) + 1;
    memcpy(bytes + length, "tid", 4);
    is_refused(&query, token_of(bytes, length + 4), "a longer text");
    values[1] = NULL;
    memset(key, 'k', IU_KEY_MAX);
    values[2] = key;
    ok(!iu_skip_token_read(pool, iu_skip_token_write(pool, &query, values),
                           &query),
       "the longest key is written");
    is_text(query.after[2], key, "is read");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_good();
    test_bad();
    test_spelling();
    test_length();
    apr_terminate();
    return done();
}
