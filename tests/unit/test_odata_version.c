/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/http/odata_version.c. */
#include "support/tap.h"

#include "../../src/http/odata_version.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *value;
    int allowed;
} max_versions[] = {
    {NULL, 1},       {"4.0", 1},    {"4.01", 1},      {"4", 1},
    {"5.0", 1},      {"10.0", 1},   {"4.0 ", 1},      {"3.0", 0},
    {"2.0", 0},      {"3.9", 0},    {"", 0},          {"x", 0},
    {"4.x", 0},      {"-4.0", 0},   {"4.0x", 0},      {"4.0 x", 0},
    {"4.0,4.0", 0},  {";NetFx", 0}, {"4.0;NetFx", 1}, {"4.01 ; NetFx", 1},
    {"3.0;NetFx", 0}};

int main(void)
{
    size_t i;

    for (i = 0; i < COUNT(max_versions); i++) {
        const char *value = max_versions[i].value;

        is_number(iu_odata_max_version_allows(value), max_versions[i].allowed,
                  "OData-MaxVersion: %s", value ? value : "not sent");
    }
    ok(iu_odata_version_known(NULL), "no OData-Version");
    ok(iu_odata_version_known("4.0"), "OData-Version: 4.0");
    ok(iu_odata_version_known("4.01"), "OData-Version: 4.01");
    ok(iu_odata_version_known("4.0;NetFx"), "OData-Version: 4.0;NetFx");
    ok(!iu_odata_version_known("4.0NetFx"), "OData-Version: 4.0NetFx");
    ok(!iu_odata_version_known("3.0;NetFx"), "OData-Version: 3.0;NetFx");
    ok(!iu_odata_version_known("3.0"), "OData-Version: 3.0");
    ok(!iu_odata_version_known("5.0"), "OData-Version: 5.0");
    return done();
}
