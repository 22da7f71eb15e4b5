/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/query/filter.c with clause.c, filter_literal.c and
 * filter_name.c. */
#include "support/tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/query/filter.h"
#include "../../src/text/buffer.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Short names for properties in the examples. */
#define ACCESSED "lastUsed/lastAccessedDateTime"
#define TYPE "resourceVisualization/type"
#define NOON "2026-01-02T12:00:00Z"
#define NOON_UTC "2026-01-02T12:00:00.000000000000"

#define OBJECT_FAULT "An object can be compared by eq and ne, with null only."

static apr_pool_t *pool;

static const char *const operators[] = {[IU_AND] = "and",
                                        [IU_OR] = "or",
                                        [IU_NOT] = "not",
                                        [IU_EQ] = "eq",
                                        [IU_NE] = "ne",
                                        [IU_GT] = "gt",
                                        [IU_GE] = "ge",
                                        [IU_LT] = "lt",
                                        [IU_LE] = "le",
                                        [IU_IN] = "in",
                                        [IU_CONTAINS] = "contains",
                                        [IU_STARTSWITH] = "startswith",
                                        [IU_ENDSWITH] = "endswith",
                                        [IU_TOLOWER] = "tolower",
                                        [IU_TOUPPER] = "toupper",
                                        [IU_TRIM] = "trim",
                                        [IU_CONCAT] = "concat",
                                        [IU_LENGTH] = "length",
                                        [IU_INDEXOF] = "indexof",
                                        [IU_SUBSTRING] = "substring",
                                        [IU_YEAR] = "year",
                                        [IU_MONTH] = "month",
                                        [IU_DAY] = "day",
                                        [IU_HOUR] = "hour",
                                        [IU_MINUTE] = "minute",
                                        [IU_SECOND] = "second",
                                        [IU_DATE] = "date"};

static const char *literal_text(const iu_expression *literal)
{
    switch (literal->type) {
    case IU_VALUE_NULL:
        return "null";
    case IU_VALUE_BOOLEAN:
        return literal->number ? "true" : "false";
    case IU_VALUE_INTEGER:
        return apr_psprintf(pool, "%" APR_INT64_T_FMT, literal->number);
    case IU_VALUE_TEXT:
        return apr_psprintf(pool, "\"%s\"", literal->text);
    default:
        return literal->text;
    }
}

/* Writes a tree as an s-expression: (eq id "a"). */
static void print(iu_buffer *out, const iu_expression *expression)
{
    const iu_property *property = expression->property;
    int i;

    if (expression->operator== IU_LITERAL) {
        iu_buffer_puts(out, literal_text(expression));
        return;
    }
    if (expression->operator== IU_PROPERTY) {
        iu_buffer_puts(out,
                       property->member->type ? property->member->name : "");
        iu_buffer_puts(out, property->member->type ? "/" : "");
        iu_buffer_puts(out, property->name);
        return;
    }
    if (expression->operator== IU_OBJECT) {
        iu_buffer_puts(out, expression->member->name);
        return;
    }
    iu_buffer_puts(out, "(");
    iu_buffer_puts(out, operators[expression->operator]);
    for (i = 0; i < expression->count; i++) {
        iu_buffer_puts(out, " ");
        print(out, expression->operands[i]);
    }
    iu_buffer_puts(out, ")");
}

static const char *printed(const iu_expression *expression)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, 64);
    print(&out, expression);
    return out.data;
}

