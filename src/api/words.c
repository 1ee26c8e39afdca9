/* Why a run ended, where, and what that is worth, in words: a sentence of a table's row, in which
 * {words} in braces stand for facts of the run. */
#include <string.h>

#include "api/words_internal.h"

static const struct {
  const char *name;
  int exit_status;
  const char *last;
} points[] = {
#define ROW(id, name, exit_status, last) {name, exit_status, last},
    NADIR_POINTS(ROW)
#undef ROW
};

const char *nd_point_name(nadir_point point) {
  return points[point].name;
}

const char *nd_point_is_name(nadir_point_is is) {
  static const char *const names[] = {
#define NAME(id, name) name,
      NADIR_POINT_IS(NAME)};
  return names[is];
}

const char *nd_ended_name(nadir_ended ended) {
  static const char *const names[] = {NADIR_ENDS(NAME)
#undef NAME
  };
  return names[ended];
}

/* ---- what the end is ---- */

static nadir_point point_of(const nd_ending *e) {
  return nd_reason_about(e->diagnosis->reason)->point;
}

static bool is_typed_limit(const nd_ending *e) {
  const nadir_settings *settings = e->settings;
  return (e->run->stop == ND_STOP_UPDATES && settings->updates.is_number) ||
         (e->run->stop == ND_STOP_EPOCHS && settings->epochs.is_number) ||
         e->run->stop == ND_STOP_SECONDS;
}

nadir_ended nd_ending_is(const nd_ending *e) {
  bool minimum = point_of(e) == NADIR_MINIMUM;
  switch (nd_stop_about(e->run->stop)->ended) {
  case ND_ENDED_DONE:
    return minimum ? NADIR_DONE : NADIR_STUCK;
  case ND_ENDED_CHOSEN:
    return NADIR_DONE;
  case ND_ENDED_LIMIT:
    return minimum ? NADIR_DONE : NADIR_LIMIT;
  case ND_ENDED_DIVERGED:
    return NADIR_DIVERGED;
  case ND_ENDED_INTERRUPTED:
    break;
  }
  return NADIR_INTERRUPTED;
}

nadir_status nd_ending_exit(const nd_ending *e, int *exit_status, nadir_error *error) {
  nd_accepted accepted;
  ND_TRY(nd_accept_read(e->settings->accept, &accepted, error));
  switch (nd_ending_is(e)) {
  case NADIR_DONE:
    *exit_status = 0;
    break;
  case NADIR_LIMIT:
    *exit_status = !is_typed_limit(e) && !accepted.limit;
    break;
  case NADIR_STUCK:
    *exit_status = accepted.point[point_of(e)] ? 0 : points[point_of(e)].exit_status;
    break;
  case NADIR_DIVERGED:
  case NADIR_INTERRUPTED:
    *exit_status = 1;
    break;
  }
  return NADIR_OK;
}

const char *nd_last_words(const nd_ending *e) {
  const nd_stop_info *stop = nd_stop_about(e->run->stop);
  bool told = point_of(e) == NADIR_MINIMUM || point_of(e) == NADIR_FALLS;
  if (stop->ended == ND_ENDED_LIMIT && told) return points[point_of(e)].last;
  if (stop->ended == ND_ENDED_LIMIT && is_typed_limit(e)) return "stopped at the given limit";
  return *stop->last ? stop->last : points[point_of(e)].last;
}

/* ---- the facts that sentences speak of ---- */

static void say_number(nd_text *out, double value, int digits) {
  char number[ND_NUMBER_TEXT];
  nd_text_append(out, nd_format_digits(value, digits, number));
}

static void say_count(nd_text *out, uint64_t count, const char *what) {
  nd_text_print(out, "%llu %s%s", (unsigned long long)count, what, count == 1 ? "" : "s");
}

static void say_updates(const nd_ending *e, nd_text *out) {
  bool counted = e->run->stop == ND_STOP_UPDATES;
  say_count(out, e->run->updates, "update");
  if (counted) nd_text_append(out, e->run->updates == 1 ? " was" : " were");
}

