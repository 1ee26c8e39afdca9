/* The checks of a fit: each is a number that the result has against a limit, and two sentences of checks.def. */
#include <math.h>
#include <string.h>

#include "tell/tell.h"

static const double COLLINEAR = 0.99, TOO_GOOD = 0.999;

typedef struct words {
  const char *name, *pass, *look, *cure;
} words;
static const words checks[] = {
#define ND_CHECK_WORDS(id, name, pass, look, cure) [NADIR_CHECK_##id] = {name, pass, look, cure},
#include "tell/checks.def"
};
_Static_assert(ND_COUNT(checks) == NADIR_LAST_CHECK + 1, "words for each check");

const char *nadir_check_name(nadir_check check) {
  return checks[check].name;
}

/* ---- what is checked ---- */

static nadir_check_status above(double number, double limit) {
  return isnan(number)    ? NADIR_CHECK_NOT_MADE
         : number > limit ? NADIR_CHECK_LOOK
                          : NADIR_CHECK_PASS;
}

static nadir_check_status below(double number, double limit) {
  return isnan(number)    ? NADIR_CHECK_NOT_MADE
         : number < limit ? NADIR_CHECK_LOOK
                          : NADIR_CHECK_PASS;
}

/* The largest correlation of two parameters, NaN where there is none. */
static double largest_correlation(const nadir_result *result, size_t pair[2]) {
  const double *c = result->uncertainty->correlation;
  size_t n = result->size;
  double largest = (double)NAN;
  for (size_t i = 0; c && i < n; i++)
    for (size_t k = 0; k < i; k++)
      if (!(fabs(c[i * n + k]) <= fabs(largest)) && !isnan(c[i * n + k])) {
        largest = c[i * n + k];
        pair[0] = k, pair[1] = i;
      }
  return largest;
}

static bool has_cause(const nadir_result *result, nadir_cause cause) {
  bool has = false;
  for (size_t i = 0; i < result->causes; i++)
    has = has || result->cause[i] == cause;
  return has;
}

static bool lists_bound(const nadir_parameter *p) {
  return p->at_bound != 0;
}

static bool lists_undetermined(const nadir_parameter *p) {
  return !p->determined;
}

static bool is_bounded(const nadir_parameter *p) {
  return isfinite(p->low) || isfinite(p->high);
}

static bool any(const nadir_result *result, bool (*lists)(const nadir_parameter *)) {
  bool found = false;
  for (size_t i = 0; i < result->size; i++)
    found = found || lists(&result->parameter[i]);
  return found;
}

static nadir_check_status look_if(bool look) {
  return look ? NADIR_CHECK_LOOK : NADIR_CHECK_PASS;
}

/* By sigma the probability of chi2, on both sides: errors that are too large are a mistake as well. */
static nadir_check_status check_chi2(const nadir_uncertainty *u) {
  if (!isnan(u->dispersion)) return above(u->dispersion, ND_OVERDISPERSED);
  if (isnan(u->p_value)) return NADIR_CHECK_NOT_MADE;
  return look_if(u->p_value < ND_RARE || u->p_value > TOO_GOOD);
}

static nadir_check_status check_classes(const nadir_result *result) {
  return result->classes ? look_if(has_cause(result, NADIR_CAUSE_SEPARATED)) : NADIR_CHECK_NOT_MADE;
}

nadir_check_status nadir_result_check(const nadir_result *result, nadir_check check) {
  const nadir_uncertainty *u = result->uncertainty;
  size_t pair[2];
  if (!u) return NADIR_CHECK_NOT_MADE;
  switch (check) {
  case NADIR_CHECK_END:
    return look_if(result->kind != NADIR_MINIMUM);
  case NADIR_CHECK_CHI2:
    return check_chi2(u);
  case NADIR_CHECK_FAR:
    return below(u->farthest_p, ND_RARE);
  case NADIR_CHECK_RUNS:
    return below(u->runs_p, ND_RARE);
  case NADIR_CHECK_NORMAL:
    return below(u->normal_p, ND_RARE);
  case NADIR_CHECK_COLLINEAR:
    return above(fabs(largest_correlation(result, pair)), COLLINEAR);
  case NADIR_CHECK_FLAT:
    return look_if(any(result, lists_undetermined));
  case NADIR_CHECK_BOUND:
    return any(result, is_bounded) ? look_if(any(result, lists_bound)) : NADIR_CHECK_NOT_MADE;
  case NADIR_CHECK_SEPARATED:
    return check_classes(result);
  case NADIR_CHECK_CURVATURE:
    return above(u->curvature, ND_BENT);
  case NADIR_CHECK_ROUNDING:
    return above(u->rounding, ND_COARSE);
  }
  return NADIR_CHECK_NOT_MADE;
}

/* ---- words ---- */

static void say_number(nd_text *out, double value, int digits) {
  char number[ND_NUMBER_TEXT];
  nd_text_append(out, nd_format_digits(value, digits, number));
}

static void say_probability(nd_text *out, double p) {
  char number[ND_NUMBER_TEXT];
  nd_text_append(out, nadir_probability_text(p, number));
}

static void say_those(const nadir_result *result, bool (*lists)(const nadir_parameter *),
                      nd_text *out) {
  size_t before = out->length;
  for (size_t i = 0; i < result->size; i++)
    if (lists(&result->parameter[i]))
      nd_text_print(out, "%s%s", out->length > before ? ", " : "", result->parameter[i].name);
}

/* Larger than sigma says, or smaller. */
static bool is_larger(const nadir_uncertainty *u) {
  return !isnan(u->dispersion) || u->p_value < ND_RARE;
}

