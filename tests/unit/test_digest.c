/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/text/digest.c. */
#include "../../src/text/digest.h"

#include "support/tap.h"

int main(void)
{
    char digest[IU_DIGEST_SIZE];

    iu_digest_make("abc", 3, digest);
    is_text(digest, "a9993e364706816aba3e25717850c26c9cd0d89d",
            "the example of FIPS 180");
    iu_digest_make("abc", 0, digest);
    is_text(digest, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "nothing");
    return done();
}
