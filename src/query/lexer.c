/* SPDX-License-Identifier: Apache-2.0 */
#include "lexer.h"

#include <string.h>

#include <apr_lib.h>

#include "../text/name.h"
#include "../text/utf8.h"

/* Includes the characters of paths and of OData's other names ("$it", "@alias",
 * "microsoft.graph.type"), so that messages quote them as a whole. */
static int is_name_character(char c)
{
    return apr_isalnum(c) || (c & 0x80) || (c && strchr("_/.$@", c));
}

static int is_number_character(char c)
{
    return apr_isalnum(c) || (c && strchr(":.+-", c));
}

static int begins_number(const char *text)
{
    return apr_isdigit(text[*text == '-']);
}

static iu_token make_token(iu_token_kind kind, const char *text,
                           const char *end)
{
    return (iu_token){kind, text, end - text};
}

static iu_token read_name(const char *text)
{
    const char *end = text;

    while (is_name_character(*end)) {
        end++;
    }
    return make_token(IU_TOKEN_NAME, text, end);
}

static iu_token read_number(const char *text)
{
    const char *end = text;

    while (is_number_character(*end)) {
        end++;
    }
    return make_token(IU_TOKEN_NUMBER, text, end);
}

/* Quotes inside are doubled. */
static iu_token read_string(const char *text)
{
    const char *end = text;

    do {
        end = strchr(end + 1, '\'');
    } while (end && *++end == '\'');
    return end ? make_token(IU_TOKEN_STRING, text, end)
               : make_token(IU_TOKEN_UNCLOSED, text, text + strlen(text));
}

iu_token iu_token_first(const char *text)
{
    text += strspn(text, " \t");
    if (*text == '\0') {
        return make_token(IU_TOKEN_END, text, text);
    }
    if (*text == '\'') {
        return read_string(text);
    }
    if (begins_number(text)) {
        return read_number(text);
    }
    if (is_name_character(*text)) {
        return read_name(text);
    }
    return make_token(IU_TOKEN_CHARACTER, text, text + 1);
}

iu_token iu_token_next(iu_token token)
{
    return iu_token_first(token.text + token.length);
}

int iu_token_is_name(iu_token token, const char *name)
{
    return token.kind == IU_TOKEN_NAME &&
           iu_is_name(token.text, token.length, name);
}

int iu_token_is(iu_token token, char character)
{
    return token.kind == IU_TOKEN_CHARACTER && *token.text == character;
}

int iu_token_position(const char *text, iu_token token)
{
    return (int)iu_utf8_characters(text, token.text - text) + 1;
}
