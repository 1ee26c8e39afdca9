/* What a run came to, in words: why it ended, where, and what that is worth. Each is a sentence of
 * outcome.def, in which {words} in braces stand for facts of the result. */
#include <math.h>
#include <string.h>

#include "tell/tell.h"

/* ---- names ---- */

const char *nadir_point_name(nadir_point point) {
#define NAME(id, name) name,
  static const char *const names[] = {NADIR_POINTS(NAME)};
  return names[point];
}

const char *nadir_point_is_name(nadir_point_is is) {
  static const char *const names[] = {NADIR_POINT_IS(NAME)};
  return names[is];
}

const char *nadir_ended_name(nadir_ended ended) {
  static const char *const names[] = {NADIR_ENDS(NAME)};
#undef NAME
  return names[ended];
}

/* The columns of outcome.def, by stop, reason ... */
typedef struct words {
  const char *name, *sentence, *last;
} words;

static const words stops[] = {
#define ND_STOP_WORDS(id, name, last, sentence) [NADIR_STOP_##id] = {name, sentence, last},
#include "tell/outcome.def"
};
static const char *const last_of_points[] = {
#define ND_POINT_WORDS(id, last) [NADIR_##id] = last,
#include "tell/outcome.def"
};
static const words reasons[] = {
#define ND_REASON_WORDS(id, name, sentence) [NADIR_REASON_##id] = {name, sentence, ""},
#include "tell/outcome.def"
};
static const words causes[] = {
#define ND_CAUSE_WORDS(id, name, sentence) [NADIR_CAUSE_##id] = {name, sentence, ""},
#include "tell/outcome.def"
};
static const words no_gaps[] = {
#define ND_NO_GAP_WORDS(id, name, sentence) [NADIR_NO_GAP_##id] = {name, sentence, ""},
#include "tell/outcome.def"
};
static const words no_errors[] = {
#define ND_NO_ERRORS_WORDS(id, name, sentence) [NADIR_ERRORS_##id] = {name, sentence, ""},
#include "tell/outcome.def"
};
_Static_assert(ND_COUNT(stops) == NADIR_LAST_STOP + 1, "words for each stop");
_Static_assert(ND_COUNT(last_of_points) == NADIR_LAST_POINT + 1, "words for each point");
_Static_assert(ND_COUNT(reasons) == NADIR_LAST_REASON + 1, "words for each reason");
_Static_assert(ND_COUNT(causes) == NADIR_LAST_CAUSE + 1, "words for each cause");
_Static_assert(ND_COUNT(no_gaps) == NADIR_LAST_NO_GAP + 1, "words for each lack of a gap");
_Static_assert(ND_COUNT(no_errors) == NADIR_LAST_NO_ERRORS + 1, "words for each lack of errors");

const char *nadir_stop_name(nadir_stop stop) {
  return stops[stop].name;
}

const char *nadir_reason_name(nadir_reason reason) {
  return reasons[reason].name;
}

const char *nadir_cause_name(nadir_cause cause) {
  return causes[cause].name;
}

const char *nadir_start_from_name(nadir_start_from from) {
  static const char *const names[] = {[NADIR_START_ZERO] = "zero",
                                      [NADIR_START_GIVEN] = "given",
                                      [NADIR_START_RANDOM] = "random",
                                      [NADIR_START_DATA] = "data",
                                      [NADIR_START_BEST] = "best of starts",
                                      [NADIR_START_MODEL] = "model"};
  return names[from];
}

const char *nadir_no_gap_name(nadir_no_gap why) {
  return no_gaps[why].name;
}

const char *nadir_no_errors_name(nadir_no_errors none) {
  return no_errors[none].name;
}

/* ---- the last words ---- */

static const char *last_words(const nadir_result *r) {
  bool limit = r->stop == NADIR_STOP_UPDATES || r->stop == NADIR_STOP_EPOCHS ||
               r->stop == NADIR_STOP_SECONDS;
  bool told = r->kind == NADIR_MINIMUM || r->kind == NADIR_FALLS;
  if (limit && told) return last_of_points[r->kind];
  if (limit && r->limit_given) return "stopped at the given limit";
  const char *last = stops[r->stop].last;
  return *last ? last : last_of_points[r->kind];
}

