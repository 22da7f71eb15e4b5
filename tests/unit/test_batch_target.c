/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/batch/batch_target.c. */
#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/batch/batch_target.h"
#include "support/tap.h"

static const iu_batch_limits limits = {20, 100, "/beta",
                                       "https://graph.example:8443/beta"};

static const struct {
    const char *url;
    const char *target; /* NULL: refused */
} urls[] = {
    {"/", "/beta/"},
    {"x", "/beta/x"},
    {"/x/y", "/beta/x/y"},
    {"x/y/?a=/b", "/beta/x/y/?a=/b"},
    {"?$top=1", "/beta/?$top=1"},
    {"/beta", "/beta/"},
    {"/beta/", "/beta/"},
    {"/beta?a", "/beta/?a"},
    {"/beta/x", "/beta/x"},
    {"/b%65ta/x", "/beta/x"},
    {"/beta/beta/x", "/beta/beta/x"},
    {"/betas/x", "/beta/betas/x"},
    {"/Beta/x", "/beta/Beta/x"},
    {"/beta%2Fx", "/beta/beta%2Fx"},
    {"beta/x", "/beta/beta/x"},
    {"/x//y", "/beta/x//y"},
    {"https://graph.example:8443/beta", "/beta/"},
    {"https://graph.example:8443/beta/x?y", "/beta/x?y"},
    {"https://graph.example:8443/beta?y", "/beta/?y"},
    {"HTTPS://Graph.Example:8443/beta/x", "/beta/x"},
    {"users('a%2Fb')/x", "/beta/users('a%2Fb')/x"},
    {"/x?$filter=a%20eq%20'b'&$top=1", "/beta/x?$filter=a%20eq%20'b'&$top=1"},
    {"/\xC3\xBC?\xF0\x9F\x98\x80", "/beta/%C3%BC?%F0%9F%98%80"},
    {"/x?$filter=a eq 'b c'", "/beta/x?$filter=a%20eq%20'b%20c'"},
    {"/x y/z", "/beta/x%20y/z"},
    {" /x", "/beta/%20/x"},
    {"$batch ", "/beta/$batch%20"},
    {"/.. /x", "/beta/..%20/x"},
    {"/x?a=://b", "/beta/x?a=://b"},
    {"/x?..", "/beta/x?.."},
    {"/x/...", "/beta/x/..."},
    {"/.x/x.", "/beta/.x/x."},
    {"/x/$batch", "/beta/x/$batch"},
    {"/$batches", "/beta/$batches"},
    {"/x?$batch", "/beta/x?$batch"},
    {"/%", "/beta/%"},
    /* elsewhere */
    {"https://graph.example:8443/", NULL},
    {"https://graph.example:8443/betas", NULL},
    {"https://graph.example:8443/BETA/x", NULL},
    {"https://graph.example:8443/beta%2Fx", NULL},
    {"https://graph.example/beta/x", NULL},
    {"https://graph.example:8443", NULL},
    {"http://graph.example:8443/beta/x", NULL},
    {"https://user@graph.example:8443/beta/x", NULL},
    {"https://evil.example/beta/x", NULL},
    {"//graph.example:8443/beta/x", NULL},
    {"//x", NULL},
    {"://x", NULL},
    /* dot segments */
    {".", NULL},
    {"..", NULL},
    {"../x", NULL},
    {"/../x", NULL},
    {"/x/..", NULL},
    {"/x/./y", NULL},
    {"/x/..?a", NULL},
    {"/beta/../x", NULL},
    {"/%2e%2E/x", NULL},
    {"/.%2e/x", NULL},
    {"/%2E/x", NULL},
    {"https://graph.example:8443/beta/../x", NULL},
    /* characters */
    {"/x#", NULL},
    {"/x?a#b", NULL},
    {" https://graph.example:8443/beta/x", NULL},
    {"/x\\y", NULL},
    {"\\\\x", NULL},
    {"/x\ty", NULL},
    {"/x\r\nHost: y", NULL},
    {"/x\x7F", NULL},
    /* a batch in the batch */
    {"/$batch", NULL},
    {"$batch", NULL},
    {"/beta/$batch", NULL},
    {"/beta//$batch/", NULL},
    {"/%24BATCH", NULL},
    {"$batch?a", NULL},
    {"https://graph.example:8443/beta/$batch", NULL},
};

