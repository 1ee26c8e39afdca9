/* A run for people: what was read, what was done and why, where it ended, what that is worth. Lines
 * of a label and a text; the parameters as a table; the verdict last. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { LABEL = 13, MOST_PARAMETERS = 200, MOST_MINIMA = 10, CHART_LINES = 12 };

typedef unsigned long long count_type;

static void line(const char *label, const char *format, ...) PRINTF(2, 3);
static void line(const char *label, const char *format, ...) {
  char text[4096];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  say_wrapped(label, LABEL, report_width(), text);
}

char *topic_text(const nadir_result *result, nadir_topic topic) {
  char *text;
  return checked(nadir_result_text(result, topic, &text, NULL) == NADIR_OK ? text : NULL);
}

char *classes_text(const nadir_classes *classes) {
  char *text;
  return checked(nadir_classes_text(classes, &text, NULL) == NADIR_OK ? text : NULL);
}

/* What the library says of a topic, after what goes before it; nothing where it says nothing. */
static void say_topic(const char *label, const nadir_result *result, nadir_topic topic,
                      const char *before) {
  char *text = topic_text(result, topic);
  if (*text) line(label, "%s%s", before, text);
  nadir_text_free(text);
}

/* ---- what was read ---- */

static void say_columns(const nadir_plan *plan) {
  char *list = copy_text("", 0);
  for (size_t i = 0; i < plan->columns; i++)
    list = add_to_list(list, ", ", "%s", plan->column[i]);
  line("columns", "%s", list);
  free(list);
}

static void say_rows(const cli_arguments *arguments, const nadir_result *result) {
  char left[256] = "";
  size_t at = 0;
  const struct {
    uint64_t rows;
    const char *why;
  } out[] = {{result->rows_dropped_where, "left out by --where"},
             {result->rows_dropped_missing, "dropped for missing values"},
             {result->rows_validation, "kept as validation rows"}};
  for (size_t i = 0; i < COUNT(out); i++)
    if (out[i].rows)
      at += (size_t)snprintf(left + at, sizeof left - at, "%s%llu %s", at ? ", " : ": ",
                             (count_type)out[i].rows, out[i].why);
  size_t files = arguments->words - 1;
  const char *first = strcmp(arguments->word[0], "-") == 0 ? "standard input" : arguments->word[0];
  char *from = files == 1 ? print_text("%s", first) : print_text("%zu files", files);
  if (*left)
    line("rows", "%llu in %s, %llu used%s", (count_type)result->rows_read, from,
         (count_type)result->rows_used, left);
  else
    line("rows", "%llu in %s, all used", (count_type)result->rows_read, from);
  free(from);
}

static void say_subject(const cli_arguments *arguments, const nadir_result *result) {
  if (!result->model) {
    line("formula", "%s", result->formula);
    return;
  }
  say_rows(arguments, result);
  say_columns(&result->plan);
  line("model", "%s", result->formula);
  line("loss", "%s%s", result->loss_name, result->single_precision ? ", in single precision" : "");
  if (!result->classes) return;
  char *classes = classes_text(result->classes);
  line("classes", "%s", classes);
  nadir_text_free(classes);
}

/* ---- what was done ---- */

/* Where it began, if that is not what was said or 0: it can be given as --start. */
static void say_start(const nadir_result *result) {
  char digits[NUMBER_TEXT];
  if (result->start_from != NADIR_START_DATA) return;
  char *list = copy_text("", 0);
  for (size_t i = 0; i < result->size; i++)
    list = add_to_list(list, ",", "%s=%s", result->parameter[i].name,
                       number(result->start[i], ALL_DIGITS, digits));
  line("start", "from the data: %s", list);
  free(list);
}

/* Of a formula with a frequency: what the start was found among. The false alarm is a bound, and printed as one. */
static void say_peaks(const nadir_result *result) {
  char value[NUMBER_TEXT], alarm[NUMBER_TEXT], reached[NUMBER_TEXT];
  for (size_t i = 0; i < result->peaks; i++) {
    const nadir_fit_peak *it = &result->peak[i];
    int has_chi2 = !isnan(it->chi2);
    line(i ? "" : "peaks", "%s = %s, false alarm %s, led to %s %s", result->parameter[it->parameter].name,
         number(it->value, 6, value), nadir_bound_text(it->peak.false_alarm, 1, 2, alarm), has_chi2 ? "chi2" : "loss",
         number(has_chi2 ? it->chi2 : it->loss, 6, reached));
  }
}