static const struct {
    const char *filter;
    const char *tree;
} good[] = {
    /* examples of Graph's documentation */
    {"ResourceVisualization/Type eq 'PowerPoint'",
     "(eq " TYPE " \"PowerPoint\")"},
    {"ResourceVisualization/containerType eq 'OneDriveBusiness'",
     "(eq resourceVisualization/containerType \"OneDriveBusiness\")"},
    /* comparisons */
    {"id eq 'a'", "(eq id \"a\")"},
    {"id ne 'a'", "(ne id \"a\")"},
    {"id gt 'a'", "(gt id \"a\")"},
    {"id ge 'a'", "(ge id \"a\")"},
    {"id lt 'a'", "(lt id \"a\")"},
    {"id le 'a'", "(le id \"a\")"},
    {"'a' eq id", "(eq \"a\" id)"},
    {"id eq resourceReference/id", "(eq id resourceReference/id)"},
    {"ID EQ 'a' AND NOT(CONTAINS(Id,'b')) OR Id In('c',NULL)",
     "(or (and (eq id \"a\") (not (contains id \"b\"))) (in id \"c\" null))"},
    {"  id\teq  'a' ", "(eq id \"a\")"},
    {"(id)eq('a')", "(eq id \"a\")"},
    {"((id eq 'a'))", "(eq id \"a\")"},
    /* literals */
    {"id eq ''", "(eq id \"\")"},
    {"id eq ''''", "(eq id \"'\")"},
    {"id eq 'it''s ''so'''", "(eq id \"it's 'so'\")"},
    {"id eq 'eq) and (,'", "(eq id \"eq) and (,\")"},
    {"id eq '\xC3\xA9\xF0\x9F\x98\x80'",
     "(eq id \"\xC3\xA9\xF0\x9F\x98\x80\")"},
    {"id eq null", "(eq id null)"},
    {"null ne id", "(ne null id)"},
    {"null eq null", "(eq null null)"},
    {"id gt null", "(gt id null)"},
    {"true", "true"},
    {"FALSE", "false"},
    {"null", "null"},
    {"not null", "(not null)"},
    {"null and true", "(and null true)"},
    {ACCESSED " gt " NOON, "(gt " ACCESSED " " NOON_UTC ")"},
    {ACCESSED " eq 2026-01-02T14:00+02:00", "(eq " ACCESSED " " NOON_UTC ")"},
    {ACCESSED " lt 2026-01-02t12:00:00.123456789012z",
     "(lt " ACCESSED " 2026-01-02T12:00:00.123456789012)"},
    {ACCESSED " le lastUsed/lastModifiedDateTime",
     "(le " ACCESSED " lastUsed/lastModifiedDateTime)"},
    {"date(" ACCESSED ") eq 2024-02-29", "(eq (date " ACCESSED ") 2024-02-29)"},
    {"date(" ACCESSED ") eq date(lastUsed/lastModifiedDateTime)",
     "(eq (date " ACCESSED ") (date lastUsed/lastModifiedDateTime))"},
    {"date(" ACCESSED ") in (2026-01-02,null)",
     "(in (date " ACCESSED ") 2026-01-02 null)"},
    {"length(id) gt 9223372036854775807",
     "(gt (length id) 9223372036854775807)"},
    {"-9223372036854775808 le length(id)",
     "(le -9223372036854775808 (length id))"},
    /* functions */
    {"contains(id,'a')", "(contains id \"a\")"},
    {"startswith(id,'a')", "(startswith id \"a\")"},
    {"endswith(id,'a')", "(endswith id \"a\")"},
    {"contains ( id , 'a' )", "(contains id \"a\")"},
    {"contains(id,'a') eq true", "(eq (contains id \"a\") true)"},
    {"false ne contains(id,'a')", "(ne false (contains id \"a\"))"},
    {"contains(id,'a') eq null", "(eq (contains id \"a\") null)"},
    {"contains(id,null)", "(contains id null)"},
    {"tolower(id) eq 'a'", "(eq (tolower id) \"a\")"},
    {"toupper(id) eq 'A'", "(eq (toupper id) \"A\")"},
    {"trim(id) eq 'a'", "(eq (trim id) \"a\")"},
    {"concat(concat(id,','),'b') eq 'a,b'",
     "(eq (concat (concat id \",\") \"b\") \"a,b\")"},
    {"length(id) eq 3", "(eq (length id) 3)"},
    {"indexof(id,'a') eq -1", "(eq (indexof id \"a\") -1)"},
    {"substring(id,1) eq 'b'", "(eq (substring id 1) \"b\")"},
    {"substring(id,indexof(id,'b'),length(id)) eq 'b'",
     "(eq (substring id (indexof id \"b\") (length id)) \"b\")"},
    {"year(" ACCESSED ") eq 2026", "(eq (year " ACCESSED ") 2026)"},
    {"month(" ACCESSED ") eq 1", "(eq (month " ACCESSED ") 1)"},
    {"day(" ACCESSED ") eq 1", "(eq (day " ACCESSED ") 1)"},
    {"hour(" ACCESSED ") eq 1", "(eq (hour " ACCESSED ") 1)"},
    {"minute(" ACCESSED ") eq 1", "(eq (minute " ACCESSED ") 1)"},
    {"second(" ACCESSED ") eq 1", "(eq (second " ACCESSED ") 1)"},
    {"year(null) eq 1", "(eq (year null) 1)"},
    /* lists */
    {"id in ('a')", "(in id \"a\")"},
    {"id in('a','b')", "(in id \"a\" \"b\")"},
    {"id in ( null , 'a' )", "(in id null \"a\")"},
    {"null in (null,'a')", "(in null null \"a\")"},
    {"length(id) in (1,2)", "(in (length id) 1 2)"},
    {ACCESSED " in (" NOON ")", "(in " ACCESSED " " NOON_UTC ")"},
    /* objects */
    {"lastUsed eq null", "(eq lastUsed null)"},
    {"RESOURCEREFERENCE NE NULL", "(ne resourceReference null)"},
    {"null eq resourceVisualization", "(eq null resourceVisualization)"},
    {"(lastUsed) ne (null)", "(ne lastUsed null)"},
    {"not (lastUsed eq null) and id eq 'a' or lastUsed ne null",
     "(or (and (not (eq lastUsed null)) (eq id \"a\")) (ne lastUsed null))"},
    {"lastUsed eq null eq true", "(eq (eq lastUsed null) true)"},
    /* precedence: in, not, gt ge lt le, eq ne, and, or */
    {"true or false and true", "(or true (and false true))"},
    {"true and false or true", "(or (and true false) true)"},
    {"(true or false) and true", "(and (or true false) true)"},
    {"not true and false", "(and (not true) false)"},
    {"not (true and false)", "(not (and true false))"},
    {"not not true", "(not (not true))"},
    {"not contains(id,'a') eq true", "(eq (not (contains id \"a\")) true)"},
    {"not id in ('a')", "(not (in id \"a\"))"},
    {"id gt 'a' eq true", "(eq (gt id \"a\") true)"},
    {"true eq id gt 'a'", "(eq true (gt id \"a\"))"},
    {"id eq 'a' eq true eq false", "(eq (eq (eq id \"a\") true) false)"},
    {"id eq 'a' and id eq 'b' and id eq 'c'",
     "(and (eq id \"a\") (eq id \"b\") (eq id \"c\"))"},
    {"true or false or true and false or true",
     "(or true false (and true false) true)"}};

