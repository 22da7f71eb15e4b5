/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IU_TEXT_SPAN_H
#define IU_TEXT_SPAN_H

#include <apr.h>

/* A part of a text; points into it. */
typedef struct iu_span {
    const char *text; /* not NUL-terminated */
    apr_size_t length;
} iu_span;

#endif
