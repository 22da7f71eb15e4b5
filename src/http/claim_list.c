/* SPDX-License-Identifier: Apache-2.0 */
#include "claim_list.h"

#include <string.h>

#include <apr_strings.h>

#include "../json/json_reader.h"

/* Adds the nonempty strings of a JSON array. Invalid JSON adds nothing: never
 * grant access on a guess. */
static void add_json_members(apr_array_header_t *members, const char *text)
{
    apr_pool_t *pool = members->pool;
    const iu_json *array;
    apr_size_t i;

    if (iu_json_read(pool, apr_pstrdup(pool, text), strlen(text), &array) ||
        iu_json_type_of(array) != IU_JSON_ARRAY) {
        return;
    }
    for (i = 0; i < iu_json_count(array); i++) {
        const iu_json *element = iu_json_element(array, i);
        apr_size_t length;
        const char *member;

        if (iu_json_type_of(element) != IU_JSON_STRING) {
            continue;
        }
        member = iu_json_string(element, &length);
        if (length > 0) {
            APR_ARRAY_PUSH(members, const char *) = member;
        }
    }
}

/* Adds the nonempty substrings between separators. */
static void add_substrings(apr_array_header_t *members, const char *text,
                           const char *separators)
{
    apr_size_t length;

    for (text += strspn(text, separators); *text;
         text += strspn(text, separators)) {
        length = strcspn(text, separators);
        APR_ARRAY_PUSH(members, const char *) =
            apr_pstrmemdup(members->pool, text, length);
        text += length;
    }
}

static int is_array(const char *claim)
{
    return claim[strspn(claim, " \t\r\n")] == '[';
}

static apr_array_header_t *read_members(apr_pool_t *pool, const char *claim,
                                        const char *separators)
{
    apr_array_header_t *members = apr_array_make(pool, 8, sizeof(char *));

    if (claim && is_array(claim)) {
        add_json_members(members, claim);
    }
    else if (claim) {
        add_substrings(members, claim, separators);
    }
    return members;
}

apr_array_header_t *iu_claim_names(apr_pool_t *pool, const char *claim)
{
    return read_members(pool, claim, " \t\r\n,");
}

int iu_claim_has(apr_pool_t *pool, const char *claim, const char *value)
{
    apr_array_header_t *members = read_members(pool, claim, ",");
    int i;

    for (i = 0; i < members->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(members, i, const char *), value) == 0) {
            return 1;
        }
    }
    return 0;
}

const char *iu_claim_text(const char *claim)
{
    return claim && !is_array(claim) ? claim : NULL;
}