static const struct {
    const char *filter;
    int position;
    const char *reason;
} bad[] = {
    /* missing or superfluous parts */
    {"", 1, "A property, a literal or a function was expected, not the end."},
    {" ", 2, "A property, a literal or a function was expected, not the end."},
    {"id eq", 6,
     "A property, a literal or a function was expected, not the end."},
    {"id eq 'a' and", 14,
     "A property, a literal or a function was expected, not the end."},
    {"not", 4,
     "A property, a literal or a function was expected, not the end."},
    {"()", 2, "A property, a literal or a function was expected, not ')'."},
    {"id eq )", 7,
     "A property, a literal or a function was expected, not ')'."},
    {"id eq 'a' id", 11, "An operator or the end was expected, not 'id'."},
    {"id eq 'a')", 10, "An operator or the end was expected, not ')'."},
    {"id = 'a'", 4, "An operator or the end was expected, not '='."},
    {"(id eq 'a'", 11, "An operator or ')' was expected, not the end."},
    {"(id eq 'a' 'b')", 12, "An operator or ')' was expected, not ''b''."},
    {"id eq 'a", 7, "The text has no quote at its end."},
    {"id eq 'a''", 7, "The text has no quote at its end."},
    {"id eq '\xC3\xA9' or \"b\"", 14,
     "A property, a literal or a function was expected, not '\"'."},
    {"contains(id)", 12, "',' was expected, not ')'."},
    {"contains(id,'a','b')", 17, "')' was expected, not ''b''."},
    {"contains(id,'a'", 16, "')' was expected, not the end."},
    {"contains()", 10,
     "A property, a literal or a function was expected, not ')'."},
    {"substring(id,1 2) eq 'a'", 16, "',' or ')' was expected, not '2'."},
    {"id in 'a'", 7, "'(' was expected, not ''a''."},
    {"id in ()", 8, "A literal was expected, not ')'."},
    {"id in ('a',)", 12, "A literal was expected, not ')'."},
    {"id in ('a' 'b')", 12, "',' or ')' was expected, not ''b''."},
    {"id in (id)", 8, "A literal was expected, not 'id'."},
    /* names */
    {"title eq 'a'", 1,
     "The property 'title' does not exist on type "
     "'microsoft.graph.usedInsight'."},
    {"id eq 'a' and lastUsed/x eq null", 15,
     "The property 'x' does not exist on type "
     "'microsoft.graph.usageDetails'."},
    {"id eq '\xF0\x9F\x98\x80' and \xC3\xA9 eq 'a'", 15,
     "The property '\xC3\xA9' does not exist on type "
     "'microsoft.graph.usedInsight'."},
    {"substringof('a',id)", 1, "The function 'substringof' is not known."},
    {"id('a')", 1, "The function 'id' is not known."},
    {"time eq null", 1,
     "The property 'time' does not exist on type "
     "'microsoft.graph.usedInsight'."},
    /* literals */
    {"length(id) eq 9223372036854775808", 15,
     "The literal '9223372036854775808' is no Edm.Int64, Edm.Date or "
     "Edm.DateTimeOffset, which ends in Z or an offset ('+' is %2B in a "
     "URL)."},
    {"length(id) eq 1.5", 15,
     "The literal '1.5' is no Edm.Int64, Edm.Date or Edm.DateTimeOffset, which "
     "ends in Z or an offset ('+' is %2B in a URL)."},
    {ACCESSED " gt 2026-01-02T12:00:00", 34,
     "The literal '2026-01-02T12:00:00' is no Edm.Int64, Edm.Date or "
     "Edm.DateTimeOffset, which ends in Z or an offset ('+' is %2B in a "
     "URL)."},
    {"date(" ACCESSED ") eq 2026-02-29", 40,
     "The literal '2026-02-29' is no Edm.Int64, Edm.Date or "
     "Edm.DateTimeOffset, which ends in Z or an offset ('+' is %2B in a "
     "URL)."},
    /* types */
    {"id", 1, "Edm.Boolean was expected, not Edm.String."},
    {"5", 1, "Edm.Boolean was expected, not Edm.Int64."},
    {NOON, 1, "Edm.Boolean was expected, not Edm.DateTimeOffset."},
    {"true and id", 10, "Edm.Boolean was expected, not Edm.String."},
    {"id or true", 1, "Edm.Boolean was expected, not Edm.String."},
    {"not id eq 'a'", 5, "Edm.Boolean was expected, not Edm.String."},
    {"id eq 5", 4, "Edm.String cannot be compared with Edm.Int64."},
    {"id eq true", 4, "Edm.String cannot be compared with Edm.Boolean."},
    {ACCESSED " gt '" NOON "'", 31,
     "Edm.DateTimeOffset cannot be compared with Edm.String."},
    {ACCESSED " gt 2026-01-02", 31,
     "Edm.DateTimeOffset cannot be compared with Edm.Date."},
    {"date(" ACCESSED ") eq " NOON, 37,
     "Edm.Date cannot be compared with Edm.DateTimeOffset."},
    {"length(id) eq 'a'", 12, "Edm.Int64 cannot be compared with Edm.String."},
    {"contains(id,'a') gt true", 18,
     "Edm.Boolean can be compared by eq and ne, with true, false and null."},
    {"contains(id,'a') le null", 18,
     "Edm.Boolean can be compared by eq and ne, with true, false and null."},
    {"contains(id,'a') eq contains(id,'b')", 18,
     "Edm.Boolean can be compared by eq and ne, with true, false and null."},
    {"contains(id,5)", 13, "Edm.String was expected, not Edm.Int64."},
    {"length(" ACCESSED ") eq 1", 8,
     "Edm.String was expected, not Edm.DateTimeOffset."},
    {"length(contains(id,'a')) eq 1", 8,
     "Edm.String was expected, not Edm.Boolean."},
    {"substring(id,'a') eq 'a'", 14, "Edm.Int64 was expected, not Edm.String."},
    {"year(id) eq 1", 6, "Edm.DateTimeOffset was expected, not Edm.String."},
    {"year(date(" ACCESSED ")) eq 1", 6,
     "Edm.DateTimeOffset was expected, not Edm.Date."},
    {"lastUsed", 1, "Edm.Boolean was expected, not an object."},
    {"not lastUsed eq null", 5, "Edm.Boolean was expected, not an object."},
    {"contains(RESOURCEREFERENCE,'a')", 10,
     "Edm.String was expected, not an object."},
    {"id eq 'a' and lastUsed eq 'a'", 24, OBJECT_FAULT},
    {"lastUsed eq lastUsed", 10, OBJECT_FAULT},
    {"lastUsed ne resourceReference", 10, OBJECT_FAULT},
    {"true ne lastUsed", 6, OBJECT_FAULT},
    {"lastUsed gt null", 10, OBJECT_FAULT},
    {"null le lastUsed", 6, OBJECT_FAULT},
    {"lastUsed eq length(null)", 10, OBJECT_FAULT},
    {"lastUsed in (null)", 10, OBJECT_FAULT},
    {"id in ('a',5)", 12, "Edm.String cannot be compared with Edm.Int64."},
    {"null in (null,'a',5)", 19,
     "Edm.String cannot be compared with Edm.Int64."},
    {"null in (true)", 10, "Edm.Boolean cannot stand in a list."},
    {"contains(id,'a') in (null)", 22, "Edm.Boolean cannot stand in a list."}};

