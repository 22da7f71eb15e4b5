/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The expression tree of a $filter (OData 4.01 URL Conventions section 5.1.1).
 * The parser resolves all names and checks all types; src/store translates the
 * tree to SQL. No C library in Debian does either.
 *
 * How null is treated:
 * - eq and ne compare it like a value: null eq null is true.
 * - gt, ge, lt and le are false if one operand is null; if both are, ge and le
 *   are true.
 * - A function of null is null.
 * - and, or and not follow three-valued (Kleene) logic.
 * A record matches if the whole expression, which may be a literal, is true.
 */
#ifndef IU_QUERY_EXPRESSION_H
#define IU_QUERY_EXPRESSION_H

#include "../graph/property.h"

/* Limits of a filter: nesting of operators, functions and parentheses, and
 * nodes of the tree. */
#define IU_FILTER_DEPTH 32
#define IU_FILTER_NODES 256
/* Properties that concat may join in one text: MariaDB returns NULL if the
 * result is longer than max_allowed_packet. */
#define IU_FILTER_JOINED 8

typedef enum iu_operator {
    /* without operands */
    IU_LITERAL, /* value in text or number, or null */
    IU_PROPERTY,
    IU_OBJECT, /* a complex member */
    /* logical: operands are boolean, or the literal null */
    IU_AND, /* two or more operands */
    IU_OR,  /* likewise */
    IU_NOT,
    /* comparisons: two operands of the same type, or null; booleans permit eq
     * and ne only, with at least one literal; objects likewise, with null */
    IU_EQ,
    IU_NE,
    IU_GT,
    IU_GE,
    IU_LT,
    IU_LE,
    IU_IN, /* whether the first operand equals one of the others, which are
            * literals; any may be null, none is boolean or an object */
    /* text functions */
    IU_CONTAINS,
    IU_STARTSWITH,
    IU_ENDSWITH,
    IU_TOLOWER, /* A to Z only: the same on all databases */
    IU_TOUPPER, /* a to z only */
    IU_TRIM,    /* blanks (U+0020) at both ends */
    IU_CONCAT,
    IU_LENGTH,    /* in characters (code points) */
    IU_INDEXOF,   /* in characters, from 0; -1: not found */
    IU_SUBSTRING, /* text, start from 0, optional length; negative start or
                   * length: 0 */
    /* date and time functions, evaluated in the offset that was sent with the
     * instant (OData 4.01 URL Conventions 5.1.1.8); the operand is a property,
     * or null */
    IU_YEAR,
    IU_MONTH,
    IU_DAY,
    IU_HOUR,
    IU_MINUTE,
    IU_SECOND,
    IU_DATE
} iu_operator;

typedef enum iu_value_type {
    IU_VALUE_NULL, /* the literal null, compatible with every type */
    IU_VALUE_BOOLEAN,
    IU_VALUE_INTEGER, /* 64 bits */
    IU_VALUE_TEXT,
    IU_VALUE_INSTANT,
    IU_VALUE_DATE, /* Edm.Date */
    IU_VALUE_OBJECT
} iu_value_type;

typedef struct iu_expression iu_expression;
struct iu_expression {
    iu_operator operator;
    iu_value_type type;
    const iu_property *property; /* of IU_PROPERTY */
    const iu_member *member;     /* of IU_OBJECT */
    const char *text; /* of a literal text (UTF-8), instant (sortable UTC text:
                         * date_time_offset.h) or date ("yyyy-mm-dd"); else
                         * NULL */
    apr_int64_t number; /* of a literal integer, or boolean: 0 or 1 */
    int count;          /* of operands */
    const iu_expression *const *operands;
};

#endif