static void say_scatter(const nadir_uncertainty *u, bool cure, nd_text *out) {
  bool larger = is_larger(u);
  if (!cure)
    nd_text_append(out, larger ? "the rows scatter more than they should"
                               : "the rows scatter less than they should");
  else if (!isnan(u->dispersion))
    nd_text_append(out, "the errors are too small by the root of that; add what the model lacks");
  else
    nd_text_append(out, larger
                            ? "sigma may be too small, or the model lacks something: draw plot-fit"
                            : "sigma may be too large, or the model has too many parameters");
}

static void say_numbers(const nadir_result *result, const char *asked, size_t length,
                        nd_text *out) {
  const nadir_uncertainty *u = result->uncertainty;
  size_t pair[2] = {0, 0};
  const struct {
    const char *name;
    double value;
    int digits; /* 0: it is a probability */
  } numbers[] = {{"reduced", isnan(u->dispersion) ? u->reduced_chi2 : u->dispersion, 4},
                 {"farthest", u->farthest, 3},
                 {"far-p", u->farthest_p, 0},
                 {"runs-p", u->runs_p, 0},
                 {"normal-p", u->normal_p, 0},
                 {"correlation", largest_correlation(result, pair), 3},
                 {"curvature", u->curvature, 2},
                 {"bent", ND_BENT, 2},
                 {"rounding", u->rounding, 2}};
  for (size_t i = 0; i < ND_COUNT(numbers); i++) {
    if (!nd_is_fact(numbers[i].name, asked, length)) continue;
    if (numbers[i].digits)
      say_number(out, numbers[i].value, numbers[i].digits);
    else
      say_probability(out, numbers[i].value);
  }
  if (nd_is_fact("pair", asked, length))
    nd_text_print(out, "%s and %s", result->parameter[pair[0]].name,
                  result->parameter[pair[1]].name);
}

static void say_fact(const void *facts, const char *asked, size_t length, nd_text *out) {
  const nadir_result *result = facts;
  const nadir_uncertainty *u = result->uncertainty;
  if (nd_is_fact("end", asked, length)) nd_tell_stop(result, out);
  if (nd_is_fact("end-cure", asked, length))
    nd_text_append(out, result->causes > 0 ? "see the warnings"
                                           : "run on, or choose a different start or method");
  if (nd_is_fact("by chance", asked, length) && !isnan(u->p_value)) {
    nd_text_append(out, ", by chance larger with probability ");
    say_probability(out, u->p_value);
  }
  if (nd_is_fact("scatter", asked, length)) say_scatter(u, false, out);
  if (nd_is_fact("scatter-cure", asked, length)) say_scatter(u, true, out);
  if (nd_is_fact("order", asked, length)) nd_text_append(out, u->order ? u->order : "the rows");
  if (nd_is_fact("undetermined", asked, length)) say_those(result, lists_undetermined, out);
  if (nd_is_fact("bounded", asked, length)) say_those(result, lists_bound, out);
  say_numbers(result, asked, length, out);
}

void nd_tell_check(const nadir_result *result, nadir_check check, nd_text *why, nd_text *cure) {
  nadir_check_status status = nadir_result_check(result, check);
  const words *said = &checks[check];
  if (status == NADIR_CHECK_NOT_MADE) return;
  nd_tell_sentence(status == NADIR_CHECK_PASS ? said->pass : said->look, say_fact, result, why);
  if (status == NADIR_CHECK_LOOK) nd_tell_sentence(said->cure, say_fact, result, cure);
}

nadir_status nadir_check_text(const nadir_result *result, nadir_check check, char **why,
                              char **cure, nadir_error *error) {
  ND_TO_NEAREST;
  nd_text texts[2] = {{0}, {0}};
  nd_tell_check(result, check, &texts[0], &texts[1]);
  nadir_status status = nd_give_text(&texts[0], NADIR_OK, why, error);
  status = nd_give_text(&texts[1], status, cure, error);
  if (status == NADIR_OK) return NADIR_OK;
  nadir_text_free(*why);
  *why = NULL;
  return status;
}

/* ---- lists of them ---- */

/* "9 pass; look at chi2, far off" */
void nd_tell_checks(const nadir_result *result, nd_text *out) {
  size_t passed = 0, looked = 0;
  nd_text list = {0};
  for (nadir_check check = 0; check <= NADIR_LAST_CHECK; check++) {
    nadir_check_status status = nadir_result_check(result, check);
    passed += status == NADIR_CHECK_PASS;
    if (status != NADIR_CHECK_LOOK) continue;
    nd_text_print(&list, "%s%s", looked++ ? ", " : "", nadir_check_name(check));
  }
  if (passed + looked > 0) nd_text_print(out, "%zu pass", passed);
  if (looked > 0) nd_text_print(out, "; look at %s", nd_text_data(&list));
  out->failed = out->failed || list.failed;
  nd_text_free(&list);
}

static json_t *check_json(const nadir_result *result, nadir_check check) {
  nd_text why = {0}, cure = {0};
  json_t *one = json_object();
  bool look = nadir_result_check(result, check) == NADIR_CHECK_LOOK;
  nd_tell_check(result, check, &why, &cure);
  nd_json_put(&one, "name", nd_json_text(nadir_check_name(check)));
  nd_json_put(&one, "status", json_string(look ? "look" : "pass"));
  nd_json_put(&one, "why", nd_json_said(&why));
  if (look)
    nd_json_put(&one, "cure", nd_json_said(&cure));
  else
    nd_json_put(&one, "cure", json_null());
  nd_text_free(&cure);
  return one;
}

json_t *nd_json_checks(const nadir_result *result) {
  json_t *list = json_array();
  for (nadir_check check = 0; check <= NADIR_LAST_CHECK; check++)
    if (nadir_result_check(result, check) != NADIR_CHECK_NOT_MADE)
      nd_json_push(&list, check_json(result, check));
  return list;
}