static void say_descent(const cli_arguments *arguments, const nadir_result *result) {
  const char *parts = nadir_settings_get(arguments->settings, "parts");
  char seconds[NUMBER_TEXT], method[256];
  const char *name = result->plan.method->name;
  size_t rows = result->plan.batch;
  if (!result->model)
    snprintf(method, sizeof method, "%s; ", name);
  else if (!rows)
    snprintf(method, sizeof method, "%s, all rows per update; ", name);
  else
    snprintf(method, sizeof method, "%s, %zu row%s per update; ", name, rows, rows == 1 ? "" : "s");
  say_topic("method", result, NADIR_ON_METHOD, method);
  say_start(result);
  say_peaks(result);
  say_topic("rate", result, NADIR_ON_RATE, "");
  say_topic("schedule", result, NADIR_ON_SCHEDULE, "");
  seconds_text(result->seconds, seconds);
  const char *many = result->updates == 1 ? "" : "s";
  if (result->model)
    line("descent", "%llu update%s, %llu rows seen, %llu epoch%s, %s", (count_type)result->updates,
         many, (count_type)result->rows_seen, (count_type)result->epochs,
         result->epochs == 1 ? "" : "s", seconds);
  else
    line("descent", "%llu update%s, %s", (count_type)result->updates, many, seconds);
  for (size_t k = 0; k < result->plan.samples; k++)
    line(k ? "" : "samples", "%llu of the updates on %llu rows",
         (count_type)result->plan.sample[k].updates, (count_type)result->plan.sample[k].rows);
  if (result->model && strcmp(parts, "1") != 0)
    line("averaged", "over %s parts of the rows after each epoch; updates are those of one part", parts);
  say_topic("stopped", result, NADIR_ON_STOP, "");
}

/* ---- the parameters ---- */

/* What the table of parameters has beside their names and values. */
typedef struct parts {
  bool errors, tests, units, notes, more;
  const double *less; /* the values that the errors are of; NULL: those of the parameters */
  int digits; /* of a value without an error */
} parts;

/* Why a parameter is where it is, if that is not the rows' doing alone. */
static void add_note(cli_grid *grid, const nadir_parameter *parameter) {
  char end[NUMBER_TEXT];
  if (parameter->tie)
    grid_add(grid, "= %s", parameter->tie);
  else if (parameter->at_bound)
    grid_add(grid, "on its bound %s",
             number(parameter->at_bound < 0 ? parameter->low : parameter->high, ALL_DIGITS, end));
  else
    grid_add(grid, "%s", parameter->fixed ? "fixed" : "");
}

static bool has_note(const nadir_parameter *parameter) {
  return parameter->tie || parameter->fixed || parameter->at_bound;
}

static void add_difference(cli_grid *grid, const nadir_parameter *parameter, double less) {
  char value[NUMBER_TEXT] = "-", error[NUMBER_TEXT] = "-";
  if (!isnan(parameter->standard_error))
    nadir_number_with_error(less, parameter->standard_error, value, error);
  grid_add(grid, "%s", value);
  grid_add(grid, "%s", error);
}

static void add_test(cli_grid *grid, const nadir_parameter *parameter) {
  char digits[NUMBER_TEXT];
  bool none = isnan(parameter->p_value);
  grid_add(grid, "%s", number(parameter->statistic, 3, digits));
  grid_add(grid, "%s", none ? "-" : nadir_probability_text(parameter->p_value, digits));
}

