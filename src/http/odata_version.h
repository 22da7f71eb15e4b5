/* SPDX-License-Identifier: Apache-2.0 */
/* OData-Version and OData-MaxVersion (OData 4.01 Protocol sections 8.1.5 and
 * 8.2.7). Both may end in ";" and the name of the client, as Microsoft's older
 * libraries send it: "4.0;NetFx". */
#ifndef IU_HTTP_ODATA_VERSION_H
#define IU_HTTP_ODATA_VERSION_H

/* Whether the value of OData-Version is 4.0 or 4.01. NULL: yes. */
int iu_odata_version_known(const char *version);

/* Whether the value of OData-MaxVersion permits an answer in OData 4.0. NULL:
 * yes. */
int iu_odata_max_version_allows(const char *version);

#endif
