/* SPDX-License-Identifier: Apache-2.0 */
#include "route.h"

#include <string.h>

#include <apr_strings.h>

#include "../text/name.h"
#include "../text/percent.h"
#include "../text/quote.h"
#include "key.h"

/* A decoded path segment. It may contain any byte, NUL included. */
typedef struct segment {
    const char *text; /* in the target, or in the pool if the path is encoded;
                       * NULL: no such segment, or invalid percent-encoding */
    apr_size_t length;
} segment;

/* The unread part of a path. */
typedef struct cursor {
    apr_pool_t *pool;
    const char *at; /* the next segment; NULL: none */
    const char *end;
    int is_encoded; /* whether the path has a percent sign */
} cursor;

static segment next_segment(cursor *path)
{
    const char *begin = path->at;
    const char *slash;
    segment part = {begin, 0};

    if (!begin) {
        return part;
    }
    slash = memchr(begin, '/', path->end - begin);
    path->at = slash ? slash + 1 : NULL;
    part.length = (slash ? slash : path->end) - begin;
    if (path->is_encoded) {
        part.text =
            iu_percent_decode(path->pool, begin, part.length, 0, &part.length);
    }
    return part;
}

/* Whether all segments were read; a trailing slash is ignored. */
static int at_end(const cursor *path)
{
    return !path->at || path->at == path->end;
}

/* Finds the path in a target, after its first slash. */
static cursor find_path(apr_pool_t *pool, const char *target)
{
    cursor path = {.pool = pool};

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
    path.is_encoded = memchr(path.at, '%', path.end - path.at) != NULL;
    return path;
}

/* Moves path past root. Ignores empty segments before and in root, as httpd
 * merges slashes before it matches a <Location>. */
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

/* Fixed segments match in any case, as in Graph. */
static int is_name(segment part, const char *name)
{
    return part.text && iu_is_name(part.text, part.length, name);
}

/* Whether part is name(…); *key is the text in parentheses. */
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

/* Removes the quotes of 'key' or id='key'. */
static int unquote_key(apr_pool_t *pool, segment *key)
{
    const char *quoted = key->text;
    apr_size_t length = key->length;
    char *text = apr_palloc(pool, length + 1);

    if (length >= 3 && !strncasecmp(quoted, "id=", 3)) {
        quoted += 3;
        length -= 3;
    }
    key->text = text;
    return iu_unquote(quoted, length, text, &key->length);
}

/* Whether a segment after a set can be a key. Dot segments (RFC 3986 section
 * 5.2.4) and names that begin with '$' cannot. */
static int is_key_segment(segment part)
{
    return part.text && !(part.length > 0 && part.text[0] == '$') &&
           !is_name(part, ".") && !is_name(part, "..");
}

typedef enum found {
    FOUND_NOTHING,
    FOUND_SET, /* without a key */
    FOUND_KEY,
    FOUND_INVALID_KEY,
    FOUND_UNQUOTED_KEY /* the text in parentheses is not quoted */
} found;

static found check_key(apr_pool_t *pool, segment part, const char **key)
{
    if (!iu_key_is_valid(part.text, part.length)) {
        return FOUND_INVALID_KEY;
    }
    *key = apr_pstrmemdup(pool, part.text, part.length);
    return FOUND_KEY;
}

/* Reads name, name/key or name('key'). */
static found read_set(cursor *path, const char *name, const char **key)
{
    segment part = next_segment(path);
    const char *before = path->at;
    segment inside;

    if (is_name_with_key(part, name, &inside)) {
        return unquote_key(path->pool, &inside)
                   ? check_key(path->pool, inside, key)
                   : FOUND_UNQUOTED_KEY;
    }
    if (!is_name(part, name)) {
        return FOUND_NOTHING;
    }
    if (at_end(path)) {
        return FOUND_SET;
    }
    part = next_segment(path);
    if (is_key_segment(part)) {
        return check_key(path->pool, part, key);
    }
    path->at = before;
    return FOUND_SET;
}

/* Reads a path that does not begin with an entity set. */
static iu_route_kind read_fixed(cursor path)
{
    static const struct {
        const char *name;
        iu_route_kind kind;
    } paths[] = {{"$metadata", IU_ROUTE_METADATA},
                 {"openapi.json", IU_ROUTE_OPENAPI},
                 {"$batch", IU_ROUTE_BATCH}};
    segment part;
    size_t i;

    if (at_end(&path)) {
        return IU_ROUTE_SERVICE_DOCUMENT;
    }
    part = next_segment(&path);
    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (at_end(&path) && is_name(part, paths[i].name)) {
            return paths[i].kind;
        }
    }
    return IU_ROUTE_NONE;
}

/* Reads the path after the set of used insights or a key in it. */
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

