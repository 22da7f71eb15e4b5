/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A $filter as a tree (OData 4.01 URL Conventions section 5.1.1). The parser
 * makes it with all names resolved and all types checked; src/store makes SQL
 * of it. Null is three-valued as OData has it: eq and ne treat null as a value
 * (null eq null is true), gt ge lt le with one null are false (ge and le of two
 * nulls are true), a function of null is null, and, or, not are Kleene's; a
 * record is kept where the whole, which may be a literal too, is true.
 */
#ifndef IU_QUERY_EXPRESSION_H
#define IU_QUERY_EXPRESSION_H

#include "../graph/property.h"

/* What a filter may be at most: operators, functions and parentheses within
 * each other, and nodes of the tree. */
#define IU_FILTER_DEPTH 32
#define IU_FILTER_NODES 256
/* Properties in one text that concat makes: MariaDB makes null of a text that
 * is longer than its max_allowed_packet. */
#define IU_FILTER_JOINED 8

typedef enum iu_operator {
    /* without operands */
    IU_LITERAL,  /* text or number, or null */
    IU_PROPERTY, /* property */
    /* logical: each operand is of type boolean, or the literal null */
    IU_AND, /* of two operands or more */
    IU_OR,  /* likewise */
    IU_NOT,
    /* of two values of one type, or null; booleans have eq and ne only, and one
     * of the two is then a literal */
    IU_EQ,
    IU_NE,
    IU_GT,
    IU_GE,
    IU_LT,
    IU_LE,
    IU_IN, /* the first operand in the others, which are literals; any of them
            * may be null, none is boolean */
    /* functions of text */
    IU_CONTAINS,
    IU_STARTSWITH,
    IU_ENDSWITH,
    IU_TOLOWER, /* A to Z only: alike on all databases */
    IU_TOUPPER, /* a to z only */
    IU_TRIM,    /* blanks (U+0020) at both ends */
    IU_CONCAT,
    IU_LENGTH,    /* in characters (code points) */
    IU_INDEXOF,   /* of characters, from 0; -1: not there */
    IU_SUBSTRING, /* text, start from 0 (negative: 0), and maybe length
                   * (negative: 0) */
    /* functions of an instant, in the instant's own offset as it was sent
     * (OData 4.01 URL Conventions 5.1.1.8); the operand is a property, or
     * null */
    IU_YEAR,
    IU_MONTH,
    IU_DAY,
    IU_HOUR,
    IU_MINUTE,
    IU_SECOND,
    IU_DATE
} iu_operator;

typedef enum iu_value_type {
    IU_VALUE_NULL, /* the literal null, which goes with every type */
    IU_VALUE_BOOLEAN,
    IU_VALUE_INTEGER, /* 64 bits */
    IU_VALUE_TEXT,
    IU_VALUE_INSTANT,
    IU_VALUE_DATE /* Edm.Date */
} iu_value_type;

typedef struct iu_expression iu_expression;
struct iu_expression {
    iu_operator operator;
    iu_value_type type;
    const iu_property *property; /* IU_PROPERTY */
    const char *text;   /* a literal text (UTF-8), instant (sortable UTC text:
                       * date_time_offset.h) or date ("yyyy-mm-dd"); else
                       * NULL */
    apr_int64_t number; /* a literal integer; boolean: 0 or 1 */
    int count;          /* of operands */
    const iu_expression *const *operands;
};

#endif
