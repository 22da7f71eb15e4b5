/* SPDX-License-Identifier: Apache-2.0 */
/* Which resource a request target names: see route.h. */
#include "route.h"

#include <string.h>

#include <apr_strings.h>

#include "../text/percent.h"
#include "../text/utf8.h"
#include "key.h"

/* One segment of a path, decoded. Its bytes may be anything, NUL too. */
typedef struct segment {
    char *text; /* NUL-terminated; NULL: no such segment, or one whose percent
                 * signs encode nothing */
    apr_size_t length;
} segment;

/* What is left of a path to read. */
typedef struct cursor {
    apr_pool_t *pool;
    const char *at; /* the segment that comes next; NULL: no more */
    const char *end;
} cursor;

static segment next_segment(cursor *path)
{
    const char *begin = path->at;
    const char *slash;
    segment part = {NULL, 0};

    if (!begin) {
        return part;
    }
    slash = memchr(begin, '/', path->end - begin);
    path->at = slash ? slash + 1 : NULL;
    part.text =
        iu_percent_decode(path->pool, begin,
                          (slash ? slash : path->end) - begin, 0, &part.length);
    return part;
}

/* A slash at the very end of a path adds nothing. */
static int at_end(const cursor *path)
{
    return !path->at || path->at == path->end;
}

/* The path of a target without its first slash: neither scheme and authority
 * nor query. */
static cursor path_of(apr_pool_t *pool, const char *target)
{
    cursor path = {pool, NULL, NULL};

    if (*target != '/') {
        const char *authority = strstr(target, "://");

        if (!authority) {
            return path;
        }
        target = authority + 3;
        target += strcspn(target, "/?#");
    }
    path.at = target + (*target == '/');
    path.end = path.at + strcspn(path.at, "?#");
    return path;
}

/* Moves path behind root. Empty segments before and within root are passed
 * over, as httpd merges slashes before it looks for the Location. */
static int skip_root(cursor *path, const char *root)
{
    if (!path->at) {
        return 0;
    }
    while (*root == '/') {
        apr_size_t length = strcspn(++root, "/");
        segment part;

        while (path->at && path->at < path->end && *path->at == '/') {
            path->at++;
        }
        part = next_segment(path);
        if (!part.text || part.length != length ||
            memcmp(part.text, root, length) != 0) {
            return 0;
        }
        root += length;
    }
    while (path->at && path->at < path->end && *path->at == '/') {
        path->at++;
    }
    return 1;
}

/* Fixed segments match in any case, as Graph's do. */
static int is_name(segment part, const char *name)
{
    return part.text && part.length == strlen(name) &&
           !strcasecmp(part.text, name);
}

/* Whether part is name(…); *key is then what stands in the parentheses. */
static int is_name_with_key(segment part, const char *name, segment *key)
{
    apr_size_t length = strlen(name);

    if (!part.text || part.length < length + 2 || part.text[length] != '(' ||
        part.text[part.length - 1] != ')' ||
        strncasecmp(part.text, name, length) != 0) {
        return 0;
    }
    key->text = part.text + length + 1;
    key->length = part.length - length - 2;
    return 1;
}

/* Takes 'key' or id='key' out of its quotes, in place; a quote inside is
 * doubled (OData 4.01 ABNF, SQUOTE-in-string). */
static int unquote(segment *key)
{
    const char *from;
    const char *end;
    char *to;

    if (key->length >= 3 && !strncasecmp(key->text, "id=", 3)) {
        key->text += 3;
        key->length -= 3;
    }
    if (key->length < 2 || key->text[0] != '\'' ||
        key->text[key->length - 1] != '\'') {
        return 0;
    }
    from = key->text + 1;
    end = key->text + key->length - 1;
    to = key->text;
    while (from < end) {
        if (*from == '\'') {
            if (from + 1 == end || from[1] != '\'') {
                return 0;
            }
            from++;
        }
        *to++ = *from++;
    }
    key->length = to - key->text;
    *to = '\0';
    return 1;
}

/* Whether a segment that follows a set can be a key: dot segments (RFC 3986
 * section 5.2.4) and names that begin with '$' are not. */
static int is_plain_key(segment part)
{
    return part.text && part.text[0] != '$' && !is_name(part, ".") &&
           !is_name(part, "..");
}

typedef enum found {
    FOUND_NOTHING,
    FOUND_SET,     /* no key, where one is not a must */
    FOUND_KEY,     /* *key is one */
    FOUND_BAD_KEY, /* what should be a key is none */
    FOUND_UNQUOTED /* what stands in the parentheses is not a key in quotes */
} found;

