/* SPDX-License-Identifier: Apache-2.0 */
/* Edm.DateTimeOffset (OData 4.01 ABNF, dateTimeOffsetValue; CONTRACT: the
 * offset is required, years 0001 to 9999, second 60 is allowed). */
#ifndef IU_GRAPH_DATE_TIME_OFFSET_H
#define IU_GRAPH_DATE_TIME_OFFSET_H

#include <apr.h>

/* Bytes of the sortable form with its NUL: "yyyyy-mm-ddThh:mm:ss.ffffffffffff".
 * The year has five digits because an offset can carry 9999 into 10000. */
#define IU_INSTANT_SIZE 34

/* Reads length bytes as an Edm.DateTimeOffset and writes the instant, in UTC
 * and of fixed width, so that comparing bytes compares instants. Returns 0 and
 * leaves instant alone where the text is none. */
int iu_date_time_offset_read(const char *text, apr_size_t length,
                             char instant[IU_INSTANT_SIZE]);

#endif
