/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict scan of JSON text: a recursive descent in one pass over it.
 * IU_JSON_DEPTH bounds the recursion, IU_JSON_VALUES the names it remembers.
 */
#include "json_scan.h"

#include <limits.h>
#include <string.h>

#include <apr_general.h>

#include "utf8.h"

#define ENDS_EARLY "the text ends too early"

/* A member's name as the text spells it, without its quotes. */
typedef struct name_span {
    const char *start;
    const char *end;
    apr_uint32_t hash; /* of its characters, however they are spelled */
} name_span;

typedef struct scanner {
    const char *at;
    const char *end;
    const char *reason; /* what is wrong at at, once a step has failed */
    unsigned depth;
    unsigned values;
    unsigned names; /* those of all objects that are open, outermost first */
    name_span name[IU_JSON_VALUES];
} scanner;

static int scan_value(scanner *scan);

static int fail(scanner *scan, const char *at, const char *reason)
{
    scan->at = at;
    scan->reason = reason;
    return 0;
}

/* Fails where scan stands, because something else had to come. */
static int fail_here(scanner *scan, const char *reason)
{
    return fail(scan, scan->at, scan->at == scan->end ? ENDS_EARLY : reason);
}

static void skip_white_space(scanner *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\n' ||
                                    *scan->at == '\r' || *scan->at == '\t')) {
        scan->at++;
    }
}

/* Steps over c with the white space on both sides of it. Where something else
 * is, stands there and returns 0. */
static int skip_mark(scanner *scan, char c)
{
    skip_white_space(scan);
    if (scan->at == scan->end || *scan->at != c) {
        return 0;
    }
    scan->at++;
    skip_white_space(scan);
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

/* The UTF-16 code unit of the escape (backslash, u, four digits) that begins
 * at text; -1 where none does. */
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

static int scan_code_unit(scanner *scan)
{
    int unit = code_unit(scan->at, scan->end);

    if (unit < 0) {
        return fail(scan, scan->at, "four hexadecimal digits must follow \\u");
    }
    if (unit == 0) {
        return fail(scan, scan->at, "U+0000 is not supported in strings");
    }
    if (is_high_surrogate(unit) &&
        is_low_surrogate(code_unit(scan->at + 6, scan->end))) {
        scan->at += 12;
        return 1;
    }
    if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
        return fail(scan, scan->at, "half of a surrogate pair");
    }
    scan->at += 6;
    return 1;
}

static int scan_escape(scanner *scan)
{
    if (scan->end - scan->at < 2) {
        return fail(scan, scan->end, ENDS_EARLY);
    }
    if (scan->at[1] == 'u') {
        return scan_code_unit(scan);
    }
    if (!memchr("\"\\/bfnrt", scan->at[1], 8)) {
        return fail(scan, scan->at, "there is no such escape in JSON");
    }
    scan->at += 2;
    return 1;
}

/* Whether a byte stands for itself in a string and is a whole character. A
 * table, because most bytes of most texts come by here. */
static const char is_plain[256] = {[0x20 ... '"' - 1] = 1,
                                   ['"' + 1 ... '\\' - 1] = 1,
                                   ['\\' + 1 ... 0x7F] = 1};

/* Scans a string from its opening quote to behind its closing one. */
static int scan_string(scanner *scan)
{
    const char *end = scan->end;

    scan->at++;
    for (;;) {
        const char *at = scan->at;
        apr_size_t length;

        while (at < end && is_plain[(unsigned char)*at]) {
            at++;
        }
        scan->at = at;
        if (at == end) {
            return fail(scan, at, ENDS_EARLY);
        }
        if (*at == '"') {
            scan->at++;
            return 1;
        }
        if (*at == '\\') {
            if (!scan_escape(scan)) {
                return 0;
            }
            continue;
        }
        length = iu_utf8_length(at, end);
        if (length == 0) {
            return fail(scan, at, "the text is not UTF-8");
        }
        if (length == 1) {
            return fail(scan, at, "a control character must be escaped");
        }
        scan->at += length;
    }
}

