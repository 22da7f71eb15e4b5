/* SPDX-License-Identifier: Apache-2.0 */
/* src/graph/json_writer.c: JSON written from front to back. */
#include "tap.h"

#include <apr_general.h>

#include "../../src/graph/json_writer.h"

static void test_members(apr_pool_t *pool)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, 1);
    iu_json_open(&out, NULL);
    iu_json_write_text(&out, "a", "\"{");
    iu_json_write_text(&out, "absent", NULL);
    iu_json_write_raw(&out, "b", "[");
    iu_json_write_text(&out, NULL, "x");
    iu_json_open(&out, NULL);
    iu_json_close(&out);
    iu_json_write_raw(&out, NULL, "1");
    iu_buffer_puts(&out, "]");
    iu_json_open(&out, "c");
    iu_json_write_raw(&out, "d", "true");
    iu_json_close(&out);
    iu_json_write_text(&out, "e", "");
    iu_json_close(&out);
    is_text(
        out.data,
        "{\"a\":\"\\\"{\",\"b\":[\"x\",{},1],\"c\":{\"d\":true},\"e\":\"\"}",
        "members, elements and commas between them");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_members(pool);
    apr_terminate();
    return done();
}
