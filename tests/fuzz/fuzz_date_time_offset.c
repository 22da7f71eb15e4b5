/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer target: src/graph/date_time_offset.c. An instant has its width and
 * form, and reading it again yields the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/graph/date_time_offset.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_shape(const char *instant)
{
    static const char shape[] = "9999-99-99T99:99:99.999999999999";
    size_t i;

    must(sizeof shape == IU_INSTANT_SIZE);
    for (i = 0; i < sizeof shape; i++) {
        if (shape[i] == '9') {
            must(instant[i] >= '0' && instant[i] <= '9');
        }
        else {
            must(instant[i] == shape[i]);
        }
    }
}

/* Reads an instant again as a text in UTC, if it can be written as one. */
static void check_again(const char *instant)
{
    char text[IU_INSTANT_SIZE];
    char again[IU_INSTANT_SIZE];

    if (!strncmp(instant, "0000", 4) || strncmp(instant + 11, "24", 2) >= 0) {
        return;
    }
    memcpy(text, instant, IU_INSTANT_SIZE - 1);
    text[IU_INSTANT_SIZE - 1] = 'Z';
    must(iu_date_time_offset_read(text, IU_INSTANT_SIZE, again));
    must(strcmp(again, instant) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char instant[IU_INSTANT_SIZE];
    char untouched[IU_INSTANT_SIZE];

    memset(instant, '#', sizeof instant);
    memcpy(untouched, instant, sizeof instant);
    if (iu_date_time_offset_read((const char *)data, size, instant)) {
        check_shape(instant);
        check_again(instant);
    }
    else {
        must(memcmp(instant, untouched, sizeof instant) == 0);
    }
    return 0;
}
