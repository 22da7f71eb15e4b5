/* SPDX-License-Identifier: Apache-2.0 */
/* Content-Type and Accept (RFC 9110 sections 8.3 and 12.5.1, OData JSON Format
 * 4.01 section 3). */
#ifndef IU_HTTP_MEDIA_TYPE_H
#define IU_HTTP_MEDIA_TYPE_H

/* How much control information a representation has (OData JSON Format 4.01
 * section 3.1). */
typedef enum iu_metadata {
    IU_METADATA_MINIMAL,
    IU_METADATA_NONE,
    IU_METADATA_FULL
} iu_metadata;

/* A JSON format that this service writes. */
typedef struct iu_json_format {
    iu_metadata metadata;
    int ieee754_compatible; /* integers of 64 bits are strings (OData JSON
                             * Format 4.01 section 3.2) */
} iu_json_format;

/* Whether the value of Content-Type is application/json in UTF-8; other
 * parameters are ignored. NULL: no. */
int iu_content_type_is_json(const char *content_type);

/* The value of Accept that means the same as a value of $format (OData 4.01
 * Protocol 11.2.12): format itself, or a constant. */
const char *iu_accept_of_format(const char *format);

/* Whether the value of Accept permits application/json in UTF-8; *format is the
 * format with the highest quality. NULL: yes, with minimal metadata. */
int iu_accept_allows_json(const char *accept, iu_json_format *format);

/* Chooses one of count media types, all in UTF-8. Returns the index of the one
 * with the highest quality in the value of Accept, the first if several have
 * it; -1 if none is acceptable. accept NULL: 0. */
int iu_accept_choose(const char *accept, const char *const *types, int count);

/* The Content-Type of a JSON representation; a constant. */
const char *iu_json_content_type(iu_json_format format);

#endif
