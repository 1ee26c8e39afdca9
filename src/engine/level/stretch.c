/* stretch: stochastic descent by single rows, one head. Each row's eta needs the step of the row
 * before, so all that counts is the length of this chain: w and the rows are in double, w of few
 * features in registers from a step to the next eta, and the slope is computed by one vector of the
 * tail's steps. */
#include "level.h"

enum { FEW = 4 }; /* vectors of w that are kept in registers */

/* What changes from row to row. */
typedef struct state {
  W w[FEW]; /* used where there are few features */
  double intercept, intercept_gradient, intercept_average;
} state;

ND_INLINE W weight_at(const nd_single *s, const state *now, size_t k, const bool few) {
  return few ? now->w[k] : W_load(s->w + k * ND_WIDE_LANES);
}

ND_INLINE double dot(const nd_single *s, const state *now, const double *x, const size_t vectors,
                     const bool few) {
  W even = {0}, odd = {0};
  size_t k = 0;
  for (; k + 2 <= vectors; k += 2) {
    even = W_fma(weight_at(s, now, k, few), W_load(x + k * ND_WIDE_LANES), even);
    odd = W_fma(weight_at(s, now, k + 1, few), W_load(x + (k + 1) * ND_WIDE_LANES), odd);
  }
  if (k < vectors) even = W_fma(weight_at(s, now, k, few), W_load(x + k * ND_WIDE_LANES), even);
  return W_sum(even + odd);
}

/* w -= rate * (slope * x + ridge * w) */
ND_INLINE void step(const nd_single *s, state *now, const double *x, double slope, double rate,
                    const size_t vectors, const bool few, const bool last) {
  double *weights = s->w, *average = s->average, *gradients = s->gradient;
  const double *ridge = s->ridge;
  const W factor = slope - (W){0}, back = -rate - (W){0};
  for (size_t k = 0, j = 0; k < vectors; k++, j += ND_WIDE_LANES) {
    const W w = few ? now->w[k] : W_load(weights + j);
    W gradient = factor * W_load(x + j);
    if (ridge) gradient = W_fma(W_load(ridge + j), w, gradient);
    const W next = W_fma(back, gradient, w);
    if (few) now->w[k] = next;
    if (!few || last) W_store(weights + j, next);
    if (average) W_store(average + j, W_load(average + j) + next);
    if (last) W_store(gradients + j, gradient);
  }
  if (!s->has_intercept) return;
  now->intercept_gradient = slope + s->intercept_ridge * now->intercept;
  now->intercept -= rate * now->intercept_gradient;
  now->intercept_average += now->intercept;
}

/* The slope of the logistic loss, sigmoid(eta) - y, is worth a form without calls but that of exp:
 * the same operations as those of its two steps. */
static bool is_logistic(const nd_single *s) {
  if (s->step_count != 2) return false;
  const nd_step *sigmoid = &s->steps[0], *less = &s->steps[1];
  const nd_kernels *kernels = &ND_AT_LEVEL(kernels);
  return sigmoid->kernel == kernels->ops[ND_SIGMOID] && sigmoid->a == s->stored &&
         less->kernel == kernels->ops[ND_SUB] && less->a == sigmoid->out && less->b < s->stored &&
         s->slope == less->out;
}

ND_INLINE double logistic_slope(const nd_single *s, size_t i, double eta) {
  const T y = ((const T *)s->values)[s->steps[1].b * s->value_step + i];
  const V one = V_set(1), sigmoid = one / (one + V_exp(-V_set(eta)));
  return (double)(sigmoid[0] - y);
}

ND_INLINE double any_slope(const nd_single *s, size_t i, double eta) {
  V_store((T *)s->eta_line, V_set(eta));
  for (size_t k = 0; k < s->stored; k++)
    s->operands[k].at = (const T *)s->values + k * s->value_step + i;
  for (size_t k = 0; k < s->step_count; k++)
    s->steps[k].kernel(&s->steps[k], s->operands, 1, &(nd_ahead){0});
  return (double)*(const T *)s->operands[s->slope].at;
}

ND_INLINE void descend(nd_single *s, size_t rows, const size_t vectors, const bool few,
                       const bool logistic) {
  state now = {.intercept = s->intercept, .intercept_average = s->intercept_average};
  for (size_t k = 0; k < vectors && few; k++)
    now.w[k] = W_load(s->w + k * ND_WIDE_LANES);
  const double *x = s->x;
  for (size_t i = 0; i < rows; i++, x += s->stride) {
    const double eta = now.intercept + dot(s, &now, x, vectors, few);
    ((T *)s->eta)[i] = (T)eta;
    const double slope =
        s->weights[i] * (logistic ? logistic_slope(s, i, eta) : any_slope(s, i, eta));
    if (i + 1 < rows)
      step(s, &now, x, slope, s->rates[i], vectors, few, false);
    else
      step(s, &now, x, slope, s->rates[i], vectors, few, true);
  }
  s->intercept = now.intercept, s->intercept_average = now.intercept_average;
  s->intercept_gradient = now.intercept_gradient;
}

ND_INLINE void descend_few(nd_single *s, size_t rows, size_t vectors, const bool logistic) {
  switch (vectors) {
  case 1:
    descend(s, rows, 1, true, logistic);
    break;
  case 2:
    descend(s, rows, 2, true, logistic);
    break;
  case 3:
    descend(s, rows, 3, true, logistic);
    break;
  case 4:
    descend(s, rows, 4, true, logistic);
    break;
  default:
    descend(s, rows, vectors, false, logistic);
    break;
  }
}

void ND_AT_LEVEL(descend)(nd_single *s, size_t rows) {
  const size_t vectors = (s->features + ND_WIDE_LANES - 1) / ND_WIDE_LANES;
  if (is_logistic(s))
    descend_few(s, rows, vectors, true);
  else
    descend_few(s, rows, vectors, false);
}
