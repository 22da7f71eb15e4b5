/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/graph/route.c. */
#include "support/tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/graph/record.h"
#include "../../src/graph/route.h"

#define SET "/invitedUser/insights/used"
#define USED "/insights/used"

static apr_pool_t *pool;

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A request target below /beta and the resource that it names: "inv" a set,
 * "inv#" its count, "inv|id" an item, "inv|id#" its resource, "-" none. For
 * "inv" also "user:u" and "me". "!" is an
 * invalid key, "'" a key in parentheses that is not quoted correctly; "root",
 * "metadata", "openapi" and "batch" the resources of those names. */
static const struct {
    const char *target;
    const char *names;
} targets[] = {
    {"/beta/invitations/i" SET, "i"},
    {"/beta/invitations/i" SET "/", "i"},
    {"/beta/invitations/i" SET "?$select=id", "i"},
    {"/beta/invitations/i" SET "/x", "i|x"},
    {"/beta/invitations/i" SET "/x/", "i|x"},
    {"/beta/invitations/i" SET "/x?a=/y", "i|x"},
    {"/beta/invitations/i" SET "('x')", "i|x"},
    {"/beta/invitations/i" SET "(id='x')", "i|x"},
    {"/beta/invitations/i" SET "(ID='x')", "i|x"},
    {"/beta/invitations('i')" SET "('x')", "i|x"},
    {"/beta/invitations(id='i')" SET, "i"},
    {"/beta/INVITATIONS/I/inviteduser/Insights/USED/X", "I|X"},
    {"/beta/%69nvitations/i" SET, "i"},
    {"/%62eta/invitations/i" SET, "i"},
    {"//beta//invitations/i" SET, "i"},
    {"http://host.example/beta/invitations/i" SET "/x", "i|x"},
    /* keys are decoded once, after the split at '/' */
    {"/beta/invitations/i" SET "/a%2Fb", "i|a/b"},
    {"/beta/invitations/i" SET "/a%252Fb", "i|a%2Fb"},
    {"/beta/invitations/i" SET "('a%2Fb')", "i|a/b"},
    {"/beta/invitations/i" SET "/it's", "i|it's"},
    {"/beta/invitations/i" SET "('it''s')", "i|it's"},
    {"/beta/invitations/i" SET "('it%27%27s')", "i|it's"},
    {"/beta/invitations/i" SET "(%27x%27)", "i|x"},
    {"/beta/invitations/i" SET "/'x'", "i|'x'"},
    {"/beta/invitations/i" SET "/a+b", "i|a+b"},
    {"/beta/invitations/i" SET "/a%20b", "i|a b"},
    {"/beta/invitations/i" SET "/%F0%9F%98%80", "i|\xF0\x9F\x98\x80"},
    {"/beta/invitations/i" SET "/(x)", "i|(x)"},
    {"/beta/invitations/i" SET "/a;p=1", "i|a;p=1"},
    {"/beta/invitations/i" SET "('$count')", "i|$count"},
    {"/beta/invitations/i" SET "('..')", "i|.."},
    {"/beta/invitations/i" SET "('.')", "i|."},
    {"/beta/invitations/i" SET "/...", "i|..."},
    /* invalid keys */
    {"/beta/invitations/i" SET "('')", "!"},
    {"/beta/invitations/i" SET "(id='')", "!"},
    {"/beta/invitations('')" SET, "!"},
    {"/beta/invitations/i" SET "('%0A')", "!"},
    {"/beta/invitations/i" SET "/%0A", "!"},
    {"/beta/invitations/i" SET "/%00", "!"},
    {"/beta/invitations/i" SET "/x%00y", "!"},
    {"/beta/invitations/i" SET "/%7F", "!"},
    {"/beta/invitations/i" SET "/%C2%80", "!"},
    {"/beta/invitations/i" SET "/%FF", "!"},
    {"/beta/invitations/i" SET "/%C0%AF", "!"},
    {"/beta/invitations/%01" SET, "!"},
    {"/beta/invitations/" SET, "!"},
    /* keys in parentheses that are not quoted correctly */
    {"/beta/invitations/i" SET "()", "'"},
    {"/beta/invitations/i" SET "(x)", "'"},
    {"/beta/invitations/i" SET "(')", "'"},
    {"/beta/invitations/i" SET "('x)", "'"},
    {"/beta/invitations/i" SET "(x')", "'"},
    {"/beta/invitations/i" SET "(''')", "'"},
    {"/beta/invitations/i" SET "('it's')", "'"},
    {"/beta/invitations/i" SET "('it%27s')", "'"},
    {"/beta/invitations/i" SET "('x''')", "i|x'"},
    {"/beta/invitations/i" SET "(\"x\")", "'"},
    {"/beta/invitations/i" SET "(id=)", "'"},
    {"/beta/invitations/i" SET "(id=x)", "'"},
    {"/beta/invitations/i" SET "(id ='x')", "'"},
    {"/beta/invitations/i" SET "(name='x')", "'"},
    {"/beta/invitations/i" SET "('x','y')", "'"},
    {"/beta/invitations(i)" SET, "'"},
    {"/beta/invitations(i)" SET "('x')", "'"},
    {"/beta/invitations(i)" SET "/$count", "'"},
    /* users */
    {"/beta/users/u" USED, "user:u"},
    {"/beta/users/u" USED "/", "user:u"},
    {"/beta/users/u" USED "?$top=1", "user:u"},
    {"/beta/users('u')" USED, "user:u"},
    {"/beta/users(id='u')" USED, "user:u"},
    {"/beta/users(ID='it''s')" USED "(id='x')", "user:it's|x"},
    {"/beta/USERS/U/Insights/Used/X", "user:U|X"},
    {"/beta/%75sers/u/%69nsights/used/x", "user:u|x"},
    {"/beta/users/a%2Fb" USED "/c%2Fd", "user:a/b|c/d"},
    {"/beta/users/u" USED "/$count", "user:u#"},
    {"/beta/users('u')" USED "('x')/resource", "user:u|x#"},
    {"/beta/users('$count')" USED, "user:$count"},
    {"/beta/users/me" USED, "user:me"},
    {"/beta/users/insights" USED, "user:insights"},
    {"/beta/users/%09u" USED, "!"},
    {"/beta/users('%09u')" USED "/x", "!"},
    {"/beta/users('')" USED, "!"},
    {"/beta/users/" USED, "!"},
    {"/beta/users/u" USED "/%01", "!"},
    {"/beta/users(u)" USED, "'"},
    {"/beta/users()" USED, "'"},
    {"/beta/users/u" USED "(x)", "'"},
    /* me */
    {"/beta/me" USED, "me"},
    {"/beta/me" USED "/", "me"},
    {"/beta/ME/INSIGHTS/USED/X", "me|X"},
    {"/beta/%6De" USED "('x')", "me|x"},
    {"/beta/me" USED "/$count?$filter=x", "me#"},
    {"/beta/me" USED "(id='x')/resource", "me|x#"},
    {"/beta/me" USED "/%09", "!"},
    {"/beta/me" USED "(x)", "'"},
    /* other resources */
    {"/beta/invitations/i" SET "/$count", "i#"},
    {"/beta/invitations/i" SET "/$count/", "i#"},
    {"/beta/invitations/i" SET "/%24Count?$filter=x", "i#"},
    {"/beta/invitations('i')" SET "/$COUNT", "i#"},
    {"/beta/invitations/i" SET "/x/resource", "i|x#"},
    {"/beta/invitations/i" SET "/x/Resource/", "i|x#"},
    {"/beta/invitations/i" SET "/x/%72esource", "i|x#"},
    {"/beta/invitations/i" SET "('x')/resource", "i|x#"},
    {"/beta/invitations/i" SET "('$count')/resource", "i|$count#"},
    {"/beta/invitations/i" SET "/resource", "i|resource"},
    {"/beta/invitations/i" SET "/resource/resource", "i|resource#"},
    {"/beta/invitations/%01" SET "/$count", "!"},
    {"/beta/invitations/i" SET "(x)/resource", "'"},
    {"/beta", "root"},
    {"/beta/", "root"},
    {"/beta//", "root"},
    {"/beta?x", "root"},
    {"http://host.example/beta", "root"},
    {"/beta/$metadata", "metadata"},
    {"/beta/$Metadata/", "metadata"},
    {"/beta/%24metadata?$format=json", "metadata"},
    {"/beta/openapi.json", "openapi"},
    {"/beta/OpenAPI.json", "openapi"},
    /* no resource */
    {"/bet", "-"},
    {"/beta/metadata", "-"},
    {"/beta/$metadata/x", "-"},
    {"/beta/$metadata()", "-"},
    {"/beta/$batch", "batch"},
    {"/beta/$BATCH/", "batch"},
    {"/beta/$batch/x", "-"},
    {"/beta/openapi", "-"},
    {"/beta/openapi.json/x", "-"},
    {"/beta/invitations", "-"},
    {"/beta/invitations/i", "-"},
    {"/beta/invitations/i/invitedUser/insights", "-"},
    {"/beta/invitations/i/invitedUser/insights/trending", "-"},
    {"/beta/invitations/i" SET "/x/resources", "-"},
    {"/beta/invitations/i" SET "/x/$count", "-"},
    {"/beta/invitations/i" SET "/x/resource/id", "-"},
    {"/beta/invitations/i" SET "/x/resource()", "-"},
    {"/beta/invitations/i" SET "/$count/x", "-"},
    {"/beta/invitations/i" SET "/$value", "-"},
    {"/beta/invitations/$count", "-"},
    {"/beta/invitations/i" USED, "-"},
    {"/beta/users", "-"},
    {"/beta/users/u", "-"},
    {"/beta/users/u/insights", "-"},
    {"/beta/users/u" SET, "-"},
    {"/beta/users" USED, "-"},
    {"/beta/users/.." USED, "-"},
    {"/beta/users/u/insights/trending", "-"},
    {"/beta/users/u//insights/used", "-"},
    {"/beta/me", "-"},
    {"/beta/me/insights", "-"},
    {"/beta/me/u" USED, "-"},
    {"/beta/me()" USED, "-"},
    {"/beta/me('u')" USED, "-"},
    {"/beta/me%09" USED, "-"},
    {"/beta/me" SET, "-"},
    {"/beta/men" USED, "-"},
    {"/beta/invitations/i" SET "('x')x", "-"},
    {"/beta/invitations/i" SET "//x", "-"},
    {"/beta/invitations/i" SET "/..", "-"},
    {"/beta/invitations/i" SET "/%2E%2e", "-"},
    {"/beta/invitations/." SET, "-"},
    {"/beta/invitations/i" SET "/%zz", "-"},
    {"/beta/invitations/i" SET "/%2", "-"},
    {"/beta/invitations/i" SET "/%", "-"},
    {"/betamax/invitations/i" SET, "-"},
    {"/Beta/invitations/i" SET, "-"},
    {"/x/../beta/invitations/i" SET, "-"},
    {"/users/i/insights/used", "-"},
    {"http://host.example", "-"},
    {"*", "-"},
    {"", "-"}};