static void add_parameter(cli_grid *grid, const nadir_result *result, size_t i, const parts *has) {
  const nadir_parameter *parameter = &result->parameter[i];
  char value[NUMBER_TEXT], error[NUMBER_TEXT] = "", digits[NUMBER_TEXT];
  if (!parameter->determined)
    strcpy(value, "not determined");
  else if (isnan(parameter->standard_error) || has->less)
    number(parameter->value, has->digits, value);
  else
    nadir_number_with_error(parameter->value, parameter->standard_error, value, error);
  grid_add(grid, "%s", parameter->name);
  grid_add(grid, "%s", value);
  if (has->errors && has->less)
    add_difference(grid, parameter, has->less[i]);
  else if (has->errors)
    grid_add(grid, "%s", error[0] ? error : "-");
  if (has->tests) add_test(grid, parameter);
  if (has->units) grid_add(grid, "%s", parameter->unit);
  if (has->notes) add_note(grid, parameter);
  if (!has->more) return;
  grid_add(grid, "%s", number(parameter->value, ALL_DIGITS, digits));
  grid_add(grid, "%s", number(parameter->scaled, 6, digits));
}

/* Where a run stopped short nothing says how many digits mean something: all are given, as a run by
 * hand would have them. */
static int digits_of_values(const nadir_result *result) {
  return result->ended == NADIR_DONE ? 6 : ALL_DIGITS;
}

static parts parts_of(const nadir_result *result, bool more) {
  parts has = {.more = more, .digits = digits_of_values(result)};
  if (result->uncertainty) has.less = result->uncertainty->less_reference;
  for (size_t i = 0; i < result->size + result->held; i++) {
    has.errors |= !isnan(result->parameter[i].standard_error);
    has.tests |=
        result->uncertainty && result->uncertainty->tested && !isnan(result->parameter[i].p_value);
    has.units |= result->parameter[i].unit[0] != '\0';
    has.notes |= has_note(&result->parameter[i]);
  }
  return has;
}

static void say_parameters(const nadir_result *result, bool more) {
  const parts has = parts_of(result, more);
  char align[12] = "lr";
  if (has.errors) strcat(align, has.less ? "rr" : "r");
  if (has.tests) strcat(align, "rr");
  if (has.units) strcat(align, "l");
  if (has.notes) strcat(align, "l");
  if (more) strcat(align, "rr");
  cli_grid grid = {.columns = strlen(align), .align = align, .widest = report_width(), .keys = 1};
  grid_add(&grid, "parameter");
  grid_add(&grid, "value");
  if (has.errors && has.less) grid_add(&grid, "less %s", result->uncertainty->reference);
  if (has.errors) grid_add(&grid, "error");
  if (has.tests) grid_add(&grid, "%s", nadir_statistic_name(result->uncertainty));
  if (has.tests) grid_add(&grid, "p");
  if (has.units) grid_add(&grid, "unit");
  if (has.notes) grid_add(&grid, "note");
  if (more) grid_add(&grid, "all digits");
  if (more) grid_add(&grid, "scaled");
  size_t shown = result->size > MOST_PARAMETERS && !more ? MOST_PARAMETERS : result->size;
  for (size_t i = 0; i < shown; i++)
    add_parameter(&grid, result, i, &has);
  for (size_t i = result->size; i < result->size + result->held; i++)
    add_parameter(&grid, result, i, &has);
  say_text("\n");
  grid_say(&grid, "");
  if (shown < result->size) say("... and %zu more: all are printed by -v\n", result->size - shown);
  say_text("\n");
  grid_free(&grid);
}

/* ---- intervals ---- */

static void add_end(cli_grid *grid, double end, nadir_interval_end is, double error) {
  char value[NUMBER_TEXT], digits[NUMBER_TEXT];
  nadir_number_with_error(end, error, value, digits);
  grid_add(grid, "%s", is == NADIR_END_FOUND ? value : nadir_interval_end_name(is));
}

static void say_intervals(const nadir_result *result) {
  const nadir_uncertainty *u = result->uncertainty;
  char digits[NUMBER_TEXT];
  if (!u || !u->intervals) return;
  cli_grid grid = {.columns = 4, .align = "lrrr"};
  grid_add(&grid, "interval of");
  grid_add(&grid, "probability");
  grid_add(&grid, "low");
  grid_add(&grid, "high");
  for (size_t i = 0; i < u->intervals; i++) {
    const nadir_interval *it = &u->interval[i];
    const nadir_parameter *of = &result->parameter[it->parameter];
    grid_add(&grid, "%s", of->name);
    grid_add(&grid, "%s", number(it->level, 6, digits));
    add_end(&grid, it->low, it->low_is, of->standard_error / 10);
    add_end(&grid, it->high, it->high_is, of->standard_error / 10);
  }
  grid_say(&grid, "");
  grid_free(&grid);
  say_topic("", result, NADIR_ON_INTERVALS, "");
  say_text("\n");
}

