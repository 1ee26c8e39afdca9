/* tell: words. What nadir says of its results, for people, as LaTeX and as JSON, over the public
 * structs of nadir.h alone: it computes nothing, so that a fact has one place where it is found and
 * one sentence where it is said. The public functions named ..._text, ..._name and ..._meaning are
 * defined here.
 *
 *     proof_text.c  nadir_convexity: a verdict in a sentence, a proof as a tree, a witness
 *     expansion.c   nadir_expansion: coefficients, planes, radii
 *     rate_text.c   nadir_curvature: bounds, rates, the updates needed
 *     noise_text.c  nadir_batch_noise: shares uphill, clouds
 *     period_text.c nadir_periodogram: peaks, aliases
 *     plan.c        nadir_plan and events: method, rate, schedule
 *     outcome.c     nadir_result: why a run ended, where, and what that is worth
 *     flat.c        what is determined where a loss is flat
 *     warning.c     nadir_warning
 *     uncertainty.c nadir_uncertainty: errors, how well a fit fits
 *     checks.c      the checks of a fit
 *     fit_table.c   its parameters as a table for a paper
 *     run_json.c    the JSON object of fit and minimize
 *     table_json.c  the JSON objects of info and score
 *     groups_json.c  the JSON object of fits by group
 *     validate_json.c  the parts of that of fit about folds and paths
 *     class_text.c  nadir_classes
 *     sentence.c    facts put into the sentences of the .def files
 *     shared_json.c parts that several JSON objects have */
#ifndef ND_TELL_H
#define ND_TELL_H

#include "base/json.h"

/* ---- what is determined (flat.c) ---- */

/* Directions along which a loss is flat, each with a 1 at its last part, where the others have 0. */
typedef struct nd_flat {
  size_t size, directions;
  const double *direction;  /* directions x size */
  const char *const *name;  /* of the parameters; NULL: those of ... */
  const nadir_parameter *parameter;
} nd_flat;
void nd_tell_determined(const nd_flat *flat, nd_text *out); /* "only a + 2 b is determined" */

/* ---- verdicts ---- */

/* "strictly convex on x > 0, by the rules". */
void nd_tell_verdict(const nadir_convexity *convexity, nd_text *out);
/* "all x", "x > 0", "x + y > 0 and z >= 0". */
void nd_tell_domain(const nadir_convexity *convexity, nd_text *out);

/* ---- what a run does (plan.c) ---- */

const char *nd_method_why_words(nadir_method_why why);
void nd_tell_rate(const nadir_result *result, nd_text *out); /* and how it changed on the way */
void nd_tell_schedule(const nadir_plan *plan, nd_text *out);
void nd_tell_batch(const nadir_plan *plan, nd_text *out); /* "all", or the number of rows */

/* ---- what a run came to (outcome.c, outcome.def) ---- */

void nd_tell_stop(const nadir_result *result, nd_text *out);  /* why it ended */
void nd_tell_point(const nadir_result *result, nd_text *out); /* why its end is what it is */
void nd_tell_cause(const nadir_result *result, nadir_cause cause, nd_text *out);
void nd_tell_run_verdict(const nadir_result *result, nd_text *out);
void nd_tell_no_gap(const nadir_result *result, nd_text *out); /* nothing where there is one */
const char *nd_no_errors_words(nadir_no_errors none); /* NULL where there are some */

/* ---- how far the parameters may be off (uncertainty.c); nothing where there is nothing to say ---- */

void nd_tell_errors_by(const nadir_result *result, nd_text *out);
void nd_tell_goodness(const nadir_result *result, nd_text *out);
void nd_tell_intervals(const nadir_result *result, nd_text *out);
void nd_tell_residuals(const nadir_result *result, nd_text *out);

/* From where on a number of nadir_uncertainty is looked at: curvature, rounding, dispersion; a probability. */
#define ND_BENT 0.3
#define ND_COARSE 0.1
#define ND_OVERDISPERSED 1.5
#define ND_RARE 0.01

/* ---- checks of a fit (checks.c, checks.def) ---- */

void nd_tell_check(const nadir_result *result, nadir_check check, nd_text *why, nd_text *cure);
void nd_tell_checks(const nadir_result *result, nd_text *out); /* in a line */
json_t *nd_json_checks(const nadir_result *result);

/* ---- warnings and classes (warning.c, class_text.c) ---- */

void nd_tell_warning(const nadir_warning *warning, nd_text *out);
void nd_tell_classes(const nadir_classes *classes, nd_text *out);

/* ---- sentences with facts in braces (sentence.c) ---- */

/* Says the fact of `facts` that the name[0..length-1] in braces asks for; {rule:PART} is said without it,
 * and a sentence of nothing else has NULL. */
typedef void nd_fact_teller(const void *facts, const char *name, size_t length, nd_text *out);
void nd_tell_sentence(const char *sentence, nd_fact_teller *say, const void *facts, nd_text *out);
bool nd_is_fact(const char *name, const char *asked, size_t length);

/* ---- parts of JSON objects (shared_json.c) ---- */

json_t *nd_json_witness(const nadir_witness *witness, size_t size); /* null for NULL */
json_t *nd_json_said(nd_text *text); /* which is freed */
json_t *nd_json_warnings(const nadir_warning *warning, size_t count); /* a list of sentences */
/* classes, class_one and class_sentence; nothing for NULL. */
void nd_json_put_classes(json_t **object, const nadir_classes *classes);
/* folds and fold_means; path, path_of, path_least and path_chosen; nothing for NULL (validate_json.c). */
void nd_json_put_folds(json_t **object, const nadir_folds *folds);
void nd_json_put_path(json_t **object, const nadir_path *path, size_t size);
/* All of nadir_uncertainty. */
void nd_json_put_uncertainty(json_t **object, const nadir_result *result);

#endif