static void test_urls(apr_pool_t *pool)
{
    size_t i;

    for (i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        const char *reason;

        is_text(iu_batch_target_read(pool, &limits, urls[i].url, &reason),
                urls[i].target, "target of %s", urls[i].url);
        ok(!reason == (urls[i].target != NULL), "reason for %s", urls[i].url);
    }
}

static void test_reasons(apr_pool_t *pool)
{
    static const struct {
        const char *url;
        const char *reason;
    } cases[] = {
        {"", "The URL is empty."},
        {"/x\n", "The URL must not contain control characters: "
                 "percent-encode them."},
        {"/x\\", "The URL must not contain a backslash."},
        {"/x#", "The URL must not have a fragment."},
        {"/x/..", "The URL must not have dot segments."},
        {"//x", "The URL is not below the service root."},
        {"/$batch", "A batch must not contain a batch."},
    };
    const char *reason;
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        iu_batch_target_read(pool, &limits, cases[i].url, &reason);
        is_text(reason, cases[i].reason, "reason for %s", cases[i].url);
    }
}

static void test_length(apr_pool_t *pool)
{
    char url[96];
    const char *reason;

    memset(url, 'x', sizeof url);
    url[95] = '\0';
    ok(!iu_batch_target_read(pool, &limits, url, &reason), "101 bytes");
    is_text(reason, "The URL is longer than this server takes, 100 bytes.",
            "reason");
    ok(iu_batch_target_read(pool, &limits, url + 1, &reason) != NULL,
       "100 bytes");
    memcpy(url, "\xC3\xBC", 2);
    ok(!iu_batch_target_read(pool, &limits, url + 1, &reason),
       "100 bytes, but for what is encoded");
    memcpy(url, "xx /", 4);
    ok(!iu_batch_target_read(pool, &limits, url + 1, &reason),
       "100 bytes, but for a space");
}

/* Service roots other than one plain segment. */
static void test_roots(apr_pool_t *pool)
{
    static const struct {
        const char *root;
        const char *service_root;
        const char *url;
        const char *target;
    } cases[] = {
        {"", "https://h", "/x", "/x"},
        {"", "https://h", "x", "/x"},
        {"", "https://h", "https://h/x", "/x"},
        {"", "https://h", "https://h?x", "/?x"},
        {"", "https://h", "https://h", "/"},
        {"", "https://h", "https://hh/x", NULL},
        {"", "https://h", "https://h:1/x", NULL},
        {"/a/b", "https://h/a/b", "/a/b/x", "/a/b/x"},
        {"/a/b", "https://h/a/b", "/a/x", "/a/b/a/x"},
        {"/a/b", "https://h/a/b", "/a", "/a/b/a"},
        {"/a/b", "https://h/a/b", "/a%2Fb/x", "/a/b/a%2Fb/x"},
        {"/a b\xC3\xBC", "https://h/a%20b%C3%BC", "/x", "/a%20b%C3%BC/x"},
        {"/a b\xC3\xBC", "https://h/a%20b%C3%BC", "/a%20b%c3%bc/x",
         "/a%20b%C3%BC/x"},
        {"/a b\xC3\xBC", "https://h/a%20b%C3%BC", "/a%20b\xC3\xBC/x",
         "/a%20b%C3%BC/x"},
        {"/a b\xC3\xBC", "https://h/a%20b%C3%BC", "/a b%C3%BC/x",
         "/a%20b%C3%BC/x"},
        /* behind a proxy that changes the path */
        {"/a", "https://h/outside/c", "https://h/outside/c/x", "/a/x"},
        {"/a", "https://h/outside/c", "https://h/a/x", NULL},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const iu_batch_limits with = {20, 100, cases[i].root,
                                      cases[i].service_root};
        const char *reason;

        is_text(iu_batch_target_read(pool, &with, cases[i].url, &reason),
                cases[i].target, "root '%s', %s", cases[i].root, cases[i].url);
    }
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_urls(pool);
    test_reasons(pool);
    test_length(pool);
    test_roots(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
