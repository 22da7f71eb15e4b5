/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/json/json_writer.c. */
#include "support/tap.h"

#include <apr_general.h>

#include "../../src/json/json_writer.h"

static void test_members(apr_pool_t *pool)
{
    iu_json *root = iu_json_make(pool);
    iu_json *array;
    iu_buffer out;

    iu_json_add_text(root, "a", "\"{/\xC3\xBC\n");
    iu_json_add_text(root, "absent", NULL);
    array = iu_json_add_array(root, "b/");
    iu_json_add_text(array, NULL, "x");
    iu_json_add_object(array, NULL);
    iu_json_add_constant(array, NULL, "1.50");
    iu_json_add_array(array, NULL);
    iu_json_add_flag(iu_json_add_object(root, "c"), "d", 1);
    iu_json_add_flag(iu_json_add_constant(root, "e", "{\"f\":[ 1, 2 ]}"), "g",
                     0);
    iu_json_add_text(root, "h", "");
    iu_buffer_init(&out, pool, 1);
    iu_buffer_puts(&out, "<");
    iu_json_print(&out, root);
    is_text(out.data,
            "<{\"a\":\"\\\"{/\xC3\xBC\\n\",\"b/\":[\"x\",{},1.50,[]],"
            "\"c\":{\"d\":true},\"e\":{\"f\":[1,2],\"g\":false},\"h\":\"\"}",
            "members and elements, in the order in which they came");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_members(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
