/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict reading of JSON text: a recursive descent in one pass over it,
 * which checks and builds the tree. IU_JSON_DEPTH bounds the recursion,
 * IU_JSON_VALUES what a small hostile text can make of memory and time.
 */
#include "json_scan.h"

#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "utf8.h"

#define ENDS_EARLY "the text ends too early"

typedef struct scanner {
    apr_pool_t *pool; /* of the tree */
    const char *at;
    const char *end;
    const char *reason; /* what is wrong at at, once a step has failed */
    unsigned depth;
    unsigned values;
} scanner;

static int scan_value(scanner *scan, iu_json *value);

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

/* Steps over white space and c. Where something else is, stands there and
 * returns 0. */
static int skip_mark(scanner *scan, char c)
{
    skip_white_space(scan);
    if (scan->at == scan->end || *scan->at != c) {
        return 0;
    }
    scan->at++;
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

/* Scans a string from its opening quote to behind its closing one. Sets
 * *escapes where it has any. */
static int scan_string(scanner *scan, int *escapes)
{
    const char *end = scan->end;

    *escapes = 0;
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
            *escapes = 1;
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

/* The character of an escape that was scanned; steps over it. */
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

/* Writes a character as UTF-8 (RFC 3629 section 3); returns where it ends. */
static char *put_character(char *out, unsigned character)
{
    if (character < 0x80) {
        *out++ = (char)character;
        return out;
    }
    if (character < 0x800) {
        *out++ = (char)(0xC0 | character >> 6);
    }
    else {
        if (character < 0x10000) {
            *out++ = (char)(0xE0 | character >> 12);
        }
        else {
            *out++ = (char)(0xF0 | character >> 18);
            *out++ = (char)(0x80 | (character >> 12 & 0x3F));
        }
        *out++ = (char)(0x80 | (character >> 6 & 0x3F));
    }
    *out++ = (char)(0x80 | (character & 0x3F));
    return out;
}

/* The inside of a string that was scanned, without its escapes. None is
 * shorter than what it stands for. */
static const char *unescape(apr_pool_t *pool, const char *at, const char *end,
                            apr_size_t *length)
{
    char *text = apr_palloc(pool, end - at + 1);
    char *out = text;

    while (at < end) {
        if (*at == '\\') {
            out = put_character(out, decode_escape(&at));
        }
        else {
            *out++ = *at++;
        }
    }
    *out = '\0';
    *length = out - text;
    return text;
}

/* Scans a string and copies what it means. NULL where it is none. */
static const char *read_string(scanner *scan, apr_size_t *length)
{
    const char *first = scan->at + 1;
    int escapes;

    if (!scan_string(scan, &escapes)) {
        return NULL;
    }
    *length = scan->at - 1 - first;
    return escapes ? unescape(scan->pool, first, scan->at - 1, length)
                   : apr_pstrmemdup(scan->pool, first, *length);
}

/* Scans the name of a member, which must be none of those before it. */
static int scan_name(scanner *scan, const iu_json *object, iu_json *member)
{
    const iu_json *other;
    const char *quote;

    skip_white_space(scan);
    quote = scan->at;
    if (scan->at == scan->end || *quote != '"') {
        return fail_here(scan, "a name in double quotes is expected");
    }
    member->name = read_string(scan, &member->name_length);
    if (!member->name) {
        return 0;
    }
    for (other = object->first; other; other = other->next) {
        if (other->name_length == member->name_length &&
            memcmp(other->name, member->name, other->name_length) == 0) {
            return fail(scan, quote, "a name is given twice in one object");
        }
    }
    return 1;
}

static int scan_object(scanner *scan, iu_json *object)
{
    iu_json **link = &object->first;

    skip_mark(scan, '{');
    if (skip_mark(scan, '}')) {
        return 1;
    }
    do {
        iu_json *member = apr_pcalloc(scan->pool, sizeof *member);

        if (!scan_name(scan, object, member)) {
            return 0;
        }
        if (!skip_mark(scan, ':')) {
            return fail_here(scan, "a colon is expected");
        }
        if (!scan_value(scan, member)) {
            return 0;
        }
        *link = member;
        link = &member->next;
    } while (skip_mark(scan, ','));
    return skip_mark(scan, '}') ||
           fail_here(scan, "a comma or a closing brace is expected");
}

static int scan_array(scanner *scan, iu_json *array)
{
    iu_json **link = &array->first;

    skip_mark(scan, '[');
    if (skip_mark(scan, ']')) {
        return 1;
    }
    do {
        iu_json *element = apr_pcalloc(scan->pool, sizeof *element);

        if (!scan_value(scan, element)) {
            return 0;
        }
        *link = element;
        link = &element->next;
    } while (skip_mark(scan, ','));
    return skip_mark(scan, ']') ||
           fail_here(scan, "a comma or a closing bracket is expected");
}

static int scan_nested(scanner *scan, iu_json *value,
                       int (*scan_inside)(scanner *, iu_json *))
{
    int passed;

    if (scan->depth == IU_JSON_DEPTH) {
        return fail(scan, scan->at,
                    "nested deeper than " APR_STRINGIFY(IU_JSON_DEPTH));
    }
    scan->depth++;
    passed = scan_inside(scan, value);
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

    if (*scan->at != '-' && !is_digit(*scan->at)) {
        return fail(scan, scan->at, "a value is expected");
    }
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

static int scan_kind(scanner *scan, iu_json *value)
{
    switch (*scan->at) {
    case '{':
        value->type = IU_JSON_OBJECT;
        return scan_nested(scan, value, scan_object);
    case '[':
        value->type = IU_JSON_ARRAY;
        return scan_nested(scan, value, scan_array);
    case '"':
        value->type = IU_JSON_STRING;
        value->string = read_string(scan, &value->length);
        return value->string != NULL;
    case 't':
        value->type = IU_JSON_BOOLEAN;
        return scan_literal(scan, "true");
    case 'f':
        value->type = IU_JSON_BOOLEAN;
        return scan_literal(scan, "false");
    case 'n':
        value->type = IU_JSON_NULL;
        return scan_literal(scan, "null");
    default:
        value->type = IU_JSON_NUMBER;
        return scan_number(scan);
    }
}

static int scan_value(scanner *scan, iu_json *value)
{
    skip_white_space(scan);
    if (scan->at == scan->end) {
        return fail_here(scan, ENDS_EARLY);
    }
    if (scan->values == IU_JSON_VALUES) {
        return fail(scan, scan->at,
                    "more than " APR_STRINGIFY(IU_JSON_VALUES) " values");
    }
    scan->values++;
    value->text = scan->at;
    if (!scan_kind(scan, value)) {
        return 0;
    }
    value->text_length = scan->at - value->text;
    return 1;
}

static int scan_text(scanner *scan, iu_json *root)
{
    if (scan->end - scan->at >= 3 && memcmp(scan->at, "\xEF\xBB\xBF", 3) == 0) {
        return fail(scan, scan->at, "a byte order mark is not allowed");
    }
    if (!scan_value(scan, root)) {
        return 0;
    }
    skip_white_space(scan);
    if (scan->at < scan->end) {
        return fail(scan, scan->at, "the text goes on after its end");
    }
    return 1;
}

/* Writes a fault at a place of text, which is UTF-8 up to there. */
static void locate(const char *text, const char *at, const char *reason,
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

iu_json *iu_json_scan(apr_pool_t *pool, const char *text, apr_size_t length,
                      iu_json_fault *fault)
{
    iu_json *root = apr_pcalloc(pool, sizeof *root);
    scanner scan = {pool, text, text + length, NULL, 0, 0};

    if (!scan_text(&scan, root)) {
        locate(text, scan.at, scan.reason, fault);
        return NULL;
    }
    return root;
}
