/* The list of update rules, and a rule set up for a run (nd_method).
 *
 * All memory is taken by nd_method_new, in one block: an update allocates nothing, except for the
 * Hessians of newton and newton-diagonal. An update costs one pass over the state vectors, O(n).
 *
 * The L1 penalty is not part of the gradient. Its proximal step is made here, after the rule's own
 * step: w <- sign(z) max(|z| - effective l1, 0) at z = w - step, which minimises
 *   l1 |w| + (w - z)^2 / (2 effective)
 * (Daubechies, Defrise, De Mol 2004; Duchi, Hazan, Singer 2011). That is right only where step =
 * effective * gradient, so only rules that say NADIR_PROXIMAL take it; a method that says
 * NADIR_COMPOSITE makes its own. Bounds are kept by the same step, as bounds.c says. */
#include "optim/optim.h"

#include <math.h>
#include <string.h>

#define X(rule) extern const nadir_optimizer rule;
#include "optim_rules.def"
#undef X

static const nadir_optimizer *const all_rules[] = {
#define X(rule) &rule,
#include "optim_rules.def"
#undef X
};

const nadir_optimizer *nd_optimizer_at(size_t i) {
  return i < ND_COUNT(all_rules) ? all_rules[i] : NULL;
}

struct nd_method {
  const nadir_optimizer *optimizer;
  size_t size, vector_count;
  uint64_t updates;
  nadir_update update;
  double *memory;                   /* the one block that all below but `vectors` point into */
  double *rate;                     /* size numbers */
  double *rate_scale, *l1;          /* size numbers each, or NULL */
  double *values, *scalars, *state; /* state: all vectors, one after the other */
  double **vectors;
  const nd_span *bounds; /* or NULL, as the next three: */
  nd_face *face;         /* for methods */
  double *slope, *strength; /* gradient and l1 as they are on the face */
  uint64_t forgot;          /* the update at which it last began anew, on another one */
};

double nd_auto_rate(const nadir_optimizer *optimizer, const double *values, double curvature) {
  if (optimizer->rate > 0) return optimizer->rate;
  if (!(curvature > 0) || !isfinite(curvature) || !isfinite(1 / curvature)) return 1;
  double rate = 1 / curvature;
  if (!optimizer->stable_rate) return rate;
  return fmin(rate, 0.75 * optimizer->stable_rate(values, curvature));
}

/* ---- setting up ---- */

static bool any_positive(size_t size, const double *values) {
  for (size_t i = 0; i < size; i++)
    if (values[i] > 0) return true;
  return false;
}

static nadir_status refuse_l1(const nadir_optimizer *optimizer, nadir_error *error) {
  nd_text able = {0};
  const nadir_optimizer *rule;
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++)
    if (rule->traits & (NADIR_PROXIMAL | NADIR_COMPOSITE))
      nd_text_print(&able, "%s%s", able.length ? ", " : "", rule->name);
  nadir_status status = nd_text_status(&able, error);
  if (status == NADIR_OK)
    status = nd_fail(error, NADIR_BAD_SETTING,
                     "method %s: it has no proximal step, which l1 needs: use one of %s",
                     optimizer->name, nd_text_data(&able));
  nd_text_free(&able);
  return status;
}

static size_t vectors_of(const nadir_optimizer *optimizer, size_t size, const double *values) {
  return optimizer->vectors_for ? optimizer->vectors_for(size, values) : optimizer->vectors;
}

/* Numbers in the one block; false when the count overflows. */
static bool memory_needed(const nadir_optimizer *optimizer, size_t vectors, size_t size,
                          size_t *count) {
  return nd_add(vectors, 4, &vectors) && nd_multiply(vectors, size, count) &&
         nd_add(*count, optimizer->scalars, count) &&
         nd_add(*count, optimizer->setting_count, count);
}

static double *take(double **rest, size_t count) {
  double *taken = *rest;
  *rest += count;
  return taken;
}

static double *take_copy(double **rest, size_t count, const double *from) {
  if (!from) return NULL;
  double *taken = take(rest, count);
  if (count) memcpy(taken, from, count * sizeof *taken);
  return taken;
}

static void lay_out(nd_method *method, const nd_method_options *options) {
  const nadir_optimizer *optimizer = options->optimizer;
  size_t size = method->size;
  double *rest = method->memory;
  method->rate = take(&rest, size);
  method->update.step = take(&rest, size);
  method->update.effective = take(&rest, size);
  method->update.gradient = take(&rest, size);
  method->state = take(&rest, size * method->vector_count);
  for (size_t k = 0; k < method->vector_count; k++)
    method->vectors[k] = method->state + k * size;
  method->scalars = take(&rest, optimizer->scalars);
  method->values = take(&rest, optimizer->setting_count);
  for (size_t k = 0; k < optimizer->setting_count; k++)
    method->values[k] = options->values ? options->values[k] : optimizer->settings[k].initial;
  method->rate_scale = take_copy(&rest, size, options->rate_scale);
  method->l1 = take_copy(&rest, size, options->l1);
}

