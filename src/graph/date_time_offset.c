/* SPDX-License-Identifier: Apache-2.0 */
/* Edm.DateTimeOffset: from the text of the wire to a sortable instant. */
#include "date_time_offset.h"

#include <string.h>

#define FRACTION_DIGITS 12
#define MINUTES_A_DAY (24 * 60)

/* What is still to be read. */
typedef struct reader {
    const char *at;
    const char *end;
} reader;

/* A moment as a calendar and a clock show it. */
typedef struct moment {
    int year;
    int month; /* from 1 */
    int day;   /* from 1 */
    int hour;
    int minute;
    int second; /* 60: a leap second */
    char fraction[FRACTION_DIGITS];
} moment;

/* Steps over one of the characters of a set; returns which, or 0. */
static char read_one_of(reader *in, const char *set)
{
    if (in->at == in->end || *in->at == '\0' || !strchr(set, *in->at)) {
        return 0;
    }
    return *in->at++;
}

/* Steps over a number of exactly so many digits that is within low and high. */
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

/* The digits behind the point, filled up with zeros. */
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

/* The minutes by which the clock is ahead of UTC. */
static int read_offset(reader *in, int *ahead)
{
    char sign = read_one_of(in, "Zz+-");
    int hours, minutes;

    if (sign == 'Z' || sign == 'z') {
        *ahead = 0;
        return 1;
    }
    if (!sign || !read_number(in, 2, 0, 23, &hours) || !read_one_of(in, ":") ||
        !read_number(in, 2, 0, 59, &minutes)) {
        return 0;
    }
    *ahead = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
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

/* No year has five digits: see IU_INSTANT_SIZE. */
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

/* An offset is less than a day, so the date moves by one day at most. Seconds
 * stay what they are, a leap second too: offsets are whole minutes. */
static void to_utc(moment *local, int ahead)
{
    int minutes = local->hour * 60 + local->minute - ahead;

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

/* Writes a number of so many digits and the character that follows it. */
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
    int ahead;

    if (!read_date(&in, &read) || !read_one_of(&in, "Tt") ||
        !read_clock(&in, &read) || !read_offset(&in, &ahead) ||
        in.at != in.end) {
        return 0;
    }
    to_utc(&read, ahead);
    put_instant(instant, &read);
    return 1;
}
