/* SPDX-License-Identifier: Apache-2.0 */
/* Preferences in the Prefer header (RFC 7240, OData 4.01 Protocol section
 * 8.2.8). */
#ifndef IU_HTTP_PREFER_H
#define IU_HTTP_PREFER_H

typedef enum iu_return {
    IU_RETURN_UNSPECIFIED,
    IU_RETURN_REPRESENTATION,
    IU_RETURN_MINIMAL
} iu_return;

/* The preference return=… in the value of Prefer; if repeated, the first one
 * counts (RFC 7240 section 2). NULL: unspecified. */
iu_return iu_prefer_return(const char *prefer);

/* The preference maxpagesize=n, which OData 4.0 names odata.maxpagesize (OData
 * 4.01 Protocol 8.2.8.6); if repeated, the first one counts. INT_MAX if n does
 * not fit into an int; 0 if it is absent or not a positive number, or prefer is
 * NULL. */
int iu_prefer_page_size(const char *prefer);

/* Whether the value of Prefer has the preference name without a value, such as
 * create-if-missing. NULL: no. */
int iu_prefer_has(const char *prefer, const char *name);

#endif