/* ---- the facts that sentences speak of ---- */

static void say_number(nd_text *out, double value, int digits) {
  char number[ND_NUMBER_TEXT];
  nd_text_append(out, nd_format_digits(value, digits, number));
}

static void say_count(nd_text *out, uint64_t count, const char *what) {
  nd_text_print(out, "%llu %s%s", (unsigned long long)count, what, count == 1 ? "" : "s");
}

static void say_updates(const nadir_result *e, nd_text *out) {
  bool counted = e->stop == NADIR_STOP_UPDATES;
  say_count(out, e->updates, "update");
  if (counted) nd_text_append(out, e->updates == 1 ? " was" : " were");
}

static void say_epochs(const nadir_result *e, nd_text *out) {
  say_count(out, e->epochs, "epoch");
  nd_text_append(out, e->epochs == 1 ? " was" : " were");
}

static void say_stop_update(const nadir_result *e, nd_text *out) {
  nd_text_print(out, "%llu", (unsigned long long)e->stop_update);
}

static void say_limit(const nadir_result *e, nd_text *out) {
  if (e->kind == NADIR_MINIMUM)
    nd_text_append(out, "which was enough");
  else
    nd_text_append(out,
                   e->limit_given ? "as asked" : "the default limit, short of the tolerance");
}

static void say_smaller(const nadir_result *e, nd_text *out) {
  double stable = e->stable_rate;
  if (!(stable > 0)) {
    nd_text_append(out, "choose a smaller rate");
    return;
  }
  nd_text_append(out, "the largest stable rate near the minimum is about ");
  say_number(out, stable, 4);
}

/* It vanishes against what it was, or not at all. */
static void say_gradient(const nadir_result *e, nd_text *out) {
  static const double ROUNDING = 1e-12, VANISHED = 1e-3; /* of what it was */
  double share = e->gradient_norm / e->first_gradient;
  if (e->gradient_norm == 0)
    nd_text_append(out, "the gradient vanishes: it is 0");
  else if (share <= ROUNDING)
    nd_text_append(out, "the gradient vanishes: it is 0 to rounding");
  else if (share <= VANISHED) {
    nd_text_append(out, "the gradient vanishes: it has shrunk to ");
    say_number(out, share, 2);
    nd_text_append(out, " of what it was");
  } else
    nd_text_append(out, e->updates ? "the gradient is within the tolerance"
                                        : "the gradient was within the tolerance from the start");
}

static void say_tol_loss(const nadir_result *e, nd_text *out) {
  say_number(out, e->tol_loss, 3);
}

static void say_patience(const nadir_result *e, nd_text *out) {
  nd_text_print(out, "%llu", (unsigned long long)e->patience);
}

/* "a - 0.5 b": the main parts of a direction in the table's own coordinates. */
static void say_direction(const nadir_result *e, nd_text *out) {
  enum { MOST = 6 };
  const double *v = e->direction;
  size_t said = 0, begin = out->length;
  for (size_t i = 0; v && i < e->size; i++) {
    double part = nd_round_digits(v[i], 3);
    if (fabs(part) < 1e-12) continue;
    if (said++ == MOST) {
      nd_text_append(out, " + ...");
      break;
    }
    nd_text_append(out, out->length == begin ? (part < 0 ? "-" : "") : part < 0 ? " - " : " + ");
    if (fabs(part) != 1) {
      say_number(out, fabs(part), 3);
      nd_text_append(out, " ");
    }
    nd_text_append(out, e->parameter[i].name);
  }
  if (said == 0) nd_text_append(out, "some direction");
}

static void say_list(const nadir_result *e, const int *chosen, nd_text *out) {
  size_t left = 0, said = 0;
  for (size_t i = 0; i < e->size; i++)
    left += chosen[i] != 0;
  for (size_t i = 0; i < e->size; i++) {
    if (!chosen[i]) continue;
    nd_text_print(out, "%s%s", said == 0 ? "" : left == 1 ? " and " : ", ", e->parameter[i].name);
    said++;
    left--;
  }
}