static found check_key(segment part, const char **key)
{
    if (!iu_key_is_valid(part.text, part.length)) {
        return FOUND_BAD_KEY;
    }
    *key = part.text;
    return FOUND_KEY;
}

/* Reads name, name/key or name('key'). */
static found read_set(cursor *path, const char *name, const char **key)
{
    segment part = next_segment(path);
    const char *before = path->at;
    segment inside;

    if (is_name_with_key(part, name, &inside)) {
        return unquote(&inside) ? check_key(inside, key) : FOUND_UNQUOTED;
    }
    if (!is_name(part, name)) {
        return FOUND_NOTHING;
    }
    if (at_end(path)) {
        return FOUND_SET;
    }
    part = next_segment(path);
    if (is_plain_key(part)) {
        return check_key(part, key);
    }
    path->at = before;
    return FOUND_SET;
}

/* What there is besides the sets. */
static iu_route_kind read_single(cursor path)
{
    static const struct {
        const char *name;
        iu_route_kind kind;
    } singles[] = {{"$metadata", IU_ROUTE_METADATA},
                   {"openapi.json", IU_ROUTE_OPENAPI}};
    segment part;
    size_t i;

    if (at_end(&path)) {
        return IU_ROUTE_SERVICE_DOCUMENT;
    }
    part = next_segment(&path);
    for (i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
        if (at_end(&path) && is_name(part, singles[i].name)) {
            return singles[i].kind;
        }
    }
    return IU_ROUTE_NONE;
}

/* What comes behind the set of used insights or one of its entities. */
static iu_route_kind read_rest(cursor *path, found used)
{
    segment part;

    if (at_end(path)) {
        return used == FOUND_SET ? IU_ROUTE_COLLECTION : IU_ROUTE_ITEM;
    }
    part = next_segment(path);
    if (at_end(path) &&
        is_name(part, used == FOUND_SET ? "$count" : "resource")) {
        return used == FOUND_SET ? IU_ROUTE_COUNT : IU_ROUTE_RESOURCE;
    }
    return IU_ROUTE_NONE;
}

/* What is wrong with the key of a set; NULL: nothing. */
static iu_problem *problem_of(apr_pool_t *pool, const char *name, found key)
{
    if (key == FOUND_BAD_KEY) {
        return iu_problem_make(pool, IU_KEY_INVALID, name);
    }
    return key == FOUND_UNQUOTED
               ? iu_problem_make(pool, IU_KEY_UNQUOTED, name, name, name)
               : NULL;
}

iu_problem *iu_route_read(apr_pool_t *pool, const char *root,
                          const char *target, iu_route *route)
{
    cursor path = path_of(pool, target);
    const char *invitation_id = NULL;
    const char *id = NULL;
    found invitation;
    found used;
    iu_problem *problem;

    memset(route, 0, sizeof(*route));
    if (!skip_root(&path, root)) {
        return NULL;
    }
    route->kind = read_single(path);
    if (route->kind != IU_ROUTE_NONE) {
        return NULL;
    }
    invitation = read_set(&path, "invitations", &invitation_id);
    if (invitation == FOUND_NOTHING || invitation == FOUND_SET ||
        !is_name(next_segment(&path), "invitedUser") ||
        !is_name(next_segment(&path), "insights")) {
        return NULL;
    }
    used = read_set(&path, "used", &id);
    route->kind =
        used == FOUND_NOTHING ? IU_ROUTE_NONE : read_rest(&path, used);
    if (route->kind == IU_ROUTE_NONE) {
        return NULL;
    }
    route->invitation_id = invitation_id;
    route->id = id;
    problem = problem_of(pool, "invitations", invitation);
    return problem ? problem : problem_of(pool, "used", used);
}

static void write_set(iu_buffer *out, const char *name, const char *key)
{
    segment part = {(char *)key, strlen(key)};

    iu_buffer_puts(out, name);
    if (is_plain_key(part)) {
        iu_buffer_puts(out, "/");
        iu_buffer_percent_encoded(out, key, part.length);
        return;
    }
    iu_buffer_puts(out, "('");
    for (; *key; key++) {
        iu_buffer_percent_encoded(out, key, 1);
        if (*key == '\'') {
            iu_buffer_percent_encoded(out, key, 1);
        }
    }
    iu_buffer_puts(out, "')");
}

void iu_route_write_collection(iu_buffer *out, const char *invitation_id)
{
    write_set(out, "invitations", invitation_id);
    iu_buffer_puts(out, "/invitedUser/insights/used");
}

void iu_route_write(iu_buffer *out, const char *invitation_id, const char *id)
{
    write_set(out, "invitations", invitation_id);
    iu_buffer_puts(out, "/invitedUser/insights/");
    write_set(out, "used", id);
}
