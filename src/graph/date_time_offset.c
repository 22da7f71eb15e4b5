/* SPDX-License-Identifier: Apache-2.0 */
/* Parses Edm.DateTimeOffset: apr_date_parse_http and apr_date_parse_rfc read
 * the date formats of HTTP and mail only, and no fraction of a second. */
#include "date_time_offset.h"

#include <string.h>

#define FRACTION_DIGITS 12
#define MINUTES_A_DAY (24 * 60)

/* The unread part of the text. */
typedef struct reader {
    const char *at;
    const char *end;
} reader;

/* A date and time in one time zone. */
typedef struct moment {
    int year;
    int month; /* from 1 */
    int day;   /* from 1 */
    int hour;
    int minute;
    int second; /* 60 in a leap second */
    char fraction[FRACTION_DIGITS];
} moment;

/* Consumes one character of a set and returns it; returns 0 if the next
 * character is not in the set. */
static char read_one_of(reader *in, const char *set)
{
    if (in->at == in->end || *in->at == '\0' || !strchr(set, *in->at)) {
        return 0;
    }
    return *in->at++;
}

/* Reads exactly digits digits. Returns 0 if there are fewer, or the number is
 * not between low and high. */
static int read_number(reader *in, int digits, int low, int high, int *number)
{
    if (in->end - in->at < digits) {
        return 0;
    }
    *number = 0;
    while (digits-- > 0) {
        char c = *in->at++;

        if (c < '0' || c > '9') {
            return 0;
        }
        *number = *number * 10 + (c - '0');
    }
    return *number >= low && *number <= high;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

static int read_date(reader *in, moment *out)
{
    return read_number(in, 4, 1, 9999, &out->year) && read_one_of(in, "-") &&
           read_number(in, 2, 1, 12, &out->month) && read_one_of(in, "-") &&
           read_number(in, 2, 1, days_in_month(out->year, out->month),
                       &out->day);
}

/* Reads the digits after the decimal point; the caller has filled out->fraction
 * with zeros. */
static int read_fraction(reader *in, moment *out)
{
    int digits = 0;

    while (in->at < in->end && *in->at >= '0' && *in->at <= '9') {
        if (digits == FRACTION_DIGITS) {
            return 0;
        }
        out->fraction[digits++] = *in->at++;
    }
    return digits > 0;
}

static int read_clock(reader *in, moment *out)
{
    out->second = 0;
    memset(out->fraction, '0', FRACTION_DIGITS);
    if (!read_number(in, 2, 0, 23, &out->hour) || !read_one_of(in, ":") ||
        !read_number(in, 2, 0, 59, &out->minute)) {
        return 0;
    }
    if (!read_one_of(in, ":")) {
        return 1;
    }
    if (!read_number(in, 2, 0, 60, &out->second)) {
        return 0;
    }
    return !read_one_of(in, ".") || read_fraction(in, out);
}

/* Reads the offset from UTC, in minutes. */
static int read_offset(reader *in, int *offset)
{
    char sign = read_one_of(in, "Zz+-");
    int hours, minutes;

    if (sign == 'Z' || sign == 'z') {
        *offset = 0;
        return 1;
    }
    if (!sign || !read_number(in, 2, 0, 23, &hours) || !read_one_of(in, ":") ||
        !read_number(in, 2, 0, 59, &minutes)) {
        return 0;
    }
    *offset = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
    return 1;
}

static void step_to_previous_day(moment *date)
{
    if (--date->day > 0) {
        return;
    }
    if (--date->month < 1) {
        date->month = 12;
        date->year--;
    }
    date->day = days_in_month(date->year, date->month);
}

/* After this day hours continue up to 47, since years have four digits: see
 * IU_INSTANT_SIZE. */
static int is_last_day(const moment *date)
{
    return date->year == 9999 && date->month == 12 && date->day == 31;
}

static void step_to_next_day(moment *date)
{
    if (++date->day <= days_in_month(date->year, date->month)) {
        return;
    }
    date->day = 1;
    if (++date->month > 12) {
        date->month = 1;
        date->year++;
    }
}

/* An offset is less than a day: the date changes by one day at most. It is a
 * whole number of minutes: seconds do not change, not even leap seconds. */
static void convert_to_utc(moment *local, int offset)
{
    int minutes = local->hour * 60 + local->minute - offset;

    if (minutes < 0) {
        minutes += MINUTES_A_DAY;
        step_to_previous_day(local);
    }
    else if (minutes >= MINUTES_A_DAY && !is_last_day(local)) {
        minutes -= MINUTES_A_DAY;
        step_to_next_day(local);
    }
    local->hour = minutes / 60;
    local->minute = minutes % 60;
}

/* Writes number, digits wide with leading zeros, and the character next. */
static char *put_number(char *out, int digits, int number, char next)
{
    int i;

    for (i = digits - 1; i >= 0; i--) {
        out[i] = '0' + number % 10;
        number /= 10;
    }
    out[digits] = next;
    return out + digits + 1;
}

static void put_instant(char *out, const moment *utc)
{
    out = put_number(out, 4, utc->year, '-');
    out = put_number(out, 2, utc->month, '-');
    out = put_number(out, 2, utc->day, 'T');
    out = put_number(out, 2, utc->hour, ':');
    out = put_number(out, 2, utc->minute, ':');
    out = put_number(out, 2, utc->second, '.');
    memcpy(out, utc->fraction, FRACTION_DIGITS);
    out[FRACTION_DIGITS] = '\0';
}

int iu_date_time_offset_read(const char *text, apr_size_t length,
                             char instant[IU_INSTANT_SIZE])
{
    reader in = {text, text + length};
    moment read;
    int offset;

    if (!read_date(&in, &read) || !read_one_of(&in, "Tt") ||
        !read_clock(&in, &read) || !read_offset(&in, &offset) ||
        in.at != in.end) {
        return 0;
    }
    convert_to_utc(&read, offset);
    put_instant(instant, &read);
    return 1;
}
