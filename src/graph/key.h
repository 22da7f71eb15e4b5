/* SPDX-License-Identifier: Apache-2.0 */
/* Entity keys: the ids of invitations, users and used insights. */
#ifndef IU_GRAPH_KEY_H
#define IU_GRAPH_KEY_H

#include <apr_pools.h>

/* The maximum length in bytes of UTF-8. */
#define IU_KEY_MAX 255

/* Whether length bytes are a valid key: 1 to IU_KEY_MAX bytes of UTF-8 without
 * control characters (Unicode category Cc: U+0000-001F, U+007F-009F). */
int iu_key_is_valid(const char *text, apr_size_t length);

/* The set_id (record.h) of a user's set, in pool: a tab and the user's id. The
 * set of an invitation whose user is not known has the invitation's id alone.
 * As no key has a control character, the two never collide. */
const char *iu_key_of_user_set(apr_pool_t *pool, const char *user_id);

#endif