static void say_no_intervals(const cli_arguments *arguments, const nadir_result *result) {
  const nadir_uncertainty *u = result->uncertainty;
  bool asked = result->model && strcmp(nadir_settings_get(arguments->settings, "intervals"), "none") != 0;
  if (!asked || (u && u->intervals)) return;
  line("intervals", "none: %s",
       result->no_errors == NADIR_ERRORS_GIVEN
           ? "this loss is not a likelihood, whose rise would tell: use --errors 'bootstrap(N)'"
           : "there are no errors to begin from");
}

/* ---- where it ended ---- */

static void say_loss(const nadir_result *result) {
  char loss[NUMBER_TEXT], data[NUMBER_TEXT + 16] = "", kept[NUMBER_TEXT + 32] = "";
  char digits[NUMBER_TEXT], norm[NUMBER_TEXT];
  if (result->model && result->data_loss != result->loss && !isnan(result->data_loss))
    snprintf(data, sizeof data, " (%s without the penalty)", number(result->data_loss, 6, digits));
  if (!isnan(result->validation_loss))
    snprintf(kept, sizeof kept, ", %s on the validation rows",
             number(result->validation_loss, 6, digits));
  line(result->model ? "final loss" : "value", "%s%s%s; gradient norm %s",
       number(result->loss, result->model ? 6 : 10, loss), data, kept,
       number(result->gradient_norm, 3, norm));
}

/* Those that are large, the largest first: an error alone tells little where two go together. */
static void say_correlations(const nadir_result *result) {
  enum { MOST = 6 };
  static const double LARGE = 0.5;
  char *list = copy_text("", 0), digits[NUMBER_TEXT];
  double before = INFINITY, largest;
  size_t said = 0, n = result->size;
  const double *c = result->uncertainty ? result->uncertainty->correlation : NULL;
  do {
    size_t at = 0;
    largest = 0;
    for (size_t i = 0; c && i < n * n; i++)
      if (i % n < i / n && fabs(c[i]) < before && fabs(c[i]) > largest) largest = fabs(c[at = i]);
    if (largest < LARGE) break;
    before = largest;
    list = add_to_list(list, ", ", "%s with %s %s", result->parameter[at % n].name,
                       result->parameter[at / n].name, number(c[at], 3, digits));
  } while (++said < MOST);
  if (said) line("correlations", "%s", list);
  free(list);
}

static void say_chi2(const nadir_result *result) {
  char first[NUMBER_TEXT], second[NUMBER_TEXT], third[NUMBER_TEXT], larger[80] = "";
  double freedom = (double)result->degrees_of_freedom, p = result->uncertainty->p_value;
  if (!isnan(p))
    snprintf(larger, sizeof larger, "; by chance larger with probability %s",
             nadir_probability_text(p, third));
  line("chi2", "%s for %.0f degrees of freedom, %s per degree%s", number(result->chi2, 6, first),
       freedom, number(result->chi2 / freedom, 4, second), larger);
}

static void say_residuals(const nadir_result *result) {
  char first[NUMBER_TEXT], second[NUMBER_TEXT];
  double freedom = (double)result->degrees_of_freedom;
  const char *unit = result->target_unit;
  if (!isnan(result->chi2))
    say_chi2(result);
  else if (!isnan(result->residual_sigma))
    line("residuals", "sigma %s%s%s, %.0f degrees of freedom",
         number(result->residual_sigma, 5, first), *unit ? " " : "", unit, freedom);
  say_topic(isnan(result->chi2) && isnan(result->residual_sigma) ? "residuals" : "", result,
            NADIR_ON_RESIDUALS, "");
  if (result->model) say_topic("errors", result, NADIR_ON_ERRORS, "none: ");
  say_topic("errors", result, NADIR_ON_ERRORS_BY, "");
  say_correlations(result);
  say_topic("goodness", result, NADIR_ON_GOODNESS, "");
  if (!isnan(result->condition_raw))
    line("condition", "%s, after scaling %s", number(result->condition_raw, 4, first),
         number(result->condition_scaled, 4, second));
  else if (result->no_errors == NADIR_ERRORS_NOT_LOOKED_AT)
    line("condition", "not looked at");
}

