/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recursive descent parser that makes one pass. IU_JSON_DEPTH limits the
 * recursion, IU_JSON_VALUES the memory and time that a small hostile text can
 * cost.
 *
 * A string may become shorter in place, but the text after it does not move, so
 * that offsets of faults are those of the original text.
 */
#include "json_guard.h"

#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "../text/eight_bytes.h"
#include "../text/span.h"
#include "../text/utf8.h"

#define ENDS_EARLY "the text ends too early"

typedef struct guard {
    apr_pool_t *pool;
    char *at;
    char *end;
    char *out; /* in a string: end of the rewritten part, at or before "at";
                * outside: end of the last string */
    const char *reason; /* after a failure: what is wrong at "at" */
    unsigned depth;
    unsigned values;
    apr_size_t size;
    apr_array_header_t *numbers;

    unsigned line;
    char *line_start;
    apr_size_t added; /* continuation bytes (10xxxxxx) that decoded escapes have
                       * put on this line */

    iu_span *names; /* of all open objects, without quotes, in the rewritten
                     * text; there are never more than values */
    int name_count;
} guard;

static int pass_value(guard *in);

static int fail(guard *in, char *at, const char *reason)
{
    in->at = at;
    in->reason = reason;
    return 0;
}

/* Fails at the current position, where something else was expected. */
static int fail_here(guard *in, const char *reason)
{
    return fail(in, in->at, in->at == in->end ? ENDS_EARLY : reason);
}

/* Lines end only here: strings contain no line feed. */
static void skip_white_space(guard *in)
{
    char *at = in->at;

    for (;; at++) {
        if (*at == '\n') {
            in->line++;
            in->line_start = at + 1;
            in->added = 0;
        }
        else if (*at != ' ' && *at != '\r' && *at != '\t') {
            break;
        }
    }
    in->at = at;
}

/* Skips white space and c. Returns 0 if something else follows the white
 * space. */