/* The character behind the backslash of an escape that was scanned. */
static unsigned decode_escape(const char **at)
{
    static const char letters[] = "bfnrt";
    static const char meant[] = "\b\f\n\r\t";
    const char *escape = *at;
    const char *letter;
    int unit;

    if (escape[1] != 'u') {
        *at += 2;
        letter = memchr(letters, escape[1], sizeof letters - 1);
        return letter ? meant[letter - letters] : escape[1];
    }
    *at += 6;
    unit = code_unit(escape, *at);
    if (is_high_surrogate(unit)) {
        *at += 6;
        return 0x10000 + ((unit - 0xD800) << 10) +
               (code_unit(escape + 6, *at) - 0xDC00);
    }
    return unit;
}

/* The next character of a name that was scanned; steps over it. */
static unsigned next_character(const char **at, const char *end)
{
    unsigned character = (unsigned char)**at;
    apr_size_t length, i;

    if (character == '\\') {
        return decode_escape(at);
    }
    if (character < 0x80) {
        (*at)++;
        return character;
    }
    length = iu_utf8_length(*at, end);
    character &= 0x7F >> length;
    for (i = 1; i < length; i++) {
        character = character << 6 | ((*at)[i] & 0x3F);
    }
    *at += length;
    return character;
}

/* FNV-1a, by characters instead of bytes. */
static apr_uint32_t hash_name(const name_span *name)
{
    apr_uint32_t hash = 2166136261u;
    const char *at = name->start;

    while (at < name->end) {
        hash = (hash ^ next_character(&at, name->end)) * 16777619u;
    }
    return hash;
}

static int is_same_name(const name_span *a, const name_span *b)
{
    const char *in_a = a->start;
    const char *in_b = b->start;

    if (a->hash != b->hash) {
        return 0;
    }
    while (in_a < a->end && in_b < b->end) {
        if (next_character(&in_a, a->end) != next_character(&in_b, b->end)) {
            return 0;
        }
    }
    return in_a == a->end && in_b == b->end;
}

/* Scans a name and remembers it; first is that of the object's first name.
 * There is room for it: all names before it have had their values counted, and
 * so has the outermost value, which has no name: names < values. */
static int scan_name(scanner *scan, unsigned first)
{
    const char *quote = scan->at;
    name_span *name = &scan->name[scan->names];
    unsigned i;

    if (scan->at == scan->end || *quote != '"') {
        return fail_here(scan, "a name in double quotes is expected");
    }
    if (!scan_string(scan)) {
        return 0;
    }
    name->start = quote + 1;
    name->end = scan->at - 1;
    name->hash = hash_name(name);
    for (i = first; i < scan->names; i++) {
        if (is_same_name(&scan->name[i], name)) {
            return fail(scan, quote, "a name is given twice in one object");
        }
    }
    scan->names++;
    return 1;
}

static int scan_member(scanner *scan, unsigned first)
{
    if (!scan_name(scan, first)) {
        return 0;
    }
    if (!skip_mark(scan, ':')) {
        return fail_here(scan, "a colon is expected");
    }
    return scan_value(scan);
}

static int scan_object(scanner *scan)
{
    unsigned first = scan->names;

    skip_mark(scan, '{');
    if (skip_mark(scan, '}')) {
        return 1;
    }
    do {
        if (!scan_member(scan, first)) {
            return 0;
        }
    } while (skip_mark(scan, ','));
    scan->names = first;
    return skip_mark(scan, '}') ||
           fail_here(scan, "a comma or a closing brace is expected");
}

static int scan_array(scanner *scan)
{
    skip_mark(scan, '[');
    if (skip_mark(scan, ']')) {
        return 1;
    }
    do {
        if (!scan_value(scan)) {
            return 0;
        }
    } while (skip_mark(scan, ','));
    return skip_mark(scan, ']') ||
           fail_here(scan, "a comma or a closing bracket is expected");
}

