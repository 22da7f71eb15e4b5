/* SPDX-License-Identifier: Apache-2.0 */
/* Edm.DateTimeOffset (OData 4.01 ABNF, dateTimeOffsetValue), with a required
 * offset, years 0001 to 9999, and second 60 for leap seconds. */
#ifndef IU_GRAPH_DATE_TIME_OFFSET_H
#define IU_GRAPH_DATE_TIME_OFFSET_H

#include <apr.h>

/* Bytes of the sortable form with the NUL: "yyyy-mm-ddThh:mm:ss.ffffffffffff",
 * in UTC, also used in the database. An offset can move a time out of the years
 * 0001 to 9999 by less than a day: into year 0000, or past the end of 9999,
 * written as hours 24 to 47 of its last day. */
#define IU_INSTANT_SIZE 33

/* Parses length bytes as an Edm.DateTimeOffset and writes it in UTC at fixed
 * width, so that comparing bytes compares instants. Returns 0 and does not
 * change instant if text is invalid. */
int iu_date_time_offset_read(const char *text, apr_size_t length,
                             char instant[IU_INSTANT_SIZE]);

#endif