/* Parts of OData that this service does not support. */
static const struct {
    const char *filter;
    int position;
    const char *quoted;
} unsupported[] = {
    {"length(id) add 1 eq 2", 12, "add"},
    {"length(id) sub 1 eq 2", 12, "sub"},
    {"length(id) mul 1 eq 2", 12, "mul"},
    {"length(id) div 1 eq 2", 12, "div"},
    {"length(id) divby 1 eq 2", 12, "divby"},
    {"(length(id) MOD 2) eq 0", 13, "MOD"},
    {"id has 'a'", 4, "has"},
    {"-length(id) eq 1", 1, "-"},
    {"-(1) eq 1", 1, "-"},
    {"resourceReference/any(x:x eq 'a')", 1, "resourceReference/any"},
    {"lastUsed/All(x:true)", 1, "lastUsed/All"},
    {ACCESSED " lt now()", 34, "now"},
    {"time(" ACCESSED ") gt null", 1, "time"},
    {"round(1) eq 1", 1, "round"},
    {"isof(microsoft.graph.usedInsight)", 1, "isof"},
    {"cast(id,Edm.String) eq 'a'", 1, "cast"},
    {"geo.length(id) eq 1", 1, "geo.length"},
    {"microsoft.graph.usedInsight/id eq 'a'", 1,
     "microsoft.graph.usedInsight/id"},
    {"$it/id eq 'a'", 1, "$it/id"},
    {"lastUsed/$count eq 1", 1, "lastUsed/$count"},
    {"id eq @p", 7, "@p"},
    {"id@odata.type eq 'a'", 1, "id@odata.type"},
    {"resource ne null", 1, "resource"},
    {"Resource/id eq 'a'", 1, "Resource/id"},
    {"year(" NOON ") eq 2026", 6, "2026-01-02T12:00:00Z"}};