static int skip_mark(guard *in, char c)
{
    skip_white_space(in);
    if (in->at == in->end || *in->at != c) {
        return 0;
    }
    in->at++;
    return 1;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

/* --- strings --- */

/* The UTF-16 code unit of the escape at text (backslash, u, four digits); -1 if
 * there is none. */
static int code_unit(const char *text, const char *end)
{
    int unit = 0;
    int i;

    if (end - text < 6 || text[0] != '\\' || text[1] != 'u') {
        return -1;
    }
    for (i = 2; i < 6; i++) {
        int value = hex_value(text[i]);

        if (value < 0) {
            return -1;
        }
        unit = unit << 4 | value;
    }
    return unit;
}

static int is_high_surrogate(int unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static int is_low_surrogate(int unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Reads a character of one or two \u escapes. */
static int read_code_units(guard *in, unsigned *character)
{
    int unit = code_unit(in->at, in->end);
    int low;

    if (unit < 0) {
        return fail_here(in, "four hexadecimal digits must follow \\u");
    }
    if (unit == 0) {
        return fail_here(in, "U+0000 is not supported in strings");
    }
    *character = unit;
    if (is_high_surrogate(unit)) {
        low = code_unit(in->at + 6, in->end);
        if (is_low_surrogate(low)) {
            *character = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            in->at += 12;
            return 1;
        }
    }
    if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
        return fail_here(in, "half of a surrogate pair");
    }
    in->at += 6;
    return 1;
}

static void put(guard *in, int byte)
{
    *in->out++ = (char)byte;
}

static void put_character(guard *in, unsigned character)
{
    apr_size_t length = iu_utf8_write(in->out, character);

    in->out += length;
    in->added += length - 1;
}

/* Writes the shortest escape of a character: a backslash and letter, or \u00XX
 * if letter is 0. Corrects size, to which pass_string adds all bytes of the
 * string: the escape counts as one byte. */
static void put_escape(guard *in, unsigned character, char letter)
{
    static const char digits[] = "0123456789ABCDEF";

    put(in, '\\');
    in->size--;
    if (letter) {
        put(in, letter);
        return;
    }
    memcpy(in->out, "u00", 3);
    in->out += 3;
    put(in, digits[character >> 4]);
    put(in, digits[character & 0xF]);
    in->size -= 4;
}

/* Reads an escape and writes its character, or the shortest escape. */
static int pass_escape(guard *in)
{
    static const char letters[] = "\"\\bfnrt/";
    static const char characters[] = "\"\\\b\f\n\r\t/";
    unsigned character;
    const char *place;

    if (in->end - in->at < 2) {
        return fail(in, in->end, ENDS_EARLY);
    }
    if (in->at[1] == 'u') {
        if (!read_code_units(in, &character)) {
            return 0;
        }
    }
    else {
        place = memchr(letters, in->at[1], sizeof letters - 1);
        if (!place) {
            return fail_here(in, "there is no such escape in JSON");
        }
        character = (unsigned char)characters[place - letters];
        in->at += 2;
    }
    if (character >= ' ' && character != '"' && character != '\\') {
        put_character(in, character);
    }
    else {
        place = memchr(characters, (int)character, sizeof characters - 1);
        put_escape(in, character, place ? letters[place - characters] : 0);
    }
    return 1;
}

/* ASCII characters that need no escape in a string. */
static const char is_plain[256] = {[0x20 ... '"' - 1] = 1,
                                   ['"' + 1 ... '\\' - 1] = 1,
                                   ['\\' + 1 ... 0x7F] = 1};

static int are_plain(uint64_t bytes)
{
    return (iu_needs_escape(bytes) | iu_beyond_ascii(bytes)) == 0;
}

/* Skips unescaped characters, up to a quote or a backslash. */
static int skip_plain(guard *in)
{
    char *at = in->at;
    char *end = in->end;
    apr_size_t length;

    for (;;) {
        while (end - at >= 8 && are_plain(iu_eight_bytes(at))) {
            at += 8;
        }
        while (is_plain[(unsigned char)*at]) {
            at++;
        }
        if (at == end) {
            return fail(in, at, ENDS_EARLY);
        }
        if (*at == '"' || *at == '\\') {
            in->at = at;
            return 1;
        }
        length = iu_utf8_length(at, end);
        if (length == 0) {
            return fail(in, at, "the text is not UTF-8");
        }
        if (length == 1) {
            return fail(in, at, "a control character must be escaped");
        }
        at += length;
    }
}

/* Writes the characters from "from" to the current position. */
static void put_plain(guard *in, const char *from)
{
    apr_size_t length = in->at - from;

    if (in->out != from) {
        memmove(in->out, from, length);
    }
    in->out += length;
}

/* Checks and rewrites a string, both quotes included. */
static int pass_string(guard *in, iu_span *inside)
{
    char *first = in->at + 1;

    in->at = in->out = first;
    for (;;) {
        char *from = in->at;
        int passed = skip_plain(in);

        put_plain(in, from);
        if (!passed) {
            return 0;
        }
        if (*in->at == '"') {
            break;
        }
        if (!pass_escape(in)) {
            return 0;
        }
    }
    in->at++;
    inside->text = first;
    inside->length = in->out - first;
    in->size += inside->length;
    put(in, '"');
    while (in->out < in->at) {
        put(in, ' ');
    }
    return 1;
}

/* --- objects and arrays --- */

/* Checks a member's name, which must differ from those of the same object:
 * in->names from first on. */
static int pass_name(guard *in, int first)
{
    apr_size_t added;
    iu_span *own = &in->names[in->name_count];
    const iu_span *other;
    char *quote;

    skip_white_space(in);
    quote = in->at;
    added = in->added;
    if (in->at == in->end || *quote != '"') {
        return fail_here(in, "a name in double quotes is expected");
    }
    if (!pass_string(in, own)) {
        return 0;
    }
    for (other = &in->names[first]; other < own; other++) {
        if (other->length == own->length &&
            memcmp(other->text, own->text, own->length) == 0) {
            in->added = added;
            in->out = quote;
            return fail(in, quote, "a name is given twice in one object");
        }
    }
    in->name_count++;
    return 1;
}

static int pass_object(guard *in)
{
    int first = in->name_count;

    skip_mark(in, '{');
    if (skip_mark(in, '}')) {
        return 1;
    }
    do {
        if (!pass_name(in, first)) {
            return 0;
        }
        if (!skip_mark(in, ':')) {
            return fail_here(in, "a colon is expected");
        }
        if (!pass_value(in)) {
            return 0;
        }
    } while (skip_mark(in, ','));
    in->name_count = first;
    return skip_mark(in, '}') ||
           fail_here(in, "a comma or a closing brace is expected");
}

static int pass_array(guard *in)
{
    skip_mark(in, '[');
    if (skip_mark(in, ']')) {
        return 1;
    }
    do {
        if (!pass_value(in)) {
            return 0;
        }
    } while (skip_mark(in, ','));
    return skip_mark(in, ']') ||
           fail_here(in, "a comma or a closing bracket is expected");
}

static int pass_nested(guard *in, int (*pass_inside)(guard *))
{
    int passed;

    if (in->depth == IU_JSON_DEPTH) {
        return fail_here(in,
                         "nested deeper than " APR_STRINGIFY(IU_JSON_DEPTH));
    }
    in->depth++;
    passed = pass_inside(in);
    in->depth--;
    return passed;
}

/* --- numbers, literals, values --- */

static int pass_digits(guard *in)
{
    if (in->at == in->end || !is_digit(*in->at)) {
        return fail_here(in, "a digit is expected");
    }
    while (in->at < in->end && is_digit(*in->at)) {
        in->at++;
    }
    return 1;
}

static int skip_one_of(guard *in, const char *marks)
{
    if (in->at == in->end || *in->at == '\0' || !strchr(marks, *in->at)) {
        return 0;
    }
    in->at++;
    return 1;
}

/* RFC 8259 section 6: [ "-" ] int [ "." digits ] [ e [ "+" / "-" ] digits ] */
static int pass_number(guard *in)
{
    char *text = in->at;
    char *digits;

    if (*text != '-' && !is_digit(*text)) {
        return fail_here(in, "a value is expected");
    }
    skip_one_of(in, "-");
    digits = in->at;
    if (!pass_digits(in)) {
        return 0;
    }
    if (*digits == '0' && in->at - digits > 1) {
        return fail(in, digits, "a number must not begin with a zero");
    }
    if (skip_one_of(in, ".") && !pass_digits(in)) {
        return 0;
    }
    if (skip_one_of(in, "eE")) {
        skip_one_of(in, "+-");
        if (!pass_digits(in)) {
            return 0;
        }
    }
    if (!in->numbers) {
        in->numbers = apr_array_make(in->pool, 8, sizeof(char *));
    }
    APR_ARRAY_PUSH(in->numbers, const char *) =
        apr_pstrmemdup(in->pool, text, in->at - text);
    return 1;
}

static int pass_literal(guard *in, const char *literal)
{
    apr_size_t length = strlen(literal);

    if ((apr_size_t)(in->end - in->at) < length ||
        memcmp(in->at, literal, length) != 0) {
        return fail_here(in, "a value is expected");
    }
    in->at += length;
    return 1;
}

static int pass_kind(guard *in)
{
    iu_span inside;

    switch (*in->at) {
    case '{':
        return pass_nested(in, pass_object);
    case '[':
        return pass_nested(in, pass_array);
    case '"':
        return pass_string(in, &inside);
    case 't':
        return pass_literal(in, "true");
    case 'f':
        return pass_literal(in, "false");
    case 'n':
        return pass_literal(in, "null");
    default:
        return pass_number(in);
    }
}

static int pass_value(guard *in)
{
    skip_white_space(in);
    if (in->at == in->end) {
        return fail_here(in, ENDS_EARLY);
    }
    if (in->values == IU_JSON_VALUES) {
        return fail_here(in,
                         "more than " APR_STRINGIFY(IU_JSON_VALUES) " values");
    }
    in->values++;
    in->size += IU_JSON_MARKS;
    return pass_kind(in);
}

static int pass_text(guard *in, iu_json_passed *passed)
{
    if (in->end - in->at >= 3 && memcmp(in->at, "\xEF\xBB\xBF", 3) == 0) {
        return fail_here(in, "a byte order mark is not allowed");
    }
    skip_white_space(in);
    passed->value = in->at;
    if (!pass_value(in)) {
        return 0;
    }
    passed->length = in->at - passed->value;
    passed->size = in->size;
    passed->numbers = in->numbers;
    skip_white_space(in);
    return in->at == in->end || fail_here(in, "the text goes on after its end");
}

/* Sets *fault. The column is the number of bytes before "at" on its line, less
 * the continuation bytes, plus those that decoded escapes have added. There are
 * none after "out". */
static void locate(const guard *in, const char *text, iu_json_fault *fault)
{
    const char *at;

    fault->offset = in->at - text;
    fault->reason = in->reason;
    fault->line = in->line;
    fault->column = in->at - in->line_start + in->added + 1;
    for (at = in->line_start; at < in->out; at++) {
        fault->column -= (*at & 0xC0) == 0x80;
    }
}

int iu_json_guard(apr_pool_t *pool, char *text, apr_size_t length,
                  iu_json_passed *passed, iu_json_fault *fault)
{
    iu_span names[IU_JSON_VALUES];
    guard in = {.pool = pool,
                .at = text,
                .end = text + length,
                .out = text,
                .line = 1,
                .line_start = text,
                .names = names};

    text[length] = '\0'; /* neither white space nor plain */
    if (!pass_text(&in, passed)) {
        locate(&in, text, fault);
        return 0;
    }
    return 1;
}
