/* SPDX-License-Identifier: Apache-2.0 */
/* What client and server say of a message's form in header fields: RFC 9110
 * sections 8.3 and 12.5.1, RFC 7240, OData 4.01 Protocol section 8. */
#ifndef IU_HTTP_NEGOTIATION_H
#define IU_HTTP_NEGOTIATION_H

/* How much control information a representation has (OData JSON Format 4.01
 * section 3.1). */
typedef enum iu_metadata {
    IU_METADATA_MINIMAL,
    IU_METADATA_NONE,
    IU_METADATA_FULL
} iu_metadata;

/* Whether the value of Content-Type is application/json in UTF-8, with any
 * other parameters. NULL: no. */
int iu_content_type_is_json(const char *content_type);

/* Whether the value of Accept lets the answer be application/json in UTF-8,
 * and with how much metadata: *metadata is set. NULL: yes, minimal. */
int iu_accept_read(const char *accept, iu_metadata *metadata);

/* Which of count media types, all of them in UTF-8, the value of Accept likes
 * best: its index, the first of several that are liked alike; -1 where it rules
 * out all. NULL: 0. */
int iu_accept_choose(const char *accept, const char *const *types, int count);

/* The Content-Type of a representation; a constant. */
const char *iu_content_type_of(iu_metadata metadata);

typedef enum iu_return {
    IU_RETURN_UNSAID,
    IU_RETURN_REPRESENTATION,
    IU_RETURN_MINIMAL
} iu_return;

/* The preference return=… in the value of Prefer; the first counts
 * (RFC 7240 section 2). NULL: unsaid. */
iu_return iu_prefer_return(const char *prefer);

/* The preference maxpagesize=n, which OData 4.0 calls odata.maxpagesize too
 * (OData 4.01 Protocol 8.2.8.6), in the value of Prefer; the first counts.
 * What does not fit into an int is INT_MAX. 0: unsaid, or no number above 0, or
 * prefer is NULL. */
int iu_prefer_page_size(const char *prefer);

/* Whether the value of Prefer has a preference without a value, as
 * create-if-missing. NULL: no. */
int iu_prefer_has(const char *prefer, const char *name);

/* Whether a value of OData-Version is one that is understood: 4.0 or 4.01.
 * NULL: yes. */
int iu_odata_version_known(const char *version);

/* Whether a value of OData-MaxVersion allows an answer in OData 4.0. NULL:
 * yes. */
int iu_odata_max_version_allows(const char *version);

#endif