/* Returns a problem if the key of the set name is invalid, else NULL. */
static iu_problem *check_found(apr_pool_t *pool, const char *name, found key)
{
    if (key == FOUND_INVALID_KEY) {
        return iu_problem_make(pool, IU_KEY_INVALID, name);
    }
    return key == FOUND_UNQUOTED_KEY
               ? iu_problem_make(pool, IU_KEY_UNQUOTED, name, name, name)
               : NULL;
}

/* The beginnings of the paths to used insights. */
static const struct owner_path {
    const char *name; /* of the entity set, or of the singleton me */
    const char *user; /* the segment that leads to the user; NULL: none */
} owner_paths[] = {[IU_OWNER_INVITATION] = {"invitations", "invitedUser"},
                   [IU_OWNER_USER] = {"users", NULL},
                   [IU_OWNER_ME] = {"me", NULL}};

/* Reads the path to the insights of an owner of this kind. */
static found read_insights(cursor *path, iu_owner_kind kind, const char **id)
{
    const struct owner_path *names = &owner_paths[kind];
    found owner = FOUND_NOTHING;

    if (kind != IU_OWNER_ME) {
        owner = read_set(path, names->name, id);
    }
    else if (is_name(next_segment(path), names->name)) {
        owner = FOUND_KEY;
    }
    if (owner == FOUND_SET ||
        (names->user && !is_name(next_segment(path), names->user)) ||
        !is_name(next_segment(path), "insights")) {
        return FOUND_NOTHING;
    }
    return owner;
}

/* The same for an owner of any kind. */
static found find_insights(cursor *path, iu_owner *owner)
{
    iu_owner_kind kind;

    for (kind = IU_OWNER_INVITATION; kind <= IU_OWNER_ME; kind++) {
        cursor attempt = *path;
        const char *id = NULL;
        found key = read_insights(&attempt, kind, &id);

        if (key != FOUND_NOTHING) {
            *path = attempt;
            *owner = (iu_owner){kind, id};
            return key;
        }
    }
    return FOUND_NOTHING;
}

iu_problem *iu_route_read(apr_pool_t *pool, const char *root,
                          const char *target, iu_route *route)
{
    cursor path = find_path(pool, target);
    iu_owner owner;
    const char *id = NULL;
    found owner_key;
    found used;
    iu_problem *problem;

    memset(route, 0, sizeof(*route));
    if (!skip_root(&path, root)) {
        return NULL;
    }
    route->kind = read_fixed(path);
    if (route->kind != IU_ROUTE_NONE) {
        return NULL;
    }
    owner_key = find_insights(&path, &owner);
    if (owner_key == FOUND_NOTHING) {
        return NULL;
    }
    used = read_set(&path, "used", &id);
    route->kind =
        used == FOUND_NOTHING ? IU_ROUTE_NONE : read_rest(&path, used);
    if (route->kind == IU_ROUTE_NONE) {
        return NULL;
    }
    route->owner = owner;
    route->id = id;
    problem = check_found(pool, owner_paths[owner.kind].name, owner_key);
    return problem ? problem : check_found(pool, "used", used);
}

void iu_route_copy(apr_pool_t *pool, iu_route *route)
{
    route->owner.id = apr_pstrdup(pool, route->owner.id);
    route->id = apr_pstrdup(pool, route->id);
}

static void write_set(iu_buffer *out, const char *name, const char *key)
{
    segment part = {key, strlen(key)};

    iu_buffer_puts(out, name);
    if (is_key_segment(part)) {
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

/* Appends what follows the owner's key, up to the set "used". */
static void write_insights(iu_buffer *out, const iu_owner *owner)
{
    const char *user = owner_paths[owner->kind].user;

    if (user) {
        iu_buffer_puts(out, "/");
        iu_buffer_puts(out, user);
    }
    iu_buffer_puts(out, "/insights/");
}

static void write_owner(iu_buffer *out, const iu_owner *owner)
{
    const char *name = owner_paths[owner->kind].name;

    if (owner->kind == IU_OWNER_ME) {
        iu_buffer_puts(out, name);
    }
    else {
        write_set(out, name, owner->id);
    }
    write_insights(out, owner);
}

void iu_route_write_collection(iu_buffer *out, const iu_owner *owner)
{
    write_owner(out, owner);
    iu_buffer_puts(out, "used");
}

void iu_route_write(iu_buffer *out, const iu_owner *owner, const char *id)
{
    write_owner(out, owner);
    write_set(out, "used", id);
}

void iu_route_write_context(iu_buffer *out, const iu_owner *owner)
{
    const char *key = owner->id;
    const char *quote;

    iu_buffer_puts(out, owner_paths[owner->kind].name);
    if (owner->kind != IU_OWNER_ME) {
        iu_buffer_puts(out, "('");
        while ((quote = strchr(key, '\''))) {
            iu_buffer_json_escaped(out, key, quote - key);
            iu_buffer_puts(out, "''");
            key = quote + 1;
        }
        iu_buffer_json_escaped(out, key, strlen(key));
        iu_buffer_puts(out, "')");
    }
    write_insights(out, owner);
    iu_buffer_puts(out, "used");
}
