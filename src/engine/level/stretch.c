/* stretch: stochastic descent by single rows. Each row's etas need the step of the row before, so all that
 * counts is the length of this chain: w is in double, of few features in registers from a step to the next
 * eta, rows become double as they are read, and slopes are computed by the scalar forms of the operators,
 * with an exponential without a call. What the rules do to a parameter is in optim/steps.h.
 *
 * Rules whose step is linear in the slope s (gd, momentum, nesterov) look ahead: w' = u - s v x, where u, which is w
 * after the step of a slope of 0, and v do not wait for s, so that the next row's x' w' = x' u - s v x' x is one
 * multiplication and addition away from s. */
#include "level.h"

typedef int64_t WM __attribute__((vector_size(ND_VECTOR_BYTES))); /* of a comparison of W */

#define ND_NUMBERS W
#define ND_NUMBERS_SQRT(a) W_sqrt(a)
#define ND_NUMBERS_WHERE(a, is, b, yes, no) W_where((WM)((a)is((b) + (W){0})), yes, no)
#define ND_STEP_OF(rule) step_of_##rule
static inline W W_where(WM mask, W yes, W no) {
  return (W)(((WM)yes & mask) | ((WM)no & ~mask));
}
#include "optim/steps.h"

/* Sums are over lines, each of as many vectors as the level has in one, so that their order is that of any level. */
enum {
  PARTS = ND_LINE_DOUBLES / ND_WIDE_LANES,
  FEW = 2 /* lines of w that are kept in registers */
};

/* ---- slopes ---- */

ND_INLINE T log_add_exp(T a, T b) {
  const T larger = a >= b ? a : b;
  if (a == b) return a + (T)0.69314718055994530942;
  return larger + V_log1p_of_unit(V_set((double)T_exp(a >= b ? b - a : a - b)))[0];
}

ND_INLINE T scalar_step(nd_op op, T a, T b, T c) {
#define ND_CASE_light(id, scalar)                                                                  \
  case ND_##id:                                                                                    \
    return (T)(scalar);
#define ND_CASE_heavy(id, scalar)
  (void)c;
  switch ((int)op) {
#define ND_OP(id, name, least, most, usage, help, latex, derivative, smooth, sign, monotone,       \
              curvature, domain, cost, scalar, vector)                                             \
  ND_CASE_##cost(id, scalar)
#include "expr/ops.def"
  case ND_EXP:
    return T_exp(a);
  case ND_SIGMOID:
    return 1 / (1 + T_exp(-a));
  case ND_LOGSUMEXP:
    return log_add_exp(a, b);
  default:
    return a;
  }
}

ND_INLINE T stored_at(const nd_single *s, size_t k, size_t i) {
  return ((const T *)s->values)[k * s->value_step + i];
}

ND_INLINE T eta_at(const nd_single *s, size_t h, size_t i) {
  return ((const T *)s->eta)[h * s->eta_step + i];
}

void ND_AT_LEVEL(scalars)(const nd_step *first, const nd_step *end, void *numbers) {
  T *number = numbers;
  for (const nd_step *step = first; step < end; step++)
    number[step->out] = scalar_step(step->op, number[step->a], number[step->b], number[step->c]);
}

/* Calls, since one for each rule would be large. */
#define ND_CALLED static __attribute__((noinline))
ND_CALLED void slopes_by_scalars(const nd_single *s, size_t i, double *slopes) {
  T *number = s->numbers;
  for (size_t k = 0; k < s->stored; k++)
    number[k] = stored_at(s, k, i);
  for (size_t h = 0; h < s->heads; h++)
    number[s->stored + h] = eta_at(s, h, i);
  ND_AT_LEVEL(scalars)(s->steps, s->steps + s->step_count, number);
  for (size_t h = 0; h < s->heads; h++)
    slopes[h] = (double)number[s->slopes[h]];
}

ND_CALLED void slopes_by_kernels(const nd_single *s, size_t i, double *slopes) {
  for (size_t k = 0; k < s->stored; k++)
    s->operands[k].at = (const T *)s->values + k * s->value_step + i;
  for (size_t h = 0; h < s->heads; h++)
    V_store((T *)s->eta_lines + h * ND_LINE, V_set((double)eta_at(s, h, i)));
  ND_AT_LEVEL(run)(s->instructions, s->instructions_end, s->operands, 1);
  for (size_t h = 0; h < s->heads; h++)
    slopes[h] = (double)*(const T *)s->operands[s->slopes[h]].at;
}

