/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer target: src/json. jansson, another strict parser, reads the same
 * from a text or refuses it as well, with the exceptions below. json-c reads
 * every text that the guard accepts. The position of an error is within the
 * text. What was read is the same when it is printed and read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <jansson.h>

#include "../../src/json/json_reader.h"
#include "must.h"

/* What libFuzzer calls. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* json_error_unknown stands for: it takes the text. */
static const struct exception {
    const char *ours; /* why the guard refuses it; NULL: it takes the text */
    enum json_error_code peers; /* why jansson does */
    const char *because;
} exceptions[] = {
    {"nested deeper than 8", json_error_unknown,
     "jansson takes 2048 levels, which is fixed when it is built"},
    {"more than 256 values", json_error_unknown, "jansson has no such limit"},
    {NULL, json_error_numeric_overflow,
     "RFC 8259 has no limit for numbers, and none is used here: its text is "
     "quoted"},
};

/* One of the two refuses the text. */
static void check_exception(const char *ours, enum json_error_code peers)
{
    size_t i;

    for (i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++) {
        const char *reason = exceptions[i].ours;

        if (exceptions[i].peers == peers && !reason == !ours &&
            (!ours || !strcmp(reason, ours))) {
            return;
        }
    }
    must(0);
}

static void compare(const iu_json *value, json_t *peer);

/* The members of jansson's object that are still to come. */
typedef struct members {
    json_t *object;
    void *next;
} members;

static int compare_member(void *baton, const char *name, const iu_json *value)
{
    members *peers = baton;

    must(peers->next != NULL);
    must(strcmp(json_object_iter_key(peers->next), name) == 0);
    compare(value, json_object_iter_value(peers->next));
    peers->next = json_object_iter_next(peers->object, peers->next);
    return 1;
}

static void compare_members(const iu_json *object, json_t *peer)
{
    members peers = {peer, json_object_iter(peer)};

    iu_json_each_member(object, compare_member, &peers);
    must(peers.next == NULL);
}

static void compare_elements(const iu_json *array, json_t *peer)
{
    size_t i;

    must(iu_json_count(array) == json_array_size(peer));
    for (i = 0; i < json_array_size(peer); i++) {
        compare(iu_json_element(array, i), json_array_get(peer, i));
    }
}

static void compare_numbers(const char *text, json_t *peer)
{
    if (json_is_integer(peer)) {
        must(strspn(text, "-0123456789") == strlen(text));
        must(apr_atoi64(text) == json_integer_value(peer));
    }
    else {
        must(json_is_real(peer));
        must(strtod(text, NULL) == json_real_value(peer));
    }
}

static void compare_strings(const iu_json *value, json_t *peer)
{
    apr_size_t length;
    const char *text = iu_json_string(value, &length);

    must(strlen(text) == length);
    must(length == json_string_length(peer));
    must(memcmp(text, json_string_value(peer), length) == 0);
}

static void compare(const iu_json *value, json_t *peer)
{
    switch (iu_json_type_of(value)) {
    case IU_JSON_NULL:
        must(json_is_null(peer));
        break;
    case IU_JSON_BOOLEAN:
        must(json_is_boolean(peer));
        must(!strcmp(iu_json_literal(value),
                     json_is_true(peer) ? "true" : "false"));
        break;
    case IU_JSON_NUMBER:
        compare_numbers(iu_json_literal(value), peer);
        break;
    case IU_JSON_STRING:
        must(json_is_string(peer));
        compare_strings(value, peer);
        break;
    case IU_JSON_ARRAY:
        must(json_is_array(peer));
        compare_elements(value, peer);
        break;
    case IU_JSON_OBJECT:
        must(json_is_object(peer));
        compare_members(value, peer);
        break;
    }
}

static void check_fault(apr_pool_t *pool, const char *text, size_t size,
                        iu_json_fault *fault)
{
    char *copy = apr_pstrmemdup(pool, text, size);
    iu_json_passed passed;

    must(!iu_json_guard(pool, copy, size, &passed, fault));
    must(fault->offset <= size);
    must(fault->line >= 1 && fault->line <= fault->offset + 1);
    must(fault->column >= 1 && fault->column <= fault->offset + 1);
    must(fault->reason != NULL && *fault->reason != '\0');
}

static void check_print(apr_pool_t *pool, const iu_json *root)
{
    const char *text = iu_json_literal(root);
    const iu_json *again;

    must(!iu_json_read(pool, apr_pstrdup(pool, text), strlen(text), &again));
    must(iu_json_type_of(again) == iu_json_type_of(root));
    must(!strcmp(iu_json_literal(again), text));
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
    json_error_t error;
    json_t *peer = json_loadb(text, size,
                              JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    iu_json_fault fault = {0};
    iu_problem *problem;
    const iu_json *root;
    apr_pool_t *pool;

    must(apr_pool_create(&pool, NULL) == APR_SUCCESS);
    problem = iu_json_read(pool, apr_pstrmemdup(pool, text, size), size, &root);
    if (problem) {
        must(problem->kind == IU_BODY_NOT_JSON ||
             problem->kind == IU_BODY_EMPTY);
        check_fault(pool, text, size, &fault);
    }
    else {
        check_print(pool, root);
    }
    if (memchr(text, '\0', size)) { /* jansson drops it behind a number */
        must(problem != NULL);
    }
    else if (!problem && peer) {
        compare(root, peer);
    }
    else if (!problem || peer) {
        check_exception(fault.reason,
                        peer ? json_error_unknown : json_error_code(&error));
    }
    json_decref(peer);
    apr_pool_destroy(pool);
    return 0;
}
