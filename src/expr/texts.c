/* Functions of a quoted text, which are numbers when they are read: hms("12:34:56.7") and dms("-05:23:28") in degrees,
 * jd("2026-11-29T12:00:00") a Julian date.
 *
 * The number is exact, seconds over how many of them there are in the unit: 240 in a degree of hours, 3600 in a
 * degree, 86400 in a day. Dates are those of the Gregorian calendar, also before it was introduced, and days have 86400
 * seconds (Fliegel and Van Flandern 1968). Costs one pass over the text. */
#include <stdio.h>
#include <string.h>

#include "expr/parse_internal.h"

typedef struct text_function {
  const char *name, *usage, *signs; /* what may come after the three parts of an angle */
  const char *per;                  /* seconds in the unit */
} text_function;

static const text_function functions[] = {{"hms", "hms(\"12:34:56.7\")", "hms", "240"},
                                          {"dms", "dms(\"-05:23:28\")", "dms", "3600"},
                                          {"jd", "jd(\"2026-11-29T12:00:00\")", NULL, "86400"}};

/* Seconds: whole ones, with a sign of their own, and the digits after the point. */
typedef struct seconds {
  bool negative;
  uint64_t whole;
  char fraction[40];
} seconds;

static const char *digits(const char *at, size_t least, size_t most, uint64_t *value) {
  size_t count = 0;
  for (*value = 0; count < most && at[count] >= '0' && at[count] <= '9'; count++)
    *value = *value * 10 + (uint64_t)(at[count] - '0');
  return count < least ? NULL : at + count;
}

static const char *fraction(const char *at, seconds *s) {
  size_t count = *at == '.' ? strspn(at + 1, "0123456789") : 0;
  if (*at != '.') return at;
  if (count >= sizeof s->fraction) return NULL;
  memcpy(s->fraction, at + 1, count);
  return at + 1 + count;
}

/* Past a colon, a blank, or the sign of the part. */
static const char *separator(const char *at, char sign) {
  if (*at == sign) at++;
  if (*at == ':' || *at == ' ') at++;
  return at;
}

/* 12:34:56.7, 12 34 56.7 or 12h34m56.7s, with a sign or without. */
static bool read_angle(const char *at, const char *signs, seconds *s) {
  uint64_t part[3];
  s->negative = *at == '-';
  at += *at == '-' || *at == '+';
  for (size_t i = 0; i < 3; i++) {
    const char *end = digits(at, 1, i == 0 ? 4 : 2, &part[i]);
    if (end == NULL || (i > 0 && part[i] > 59)) return false;
    at = i < 2 ? separator(end, signs[i]) : end;
    if (i < 2 && at == end) return false;
  }
  s->whole = part[0] * 3600 + part[1] * 60 + part[2];
  at = fraction(at, s);
  return at != NULL && *(at + (*at == signs[2])) == '\0';
}

static uint64_t days_in(uint64_t year, uint64_t month) {
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 ? 28 + (uint64_t)leap : 30 + (month + month / 8) % 2;
}

/* The Julian day number of a date, which begins at noon. */
static uint64_t day_number(uint64_t year, uint64_t month, uint64_t day) {
  uint64_t before = (14 - month) / 12, y = year + 4800 - before, m = month + 12 * before - 3;
  return day + (153 * m + 2) / 5 + 365 * y + y / 4 - y / 100 + y / 400 - 32045;
}

static const char *read_day(const char *at, uint64_t *number) {
  uint64_t year, month, day;
  at = digits(at, 4, 4, &year);
  if (at == NULL || *at != '-' || (at = digits(at + 1, 2, 2, &month)) == NULL) return NULL;
  if (*at != '-' || (at = digits(at + 1, 2, 2, &day)) == NULL) return NULL;
  if (month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return NULL;
  *number = day_number(year, month, day);
  return at;
}

/* Thh:mm[:ss[.f]][Z] */
static const char *read_clock(const char *at, seconds *s) {
  uint64_t part[3] = {0};
  if (*at == '\0') return at;
  if (*at != 'T' && *at != ' ') return NULL;
  at = digits(at + 1, 2, 2, &part[0]);
  if (at == NULL || *at != ':' || (at = digits(at + 1, 2, 2, &part[1])) == NULL) return NULL;
  if (*at == ':' && (at = digits(at + 1, 2, 2, &part[2])) == NULL) return NULL;
  if (part[0] > 23 || part[1] > 59 || part[2] > 59) return NULL;
  s->whole += part[0] * 3600 + part[1] * 60 + part[2];
  at = fraction(at, s);
  return at == NULL ? NULL : at + (*at == 'Z');
}

/* Its day begins at midnight, that of a Julian day at noon. */
static bool read_date(const char *at, seconds *s) {
  uint64_t number;
  at = read_day(at, &number);
  if (at == NULL) return false;
  s->whole = number * 86400 - 43200;
  at = read_clock(at, s);
  return at != NULL && *at == '\0';
}

static nadir_status make_value(nd_parser *p, const text_function *f, const seconds *s, size_t begin,
                               nd_value *result) {
  char text[80];
  nd_node parts[2], node;
  snprintf(text, sizeof text, "%llu.%s", (unsigned long long)s->whole, s->fraction);
  ND_TRY(nd_make_decimal(p->graph, s->negative, text, strlen(text), &parts[0], p->error));
  ND_TRY(nd_make_decimal(p->graph, false, f->per, strlen(f->per), &parts[1], p->error));
  ND_TRY(nd_parser_make(p, ND_DIV, parts, 2, begin, &node));
  return nd_parser_push_scalar(p, begin, node, result);
}

static const text_function *find(const nd_parser *p, const nd_token *name) {
  size_t length = name->end - name->begin;
  for (size_t i = 0; i < ND_COUNT(functions); i++)
    if (strlen(functions[i].name) == length &&
        memcmp(functions[i].name, p->text + name->begin, length) == 0)
      return &functions[i];
  return NULL;
}

const char *nd_parser_text_usage(const nd_parser *p, const nd_token *name) {
  const text_function *f = find(p, name);
  return f == NULL ? NULL : f->usage;
}

nadir_status nd_parse_text_call(nd_parser *p, const nd_token *name, nd_value *result) {
  const text_function *f = find(p, name);
  size_t begin = name->begin, at, length;
  seconds s = {0};
  char *text;
  ND_TRY(nd_parser_advance(p));
  nd_token token = p->now;
  at = token.begin;
  if (token.kind != ND_STRING)
    return FAIL_AT(p, at, "%s takes a quoted text: write %s", f->name, f->usage);
  ND_TRY(nd_parser_name_text(p, &token, &text, &length));
  bool read = f->signs != NULL ? read_angle(text, f->signs, &s) : read_date(text, &s);
  if (!read || strlen(text) != length)
    return FAIL_AT(p, at, "%s cannot read this text: write it as in %s", f->name, f->usage);
  ND_TRY(nd_parser_advance(p));
  ND_TRY(nd_parser_expect(p, ND_CLOSE, ")"));
  return make_value(p, f, &s, begin, result);
}
