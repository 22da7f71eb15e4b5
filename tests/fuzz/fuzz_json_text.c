/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer target: scan and parser take the same texts, and a tree that is
 * written out and read again is the same tree.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include "../../src/graph/json_text.h"
#include "../../src/graph/utf8.h"

/* What libFuzzer calls. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
    if (!condition) {
        abort();
    }
}

static void check_fault(const iu_json_fault *fault, size_t size)
{
    must(fault->offset <= size);
    must(fault->line >= 1 && fault->line <= fault->offset + 1);
    must(fault->column >= 1 && fault->column <= fault->offset + 1);
    must(fault->reason != NULL && *fault->reason != '\0');
}

static void check_utf8(const char *text, size_t length)
{
    const char *end = text + length;

    must(strlen(text) == length);
    while (text < end) {
        size_t bytes = iu_utf8_length(text, end);

        must(bytes > 0);
        text += bytes;
    }
}

static void check_value(const iu_json *value);

static int check_member(void *baton, const char *name, const iu_json *value)
{
    (void)baton;
    check_utf8(name, strlen(name));
    check_value(value);
    return 1;
}

static void check_value(const iu_json *value)
{
    size_t length, i;
    const char *text;

    switch (iu_json_type_of(value)) {
    case IU_JSON_STRING:
        text = iu_json_string(value, &length);
        check_utf8(text, length);
        break;
    case IU_JSON_ARRAY:
        for (i = 0; i < iu_json_array_length(value); i++) {
            check_value(iu_json_array_element(value, i));
        }
        break;
    case IU_JSON_OBJECT:
        iu_json_each_member(value, check_member, NULL);
        break;
    default:
        break;
    }
}

static void check_round_trip(apr_pool_t *pool, const iu_json *root)
{
    const char *literal = iu_json_literal(root);
    const iu_json *again;

    must(iu_json_read(pool, literal, strlen(literal), &again) == NULL);
    must(iu_json_type_of(again) == iu_json_type_of(root));
    must(strcmp(iu_json_literal(again), literal) == 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    iu_json_fault fault;
    iu_problem *problem;
    const iu_json *root;
    apr_pool_t *pool;
    int passed = iu_json_scan(text, size, &fault);

    must(apr_pool_create(&pool, NULL) == APR_SUCCESS);
    problem = iu_json_read(pool, text, size, &root);
    must(passed == (problem == NULL));
    if (passed) {
        check_value(root);
        check_round_trip(pool, root);
    }
    else {
        check_fault(&fault, size);
        must(problem->kind == IU_BODY_NOT_JSON ||
             problem->kind == IU_BODY_EMPTY);
    }
    apr_pool_destroy(pool);
    return 0;
}
