/* SPDX-License-Identifier: Apache-2.0 */
/* A used insight as stored in the database. */
#ifndef IU_GRAPH_RECORD_H
#define IU_GRAPH_RECORD_H

#include <apr.h>

#include "../text/digest.h"
#include "../text/uuid.h"
#include "key.h"

typedef struct iu_record {
    /* The set that holds the record: what the column invitation_id has. An
     * invitation's id, or of iu_key_of_user_set. */
    const char *set_id;
    const char *id; /* 1 to IU_KEY_MAX bytes of UTF-8, unique within the set */
    char version[IU_VERSION_SIZE];
    const char *last_accessed; /* sortable UTC text (date_time_offset.h), "" if
                                * null or absent */
    const char *last_modified; /* likewise */
    const char *document;      /* JSON object with the three complex members, as
                                * returned at minimal metadata, with their
                                * @odata.type */
    apr_size_t document_length;
    /* Digest of the document with which a create was made that can be repeated.
     * A change keeps it. "": made otherwise, or not read. */
    char digest[IU_DIGEST_SIZE];
} iu_record;

#endif
