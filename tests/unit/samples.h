/* SPDX-License-Identifier: Apache-2.0 */
/* Records on which queries may differ between databases, or be wrong. */
#ifndef IU_TESTS_UNIT_SAMPLES_H
#define IU_TESTS_UNIT_SAMPLES_H

#include "generate.h"

/* Makes count records of an invitation, with ids from "prefix0" on, some of
 * whose values are null or absent; what is in them is the generator's choice. In
 * generator->pool. */
iu_sample *iu_samples_make(iu_generator *generator, const char *invitation_id,
                           const char *prefix, int count);

#endif
