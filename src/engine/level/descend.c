/* descend: stochastic descent by single rows, one head. Each row's eta needs the step of the row
 * before, so all that counts is the length of this chain: w and the rows stand in double, the slope
 * is computed by one vector of the tail's steps. */
#include "level.h"

ND_INLINE double dot(const double *w, const double *x, size_t count) {
  W even = {0}, odd = {0};
  size_t j = 0;
  for (; j + 2 * ND_WIDE_LANES <= count; j += 2 * ND_WIDE_LANES) {
    even = W_fma(W_load(w + j), W_load(x + j), even);
    odd = W_fma(W_load(w + j + ND_WIDE_LANES), W_load(x + j + ND_WIDE_LANES), odd);
  }
  for (; j < count; j += ND_WIDE_LANES)
    even = W_fma(W_load(w + j), W_load(x + j), even);
  return W_sum(even + odd);
}

/* w -= rate * (slope * x + ridge * w) */
ND_INLINE void step(const nd_single *s, const double *x, double slope, double rate,
                    const bool last) {
  double *weights = s->w, *average = s->average, *gradients = s->gradient;
  const double *ridge = s->ridge;
  const size_t features = s->features;
  const W factor = slope - (W){0}, back = -rate - (W){0};
  for (size_t j = 0; j < features; j += ND_WIDE_LANES) {
    const W w = W_load(weights + j);
    W gradient = factor * W_load(x + j);
    if (ridge) gradient = W_fma(W_load(ridge + j), w, gradient);
    const W next = W_fma(back, gradient, w);
    W_store(weights + j, next);
    if (average) W_store(average + j, W_load(average + j) + next);
    if (last) W_store(gradients + j, gradient);
  }
}

ND_INLINE void step_intercept(nd_single *s, double slope, double rate) {
  s->intercept_gradient = slope + s->intercept_ridge * s->intercept;
  s->intercept -= rate * s->intercept_gradient;
  s->intercept_average += s->intercept;
}

ND_INLINE double slope_at(const nd_single *s, size_t i, double eta) {
  ((T *)s->eta)[i] = (T)eta;
  V_store((T *)s->eta_line, V_set(eta));
  for (size_t k = 0; k < s->stored; k++)
    s->operands[k].at = (const T *)s->values + k * s->value_step + i;
  for (size_t k = 0; k < s->step_count; k++)
    s->steps[k].kernel(&s->steps[k], s->operands, 1);
  return (double)*(const T *)s->operands[s->slope].at;
}

void ND_AT_LEVEL(descend)(nd_single *s, size_t rows) {
  for (size_t i = 0; i < rows; i++) {
    const double *x = s->x + i * s->stride;
    const double eta = s->intercept + dot(s->w, x, s->features);
    const double slope = slope_at(s, i, eta) * s->weights[i];
    if (i + 1 < rows)
      step(s, x, slope, s->rates[i], false);
    else
      step(s, x, slope, s->rates[i], true);
    if (s->has_intercept) step_intercept(s, slope, s->rates[i]);
  }
}