static void say_bounded_losses(const nadir_result *e, nd_text *out) {
  for (size_t i = 0; i < e->bounded_losses; i++)
    nd_text_print(out, "%s%s",
                  i == 0                       ? ""
                  : i + 1 == e->bounded_losses ? " or "
                                               : ", ",
                  e->bounded_loss[i]);
}

static void say_idle(const nadir_result *e, nd_text *out) {
  size_t count = 0;
  if (!e->idle) return;
  for (size_t i = 0; i < e->size; i++)
    count += e->idle[i] != 0;
  say_list(e, e->idle, out);
  nd_text_append(out, count == 1 ? " does" : " do");
}

static void say_rate(const nadir_result *e, nd_text *out) {
  say_number(out, e->rate_left, 2);
}

static void say_chi2(const nadir_result *e, nd_text *out) {
  say_number(out, e->chi2 / (double)e->degrees_of_freedom, 3);
}

/* The parameters on a bound: the first few by name. */
static void say_bounded(const nadir_result *e, nd_text *out) {
  enum { MOST = 6 };
  size_t said = 0;
  for (size_t i = 0; i < e->size && said <= MOST; i++) {
    if (!e->parameter[i].at_bound) continue;
    if (said++ == MOST)
      nd_text_append(out, ", ...");
    else
      nd_text_print(out, "%s%s", said > 1 ? ", " : "", e->parameter[i].name);
  }
}

static void say_determined(const nadir_result *e, nd_text *out) {
  const nd_flat flat = {e->size, e->directions, e->direction, .parameter = e->parameter};
  nd_tell_determined(&flat, out);
}

static void say_gradient_given(const nadir_result *e, nd_text *out) {
  nd_text_print(out, "by %s the function gives the gradient ", e->parameter[e->wrong_parameter].name);
  say_number(out, e->gradient_given, 6);
  nd_text_append(out, ", where its values say ");
  say_number(out, e->gradient_by_values, 6);
}

static void say_offset(const nadir_result *e, nd_text *out) {
  char number[ND_NUMBER_TEXT];
  size_t said = 0, count = 0;
  for (size_t i = 0; i < e->size; i++)
    count += e->parameter[i].digits >= 0;
  nd_text_print(out,
                "the zero of %s is far outside the range of its rows, which leaves few digits to ",
                e->offset_column);
  for (size_t i = 0; i < e->size; i++) {
    int digits = e->parameter[i].digits;
    if (digits < 0) continue;
    nd_text_print(out, "%s%s (", said == 0 ? "" : said + 1 == count ? " and " : ", ",
                  e->parameter[i].name);
    nd_text_print(out, digits ? "%d)" : "none)", digits);
    said++;
  }
  nd_text_print(out, ": write (%s %c %s) in place of %s", e->offset_column,
                e->offset < 0 ? '+' : '-', nd_format(fabs(e->offset), number), e->offset_column);
}

/* ---- sentences ---- */

static const struct {
  const char *name;
  void (*say)(const nadir_result *ending, nd_text *out);
} facts[] = {{"updates", say_updates},
             {"epochs", say_epochs},
             {"update", say_stop_update},
             {"limit", say_limit},
             {"smaller", say_smaller},
             {"gradient", say_gradient},
             {"tol-loss", say_tol_loss},
             {"patience", say_patience},
             {"direction", say_direction},
             {"idle", say_idle},
             {"bounded", say_bounded},
             {"bounded losses", say_bounded_losses},
             {"rate", say_rate},
             {"chi2", say_chi2},
             {"determined", say_determined},
             {"gradient-given", say_gradient_given},
             {"offset", say_offset}};

static void say_fact(const void *result, const char *name, size_t length, nd_text *out) {
  for (size_t i = 0; i < ND_COUNT(facts); i++)
    if (nd_is_fact(facts[i].name, name, length)) facts[i].say(result, out);
}

static void say_sentence(const nadir_result *e, const char *sentence, nd_text *out) {
  nd_tell_sentence(sentence, say_fact, e, out);
}

void nd_tell_stop(const nadir_result *result, nd_text *out) {
  say_sentence(result, stops[result->stop].sentence, out);
}

