/* Angles and dates as people write them: hms("12:34:56.7") and dms("-05:23:28") in degrees, jd("2026-11-29T12:00:00") a
 * Julian date.
 *
 * The number is exact, seconds over how many of them there are in the unit: 240 in a degree of hours, 3600 in a
 * degree, 86400 in a day. Dates are those of the Gregorian calendar, also before it was introduced, and days have 86400
 * seconds (Fliegel and Van Flandern 1968). Costs one pass over the text. */
#include "base/angle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const nd_text_function functions[] = {
    {"hms", "hms(\"12:34:56.7\")", "12:34:56.7", "hms", "240", "deg"},
    {"dms", "dms(\"-05:23:28\")", "-05:23:28", "dms", "3600", "deg"},
    {"jd", "jd(\"2026-11-29T12:00:00\")", "2026-11-29T12:00:00", NULL, "86400", "d"}};

const nd_text_function *nd_text_function_at(size_t i) {
  return i < ND_COUNT(functions) ? &functions[i] : NULL;
}

const nd_text_function *nd_text_function_named(const char *name, size_t length) {
  for (size_t i = 0; i < ND_COUNT(functions); i++)
    if (strlen(functions[i].name) == length && memcmp(functions[i].name, name, length) == 0)
      return &functions[i];
  return NULL;
}

const nd_text_function *nd_text_function_of(const char *name, const char **inner, size_t *length) {
  size_t all = strlen(name), before = strcspn(name, "(");
  if (before + 2 >= all || name[all - 1] != ')') return NULL;
  *inner = name + before + 1;
  *length = all - before - 2;
  return nd_text_function_named(name, before);
}

static const char *digits(const char *at, size_t least, size_t most, uint64_t *value) {
  size_t count = 0;
  for (*value = 0; count < most && at[count] >= '0' && at[count] <= '9'; count++)
    *value = *value * 10 + (uint64_t)(at[count] - '0');
  return count < least ? NULL : at + count;
}

static const char *fraction(const char *at, nd_seconds *s) {
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
static bool read_angle(const char *at, const char *signs, nd_seconds *s) {
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
static const char *read_clock(const char *at, nd_seconds *s) {
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
static bool read_date(const char *at, nd_seconds *s) {
  uint64_t number;
  at = read_day(at, &number);
  if (at == NULL) return false;
  s->whole = number * 86400 - 43200;
  at = read_clock(at, s);
  return at != NULL && *at == '\0';
}

bool nd_text_function_read(const nd_text_function *f, const char *text, nd_seconds *s) {
  *s = (nd_seconds){0};
  return f->signs != NULL ? read_angle(text, f->signs, s) : read_date(text, s);
}

double nd_text_function_value(const nd_text_function *f, const nd_seconds *s) {
  char text[80];
  double value = 0, per = 0;
  int length = snprintf(text, sizeof text, "%llu.%s", (unsigned long long)s->whole, s->fraction);
  (void)nd_read_number(text, text + length, &value);
  (void)nd_read_number(f->per, f->per + strlen(f->per), &per);
  return (s->negative ? -value : value) / per;
}
