/* SPDX-License-Identifier: Apache-2.0 */
#include "property.h"

#include <string.h>

#include <apr_strings.h>

#include "../text/excerpt.h"
#include "../text/name.h"
#include "record.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const iu_member iu_members[] = {
    {IU_MEMBER_ID, "id", NULL},
    {IU_MEMBER_LAST_USED, "lastUsed", "microsoft.graph.usageDetails"},
    {IU_MEMBER_RESOURCE_VISUALIZATION, "resourceVisualization",
     "microsoft.graph.resourceVisualization"},
    {IU_MEMBER_RESOURCE_REFERENCE, "resourceReference",
     "microsoft.graph.resourceReference"}};

const int iu_member_count = COUNT(iu_members);

#define ID (&iu_members[0])
#define LAST_USED (&iu_members[1])
#define VISUALIZATION (&iu_members[2])
#define REFERENCE (&iu_members[3])

const iu_property iu_properties[] = {
    {ID, "id", IU_EDM_STRING, "id", offsetof(iu_record, id)},
    {LAST_USED, "lastAccessedDateTime", IU_EDM_DATE_TIME_OFFSET,
     "last_accessed", offsetof(iu_record, last_accessed)},
    {LAST_USED, "lastModifiedDateTime", IU_EDM_DATE_TIME_OFFSET,
     "last_modified", offsetof(iu_record, last_modified)},
    {VISUALIZATION, "title", IU_EDM_STRING, NULL, 0},
    {VISUALIZATION, "type", IU_EDM_STRING, NULL, 0},
    {VISUALIZATION, "mediaType", IU_EDM_STRING, NULL, 0},
    {VISUALIZATION, "previewImageUrl", IU_EDM_STRING, NULL, 0},
    {VISUALIZATION, "previewText", IU_EDM_STRING, NULL, 0},
    {VISUALIZATION, "containerWebUrl", IU_EDM_STRING, NULL, 0},
    {VISUALIZATION, "containerDisplayName", IU_EDM_STRING, NULL, 0},
    {VISUALIZATION, "containerType", IU_EDM_STRING, NULL, 0},
    {REFERENCE, "webUrl", IU_EDM_STRING, NULL, 0},
    {REFERENCE, "id", IU_EDM_STRING, NULL, 0},
    {REFERENCE, "type", IU_EDM_STRING, NULL, 0}};

const int iu_property_count = COUNT(iu_properties);

const char *iu_edm_type_name(iu_edm_type type)
{
    static const char *const names[] = {"Edm.String", "Edm.DateTimeOffset"};

    return names[type];
}

const iu_member *iu_member_find(const char *name, apr_size_t length)
{
    int i;

    for (i = 0; i < iu_member_count; i++) {
        if (iu_is_name(name, length, iu_members[i].name)) {
            return &iu_members[i];
        }
    }
    return NULL;
}

const iu_property *iu_property_find(const char *path, apr_size_t length)
{
    const char *slash = memchr(path, '/', length);
    const char *name = slash ? slash + 1 : path;
    const iu_member *member =
        iu_member_find(path, slash ? (apr_size_t)(slash - path) : length);
    int i;

    for (i = 0; i < iu_property_count; i++) {
        const iu_property *property = &iu_properties[i];

        if (property->member == member && !slash == !member->type &&
            iu_is_name(name, length - (name - path), property->name)) {
            return property;
        }
    }
    return NULL;
}

/* Resolves the longest known prefix of a path and returns its type. *unknown is
 * the first unknown name after it. */
static const char *resolve_prefix(const char *path, const char *end,
                                  const char **unknown)
{
    const char *type = IU_ENTITY_TYPE;
    const char *slash;

    *unknown = path;
    for (slash = path; (slash = memchr(slash, '/', end - slash)); slash++) {
        const iu_member *member = iu_member_find(path, slash - path);
        const iu_property *property = iu_property_find(path, slash - path);

        if (property) {
            type = iu_edm_type_name(property->type);
        }
        else if (member) {
            type = member->type;
        }
        else {
            break;
        }
        *unknown = slash + 1;
    }
    return type;
}

iu_problem *iu_property_unknown(apr_pool_t *pool, const char *path,
                                apr_size_t length)
{
    const char *end = path + length;
    const char *name;
    const char *type = resolve_prefix(path, end, &name);
    const char *slash = memchr(name, '/', end - name);

    return iu_problem_make(pool, IU_PROPERTY_UNKNOWN,
                           iu_excerpt(pool, name, (slash ? slash : end) - name),
                           type);
}

const char *iu_property_fault(apr_pool_t *pool, const char *path,
                              apr_size_t length)
{
    const iu_member *member = iu_member_find(path, length);

    return member
               ? apr_psprintf(
                     pool, "The property '%s' is complex; name one of its own.",
                     member->name)
               : iu_property_unknown(pool, path, length)->message;
}