/* eta: of the one head of a logistic loss. */
ND_INLINE double logistic_slope(const nd_single *s, size_t i, T eta) {
  return (double)(stored_at(s, s->steps[2].a, i) /
                  (1 + T_exp(-(stored_at(s, s->steps[0].a, i) * eta))));
}

ND_INLINE void slopes_of(const nd_single *s, size_t i, double *slopes) {
  if (s->slope_form == ND_SLOPE_KERNELS)
    slopes_by_kernels(s, i, slopes);
  else
    slopes_by_scalars(s, i, slopes);
}

/* ---- rows ---- */

ND_INLINE void ask_ahead(const nd_single *s, size_t i) {
  if (i + ND_ROWS_AHEAD < s->ready)
    nd_ask_for_row((const T *)s->x[i + ND_ROWS_AHEAD] + s->first_feature, s->numbers_of_head);
  if (i + ND_ROWS_NEXT < s->ready)
    nd_ask_for_next((const T *)s->x[i + ND_ROWS_NEXT] + s->first_feature, s->numbers_of_head);
}

/* Vector k of a row; where it may be the last, its features alone, 1 for the intercept and 0 after it. */
ND_INLINE W part_of(const nd_single *s, const T *x, size_t k, const bool last) {
  const size_t j = k * ND_WIDE_LANES;
  const W part = W_from(x + j);
  if (!last) return part;
  return (W)(((WM)part & (WM)W_load(s->keep + j)) | (WM)W_load(s->unit + j));
}

/* The lanes of a line, by halves. */
ND_INLINE double sum_of_line(W *part) {
  for (size_t half = PARTS / 2; half > 0; half /= 2)
    for (size_t p = 0; p < half; p++)
      part[p] += part[p + half];
  return W_sum(part[0]);
}

/* sum += w x of line k. */
ND_INLINE void add_line(const nd_single *s, const double *w, const T *x, size_t k, const bool last, W *sum) {
  for (size_t p = 0; p < PARTS; p++)
    sum[p] = W_fma(W_load(w + (k * PARTS + p) * ND_WIDE_LANES), part_of(s, x, k * PARTS + p, last), sum[p]);
}

ND_INLINE double dot(const nd_single *s, const W *kept, const double *w, const T *x, const size_t lines,
                     const bool few) {
  W sum[4][PARTS] = {{{0}}};
  if (few) {
    for (size_t p = 0; p < PARTS; p++)
      sum[0][p] = W_fma(kept[p], part_of(s, x, p, true), kept[PARTS + p] * part_of(s, x, PARTS + p, true));
    return sum_of_line(sum[0]);
  }
  size_t k = 0;
  for (; k + 4 < lines; k += 4)
    for (size_t j = 0; j < 4; j++)
      add_line(s, w, x, k + j, false, sum[j]);
  for (size_t j = 0; j < 4; j++, k++)
    if (k < lines) add_line(s, w, x, k, k + 1 == lines, sum[j]);
  for (size_t p = 0; p < PARTS; p++)
    sum[0][p] = (sum[0][p] + sum[1][p]) + (sum[2][p] + sum[3][p]);
  return sum_of_line(sum[0]);
}

/* What an update knows besides the rows. */
typedef struct update {
  const nd_terms *terms;
  double rate, slope;
  bool last;
} update;

/* The step of a rule, which is subtracted from w; state: the rule's vectors, which go on. */
ND_INLINE W step_by(const nd_rule_kind rule, const nd_terms *terms, W g, W w, W rate, W *state, W *effective) {
  switch (rule) {
#define ND_STEP(rule, count, form)                                                                 \
  case ND_RULE_##rule:                                                                             \
    return step_of_##rule(terms, g, w, rate, &state[0], &state[1], &state[2], effective);
#include "optim/steps.def"
#undef ND_STEP
  case ND_RULES:
    break;
  }
  return (W){0};
}

