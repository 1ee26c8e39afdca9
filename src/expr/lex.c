/* Text -> tokens, one at a time and without memory of its own.
 *
 * Names are ASCII letters, digits, underscores and the letters of other scripts (any well-formed
 * UTF-8 outside the blocks of signs and punctuation, where a pasted minus or multiplication sign
 * would hide); whatever else a column is called goes in backquotes, a backquote doubled. $3 is a
 * name too, and so is an element name[3]. const.NAME and const.cgs.NAME are constants. Quoted strings double
 * their quote. Numbers are decimal, without a sign. */
#include "expr/expr_internal.h"

#include <string.h>

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool continues(const char *text, const char *end, size_t count) {
  for (size_t i = 1; i <= count; i++)
    if (text + i >= end || ((unsigned char)text[i] & 0xc0) != 0x80) return false;
  return true;
}

/* Bytes of the letter at text; 0 where there is none. */
static size_t letter(const char *text, const char *end) {
  if (text >= end) return 0;
  unsigned char lead = (unsigned char)*text;
  if (lead < 0x80) return is_letter(*text) ? 1 : 0;
  unsigned char second = text + 1 < end ? (unsigned char)text[1] : 0;
  if (lead >= 0xc3 && lead < 0xe0)
    return continues(text, end, 1) && !(lead == 0xc3 && (second == 0x97 || second == 0xb7)) ? 2 : 0;
  if (lead >= 0xe0 && lead < 0xf0) {
    bool overlong = lead == 0xe0 && second < 0xa0, surrogate = lead == 0xed && second > 0x9f;
    bool signs =
        lead == 0xe2 || (lead == 0xef && second >= 0xb8) || (lead == 0xe3 && second == 0x80);
    return continues(text, end, 2) && !overlong && !surrogate && !signs ? 3 : 0;
  }
  if (lead >= 0xf0 && lead < 0xf5) {
    bool overlong = lead == 0xf0 && second < 0x90, beyond = lead == 0xf4 && second > 0x8f;
    return continues(text, end, 3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

static const char *past_name(const char *text, const char *end) {
  for (size_t step;; text += step) {
    step = text < end && is_digit(*text) ? 1 : letter(text, end);
    if (step == 0) return text;
  }
}

static const char *past_digits(const char *text, const char *end) {
  while (text < end && is_digit(*text))
    text++;
  return text;
}

static const char *past_blanks(const char *text, const char *end) {
  while (text < end && (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r'))
    text++;
  return text;
}

static const char *past_number(const char *text, const char *end) {
  text = past_digits(text, end);
  if (text < end && *text == '.') text = past_digits(text + 1, end);
  if (text < end && (*text == 'e' || *text == 'E')) {
    const char *digits = text + 1;
    if (digits < end && (*digits == '+' || *digits == '-')) digits++;
    if (digits < end && is_digit(*digits)) text = past_digits(digits, end);
  }
  return text;
}

/* Past the closing quote; a doubled one is a quote itself; NULL where there is none. */
static const char *past_quoted(const char *text, const char *end) {
  char quote = *text++;
  for (; text < end; text++) {
    if (*text != quote) continue;
    if (text + 1 < end && text[1] == quote)
      text++;
    else
      return text + 1;
  }
  return NULL;
}

/* name[3], with blanks inside the brackets only. */
static void read_element(const char *text, const char *end, const char *at, nd_token *token) {
  token->name_end = token->end = (size_t)(at - text);
  if (at >= end || *at != '[') return;
  const char *digits = past_blanks(at + 1, end), *digits_end = past_digits(digits, end);
  const char *close = past_blanks(digits_end, end);
  if (digits == digits_end || close >= end || *close != ']') return;
  token->element = (size_t)(digits - text);
  token->element_end = (size_t)(digits_end - text);
  token->end = (size_t)(close + 1 - text);
}

typedef struct sign {
  const char *text;
  nd_token_kind kind;
} sign;

/* The longer of two that begin alike comes first. */
static const sign signs[] = {
    {"**", ND_POWER},       {"<=", ND_LE},        {">=", ND_GE},       {"==", ND_EQ},
    {"!=", ND_NE},          {"&&", ND_AND_TOKEN}, {"||", ND_OR_TOKEN}, {"..", ND_DOTS},
    {"+", ND_PLUS},         {"-", ND_MINUS},      {"*", ND_TIMES},     {"/", ND_OVER},
    {"^", ND_POWER},        {"(", ND_OPEN},       {")", ND_CLOSE},     {"[", ND_OPEN_VECTOR},
    {"]", ND_CLOSE_VECTOR}, {",", ND_COMMA},      {";", ND_SEMICOLON}, {"~", ND_TILDE},
    {"<", ND_LT},           {">", ND_GT},         {"!", ND_NOT_TOKEN}};

static const sign words[] = {{"and", ND_AND_TOKEN}, {"or", ND_OR_TOKEN}, {"not", ND_NOT_TOKEN}};

/* Past const.NAME or const.cgs.NAME, a dot before each part; `at` where there is none. */
static const char *past_constant(const char *name, const char *at, const char *end) {
  if (at - name != 5 || memcmp(name, "const", 5) != 0) return at;
  while (at + 1 < end && *at == '.' && letter(at + 1, end) > 0)
    at = past_name(at + 1, end);
  return at;
}

static nd_token_kind name_kind(const char *name, size_t length) {
  for (size_t i = 0; i < ND_COUNT(words); i++)
    if (strlen(words[i].text) == length && memcmp(words[i].text, name, length) == 0)
      return words[i].kind;
  return ND_NAME_TOKEN;
}

static nadir_status unknown_sign(const char *what, const char *text, const char *at,
                                 const char *end, nadir_error *error) {
  size_t offset = (size_t)(at - text);
  if (*at == '=')
    return nd_fail_at(error, NADIR_BAD_FORMULA, text, offset,
                      "%s: a single = has no meaning here: write == to compare", what);
  if (*at == '&' || *at == '|')
    return nd_fail_at(error, NADIR_BAD_FORMULA, text, offset,
                      "%s: a single %c has no meaning here: write %s", what, *at,
                      *at == '&' ? "and" : "or, or abs(x) for an absolute value");
  if ((unsigned char)*at < 0x80)
    return nd_fail_at(
        error, NADIR_BAD_FORMULA, text, offset,
        "%s: the sign %c has no meaning here: a name that holds it goes in backquotes", what, *at);
  size_t length = 1;
  while (length < 4 && at + length < end && ((unsigned char)at[length] & 0xc0) == 0x80)
    length++;
  return nd_fail_at(error, NADIR_BAD_FORMULA, text, offset,
                    "%s: the sign %.*s has no meaning here: write + - * / ^ in ASCII, and put a "
                    "name that holds it in backquotes",
                    what, (int)length, at);
}

static nadir_status read_quoted(const char *what, const char *text, const char *end, const char *at,
                                nd_token *token, nadir_error *error) {
  const char *past = past_quoted(at, end);
  if (past == NULL)
    return nd_fail_at(error, NADIR_BAD_FORMULA, text, (size_t)(at - text), "%s: this %s: add one",
                      what,
                      *at == '`' ? "name has no closing backquote" : "string has no closing quote");
  token->end = (size_t)(past - text);
  token->kind = *at == '`' ? ND_QUOTED_NAME : ND_STRING;
  if (*at != '`') return NADIR_OK;
  if (past - at == 2)
    return nd_fail_at(error, NADIR_BAD_FORMULA, text, (size_t)(at - text),
                      "%s: this name is empty: write the column's name between the backquotes",
                      what);
  read_element(text, end, past, token);
  return NADIR_OK;
}

static nadir_status read_sign(const char *what, const char *text, const char *end, const char *at,
                              nd_token *token, nadir_error *error) {
  for (size_t i = 0; i < ND_COUNT(signs); i++) {
    size_t length = strlen(signs[i].text);
    if ((size_t)(end - at) < length || memcmp(at, signs[i].text, length) != 0) continue;
    token->kind = signs[i].kind;
    token->end = token->begin + length;
    return NADIR_OK;
  }
  return unknown_sign(what, text, at, end, error);
}

nadir_status nd_next_token(const char *what, const char *text, size_t length, size_t from,
                           nd_token *token, nadir_error *error) {
  const char *end = text + length, *at = past_blanks(text + from, end);
  *token = (nd_token){.kind = ND_END, .begin = (size_t)(at - text), .end = (size_t)(at - text)};
  if (at >= end) return NADIR_OK;
  if (is_digit(*at) || (*at == '.' && at + 1 < end && is_digit(at[1]))) {
    token->kind = ND_NUMBER_TOKEN;
    token->end = (size_t)(past_number(at, end) - text);
    return NADIR_OK;
  }
  if (*at == '$' && at + 1 < end && is_digit(at[1])) {
    token->kind = ND_NAME_TOKEN;
    read_element(text, end, past_digits(at + 1, end), token);
    return NADIR_OK;
  }
  if (letter(at, end) > 0) {
    const char *past = past_name(at, end), *past_dots = past_constant(at, past, end);
    if (past_dots != past) {
      token->kind = ND_CONSTANT_TOKEN;
      token->end = (size_t)(past_dots - text);
      return NADIR_OK;
    }
    token->kind = name_kind(at, (size_t)(past - at));
    read_element(text, end, past, token);
    if (token->kind != ND_NAME_TOKEN) token->end = token->name_end;
    return NADIR_OK;
  }
  if (*at == '`' || *at == '"' || *at == '\'')
    return read_quoted(what, text, end, at, token, error);
  return read_sign(what, text, end, at, token, error);
}

bool nd_is_plain_name(const char *name) {
  const char *end = name + strlen(name);
  nd_token token;
  if (nd_next_token("", name, (size_t)(end - name), 0, &token, NULL) != NADIR_OK) return false;
  if (token.kind != ND_NAME_TOKEN || token.begin != 0 || name + token.end != end) return false;
  if (strcmp(name, "pi") == 0) return false;
  /* an element is written without blanks, as the parser makes it */
  return token.element == 0 ||
         (token.element == token.name_end + 1 && token.element_end + 1 == token.end);
}