static void say_epochs(const nd_ending *e, nd_text *out) {
  say_count(out, e->run->epochs, "epoch");
  nd_text_append(out, e->run->epochs == 1 ? " was" : " were");
}

static void say_stop_update(const nd_ending *e, nd_text *out) {
  nd_text_print(out, "%llu", (unsigned long long)e->run->stop_update);
}

static void say_limit(const nd_ending *e, nd_text *out) {
  if (point_of(e) == NADIR_MINIMUM)
    nd_text_append(out, "which was enough");
  else
    nd_text_append(out,
                   is_typed_limit(e) ? "as asked" : "the default limit, short of the tolerance");
}

static void say_smaller(const nd_ending *e, nd_text *out) {
  double stable = e->diagnosis->stable_rate;
  if (!(stable > 0)) {
    nd_text_append(out, "take a smaller --rate");
    return;
  }
  nd_text_append(out, "the largest stable rate near the minimum is about ");
  say_number(out, stable, 4);
}

/* It vanishes against what it was, or not at all. */
static void say_gradient(const nd_ending *e, nd_text *out) {
  static const double ROUNDING = 1e-12, VANISHED = 1e-3; /* of what it was */
  double share = e->run->gradient_norm / e->run->first_gradient;
  if (e->run->gradient_norm == 0)
    nd_text_append(out, "the gradient vanishes: it is 0");
  else if (share <= ROUNDING)
    nd_text_append(out, "the gradient vanishes: it is 0 to rounding");
  else if (share <= VANISHED) {
    nd_text_append(out, "the gradient vanishes: it has shrunk to ");
    say_number(out, share, 2);
    nd_text_append(out, " of what it was");
  } else
    nd_text_append(out, e->run->updates ? "the gradient is within the tolerance"
                                        : "the gradient was within the tolerance from the start");
}

static void say_tol_loss(const nd_ending *e, nd_text *out) {
  say_number(out, e->settings->tol_loss, 3);
}

static void say_patience(const nd_ending *e, nd_text *out) {
  nd_text_print(out, "%llu", (unsigned long long)e->settings->patience);
}

/* "a - 0.5 b": the main parts of a direction in the table's own coordinates. */
static void say_direction(const nd_ending *e, nd_text *out) {
  enum { MOST = 6 };
  const double *v = e->diagnosis->directions;
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
    nd_text_append(out, e->names[i]);
  }
  if (said == 0) nd_text_append(out, "some direction");
}

static void say_list(const nd_ending *e, const bool *chosen, nd_text *out) {
  size_t left = 0, said = 0;
  for (size_t i = 0; i < e->size; i++)
    left += chosen[i];
  for (size_t i = 0; i < e->size; i++) {
    if (!chosen[i]) continue;
    nd_text_print(out, "%s%s", said == 0 ? "" : left == 1 ? " and " : ", ", e->names[i]);
    said++;
    left--;
  }
}

static void say_idle(const nd_ending *e, nd_text *out) {
  size_t count = 0;
  if (!e->diagnosis->idle) return;
  for (size_t i = 0; i < e->size; i++)
    count += e->diagnosis->idle[i];
  say_list(e, e->diagnosis->idle, out);
  nd_text_append(out, count == 1 ? " does" : " do");
}

static void say_rate(const nd_ending *e, nd_text *out) {
  say_number(out, nd_rate_left(e->run), 2);
}

static void say_chi2(const nd_ending *e, nd_text *out) {
  say_number(out, e->errors->chi2 / (double)e->errors->degrees_of_freedom, 3);
}

static void say_term(nd_text *out, double part, const char *name) {
  nd_text_append(out, part < 0 ? " - " : " + ");
  if (fabs(part) != 1) {
    say_number(out, fabs(part), 4);
    nd_text_append(out, " ");
  }
  nd_text_append(out, name);
}

/* Where row r of the directions has its 1 that no other row shares: its last part. */
static size_t pivot_of(const nd_ending *e, size_t r) {
  size_t at = 0;
  for (size_t i = 0; i < e->size; i++)
    if (e->diagnosis->directions[r * e->size + i] != 0) at = i;
  return at;
}