/* Vector k of the parameters that begin at `at` makes its step. */
ND_INLINE W advance(const nd_single *s, const update *now, const W w, const W x, const size_t at,
                    const nd_rule_kind rule, const size_t vectors) {
  W g = now->slope * x, rate = now->rate + (W){0}, state[ND_RULE_VECTORS] = {{0}, {0}, {0}};
  W effective = rate;
  if (s->ridge) g = W_fma(W_load(s->ridge + at), w, g);
  if (s->share) rate *= W_load(s->share + at);
  for (size_t v = 0; v < vectors; v++)
    state[v] = W_load(s->vectors[v] + at);
  const W step = step_by(rule, now->terms, g, w, rate, state, &effective);
  for (size_t v = 0; v < vectors; v++)
    W_store(s->vectors[v] + at, state[v]);
  /* The plain step is worth its one operation: it is a link of the chain. */
  const bool plain = rule == ND_RULE_gd && !s->ridge && !s->share;
  const W next = plain ? W_fma(-(now->rate * now->slope) + (W){0}, x, w) : w - step;
  if (s->average) W_store(s->average + at, W_load(s->average + at) + next);
  if (now->last) {
    W_store(s->gradient + at, g), W_store(s->step + at, -step);
    W_store(s->effective + at, effective);
  }
  return next;
}

/* ---- looking ahead ---- */

/* Vector k of w after a step of slope 0. */
ND_INLINE W without_slope(const nd_single *s, const nd_terms *terms, double rate, W w, size_t at,
                          const nd_rule_kind rule, const size_t count) {
  if (rule == ND_RULE_gd && !s->ridge) return w;
  W state[ND_RULE_VECTORS] = {{0}, {0}, {0}}, g = {0}, effective;
  for (size_t v = 0; v < count; v++)
    state[v] = W_load(s->vectors[v] + at);
  if (s->ridge) g = W_load(s->ridge + at) * w;
  return w - step_by(rule, terms, g, w, rate + (W){0}, state, &effective);
}

/* The next row's eta is base + slope * per_slope. */
typedef struct next_eta {
  T base, per_slope;
} next_eta;

/* Sums of products with the next row: of w without the slope, and of x. */
typedef struct ahead_sums {
  W eta[PARTS], product[PARTS];
} ahead_sums;

ND_INLINE void add_ahead(const nd_single *s, size_t i, size_t line, const W *kept, ahead_sums *sums,
                         const nd_rule_kind rule, const size_t count, const bool few, const bool last) {
  const T *x = (const T *)s->x[i] + s->first_feature, *next = (const T *)s->x[i + 1] + s->first_feature;
  for (size_t p = 0; p < PARTS; p++) {
    const size_t k = line * PARTS + p, at = k * ND_WIDE_LANES;
    const W y = part_of(s, next, k, last), w = few ? kept[k] : W_load(s->w + at),
            u = without_slope(s, s->terms + i * s->terms_step, s->rates[i], w, at, rule, count);
    sums->eta[p] = W_fma(u, y, sums->eta[p]);
    sums->product[p] = W_fma(part_of(s, x, k, last), y, sums->product[p]);
  }
}

ND_INLINE next_eta look_ahead(const nd_single *s, size_t i, const W *kept, const nd_rule_kind rule,
                              const size_t count, const size_t lines, const bool few) {
  W state[ND_RULE_VECTORS] = {{0}, {0}, {0}}, effective;
  ahead_sums even = {{{0}}, {{0}}}, odd = {{{0}}, {{0}}};
  size_t k = 0;
  for (; k + 2 < lines; k += 2) {
    add_ahead(s, i, k, kept, &even, rule, count, few, few);
    add_ahead(s, i, k + 1, kept, &odd, rule, count, few, few);
  }
  add_ahead(s, i, k, kept, &even, rule, count, few, few || k + 1 == lines);
  if (k + 1 < lines) add_ahead(s, i, k + 1, kept, &odd, rule, count, few, true);
  for (size_t p = 0; p < PARTS; p++)
    even.eta[p] += odd.eta[p], even.product[p] += odd.product[p];
  const W each = step_by(rule, s->terms + i * s->terms_step, (W){0} + 1, (W){0}, s->rates[i] + (W){0}, state, &effective);
  return (next_eta){(T)sum_of_line(even.eta), (T)(-s->weights[i] * each[0] * sum_of_line(even.product))};
}

/* ---- all rows ---- */