static int scan_nested(scanner *scan, int (*scan_inside)(scanner *))
{
    int passed;

    if (scan->depth == IU_JSON_DEPTH) {
        return fail(scan, scan->at,
                    "nested deeper than " APR_STRINGIFY(IU_JSON_DEPTH));
    }
    scan->depth++;
    passed = scan_inside(scan);
    scan->depth--;
    return passed;
}

static int scan_digits(scanner *scan)
{
    if (scan->at == scan->end || !is_digit(*scan->at)) {
        return fail_here(scan, "a digit is expected");
    }
    while (scan->at < scan->end && is_digit(*scan->at)) {
        scan->at++;
    }
    return 1;
}

/* RFC 8259 section 6: [ "-" ] int [ "." digits ] [ e [ "+" / "-" ] digits ] */
static int scan_number(scanner *scan)
{
    const char *first;

    if (*scan->at == '-') {
        scan->at++;
    }
    first = scan->at;
    if (!scan_digits(scan)) {
        return 0;
    }
    if (*first == '0' && scan->at - first > 1) {
        return fail(scan, first, "a number must not begin with a zero");
    }
    if (scan->at < scan->end && *scan->at == '.') {
        scan->at++;
        if (!scan_digits(scan)) {
            return 0;
        }
    }
    if (scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E')) {
        scan->at++;
        if (scan->at < scan->end && (*scan->at == '+' || *scan->at == '-')) {
            scan->at++;
        }
        return scan_digits(scan);
    }
    return 1;
}

static int scan_literal(scanner *scan, const char *literal)
{
    apr_size_t length = strlen(literal);

    if ((apr_size_t)(scan->end - scan->at) < length ||
        memcmp(scan->at, literal, length) != 0) {
        return fail(scan, scan->at, "a value is expected");
    }
    scan->at += length;
    return 1;
}

static int scan_value(scanner *scan)
{
    if (scan->at == scan->end) {
        return fail_here(scan, ENDS_EARLY);
    }
    if (scan->values == IU_JSON_VALUES) {
        return fail(scan, scan->at,
                    "more than " APR_STRINGIFY(IU_JSON_VALUES) " values");
    }
    scan->values++;
    switch (*scan->at) {
    case '{':
        return scan_nested(scan, scan_object);
    case '[':
        return scan_nested(scan, scan_array);
    case '"':
        return scan_string(scan);
    case 't':
        return scan_literal(scan, "true");
    case 'f':
        return scan_literal(scan, "false");
    case 'n':
        return scan_literal(scan, "null");
    default:
        if (*scan->at != '-' && !is_digit(*scan->at)) {
            return fail(scan, scan->at, "a value is expected");
        }
        return scan_number(scan);
    }
}

static int scan_text(scanner *scan)
{
    if (scan->end - scan->at >= 3 && memcmp(scan->at, "\xEF\xBB\xBF", 3) == 0) {
        return fail(scan, scan->at, "a byte order mark is not allowed");
    }
    skip_white_space(scan);
    if (!scan_value(scan)) {
        return 0;
    }
    skip_white_space(scan);
    if (scan->at < scan->end) {
        return fail(scan, scan->at, "the text goes on after its end");
    }
    return 1;
}

void iu_json_locate(const char *text, const char *at, const char *reason,
                    iu_json_fault *fault)
{
    fault->offset = at - text;
    fault->reason = reason;
    fault->line = 1;
    fault->column = 1;
    for (; text < at; text++) {
        if (*text == '\n') {
            fault->line++;
            fault->column = 1;
        }
        else if ((*text & 0xC0) != 0x80) {
            fault->column++;
        }
    }
}

int iu_json_scan(const char *text, apr_size_t length, iu_json_fault *fault)
{
    scanner scan;

    if (length > INT_MAX) {
        iu_json_locate(text, text, "longer than 2 GiB", fault);
        return 0;
    }
    scan.at = text;
    scan.end = text + length;
    scan.reason = NULL;
    scan.depth = 0;
    scan.values = 0;
    scan.names = 0;
    if (!scan_text(&scan)) {
        iu_json_locate(text, scan.at, scan.reason, fault);
        return 0;
    }
    return 1;
}
