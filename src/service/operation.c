/* SPDX-License-Identifier: Apache-2.0 */
#include "operation.h"

#include <string.h>

const char *const iu_method_names[IU_METHOD_UNKNOWN] = {
    [IU_METHOD_GET] = "GET",
    [IU_METHOD_POST] = "POST",
    [IU_METHOD_PATCH] = "PATCH",
    [IU_METHOD_DELETE] = "DELETE",
};

iu_method iu_method_find(const char *name)
{
    iu_method method = 0;

    while (method < IU_METHOD_UNKNOWN &&
           strcmp(name, iu_method_names[method]) != 0) {
        method++;
    }
    return method;
}
