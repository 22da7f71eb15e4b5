/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_target.h"

#include <string.h>

#include <apr_strings.h>

#include "../text/name.h"
#include "../text/percent.h"

/* Returns why a URL with this byte cannot be a request target; NULL: it can. */
static const char *fault_of(unsigned char c)
{
    if (c < ' ' || c == 0x7F) {
        return "The URL must not contain control characters: percent-encode "
               "them.";
    }
    if (c == '\\') {
        return "The URL must not contain a backslash.";
    }
    return c == '#' ? "The URL must not have a fragment." : NULL;
}

/* Whether a path segment is "." or "..", percent-encoded or not (RFC 3986
 * section 5.2.4). */
static int is_dot_segment(const char *segment, apr_size_t length)
{
    const char *end = segment + length;
    int dots = 0;

    while (segment < end) {
        if (*segment == '.') {
            segment++;
        }
        else if (end - segment >= 3 && !strncasecmp(segment, "%2e", 3)) {
            segment += 3;
        }
        else {
            return 0;
        }
        dots++;
    }
    return dots == 1 || dots == 2;
}

static int has_dot_segment(const char *url)
{
    for (;;) {
        apr_size_t length = strcspn(url, "/?");

        if (is_dot_segment(url, length)) {
            return 1;
        }
        if (url[length] != '/') {
            return 0;
        }
        url += length + 1;
    }
}

static const char *find_fault(const char *url)
{
    const char *at;

    if (!*url) {
        return "The URL is empty.";
    }
    for (at = url; *at; at++) {
        const char *fault = fault_of((unsigned char)*at);

        if (fault) {
            return fault;
        }
    }
    return has_dot_segment(url) ? "The URL must not have dot segments." : NULL;
}

/* The length of the part of path that is root; 0: it is not below root. */
static apr_size_t root_length(apr_pool_t *pool, const char *path,
                              const char *root)
{
    const char *end = path;
    const char *slash;
    const char *decoded;
    apr_size_t length;

    for (slash = strchr(root, '/'); slash; slash = strchr(slash + 1, '/')) {
        if (*end != '/') {
            return 0;
        }
        end += 1 + strcspn(end + 1, "/?");
    }
    decoded = iu_percent_decode(pool, path, end - path, 0, &length);
    return decoded && length == strlen(root) && !memcmp(decoded, root, length)
               ? (apr_size_t)(end - path)
               : 0;
}

/* Whether url begins with a scheme and "//", or with "//" alone. */
static int has_host(const char *url)
{
    apr_size_t length = strcspn(url, "/?");

    return url[length] == '/' && url[length + 1] == '/' &&
           (length == 0 || url[length - 1] == ':');
}

/* Returns what follows service_root in url, or NULL. Scheme and host match in
 * any case. */
static const char *skip_service_root(const char *url, const char *service_root)
{
    apr_size_t length = strlen(service_root);
    apr_size_t host = strcspn(service_root, "/");

    host += strspn(service_root + host, "/");
    host += strcspn(service_root + host, "/");
    if (strncasecmp(url, service_root, host) != 0 ||
        strncmp(url + host, service_root + host, length - host) != 0) {
        return NULL;
    }
    url += length;
    return !*url || *url == '/' || *url == '?' ? url : NULL;
}

static int is_batch(apr_pool_t *pool, const char *path)
{
    apr_size_t length;
    const char *name;

    path += strspn(path, "/");
    name = iu_percent_decode(pool, path, strcspn(path, "/?"), 0, &length);
    return name && iu_is_name(name, length, "$batch");
}

/* Appends root, percent-encoded. */
static void append_root(iu_buffer *out, const char *root)
{
    while (*root == '/') {
        apr_size_t length = strcspn(++root, "/");

        iu_buffer_puts(out, "/");
        iu_buffer_percent_encoded(out, root, length);
        root += length;
    }
}

/* Appends text, and encodes spaces and all that is not ASCII: people write
 * "$filter=a eq 'b'" by hand. */
static void append_encoded(iu_buffer *out, const char *text)
{
    for (; *text; text++) {
        if (*text & 0x80 || *text == ' ') {
            iu_buffer_percent_encoded(out, text, 1);
        }
        else {
            iu_buffer_append(out, text, 1);
        }
    }
}

const char *iu_batch_target_read(apr_pool_t *pool,
                                 const iu_batch_limits *limits, const char *url,
                                 const char **reason)
{
    const char *path = url;
    iu_buffer target;

    *reason = find_fault(url);
    if (*reason) {
        return NULL;
    }
    if (has_host(url)) {
        path = skip_service_root(url, limits->service_root);
        if (!path) {
            *reason = "The URL is not below the service root.";
            return NULL;
        }
    }
    else {
        path += root_length(pool, url, limits->root);
    }
    if (is_batch(pool, path)) {
        *reason = "A batch must not contain a batch.";
        return NULL;
    }
    iu_buffer_init(&target, pool, strlen(limits->root) + strlen(path) + 1);
    append_root(&target, limits->root);
    iu_buffer_puts(&target, *path == '/' ? "" : "/");
    append_encoded(&target, path);
    if (target.length > (apr_size_t)limits->max_target) {
        *reason = apr_psprintf(
            pool, "The URL is longer than this server takes, %d bytes.",
            limits->max_target);
        return NULL;
    }
    return target.data;
}