/* few: one head of at most FEW lines, which are kept in registers; else any heads, in memory. ahead: by look_ahead. */
ND_INLINE void descend_rows(nd_single *all, size_t rows, const nd_rule_kind rule,
                            const size_t count, const bool few, const bool ahead) {
  const nd_single own = *all, *s = &own; /* a copy: nothing that is stored changes it */
  T expected = (T)own.eta_ahead;
  bool expects = own.knows_eta;
  const size_t lines = few ? FEW : (s->numbers_of_head + ND_LINE_DOUBLES - 1) / ND_LINE_DOUBLES;
  const size_t heads = few ? 1 : s->heads, vectors = lines * PARTS, before_last = vectors - PARTS;
  W kept[FEW * PARTS];
  for (size_t k = 0; k < FEW * PARTS && few; k++)
    kept[k] = W_load(s->w + k * ND_WIDE_LANES);
  for (size_t i = 0; i < rows; i++) {
    const T *x = (const T *)s->x[i] + s->first_feature;
    T eta = 0;
    double only = 0, *slope = few ? &only : s->slope;
    next_eta coming = {0};
    nd_ahead_ask(own.memory);
    if (!few) ask_ahead(s, i);
    for (size_t h = 0; h < heads; h++) {
      eta = ahead && expects ? expected : (T)dot(s, kept, s->w + h * s->stride, x, lines, few);
      ((T *)s->eta)[h * s->eta_step + i] = eta;
    }
    const bool follows = ahead && (i + 1 < rows || own.followed);
    if (follows) coming = look_ahead(s, i, kept, rule, count, lines, few);
    if (s->slope_form == ND_SLOPE_LOGISTIC)
      slope[0] = logistic_slope(s, i, eta);
    else
      slopes_of(all, i, slope);
    expected = T_fma((T)slope[0], coming.per_slope, coming.base);
    expects = follows && expected - expected == 0; /* parts of it may overflow where the eta itself does not */
    for (size_t h = 0; h < heads; h++) {
      const update now = {.terms = s->terms + i * s->terms_step,
                          .rate = s->rates[i],
                          .slope = s->weights[i] * slope[h],
                          .last = i + 1 == rows};
      for (size_t k = 0; k < vectors; k++) {
        const size_t at = h * s->stride + k * ND_WIDE_LANES;
        const W w = few ? kept[k] : W_load(s->w + at);
        const W part = part_of(s, x, k, few || k >= before_last);
        const W next = advance(s, &now, w, part, at, rule, count);
        if (few)
          kept[k] = next;
        else
          W_store(s->w + at, next);
      }
    }
  }
  for (size_t k = 0; k < FEW * PARTS && few; k++)
    W_store(s->w + k * ND_WIDE_LANES, kept[k]);
  all->knows_eta = ahead && expects;
  all->eta_ahead = (double)expected;
}

enum { IS_LINEAR = true, IS_CURVED = false };
ND_INLINE void descend_by(nd_single *s, size_t rows, const nd_rule_kind rule, const size_t count, const bool linear) {
  const bool ahead = linear && s->heads == 1 && !s->share;
  const bool few = s->heads == 1 && s->numbers_of_head <= FEW * ND_LINE_DOUBLES;
  if (ahead && few)
    descend_rows(s, rows, rule, count, true, true);
  else if (ahead)
    descend_rows(s, rows, rule, count, false, true);
  else if (few)
    descend_rows(s, rows, rule, count, true, false);
  else
    descend_rows(s, rows, rule, count, false, false);
}

#define ND_STEP(rule, count, form)                                                                 \
  static void descend_by_##rule(nd_single *s, size_t rows) {                                       \
    descend_by(s, rows, ND_RULE_##rule, count, IS_##form);                                         \
  }
#include "optim/steps.def"
#undef ND_STEP

void ND_AT_LEVEL(descend)(nd_single *s, size_t rows) {
  nd_ahead_share(s->memory, rows);
  nd_ahead_turns(s->memory, rows);
  static void (*const by_rule[])(nd_single *, size_t) = {
#define ND_STEP(rule, count, form) [ND_RULE_##rule] = descend_by_##rule,
#include "optim/steps.def"
#undef ND_STEP
  };
  by_rule[s->rule](s, rows);
}