nadir_status nd_method_new(nd_method **method, size_t size, const nd_method_options *options,
                           nadir_error *error) {
  *method = NULL;
  const nadir_optimizer *optimizer = options->optimizer;
  if (!optimizer->step && !optimizer->advance)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "method %s: it has neither a step nor an advance function: give it one",
                   optimizer->name);
  nd_method_options kept = *options;
  if (kept.l1 && !any_positive(size, kept.l1)) kept.l1 = NULL;
  if (kept.l1 && !(optimizer->traits & (NADIR_PROXIMAL | NADIR_COMPOSITE)))
    return refuse_l1(optimizer, error);
  size_t count, vectors = vectors_of(optimizer, size, options->values);
  size_t extra = (kept.rate_scale ? 1u : 0u) + (kept.l1 ? 1u : 0u);
  if (!nd_add(vectors, extra, &extra) || !memory_needed(optimizer, extra, size, &count))
    return nd_fail(error, NADIR_NO_MEMORY, "method %s: out of memory: use fewer parameters",
                   optimizer->name);
  nd_method *made = nd_new(1, sizeof *made, error);
  if (!made) return NADIR_NO_MEMORY;
  made->optimizer = optimizer;
  made->size = size;
  made->vector_count = vectors;
  made->update.left = (double)NAN;
  made->bounds = options->bounds;
  nadir_status status = NADIR_OK;
  if (made->bounds && optimizer->advance) {
    status = nd_face_new(&made->face, size, made->bounds, error);
    if (status == NADIR_OK) made->slope = nd_new(2 * size, sizeof *made->slope, error);
    made->strength = made->slope ? made->slope + size : NULL;
  }
  made->memory = nd_new(count, sizeof *made->memory, error);
  made->vectors = made->memory ? nd_new(vectors, sizeof *made->vectors, error) : NULL;
  if (!made->vectors || status != NADIR_OK || (made->face && !made->slope)) {
    nd_method_free(made);
    return NADIR_NO_MEMORY;
  }
  lay_out(made, &kept);
  *method = made;
  return NADIR_OK;
}

void nd_method_free(nd_method *method) {
  if (!method) return;
  nd_face_free(method->face);
  nd_free(method->slope);
  nd_free(method->vectors);
  nd_free(method->memory);
  nd_free(method);
}

/* ---- updates ---- */

static double soft(double z, double threshold) {
  if (z > threshold) return z - threshold;
  if (z < -threshold) return z + threshold;
  return z == z ? 0 : z;
}

/* w <- w - step, and the proximal step, which keeps to the bounds; step becomes w_new - w_old. */
static void apply(nd_method *method, const nd_face *face, double *w) {
  double *step = method->update.step;
  bool proximal = method->l1 && (method->optimizer->traits & NADIR_PROXIMAL);
  for (size_t i = 0; i < method->size; i++) {
    double moved = w[i] - step[i];
    if (proximal && method->l1[i] > 0)
      moved = soft(moved, method->update.effective[i] * method->l1[i]);
    step[i] = moved;
  }
  if (face)
    nd_face_project(face, step);
  else
    nd_project(method->size, method->bounds, step);
  for (size_t i = 0; i < method->size; i++) {
    double moved = step[i];
    step[i] = moved - w[i];
    w[i] = moved;
  }
}

/* Vectors and scalars lie one after the other in the block. */
static size_t state_numbers(const nd_method *method) {
  return method->size * method->vector_count + method->optimizer->scalars;
}

/* The method sees the face that w is on. What it remembers of another one misleads it. */
static const nadir_problem *look_at_face(nd_method *method, nadir_step *now,
                                         const nadir_problem *problem) {
  if (nd_face_look(method->face, problem, now->w, now->gradient, now->l1)) {
    nd_method_forget(method);
    method->forgot = method->updates;
  }
  now->t = method->updates - method->forgot;
  memcpy(method->slope, now->gradient, method->size * sizeof *method->slope);
  nd_face_mask(method->face, method->slope);
  now->gradient = method->slope;
  if (!now->l1) return nd_face_problem(method->face);
  memcpy(method->strength, now->l1, method->size * sizeof *method->strength);
  nd_face_mask(method->face, method->strength);
  now->l1 = method->strength;
  return nd_face_problem(method->face);
}

/* Of batches each would show another face. */
static bool is_on_face(const nd_method *method, const nadir_problem *problem) {
  return method->face && problem && !problem->batch_gradient;
}

