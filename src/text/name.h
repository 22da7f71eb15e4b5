/* SPDX-License-Identifier: Apache-2.0 */
/* Names that match in any case, as in HTTP and OData. */
#ifndef IU_TEXT_NAME_H
#define IU_TEXT_NAME_H

#include <string.h>

#include <apr.h>

/* Whether length bytes of text are name, in any case. */
static inline int iu_is_name(const char *text, apr_size_t length,
                             const char *name)
{
    return length == strlen(name) && !strncasecmp(text, name, length);
}

#endif