static const char *message_of(const char *filter, iu_problem_kind kind)
{
    const iu_expression *expression;
    iu_problem *problem = iu_filter_read(pool, filter, &expression);

    if (!problem) {
        return printed(expression);
    }
    is_number(problem->kind, kind, "%s: the kind", filter);
    is_text(problem->target, "$filter", "%s: the target", filter);
    return problem->message;
}

static void test_faults(void)
{
    size_t i;

    for (i = 0; i < COUNT(bad); i++) {
        is_text(message_of(bad[i].filter, IU_FILTER_INVALID),
                apr_psprintf(pool, "Invalid filter clause at character %d: %s",
                             bad[i].position, bad[i].reason),
                "%s", bad[i].filter);
    }
    for (i = 0; i < COUNT(unsupported); i++) {
        is_text(message_of(unsupported[i].filter, IU_OPTION_PART_UNSUPPORTED),
                apr_psprintf(pool,
                             "'%s' at character %d of the query option "
                             "'$filter' is not supported.",
                             unsupported[i].quoted, unsupported[i].position),
                "%s", unsupported[i].filter);
    }
}

/*
 * A text enclosed by others so many times. Built in one buffer: one string for
 * each step would fill the pool with 20 GB for 100,000.
 */
static const char *around(const char *before, const char *text,
                          const char *behind, int times)
{
    iu_buffer out;
    int i;

    iu_buffer_init(&out, pool, 64);
    for (i = 0; i < times; i++) {
        iu_buffer_puts(&out, before);
    }
    iu_buffer_puts(&out, text);
    for (i = 0; i < times; i++) {
        iu_buffer_puts(&out, behind);
    }
    return out.data;
}

