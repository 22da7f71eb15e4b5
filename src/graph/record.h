/* SPDX-License-Identifier: Apache-2.0 */
/* One used insight as it is stored. */
#ifndef IU_GRAPH_RECORD_H
#define IU_GRAPH_RECORD_H

#include <apr.h>

#include "../text/uuid.h"
#include "key.h"

typedef struct iu_record {
    const char *invitation_id; /* 1 to IU_KEY_MAX bytes of UTF-8 */
    const char *id;            /* likewise; unique within the invitation */
    char version[IU_VERSION_SIZE];
    const char *last_accessed; /* instant in sortable UTC text, "" for null
                                * or absent: date_time_offset.h */
    const char *last_modified; /* likewise */
    const char *document;      /* the JSON object of the three members, just as
                                * it is returned, nested @odata.type and all */
    apr_size_t document_length;
} iu_record;

#endif