void nd_tell_point(const nadir_result *result, nd_text *out) {
  say_sentence(result, reasons[result->reason].sentence, out);
}

void nd_tell_cause(const nadir_result *result, nadir_cause cause, nd_text *out) {
  say_sentence(result, causes[cause].sentence, out);
}

void nd_tell_no_gap(const nadir_result *result, nd_text *out) {
  if (no_gaps[result->no_gap].sentence) say_sentence(result, no_gaps[result->no_gap].sentence, out);
}

const char *nd_no_errors_words(nadir_no_errors none) {
  return no_errors[none].sentence;
}

/* ---- the verdict ---- */

static const char *verdict_words(const nadir_result *r) {
  if (r->no_gap == NADIR_NO_GAP_NOT_LOOKED_AT) return "not looked at";
  if (r->convex == NADIR_PROVED && r->strict)
    return r->exists ? "strictly convex: the minimum is the only one"
                     : "strictly convex: there is one minimum at most";
  if (r->convex == NADIR_PROVED && r->by_ranges)
    return "convex over the ranges of the columns: any minimum is global";
  if (r->convex == NADIR_PROVED) return "convex: any minimum is global";
  return r->convex == NADIR_REFUTED ? "not convex: there may be other minima"
                                    : "not known whether it is convex";
}

/* All that is known of a formula that is not proved convex. */
void nd_tell_run_verdict(const nadir_result *result, nd_text *out) {
  if (result->convexity)
    nd_tell_verdict(result->convexity, out);
  else
    nd_text_append(out, verdict_words(result));
}

/* ---- the slope of a line ---- */

static void tell_slope(const nadir_result *r, nd_text *out) {
  if (!r->line_target || !isfinite(r->parameter[r->size - 1].value)) return;
  double slope = r->parameter[r->size - 1].value;
  bool units = *r->line_unit != '\0';
  nd_text_print(out, "%s %s by ", r->line_target, slope < 0 ? "falls" : "grows");
  say_number(out, fabs(slope), 5);
  if (units) nd_text_print(out, " %s", r->target_unit);
  nd_text_print(out, " for each %s of %s", units ? r->line_unit : "unit", r->line_feature);
}

/* ---- topics ---- */

static void tell_topic(const nadir_result *result, nadir_topic topic, nd_text *out) {
  const char *none = nd_no_errors_words(result->no_errors);
  switch (topic) {
  case NADIR_ON_METHOD:
    nd_text_append(out, nd_method_why_words(result->plan.method_why));
    break;
  case NADIR_ON_RATE:
    nd_tell_rate(result, out);
    break;
  case NADIR_ON_SCHEDULE:
    nd_tell_schedule(&result->plan, out);
    break;
  case NADIR_ON_STOP:
    nd_tell_stop(result, out);
    break;
  case NADIR_ON_POINT:
    nd_tell_point(result, out);
    break;
  case NADIR_ON_END:
    nd_text_append(out, last_words(result));
    break;
  case NADIR_ON_VERDICT:
    nd_tell_run_verdict(result, out);
    break;
  case NADIR_ON_GAP:
    nd_tell_no_gap(result, out);
    break;
  case NADIR_ON_ERRORS:
    nd_text_append(out, none ? none : "");
    break;
  case NADIR_ON_ERRORS_BY:
    nd_tell_errors_by(result, out);
    break;
  case NADIR_ON_GOODNESS:
    nd_tell_goodness(result, out);
    break;
  case NADIR_ON_INTERVALS:
    nd_tell_intervals(result, out);
    break;
  case NADIR_ON_CHECKS:
    nd_tell_checks(result, out);
    break;
  case NADIR_ON_RESIDUALS:
    nd_tell_residuals(result, out);
    break;
  case NADIR_ON_SLOPE:
    tell_slope(result, out);
    break;
  }
}

nadir_status nadir_result_text(const nadir_result *result, nadir_topic topic, char **text,
                               nadir_error *error) {
  ND_TO_NEAREST;
  nd_text out = {0};
  tell_topic(result, topic, &out);
  return nd_give_text(&out, NADIR_OK, text, error);
}