static const char *owner_of(const iu_owner *owner)
{
    switch (owner->kind) {
    case IU_OWNER_INVITATION:
        return owner->id;
    case IU_OWNER_USER:
        return apr_pstrcat(pool, "user:", owner->id, NULL);
    case IU_OWNER_ME:
        return owner->id ? "me with a key" : "me";
    default:
        return "no owner";
    }
}

static const char *names_of(const char *root, const char *target)
{
    iu_route route;
    iu_problem *problem = iu_route_read(pool, root, target, &route);

    if (problem && route.kind != IU_ROUTE_NONE) {
        return problem->kind == IU_KEY_INVALID    ? "!"
               : problem->kind == IU_KEY_UNQUOTED ? "'"
                                                  : "an unexpected problem";
    }
    if (problem) {
        return "a problem without a route";
    }
    switch (route.kind) {
    case IU_ROUTE_NONE:
        return "-";
    case IU_ROUTE_SERVICE_DOCUMENT:
        return "root";
    case IU_ROUTE_METADATA:
        return "metadata";
    case IU_ROUTE_OPENAPI:
        return "openapi";
    case IU_ROUTE_BATCH:
        return "batch";
    case IU_ROUTE_COLLECTION:
        return owner_of(&route.owner);
    case IU_ROUTE_COUNT:
        return apr_pstrcat(pool, owner_of(&route.owner), "#", NULL);
    case IU_ROUTE_ITEM:
        return apr_pstrcat(pool, owner_of(&route.owner), "|", route.id, NULL);
    case IU_ROUTE_RESOURCE:
        return apr_pstrcat(pool, owner_of(&route.owner), "|", route.id, "#",
                           NULL);
    default:
        return "an unexpected kind";
    }
}

