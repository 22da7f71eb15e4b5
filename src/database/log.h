/* SPDX-License-Identifier: Apache-2.0 */
/* The log callback: src/database is compiled without httpd. */
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

/* Logs an event. Called by the thread in which it happened. origin: the ids of
 * the request for which it worked (iu_store_call.origin), or NULL. message
 * begins with its number ("IU0101: …") and has no line end. */
typedef void iu_log(void *baton, iu_log_level level, const char *origin,
                    const char *message);

#endif
