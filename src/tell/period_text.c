/* What is said of a periodogram: its peaks with what they are worth, their aliases, and the times after which the rows
 * repeat. For people, and as the JSON object of `nadir period`. */
#include <math.h>

#include "tell/tell.h"

/* ---- for people ---- */

static const char *digits(double value, int count, char number[ND_NUMBER_TEXT]) {
  return isnan(value) ? "-" : nd_format_digits(value, count, number);
}

/* It is a bound: rounded up, also where it is too small for a double. */
static void put_alarm(nd_text *out, const nadir_peak *peak) {
  char number[ND_NUMBER_TEXT];
  if (peak->log10_false_alarm < -300)
    nd_text_print(out, " %*s1e%.0f\n", 5, "", ceil(peak->log10_false_alarm));
  else
    nd_text_print(out, " %11s\n", nd_format_bound(peak->false_alarm, ND_UP, 2, number));
}

static void put_peak(nd_text *out, const nadir_peak *peak, size_t k) {
  char period[ND_NUMBER_TEXT], error[ND_NUMBER_TEXT], amplitude[ND_NUMBER_TEXT],
      bar[ND_NUMBER_TEXT], number[2][ND_NUMBER_TEXT];
  nd_format_with_error(peak->period, peak->period_error, period, error);
  nd_format_with_error(peak->amplitude, peak->amplitude_error, amplitude, bar);
  nd_text_print(out, "%4zu %13s %9s %10s %9s %6s %9s", k + 1, period, *error ? error : "-",
                amplitude, *bar ? bar : "-", digits(peak->power, 3, number[0]),
                digits(peak->chi2, 5, number[1]));
  put_alarm(out, peak);
}

static void put_peaks(nd_text *out, const nadir_periodogram *p) {
  nd_text_print(out, "\n%4s %13s %9s %10s %9s %6s %9s %11s\n", "peak", "period", "+-", "amplitude",
                "+-", "power", "chi2", "false alarm");
  for (size_t k = 0; k < p->peaks; k++)
    put_peak(out, &p->peak[k], k);
}

static void put_with_unit(nd_text *out, double value, const char *unit) {
  char number[ND_NUMBER_TEXT];
  nd_text_print(out, "%s%s%s", nd_format_digits(value, 6, number), *unit ? " " : "", unit);
}

static void put_band(nd_text *out, const nadir_periodogram *p) {
  nd_text_print(out, "%s\n%llu rows over ", p->formula, (unsigned long long)p->rows);
  put_with_unit(out, p->baseline, p->time_unit);
  if (p->rows_dropped) nd_text_print(out, " (%llu left out)", (unsigned long long)p->rows_dropped);
  nd_text_append(out, "\nperiods from ");
  put_with_unit(out, 1 / p->frequency_high, p->time_unit);
  nd_text_append(out, " to ");
  put_with_unit(out, 1 / p->frequency_low, p->time_unit);
  nd_text_print(out, ", %zu frequencies\n", p->frequencies);
}

static void put_repetitions(nd_text *out, const nadir_periodogram *p) {
  static const char lead[] = "the rows' times repeat after ";
  char number[ND_NUMBER_TEXT];
  for (size_t i = 0; i < p->repetitions; i++) {
    nd_text_print(out, "%*s", (int)sizeof lead - 1, i ? "" : lead);
    put_with_unit(out, p->repetition[i].period, p->time_unit);
    nd_text_print(out, " (power %s)\n", nd_format_digits(p->repetition[i].power, 2, number));
  }
}

static void put_aliases(nd_text *out, const nadir_peak *peak, size_t k) {
  char number[3][ND_NUMBER_TEXT];
  if (peak->alias_of != SIZE_MAX) {
    nd_text_print(out, "peak %zu is an alias of peak %zu, by %s\n", k + 1, peak->alias_of + 1,
                  nd_format_digits(peak->repetition, 6, number[0]));
    return;
  }
  for (size_t i = 0; i < peak->aliases; i++)
    nd_text_print(out, "alias of peak %zu: %s (power %s, by %s)\n", k + 1,
                  nd_format_digits(peak->alias[i].period, 6, number[0]),
                  nd_format_digits(peak->alias[i].power, 2, number[1]),
                  nd_format_digits(peak->alias[i].repetition, 6, number[2]));
}

/* Digits down to a place that is small against `size`. */
static const char *to_place(double value, double size, char number[ND_NUMBER_TEXT]) {
  double places = -floor(log10(size));
  if (!(places <= 12)) return nd_format_digits(value, 8, number);
  return nd_format_fixed(value, places > 0 ? (int)places : 0, number);
}

static void put_curve(nd_text *out, const nadir_periodogram *p) {
  char number[4][ND_NUMBER_TEXT];
  if (p->peaks == 0) {
    nd_text_append(out, "\nno peak: the power has no maximum in this band\n");
    return;
  }
  const nadir_peak *peak = &p->peak[0];
  nd_text_print(out, "\npeak 1: %s = %s + %s cos(2 pi (%s - %s) / %s)\n", p->value,
                nd_format_digits(peak->offset, 7, number[0]),
                nd_format_digits(peak->amplitude, 6, number[1]), p->time,
                to_place(peak->epoch, peak->period / 1e3, number[2]),
                to_place(peak->period, peak->period_error / 10, number[3]));
}

