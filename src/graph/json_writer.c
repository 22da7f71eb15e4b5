/* SPDX-License-Identifier: Apache-2.0 */
/* JSON written from front to back: see json_writer.h. */
#include "json_writer.h"

#include <string.h>

/* Appends what comes before a value. */
static void write_name(iu_buffer *out, const char *name)
{
    if (out->length && !strchr("{[", out->data[out->length - 1])) {
        iu_buffer_puts(out, ",");
    }
    if (name) {
        iu_buffer_puts(out, "\"");
        iu_buffer_puts(out, name);
        iu_buffer_puts(out, "\":");
    }
}

void iu_json_open(iu_buffer *out, const char *name)
{
    iu_json_write_raw(out, name, "{");
}

void iu_json_close(iu_buffer *out)
{
    iu_buffer_puts(out, "}");
}

void iu_json_write_text(iu_buffer *out, const char *name, const char *text)
{
    if (text) {
        write_name(out, name);
        iu_buffer_json_string(out, text, strlen(text));
    }
}

void iu_json_write_raw(iu_buffer *out, const char *name, const char *json)
{
    write_name(out, name);
    iu_buffer_puts(out, json);
}
