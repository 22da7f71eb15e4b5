/* SPDX-License-Identifier: Apache-2.0 */
#include "repeatability.h"

#include <string.h>

#include <apr_date.h>
#include <apr_strings.h>

#include "../text/uuid.h"
#include "field_value.h"

#define REQUEST_ID "Repeatability-Request-ID"
#define FIRST_SENT "Repeatability-First-Sent"
#define IDEMPOTENCY_KEY "Idempotency-Key"

/* Tolerated difference between the client's clock and ours. */
#define CLOCK_SKEW apr_time_from_sec(60)

/* Bytes of the longest date, as "Wednesday, 06-Nov-94 08:49:37 GMT", and
 * more. */
#define DATE_SIZE 64

/* The name spaces of the ids: random UUIDs, one for each kind of key. */
static const unsigned char request_ids[IU_UUID_BYTES] = {
    0xf3, 0xd9, 0xe8, 0x2e, 0xd3, 0x2a, 0x4f, 0x79,
    0xbe, 0x36, 0x02, 0x17, 0x38, 0x8d, 0x07, 0xa2};
static const unsigned char idempotency_keys[IU_UUID_BYTES] = {
    0xc3, 0x62, 0x04, 0xc8, 0x35, 0x77, 0x4e, 0x95,
    0x8f, 0x8e, 0xe1, 0x97, 0x31, 0x52, 0x5f, 0x35};

static int is_key(const char *key)
{
    return iu_field_is_visible(key, IU_REPEAT_KEY_MAX);
}

/* The content of a string in quotes (RFC 9651 section 3.3.3), in pool; NULL: it
 * is none. */
static const char *unquote(apr_pool_t *pool, const char *quoted)
{
    char *content = apr_palloc(pool, strlen(quoted));
    const char *from = quoted + 1;
    char *to = content;

    while (*from && *from != '"') {
        if (*from == '\\') {
            from++;
            if (*from != '"' && *from != '\\') {
                return NULL;
            }
        }
        *to++ = *from++;
    }
    *to = '\0';
    return from[0] == '"' && from[1] == '\0' ? content : NULL;
}

/* Whether text is a date in one of the two obsolete forms (RFC 9110 section
 * 5.6.7). */
static int is_obsolete(const char *text, const apr_time_exp_t *utc)
{
    static const char *const days[] = {"Sun",   "Mon", "Tues", "Wednes",
                                       "Thurs", "Fri", "Satur"};
    const char *month = apr_month_snames[utc->tm_mon];
    char date[DATE_SIZE];

    apr_snprintf(date, sizeof date, "%sday, %02d-%s-%02d %02d:%02d:%02d GMT",
                 days[utc->tm_wday], utc->tm_mday, month, utc->tm_year % 100,
                 utc->tm_hour, utc->tm_min, utc->tm_sec);
    if (strcmp(text, date) == 0) {
        return 1;
    }
    apr_snprintf(date, sizeof date, "%s %s %2d %02d:%02d:%02d %d",
                 apr_day_snames[utc->tm_wday], month, utc->tm_mday,
                 utc->tm_hour, utc->tm_min, utc->tm_sec, utc->tm_year + 1900);
    return strcmp(text, date) == 0;
}

/* Reads an HTTP date. apr_date_parse_http tolerates much, such as any day of
 * the week: the date must be the text that its time is written as. */
static int read_date(const char *text, apr_time_t *time)
{
    char date[APR_RFC822_DATE_LEN];
    apr_time_exp_t utc;

    *time = apr_date_parse_http(text);
    if (*time == APR_DATE_BAD) {
        return 0;
    }
    apr_rfc822_date(date, *time);
    apr_time_exp_gmt(&utc, *time);
    return strcmp(text, date) == 0 || is_obsolete(text, &utc);
}

static iu_problem *make_invalid(apr_pool_t *pool, const char *field,
                                const char *what)
{
    return iu_problem_make(pool, IU_REPEAT_INVALID, field, what);
}

static iu_problem *make_invalid_key(apr_pool_t *pool, const char *field)
{
    return make_invalid(
        pool, field,
        "1 to " APR_STRINGIFY(IU_REPEAT_KEY_MAX) " visible ASCII characters");
}

static iu_problem *read_pair(apr_pool_t *pool, const char *id, const char *date,
                             apr_time_t now, apr_interval_time_t window,
                             iu_repeatability *keys)
{
    iu_problem *problem;

    if (!id || !date) {
        return make_invalid(pool, id ? REQUEST_ID : FIRST_SENT,
                            id ? "sent together with " FIRST_SENT
                               : "sent together with " REQUEST_ID);
    }
    if (!is_key(id)) {
        return make_invalid_key(pool, REQUEST_ID);
    }
    if (!read_date(date, &keys->first_sent)) {
        return make_invalid(pool, FIRST_SENT,
                            "a date such as 'Sun, 06 Nov 1994 08:49:37 GMT'");
    }
    if (keys->first_sent < now - window ||
        keys->first_sent > now + CLOCK_SKEW) {
        problem =
            iu_problem_make(pool, IU_REPEAT_OUTSIDE, apr_time_sec(window));
        problem->repeatability_result = "rejected";
        return problem;
    }
    keys->request_id = id;
    return NULL;
}

iu_problem *iu_repeatability_read(apr_pool_t *pool, const apr_table_t *headers,
                                  apr_time_t now, apr_interval_time_t window,
                                  iu_repeatability *keys)
{
    const char *id = apr_table_get(headers, REQUEST_ID);
    const char *date = apr_table_get(headers, FIRST_SENT);
    const char *key = apr_table_get(headers, IDEMPOTENCY_KEY);

    *keys = (iu_repeatability){NULL, 0, NULL};
    /* The draft has a string in quotes, and clients send the key alone. */
    if (key) {
        keys->idempotency_key = *key == '"' ? unquote(pool, key) : key;
        if (!keys->idempotency_key || !is_key(keys->idempotency_key)) {
            return make_invalid_key(pool, IDEMPOTENCY_KEY);
        }
    }
    return id || date ? read_pair(pool, id, date, now, window, keys) : NULL;
}

const char *iu_repeatability_field(const iu_repeatability *keys)
{
    return keys->request_id        ? REQUEST_ID
           : keys->idempotency_key ? IDEMPOTENCY_KEY
                                   : NULL;
}

/* The length tells where the set ends and the key begins. */
const char *iu_repeatability_id(apr_pool_t *pool, const iu_repeatability *keys,
                                const char *set_id)
{
    const char *key =
        keys->request_id ? keys->request_id : keys->idempotency_key;
    const char *name = apr_psprintf(pool, "%" APR_SIZE_T_FMT ":%s%s",
                                    strlen(set_id), set_id, key);
    char *id = apr_palloc(pool, IU_UUID_SIZE);

    if (keys->request_id) {
        iu_uuid_named_ordered(request_ids, name, strlen(name), keys->first_sent,
                              id);
    }
    else {
        iu_uuid_named(idempotency_keys, name, strlen(name), id);
    }
    return id;
}
