/* SPDX-License-Identifier: Apache-2.0 */
/* Log messages about a database. A callback, because httpd's log is out of
 * reach here. */
#ifndef IU_DATABASE_LOG_H
#define IU_DATABASE_LOG_H

/* In the order of httpd's levels. */
typedef enum iu_log_level {
    IU_LOG_ERROR,
    IU_LOG_WARNING,
    IU_LOG_NOTICE,
    IU_LOG_INFO,
    IU_LOG_DEBUG
} iu_log_level;

/* Called by the thread in which it happened. origin: the ids of the request on
 * whose behalf the work was done (iu_store_call.origin), or NULL. message has
 * no line end and begins with its number ("IU0101: …"). */
typedef void iu_log(void *baton, iu_log_level level, const char *origin,
                    const char *message);

#endif