static void put_people(nd_text *out, const nadir_periodogram *p) {
  put_band(out, p);
  put_repetitions(out, p);
  if (p->peaks > 0) put_peaks(out, p);
  put_curve(out, p);
  for (size_t k = 0; k < p->peaks; k++)
    put_aliases(out, &p->peak[k], k);
  nd_text_append(out, "false alarm: how likely white noise has so high a peak anywhere in this\n"
                      "             band, at most (Baluev 2008)\n");
}

/* ---- JSON ---- */

static json_t *aliases_json(const nadir_peak *peak) {
  json_t *list = json_array();
  for (size_t i = 0; i < peak->aliases; i++) {
    json_t *one = json_object();
    nd_json_put(&one, "period", nd_json_number(peak->alias[i].period));
    nd_json_put(&one, "power", nd_json_number(peak->alias[i].power));
    nd_json_put(&one, "repetition", nd_json_number(peak->alias[i].repetition));
    nd_json_push(&list, one);
  }
  return list;
}

static json_t *peak_json(const nadir_periodogram *p, const nadir_peak *peak) {
  bool alias = peak->alias_of != SIZE_MAX;
  json_t *one = json_object();
  nd_json_put(&one, "period", nd_json_number(peak->period));
  nd_json_put(&one, "period_error", nd_json_number(peak->period_error));
  nd_json_put(&one, "frequency", nd_json_number(peak->frequency));
  nd_json_put(&one, "power", nd_json_number(peak->power));
  nd_json_put(&one, "amplitude", nd_json_number(peak->amplitude));
  nd_json_put(&one, "amplitude_error", nd_json_number(peak->amplitude_error));
  nd_json_put(&one, "offset", nd_json_number(peak->offset));
  nd_json_put(&one, "epoch", nd_json_number(peak->epoch));
  nd_json_put(&one, "chi2", nd_json_number(peak->chi2));
  nd_json_put(&one, "residual_sigma", nd_json_number(peak->residual_sigma));
  nd_json_put(&one, "false_alarm", nd_json_number(peak->false_alarm));
  nd_json_put(&one, "log10_false_alarm", nd_json_number(peak->log10_false_alarm));
  nd_json_put(&one, "alias_of",
              nd_json_number(alias ? p->peak[peak->alias_of].period : (double)NAN));
  nd_json_put(&one, "repetition", nd_json_number(peak->repetition));
  nd_json_put(&one, "aliases", aliases_json(peak));
  return one;
}

static json_t *peaks_json(const nadir_periodogram *p) {
  json_t *list = json_array();
  for (size_t k = 0; k < p->peaks; k++)
    nd_json_push(&list, peak_json(p, &p->peak[k]));
  return list;
}

static json_t *levels_json(const nadir_periodogram *p) {
  json_t *list = json_array();
  for (size_t i = 0; i < NADIR_LEVELS; i++) {
    json_t *one = json_object();
    nd_json_put(&one, "false_alarm", nd_json_number(p->level_probability[i]));
    nd_json_put(&one, "power", nd_json_number(p->level[i]));
    nd_json_push(&list, one);
  }
  return list;
}

static json_t *repetitions_json(const nadir_periodogram *p) {
  json_t *list = json_array();
  for (size_t i = 0; i < p->repetitions; i++) {
    json_t *one = json_object();
    nd_json_put(&one, "period", nd_json_number(p->repetition[i].period));
    nd_json_put(&one, "power", nd_json_number(p->repetition[i].power));
    nd_json_push(&list, one);
  }
  return list;
}

static json_t *periodogram_json(const nadir_periodogram *p) {
  json_t *tree = json_object();
  nd_json_put(&tree, "formula", nd_json_text(p->formula));
  nd_json_put(&tree, "time_unit", nd_json_text(p->time_unit));
  nd_json_put(&tree, "value_unit", nd_json_text(p->value_unit));
  nd_json_put(&tree, "rows", nd_json_count(p->rows));
  nd_json_put(&tree, "dropped", nd_json_count(p->rows_dropped));
  nd_json_put(&tree, "baseline", nd_json_number(p->baseline));
  nd_json_put(&tree, "period_min", nd_json_number(1 / p->frequency_high));
  nd_json_put(&tree, "period_max", nd_json_number(1 / p->frequency_low));
  nd_json_put(&tree, "frequencies", nd_json_count(p->frequencies));
  nd_json_put(&tree, "peaks", peaks_json(p));
  nd_json_put(&tree, "levels", levels_json(p));
  nd_json_put(&tree, "repetitions", repetitions_json(p));
  nd_json_put(&tree, "warnings", nd_json_warnings(p->warning, p->warnings));
  return tree;
}

nadir_status nadir_periodogram_text(const nadir_periodogram *periodogram, nadir_format format,
                                    char **text, nadir_error *error) {
  ND_TO_NEAREST;
  if (format == NADIR_JSON) return nd_json_write(periodogram_json(periodogram), text, error);
  nd_text out = {0};
  put_people(&out, periodogram);
  return nd_give_text(&out, NADIR_OK, text, error);
}