static void say_curvature(const nadir_result *result) {
  char low[NUMBER_TEXT], high[NUMBER_TEXT];
  if (!isnan(result->curvature_max))
    line("curvature", "from %s to %s", number(result->curvature_min, 4, low),
         number(result->curvature_max, 4, high));
  if (!isnan(result->stable_rate))
    line("stable rate", "up to %s", number(result->stable_rate, 4, low));
  line("processor", "%s", result->cpu);
}

/* By -v each check with what was found, and what to do where it is to be looked at. */
static void say_each_check(const nadir_result *result) {
  for (nadir_check check = 0; check <= NADIR_LAST_CHECK; check++) {
    nadir_check_status status = nadir_result_check(result, check);
    char *why, *cure;
    if (status == NADIR_CHECK_NOT_MADE) continue;
    checked(nadir_check_text(result, check, &why, &cure, NULL) == NADIR_OK ? why : NULL);
    line("", "%s %s: %s%s%s", status == NADIR_CHECK_PASS ? "pass" : "look", nadir_check_name(check), why,
         *cure ? ": " : "", cure);
    nadir_text_free(why);
    nadir_text_free(cure);
  }
}

static void say_point(const nadir_result *result) {
  if (result->ended == NADIR_DIVERGED) return; /* it is nowhere in particular */
  const char *is = nadir_point_is_name(result->is);
  char *sentence = topic_text(result, NADIR_ON_POINT);
  line("point", "%s%s%s: %s", nadir_point_name(result->kind), is ? ", " : "", is ? is : "",
       sentence);
  nadir_text_free(sentence);
}

static void write_point(const nadir_result *result, const double *w, char *text, size_t size) {
  enum { MOST = 6 };
  char digits[NUMBER_TEXT];
  size_t at = 0;
  for (size_t i = 0; i < result->size && i < MOST && at < size; i++)
    at += (size_t)snprintf(text + at, size - at, "%s%.60s = %s", i ? ", " : "",
                           result->parameter[i].name, number(w[i], 6, digits));
  if (result->size > MOST && at < size) snprintf(text + at, size - at, ", ...");
}

/* Why it is not convex: anyone can look at the losses there by --start and --trace. */
static void say_witness(const nadir_result *result) {
  const nadir_witness *w = result->witness;
  char p[1024], q[1024], at_p[NUMBER_TEXT], at_q[NUMBER_TEXT], between[NUMBER_TEXT],
      chord[NUMBER_TEXT];
  if (!w || w->leaves_domain) return;
  write_point(result, w->p, p, sizeof p);
  write_point(result, w->q, q, sizeof q);
  line("",
       "at p: %s the loss is %s; at q: %s it is %s; at %.4g p + %.4g q it is %s, above the chord's "
       "%s",
       p, number(w->at_p, 6, at_p), q, number(w->at_q, 6, at_q), w->weight, 1 - w->weight,
       number(w->between, 6, between), number(w->chord, 6, chord));
}

/* What is proved of the objective, and how far above its minimum the loss can still be. */
static void say_proof(const nadir_result *result) {
  char gap[NADIR_BOUND_TEXT], modulus[NADIR_BOUND_TEXT + 32] = "", digits[NADIR_BOUND_TEXT];
  if (result->modulus > 0)
    snprintf(modulus, sizeof modulus, " (modulus %s)",
             nadir_bound_text(result->modulus, 0, 4, digits));
  /* any other verdict names what decided in its own words */
  const char *by = result->convex == NADIR_PROVED ? nadir_proof_by_name(result->proved_by) : NULL;
  char *verdict = topic_text(result, NADIR_ON_VERDICT);
  line("convexity", "%s%s%s%s", verdict, modulus, by ? ", by the " : "", by ? by : "");
  nadir_text_free(verdict);
  if (result->model) say_witness(result);
  if (!isnan(result->optimum_gap))
    line("gap", "the loss is at most %s above its minimum",
         nadir_bound_text(result->optimum_gap, 1, 3, gap));
  else
    say_topic("gap", result, NADIR_ON_GAP,
              result->no_gap == NADIR_NO_GAP_NOT_LOOKED_AT ? "" : "not bounded: ");
}