static bool is_pivot(const nd_ending *e, size_t i) {
  for (size_t r = 0; r < e->diagnosis->direction_count; r++)
    if (pivot_of(e, r) == i) return true;
  return false;
}

/* The sums that no move along the flat directions changes: a + 2 b where a rises by 2 as b falls by
 * 1. */
static void say_determined(const nd_ending *e, nd_text *out) {
  const nd_diagnosis *d = e->diagnosis;
  size_t sums = 0;
  for (size_t i = 0; i < e->size; i++) {
    bool moves = false;
    for (size_t r = 0; r < d->direction_count; r++)
      moves = moves || d->directions[r * e->size + i] != 0;
    if (!moves || is_pivot(e, i)) continue;
    nd_text_print(out, "%s%s", sums++ ? ", " : "only ", e->names[i]);
    for (size_t r = 0; r < d->direction_count; r++) {
      double part = nd_round_digits(-d->directions[r * e->size + i], 4);
      if (part != 0) say_term(out, part, e->names[pivot_of(e, r)]);
    }
  }
  if (sums) nd_text_append(out, sums == 1 ? " is determined" : " are determined");
  for (size_t i = 0, said = 0; sums == 0 && i < e->size; i++)
    if (is_pivot(e, i)) nd_text_print(out, "%s%s", said++ ? ", " : "nothing tells ", e->names[i]);
}

static void say_offset(const nd_ending *e, nd_text *out) {
  const nd_offset *offset = e->offset;
  char number[ND_NUMBER_TEXT];
  size_t said = 0;
  nd_text_print(out, "the zero of %s is far outside of the rows, which leaves few digits to ",
                offset->column);
  for (size_t i = 0; i < e->size; i++) {
    if (offset->digits[i] < 0) continue;
    nd_text_print(out, "%s%s (",
                  said == 0                   ? ""
                  : said + 1 == offset->count ? " and "
                                              : ", ",
                  e->names[i]);
    nd_text_print(out, offset->digits[i] ? "%d)" : "none)", offset->digits[i]);
    said++;
  }
  nd_text_print(out, ": write (%s %c %s) in place of %s", offset->column,
                offset->middle < 0 ? '+' : '-', nd_format(fabs(offset->middle), number),
                offset->column);
}

/* ---- sentences ---- */

static const struct {
  const char *name;
  void (*say)(const nd_ending *ending, nd_text *out);
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
             {"rate", say_rate},
             {"chi2", say_chi2},
             {"determined", say_determined},
             {"offset", say_offset}};

static void say_fact(const nd_ending *e, const char *name, size_t length, nd_text *out) {
  for (size_t i = 0; i < ND_COUNT(facts); i++)
    if (strlen(facts[i].name) == length && memcmp(facts[i].name, name, length) == 0)
      facts[i].say(e, out);
}

static void say_sentence(const nd_ending *e, const char *sentence, nd_text *out) {
  while (*sentence) {
    size_t plain = strcspn(sentence, "{");
    nd_text_append_bytes(out, sentence, plain);
    sentence += plain;
    if (*sentence != '{') continue;
    size_t length = strcspn(++sentence, "}");
    say_fact(e, sentence, length, out);
    sentence += length + (sentence[length] == '}');
  }
}

void nd_say_why(const nd_ending *e, nd_text *out) {
  say_sentence(e, nd_stop_about(e->run->stop)->sentence, out);
}

void nd_say_point(const nd_ending *e, nd_text *out) {
  say_sentence(e, nd_reason_about(e->diagnosis->reason)->sentence, out);
}

void nd_say_cause(const nd_ending *e, nd_cause cause, nd_text *out) {
  static const char *const sentences[] = {
#define ND_ADVICE(id, name, sentence) sentence,
#include "judge/outcome.def"
  };
  say_sentence(e, sentences[cause], out);
}

const char *nd_no_gap_words(nd_no_gap why) {
  static const char *const sentences[] = {
      [ND_GAP_FOUND] = "",
#define ND_NO_GAP_ROW(id, name, sentence) [ND_NO_GAP_##id] = sentence,
#include "judge/outcome.def"
  };
  return sentences[why];
}