nadir_status nd_method_advance(nd_method *method, double rate, double loss, const double *gradient,
                               const nadir_problem *problem, double *w, nadir_error *error) {
  const nadir_optimizer *optimizer = method->optimizer;
  for (size_t i = 0; i < method->size; i++)
    method->rate[i] = method->rate_scale ? rate * method->rate_scale[i] : rate;
  method->update.loss = method->update.left = (double)NAN;
  bool on_face = is_on_face(method, problem);
  nadir_step now = {.size = method->size,
                    .t = method->updates,
                    .w = w,
                    .gradient = gradient,
                    .rate = method->rate,
                    .values = method->values,
                    .vectors = method->vectors,
                    .scalars = method->scalars,
                    .l1 = method->l1};
  if (optimizer->step) {
    optimizer->step(&now, method->update.step, method->update.effective);
  } else {
    if (!problem || !problem->value)
      return nd_fail(
          error, NADIR_BAD_SETTING,
          "method %s: it needs the loss of all rows at points of its own choice: set batch to all",
          optimizer->name);
    if (isnan(loss) && !problem->batch_gradient)
      ND_TRY(problem->value(problem->context, w, &loss, error));
    if (on_face) problem = look_at_face(method, &now, problem);
    ND_TRY(optimizer->advance(&now, loss, problem, &method->update, error));
    if (on_face) method->update.loss = (double)NAN; /* its gradient there is that of the face */
  }
  apply(method, on_face ? method->face : NULL, w);
  method->updates++;
  return NADIR_OK;
}

const double *nd_method_gradient(const nd_method *method, double *loss) {
  *loss = method->update.loss;
  return isnan(*loss) ? NULL : method->update.gradient;
}

double nd_method_left(const nd_method *method) {
  return method->update.left;
}

const double *nd_method_step(const nd_method *method) {
  return method->update.step;
}

const double *nd_method_effective(const nd_method *method) {
  return method->update.effective;
}

uint64_t nd_method_updates(const nd_method *method) {
  return method->updates;
}

uint64_t nd_method_evaluations(const nd_method *method) {
  return method->update.evaluations;
}

bool nd_method_is_plain(const nd_method *method) {
  return method->optimizer == nd_optimizer_for(ND_FOR_DESCENT) && !method->rate_scale && !method->l1 &&
         !method->bounds;
}

bool nd_method_rule(const nd_method *method, nd_rule *rule) {
  static const struct {
    const nadir_optimizer *optimizer;
    nd_terms_function *terms;
  } rules[] = {
#define ND_STEP(rule, vectors, form) [ND_RULE_##rule] = {&nd_optimizer_##rule, nd_terms_##rule},
#include "optim/steps.def"
#undef ND_STEP
  };
  if (method->rate_scale || method->l1 || method->bounds) return false;
  for (size_t k = 0; k < ND_RULES; k++) {
    if (method->optimizer != rules[k].optimizer) continue;
    *rule = (nd_rule){.kind = (nd_rule_kind)k,
                      .terms = rules[k].terms,
                      .values = method->values,
                      .scalars = method->scalars,
                      .scalar_count = method->optimizer->scalars,
                      .vectors = method->vectors,
                      .vector_count = method->vector_count,
                      .t = method->updates};
    return true;
  }
  return false;
}

void nd_method_skip(nd_method *method, uint64_t updates, const double *step,
                    const double *effective) {
  method->updates += updates;
  memcpy(method->update.step, step, method->size * sizeof *step);
  memcpy(method->update.effective, effective, method->size * sizeof *effective);
}

/* ---- state ---- */

void nd_method_forget(nd_method *method) {
  size_t count = state_numbers(method);
  if (count) memset(method->state, 0, count * sizeof *method->state);
}

/* After the rule's own numbers: counts, the last step and its effective rates, the face. */
enum { UPDATES, FORGOT, EVALUATIONS, LEFT, COUNTS };

size_t nd_method_state_size(const nd_method *method) {
  size_t face = method->face ? nd_face_state_size(method->face) : 0;
  return state_numbers(method) + COUNTS + 2 * method->size + face;
}

/* Counts are exact up to 2^53. */
static uint64_t whole(double count) {
  return count > 0 && count < 0x1p53 ? (uint64_t)count : 0;
}

void nd_method_state_get(const nd_method *method, double *state) {
  size_t count = state_numbers(method), n = method->size;
  double *counts = state + count, *step = counts + COUNTS;
  if (count) memcpy(state, method->state, count * sizeof *state);
  counts[UPDATES] = (double)method->updates;
  counts[FORGOT] = (double)method->forgot;
  counts[EVALUATIONS] = (double)method->update.evaluations;
  counts[LEFT] = method->update.left;
  memcpy(step, method->update.step, n * sizeof *step);
  memcpy(step + n, method->update.effective, n * sizeof *step);
  if (method->face) nd_face_state_get(method->face, step + 2 * n);
}

void nd_method_state_set(nd_method *method, const double *state) {
  size_t count = state_numbers(method), n = method->size;
  const double *counts = state + count, *step = counts + COUNTS;
  if (count) memcpy(method->state, state, count * sizeof *state);
  method->updates = whole(counts[UPDATES]);
  method->forgot = whole(counts[FORGOT]);
  if (method->forgot > method->updates) method->forgot = method->updates;
  method->update.evaluations = whole(counts[EVALUATIONS]);
  method->update.left = counts[LEFT];
  memcpy(method->update.step, step, n * sizeof *step);
  memcpy(method->update.effective, step + n, n * sizeof *step);
  if (method->face) nd_face_state_set(method->face, step + 2 * n);
}