static void say_minima(const nadir_result *result) {
  char digits[NUMBER_TEXT];
  if (!result->minima) return;
  bool chi2 = !isnan(result->minimum[0].chi2);
  size_t shown = result->minima < MOST_MINIMA ? result->minima : MOST_MINIMA;
  cli_grid grid = {.columns = chi2 ? 5 : 4, .align = chi2 ? "rrrll" : "rrll", .widest = report_width()};
  grid_add(&grid, "reached");
  grid_add(&grid, result->model ? "loss" : "value");
  if (chi2) grid_add(&grid, "chi2");
  grid_add(&grid, "point");
  grid_add(&grid, "at");
  for (size_t i = 0; i < shown; i++) {
    const nadir_minimum *minimum = &result->minimum[i];
    grid_add(&grid, "%llu", (count_type)minimum->reached);
    grid_add(&grid, "%s", number(minimum->loss, 8, digits));
    if (chi2) grid_add(&grid, "%s", number(minimum->chi2, 8, digits));
    grid_add(&grid, "%s", nadir_point_name(minimum->point));
    char *at = copy_text("", 0);
    for (size_t k = 0; k < result->size && k < 8; k++)
      at = add_to_list(at, ", ", "%s = %s", result->parameter[k].name,
                       number(minimum->w[k], 6, digits));
    grid_add(&grid, "%s", at);
    free(at);
  }
  say("%zu distinct end%s of the descents:\n", result->minima, result->minima == 1 ? "" : "s");
  grid_say(&grid, "  ");
  grid_free(&grid);
  if (shown < result->minima)
    say("and %zu higher ones: --json has them all\n", result->minima - shown);
  if (result->starts_lost)
    say("%llu more diverged or left the domain\n", (count_type)result->starts_lost);
  say_text("\n");
}

/* ---- the verdict ---- */

static void say_verdict(const nadir_result *result) {
  bool colour = has_colour(STDOUT_FILENO);
  const char *paint = result->exit_status ? "\033[31m" : result->warnings ? "\033[33m" : "\033[32m";
  char *last = topic_text(result, NADIR_ON_END);
  say_text(colour ? paint : "");
  say_name(last);
  say_text("; ");
  nadir_text_free(last);
  if (result->warnings)
    say("%zu warning%s", result->warnings, result->warnings == 1 ? "" : "s");
  else
    say_text("no warnings");
  say("%s\n", colour ? "\033[0m" : "");
}

static void say_chart(const cli_arguments *arguments, const nadir_result *result) {
  char *text;
  if (!is_terminal(STDOUT_FILENO) || nadir_trace_rows(result->trace) < 2) return;
  nadir_settings *settings = settings_of_trace(arguments, result);
  nadir_status made =
      nadir_chart(result->trace, settings, (int)report_width(), CHART_LINES, is_utf8(), &text, NULL);
  nadir_settings_free(settings);
  if (made != NADIR_OK) return;
  say("%s\n", text);
  nadir_text_free(text);
}

static void say_slope(const nadir_result *result) {
  char *text = topic_text(result, NADIR_ON_SLOPE);
  if (*text) say_name(text), say_text(".\n");
  nadir_text_free(text);
}

void report_run(const cli_arguments *arguments, const nadir_result *result) {
  say_subject(arguments, result);
  say_descent(arguments, result);
  say_parameters(result, arguments->verbose);
  say_intervals(result);
  say_loss(result);
  say_residuals(result);
  say_no_intervals(arguments, result);
  if (arguments->verbose) say_curvature(result);
  say_point(result);
  say_proof(result);
  say_topic("checks", result, NADIR_ON_CHECKS, "");
  if (arguments->verbose) say_each_check(result);
  say_text("\n");
  say_minima(result);
  report_path(result->path);
  report_folds(result->folds);
  say_chart(arguments, result);
  if (result->ended != NADIR_DIVERGED) say_slope(result);
  say_verdict(result);
}
