/* SPDX-License-Identifier: Apache-2.0 */
/* The media type of the answer. The query option $format takes precedence over
 * Accept (OData 4.01 Protocol 11.2.12), so the options must have been read.
 * Where a function returns a problem, it is IU_NOT_ACCEPTABLE. */
#ifndef IU_SERVICE_NEGOTIATION_H
#define IU_SERVICE_NEGOTIATION_H

#include "work.h"

/* Checks that JSON is permitted, and sets work->format. Returns NULL or a
 * problem. */
iu_problem *iu_negotiate_json(iu_work *work);

/* Checks that $format, if there is one, permits plain text. Accept is ignored.
 * Returns as above. */
iu_problem *iu_negotiate_plain_text(iu_work *work);

/* Chooses one of count media types; *chosen is its index. names lists them for
 * the message. Returns as above. */
iu_problem *iu_negotiate(const iu_work *work, const char *const *types,
                         int count, const char *names, int *chosen);

#endif
