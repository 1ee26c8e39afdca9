/* Numbers for people: so many significant digits, and values with their standard errors by the rule
 * of the Particle Data Group (Workman et al. 2022, PTEP 083C01, Introduction 5.3): if the three
 * leading digits of the error lie in 100..354 it keeps two digits, in 355..949 one, and in 950..999
 * it becomes 1000 and keeps two; the value ends at the same decimal place. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { MOST_DIGITS = 15 };

/* 1e-07 as 1e-7, 1e+10 as 1e10: as the library writes numbers. */
static void tidy_exponent(char *text) {
  char *from = strchr(text, 'e'), *to = from;
  if (!from) return;
  *to++ = *from++;
  if (*from == '-') *to++ = '-';
  from += strspn(from, "+-0");
  memmove(to, from, strlen(from) + 1);
}

const char *number(double value, int digits, char out[NUMBER_TEXT]) {
  if (isnan(value)) return strcpy(out, "-");
  if (value == 0) return strcpy(out, "0");
  snprintf(out, NUMBER_TEXT, "%.*g", digits, value);
  tidy_exponent(out);
  return out;
}

static int exponent_of(double value) {
  return value == 0 ? 0 : (int)floor(log10(fabs(value)));
}

/* The decimal place where the error ends: 2 for hundredths, -1 for tens. */
static int place_of(double error, double *rounded) {
  int exponent = exponent_of(error);
  double three = round(error / pow(10, exponent - 2));
  *rounded = error;
  if (three < 355) return 1 - exponent;
  if (three < 950) return -exponent;
  *rounded = pow(10, exponent + 1);
  return -exponent;
}

static bool is_awkward(double value, int place) {
  double size = fabs(value);
  return size >= 1e7 || place < -3 || place > 7;
}

static void write_ending(double value, int place, bool scientific, char out[NUMBER_TEXT]) {
  double unit = pow(10, -place), rounded = place < 0 ? round(value / unit) * unit : value;
  if (!scientific) {
    snprintf(out, NUMBER_TEXT, "%.*f", place > 0 ? place : 0, rounded);
  } else {
    int digits = exponent_of(rounded) + place;
    digits = digits < 0 ? 0 : digits > MOST_DIGITS ? MOST_DIGITS : digits;
    snprintf(out, NUMBER_TEXT, "%.*e", digits, value);
    tidy_exponent(out);
  }
  if (strtod(out, NULL) == 0 && out[0] == '-') memmove(out, out + 1, strlen(out));
}

void with_error(double value, double error, char value_out[NUMBER_TEXT],
                char error_out[NUMBER_TEXT]) {
  error_out[0] = '\0';
  number(value, 6, value_out);
  if (!isfinite(value) || !isfinite(error) || error < 0) return;
  bool too_fine = error < fabs(value) * 1e-14 || error < 1e-300;
  if (too_fine) {
    number(value, MOST_DIGITS, value_out);
    number(error, 1, error_out);
    return;
  }
  double rounded;
  int place = place_of(error, &rounded);
  bool scientific = is_awkward(fmax(fabs(value), error), place);
  write_ending(value, place, scientific, value_out);
  write_ending(rounded, place, scientific, error_out);
}

const char *seconds_text(double seconds, char out[NUMBER_TEXT]) {
  if (seconds < 0.001)
    snprintf(out, NUMBER_TEXT, "under 1 ms");
  else if (seconds < 1)
    snprintf(out, NUMBER_TEXT, "%.0f ms", seconds * 1000);
  else if (seconds < 100)
    snprintf(out, NUMBER_TEXT, "%.1f s", seconds);
  else if (seconds < 6000)
    snprintf(out, NUMBER_TEXT, "%.0f min %02.0f s", floor(seconds / 60), floor(fmod(seconds, 60)));
  else
    snprintf(out, NUMBER_TEXT, "%.0f h %02.0f min", floor(seconds / 3600),
             floor(fmod(seconds, 3600) / 60));
  return out;
}
