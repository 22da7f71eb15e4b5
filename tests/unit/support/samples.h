/* SPDX-License-Identifier: Apache-2.0 */
/* Records for which a database may answer queries incorrectly. */
#ifndef IU_TESTS_UNIT_SAMPLES_H
#define IU_TESTS_UNIT_SAMPLES_H

#include "generate.h"

/* Makes count records of an invitation in generator->pool, with random values,
 * some of them null or absent. Their ids begin with prefix. */
iu_sample *iu_samples_make(iu_generator *generator, const char *set_id,
                           const char *prefix, int count);

#endif
