/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a filter as an SQL condition, with the semantics of expression.h. */
#ifndef IU_STORE_FILTER_SQL_H
#define IU_STORE_FILTER_SQL_H

#include "sql_builder.h"

/* Appends the SQL of a filter, or of an operand, to out. May add queries to
 * out->chain. */
void iu_filter_sql_write(iu_builder *out, const iu_expression *filter);

#endif
