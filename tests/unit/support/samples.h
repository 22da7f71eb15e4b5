/* SPDX-License-Identifier: Apache-2.0 */
/* Records on which queries may differ between databases, or be wrong. */
#ifndef IU_TESTS_UNIT_SAMPLES_H
#define IU_TESTS_UNIT_SAMPLES_H

#include "generate.h"

/* Makes count records of an invitation, with ids that begin with prefix and
 * values at random, some of them null or absent. In generator->pool. */
iu_sample *iu_samples_make(iu_generator *generator, const char *invitation_id,
                           const char *prefix, int count);

#endif
