/* SPDX-License-Identifier: Apache-2.0 */
/* Edm.DateTimeOffset (OData 4.01 ABNF, dateTimeOffsetValue; CONTRACT: the
 * offset is required, years 0001 to 9999, second 60 is allowed). */
#ifndef IU_GRAPH_DATE_TIME_OFFSET_H
#define IU_GRAPH_DATE_TIME_OFFSET_H

#include <apr.h>

/* Bytes of the sortable form with its NUL: "yyyy-mm-ddThh:mm:ss.ffffffffffff",
 * in UTC, as the databases write a time, too. An offset can lead out of the
 * years 0001 to 9999 by less than a day: into year 0000, or past the end of
 * 9999, where the last day goes on with the hours 24 to 47. */
#define IU_INSTANT_SIZE 33

/* Reads length bytes as an Edm.DateTimeOffset and writes the instant, in UTC
 * and of fixed width, so that comparing bytes compares instants. Returns 0 and
 * leaves instant alone where the text is none. */
int iu_date_time_offset_read(const char *text, apr_size_t length,
                             char instant[IU_INSTANT_SIZE]);

#endif
