/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IU_DIALECT_PREFIX_H
#define IU_DIALECT_PREFIX_H

#include <string.h>

/* Whether text begins with prefix. */
static inline int iu_has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

#endif