static void is_read(const char *filter, int allowed, iu_problem_kind kind,
                    const char *name)
{
    const iu_expression *expression;
    iu_problem *problem = iu_filter_read(pool, filter, &expression);

    is_number(problem ? problem->kind : IU_PROBLEM_KINDS,
              allowed ? IU_PROBLEM_KINDS : kind, "%s", name);
}

static void test_limits(void)
{
    const iu_problem_kind deep = IU_FILTER_TOO_DEEP;
    const iu_problem_kind large = IU_FILTER_TOO_LARGE;
    const char *lower = around("tolower(", "id", ")", IU_FILTER_DEPTH - 2);

    is_read(around("(", "true", ")", IU_FILTER_DEPTH), 1, deep,
            "32 parentheses");
    is_read(around("(", "true", ")", IU_FILTER_DEPTH + 1), 0, deep,
            "33 parentheses");
    is_read(around("not ", "true", "", IU_FILTER_DEPTH - 1), 1, deep,
            "a tree of 32 levels, of nots");
    is_read(around("not ", "true", "", IU_FILTER_DEPTH), 0, deep,
            "a tree of 33 levels, of nots");
    is_read(around("not ", "true", "", 100000), 0, deep, "100,000 nots");
    is_read(around("", "true", " eq true", IU_FILTER_DEPTH - 1), 1, deep,
            "a tree of 32 levels, of comparisons");
    is_read(around("", "true", " eq true", IU_FILTER_DEPTH), 0, deep,
            "a tree of 33 levels, of comparisons");
    is_read(apr_pstrcat(pool, lower, " eq 'a'", NULL), 1, deep,
            "a tree of 32 levels, of functions");
    is_read(apr_pstrcat(pool, "true eq (", lower, " eq 'a')", NULL), 0, deep,
            "a tree of 33 levels, of functions and parentheses");
    is_read(around("", "id eq 'a'", " or id eq 'a'", 84), 1, large,
            "256 nodes: 85 comparisons and an or");
    is_read(around("", "id eq 'a'", " or id eq 'a'", 85), 0, large,
            "259 nodes");
    is_read(
        apr_pstrcat(pool, "id in (", around("", "'a'", ",'a'", 253), ")", NULL),
        1, large, "256 nodes in a list");
    is_read(
        apr_pstrcat(pool, "id in (", around("", "'a'", ",'a'", 254), ")", NULL),
        0, large, "257 nodes in a list");
    is_read(apr_pstrcat(pool, around("concat('-',concat(id,", "id", "))", 7),
                        " eq 'a'", NULL),
            1, IU_FILTER_INVALID, "8 properties joined");
    is_read(apr_pstrcat(pool,
                        around("concat(concat(id,'-'),", "tolower(id)", ")", 8),
                        " eq 'a'", NULL),
            0, IU_FILTER_INVALID, "9 properties joined");
    is_read(apr_pstrcat(pool, around("concat(id,", "id", ")", 7), " eq ",
                        around("concat(id,", "id", ")", 7), NULL),
            1, IU_FILTER_INVALID, "8 on each side");
    is_text(message_of(apr_pstrcat(pool, around("concat(id,", "id", ")", 8),
                                   " eq 'a'", NULL),
                       IU_FILTER_INVALID),
            "Invalid filter clause at character 1: More than 8 properties are "
            "joined.",
            "and the message says so");
    is_text(message_of(around("(", "true", ")", 40), deep),
            "The filter clause is nested deeper than the limit of 32 levels at "
            "character 34.",
            "the message has the position");
    is_text(message_of(around("", "true", " or true", 300), large),
            "The filter clause has more than the limit of 256 operators, "
            "functions, properties and literals at character 2049.",
            "so does the other message");
}

int main(void)
{
    size_t i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    for (i = 0; i < COUNT(good); i++) {
        is_text(message_of(good[i].filter, IU_PROBLEM_KINDS), good[i].tree,
                "%s", good[i].filter);
    }
    test_faults();
    test_limits();
    apr_terminate();
    return done();
}
