/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/http/prefer.c. */
#include "support/tap.h"

#include <limits.h>

#include "../../src/http/prefer.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *value;
    iu_return preferred;
} prefers[] = {{NULL, IU_RETURN_UNSPECIFIED},
               {"", IU_RETURN_UNSPECIFIED},
               {"return=minimal", IU_RETURN_MINIMAL},
               {"return=representation", IU_RETURN_REPRESENTATION},
               {"Return = \"Minimal\"", IU_RETURN_MINIMAL},
               {"respond-async, return=minimal", IU_RETURN_MINIMAL},
               {"return=minimal; x=1, wait=5", IU_RETURN_MINIMAL},
               {"x=\"return=minimal\"", IU_RETURN_UNSPECIFIED},
               {"x=\", return=minimal\"", IU_RETURN_UNSPECIFIED},
               {"return=minimal, return=representation", IU_RETURN_MINIMAL},
               {"return", IU_RETURN_UNSPECIFIED},
               {"return, return=minimal", IU_RETURN_UNSPECIFIED},
               {"return=other", IU_RETURN_UNSPECIFIED},
               {"odata.maxpagesize=5", IU_RETURN_UNSPECIFIED},
               {"unreturn=minimal", IU_RETURN_UNSPECIFIED}};

static const struct {
    const char *value;
    int size;
} page_sizes[] = {{NULL, 0},
                  {"", 0},
                  {"maxpagesize=5", 5},
                  {"odata.maxpagesize=5", 5},
                  {"MaxPageSize = \"50\"", 50},
                  {"return=minimal,odata.maxpagesize=5;x=1, wait=7", 5},
                  {"maxpagesize=5, odata.maxpagesize=6", 5},
                  {"maxpagesize=x, odata.maxpagesize=6", 0},
                  {"x=\"maxpagesize=5\"", 0},
                  {"x=\", maxpagesize=5\"", 0},
                  {"maxpagesize", 0},
                  {"maxpagesize=", 0},
                  {"maxpagesize=0", 0},
                  {"maxpagesize=-1", 0},
                  {"maxpagesize=5.0", 0},
                  {"maxpagesize=005", 5},
                  {"maxpagesize=2147483647", INT_MAX},
                  {"maxpagesize=2147483648", INT_MAX},
                  {"maxpagesize=99999999999999999999", INT_MAX},
                  {"maxpagesizes=5", 0}};

static const struct {
    const char *value;
    int has;
} upserts[] = {{NULL, 0},
               {"", 0},
               {"create-if-missing", 1},
               {"Create-If-Missing ;x=1", 1},
               {"return=minimal, create-if-missing", 1},
               {"create-if-missing,return=minimal", 1},
               {"create-if-missing=no", 0},
               {"create-if-missingly", 0},
               {"x=create-if-missing", 0},
               {"x=\", create-if-missing\"", 0},
               {"x; create-if-missing", 0}};

int main(void)
{
    size_t i;

    for (i = 0; i < COUNT(prefers); i++) {
        const char *value = prefers[i].value;

        is_number(iu_prefer_return(value), prefers[i].preferred, "Prefer: %s",
                  value ? value : "not sent");
    }
    for (i = 0; i < COUNT(page_sizes); i++) {
        const char *value = page_sizes[i].value;

        is_number(iu_prefer_page_size(value), page_sizes[i].size, "Prefer: %s",
                  value ? value : "not sent");
    }
    for (i = 0; i < COUNT(upserts); i++) {
        const char *value = upserts[i].value;

        is_number(iu_prefer_has(value, "create-if-missing"), upserts[i].has,
                  "create-if-missing in Prefer: %s",
                  value ? value : "not sent");
    }
    return done();
}