static void test_targets(void)
{
    size_t i;

    for (i = 0; i < COUNT(targets); i++) {
        is_text(names_of("/beta", targets[i].target), targets[i].names, "%s",
                targets[i].target);
    }
}

static void test_roots(void)
{
    is_text(names_of("", "/invitations/i" SET), "i", "an empty root");
    is_text(names_of("/a/b c", "/a/b%20c/invitations/i" SET), "i",
            "a root of two segments, one of them encoded in the target");
    is_text(names_of("/a/b", "/a/invitations/i" SET), "-",
            "a path below the first segment of the root only");
    is_text(names_of("/a/b", "/a"), "-", "the first segment of the root");
    is_text(names_of("", "/"), "root", "an empty root's service document");
    is_text(names_of("", "http://host.example"), "root", "without a slash");
    is_text(names_of("", "http://host.example?a=/b"), "root", "with a query");
    is_text(names_of("", "*"), "-", "* is the server, not a root");
}

static const char *message_of(const char *target)
{
    iu_route route;
    iu_problem *problem = iu_route_read(pool, "/beta", target, &route);

    return problem ? problem->message : "no problem";
}

static void test_messages(void)
{
    is_text(message_of("/beta/invitations/i" SET "(x)"),
            "The key of 'used' in parentheses must be quoted, as in "
            "used('key') or used(id='key'), and each quote in it doubled.",
            "the message names the key that is not quoted");
    is_text(message_of("/beta/invitations(i)" SET "('')"),
            "The key of 'invitations' in parentheses must be quoted, as in "
            "invitations('key') or invitations(id='key'), and each quote in "
            "it doubled.",
            "the first of two faults is reported, here the missing quotes");
    is_text(message_of("/beta/invitations('')" SET "(x)"),
            "The key of 'invitations' must be 1 to 255 bytes of UTF-8 without "
            "control characters.",
            "here the invalid key");
}

