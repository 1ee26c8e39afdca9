/* pairs: see engine/pairs.h. In double alone, so that V is W. */
#include "level.h"

#ifndef ND_SINGLE

typedef struct pair {
  W high, low;
} pair;

/* a + b, exactly. */
static inline pair sum_of(W a, W b) {
  const W high = a + b, back = high - a;
  return (pair){high, (a - (high - back)) + (b - back)};
}

static inline pair add(pair a, pair b) {
  const pair sum = sum_of(a.high, b.high);
  return sum_of(sum.high, sum.low + (a.low + b.low));
}

/* a b, exactly. */
static inline pair product_of(W a, W b) {
  const W high = a * b;
#ifdef V_FMA_INTRINSIC
  return (pair){high, W_fma(a, b, -high)};
#else
  W low = high;
  for (size_t lane = 0; lane < ND_WIDE_LANES; lane++)
    low[lane] = fma(a[lane], b[lane], -high[lane]);
  return (pair){high, low};
#endif
}

static void add_products(double w, const double *x, size_t rows, nd_pair_rows *f) {
  const W weight = w - (W){0};
  for (size_t i = 0; i < rows; i += ND_WIDE_LANES) {
    const pair term = product_of(weight, W_load(x + i));
    const pair sum = add((pair){W_load(f->high + i), W_load(f->low + i)}, term);
    W_store(f->high + i, sum.high), W_store(f->low + i, sum.low);
    W_store(f->size + i, W_load(f->size + i) + V_abs(term.high));
  }
}

static void sum_products(double center, double width, const double *x, const double *slope,
                         const double *error, size_t rows, double *norm, nd_pair_lanes *sums) {
  enum { PARTS = ND_PAIR_LANES / ND_WIDE_LANES };
  const W from = center - (W){0}, by = width - (W){0};
  pair total[PARTS];
  W size[PARTS], rounding[PARTS];
  for (size_t p = 0; p < PARTS; p++) {
    const size_t lane = p * ND_WIDE_LANES;
    total[p] = (pair){W_load(sums->high + lane), W_load(sums->low + lane)};
    size[p] = W_load(sums->size + lane), rounding[p] = W_load(sums->rounding + lane);
  }
  for (size_t at = 0; at < rows; at += ND_PAIR_LANES)
    for (size_t p = 0; p < PARTS; p++) {
      const size_t i = at + p * ND_WIDE_LANES;
      const W u = (W_load(x + i) - from) / by, term = W_load(slope + i) * u, large = V_abs(term);
      total[p] = add(total[p], (pair){term, (W){0}});
      size[p] += large;
      rounding[p] += W_load(error + i) * V_abs(u) + 0x1p-51 * large;
      W_store(norm + i, W_load(norm + i) + u * u);
    }
  for (size_t p = 0; p < PARTS; p++) {
    const size_t lane = p * ND_WIDE_LANES;
    W_store(sums->high + lane, total[p].high), W_store(sums->low + lane, total[p].low);
    W_store(sums->size + lane, size[p]), W_store(sums->rounding + lane, rounding[p]);
  }
}

static void exponentials(const double *x, size_t rows, double *to) {
  for (size_t i = 0; i < rows; i += ND_WIDE_LANES)
    V_store(to + i, V_exp(V_load(x + i)));
}

const nd_pairs ND_AT_LEVEL(pairs) = {add_products, sum_products, exponentials};

#endif
