/* SPDX-License-Identifier: Apache-2.0 */
#include "odata_version.h"

#include <stdlib.h>
#include <string.h>

#include <apr_lib.h>

#include "field_value.h"

/* Reads the version up to the end or a ';'. Empty if followed by anything
 * else. */
static iu_span read_version(const char *value)
{
    iu_span version = iu_field_read_token(&value);

    if (*value && *value != ';') {
        version.length = 0;
    }
    return version;
}

int iu_odata_version_known(const char *version)
{
    return !version || iu_field_is(read_version(version), "4.0") ||
           iu_field_is(read_version(version), "4.01");
}

int iu_odata_max_version_allows(const char *version)
{
    iu_span given;
    char *end;
    long major;

    if (!version) {
        return 1;
    }
    given = read_version(version);
    if (!apr_isdigit(*version)) {
        return 0;
    }
    major = strtol(version, &end, 10);
    if (*end == '.' && apr_isdigit(end[1])) {
        end += 1 + strspn(end + 1, "0123456789");
    }
    return end == given.text + given.length && major >= 4;
}