static void test_length(void)
{
    char key[IU_KEY_MAX + 2];
    const char *path;

    memset(key, 'k', sizeof(key));
    key[IU_KEY_MAX] = '\0';
    path = apr_pstrcat(pool, "/beta/invitations/", key, SET, NULL);
    is_text(names_of("/beta", path), key, "a key of 255 bytes");
    key[IU_KEY_MAX] = 'k';
    key[IU_KEY_MAX + 1] = '\0';
    path = apr_pstrcat(pool, "/beta/invitations/", key, SET, NULL);
    is_text(names_of("/beta", path), "!", "a key of 256 bytes");
}

static const char *written(iu_owner owner, const char *id)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, 16);
    iu_buffer_puts(&out, "/beta/");
    iu_route_write(&out, &owner, id);
    return out.data;
}

static const char *written_set(iu_owner owner)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, 16);
    iu_buffer_puts(&out, "/beta/");
    iu_route_write_collection(&out, &owner);
    return out.data;
}

static const char *written_context(iu_owner owner)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, 16);
    iu_route_write_context(&out, &owner);
    return out.data;
}

static void comes_back(iu_owner owner, const char *id)
{
    is_text(names_of("/beta", written(owner, id)),
            apr_pstrcat(pool, owner_of(&owner), "|", id, NULL),
            "the keys %s and %s come back", owner_of(&owner), id);
    is_text(names_of("/beta", written_set(owner)), owner_of(&owner),
            "the set of %s comes back", owner_of(&owner));
}

static const iu_owner invitation = {IU_OWNER_INVITATION, "i"};
static const iu_owner user = {IU_OWNER_USER, "u"};
static const iu_owner me = {IU_OWNER_ME, NULL};

/* A path that is written is read as the same keys. */
static void test_round_trip(void)
{
    static const char *const keys[] = {
        "x",   "a/b",    "a%2Fb", "it's",     "'",
        "''",  "('x')",  "a b",   ".",        "..",
        "...", "$count", "$it's", "$'",       "?",
        "#",   "a+b",    "a&b=c", "\xC3\xA9", "\xF0\x9F\x98\x80",
        "%",   "\\",     "\"",    "id='x'",   "me"};
    size_t i;

    for (i = 0; i < COUNT(keys); i++) {
        const char *other = keys[COUNT(keys) - 1 - i];

        comes_back((iu_owner){IU_OWNER_INVITATION, keys[i]}, other);
        comes_back((iu_owner){IU_OWNER_USER, keys[i]}, other);
        comes_back(me, other);
    }
    is_text(written(invitation, "36d8ba1b-ba1b-36d8-1bba-d8361bbad836"),
            "/beta/invitations/i" SET "/36d8ba1b-ba1b-36d8-1bba-d8361bbad836",
            "a GUID is written as a plain segment");
    is_text(written(invitation, "a/b"), "/beta/invitations/i" SET "/a%2Fb",
            "a slash in a key is encoded");
    is_text(written(invitation, ".."), "/beta/invitations/i" SET "('..')",
            "a key that cannot be a segment is written in parentheses");
    is_text(written(user, "x"), "/beta/users/u" USED "/x", "a user's record");
    is_text(written(me, "x"), "/beta/me" USED "/x", "the caller's");
    is_text(written((iu_owner){IU_OWNER_ME, "u"}, "x"), "/beta/me" USED "/x",
            "also if the caller is known");
}

static void test_contexts(void)
{
    is_text(written_context(invitation), "invitations('i')" SET,
            "the context of an invitation's set");
    is_text(written_context(user), "users('u')" USED, "of a user's");
    is_text(written_context((iu_owner){IU_OWNER_USER, "it's \"a\"/b"}),
            "users('it''s \\\"a\\\"/b')" USED, "quoted and escaped");
    is_text(written_context((iu_owner){IU_OWNER_ME, "u"}), "me" USED,
            "of the caller's");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_targets();
    test_roots();
    test_messages();
    test_length();
    test_round_trip();
    test_contexts();
    apr_terminate();
    return done();
}
