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

/* ---- what moments are made of ---- */

enum { SPREAD_PARTS = ND_EXTENT_LANES / ND_WIDE_LANES };

typedef struct lines {
  W low[SPREAD_PARTS], high[SPREAD_PARTS], sum[SPREAD_PARTS], square[SPREAD_PARTS];
} lines;

ND_INLINE void add_vector(lines *to, size_t p, W x, W center) {
  const W d = x - center;
  to->low[p] = V_where(x < to->low[p], x, to->low[p]);
  to->high[p] = V_where(x > to->high[p], x, to->high[p]);
  to->sum[p] += d;
  to->square[p] += d * d;
}

ND_INLINE W vector_of(nd_numbers x, size_t at, const bool single) {
  typedef float NARROW __attribute__((vector_size(ND_VECTOR_BYTES / 2), aligned(4), may_alias));
  if (single) return __builtin_convertvector(*(const NARROW *)((const float *)x.at + at), W);
  return W_load((const double *)x.at + at);
}

ND_INLINE void add_all(nd_numbers x, size_t count, double center, nd_extent *spread, const bool single) {
  const size_t whole = count / ND_EXTENT_LANES * ND_EXTENT_LANES;
  const W from = center - (W){0};
  lines to;
  for (size_t p = 0; p < SPREAD_PARTS; p++) {
    const size_t lane = p * ND_WIDE_LANES;
    to.low[p] = W_load(spread->low + lane), to.high[p] = W_load(spread->high + lane);
    to.sum[p] = W_load(spread->sum + lane), to.square[p] = W_load(spread->square + lane);
  }
  for (size_t at = 0; at < whole; at += ND_EXTENT_LANES)
    for (size_t p = 0; p < SPREAD_PARTS; p++)
      add_vector(&to, p, vector_of(x, at + p * ND_WIDE_LANES, single), from);
  for (size_t p = 0; p < SPREAD_PARTS; p++) {
    const size_t lane = p * ND_WIDE_LANES;
    W_store(spread->low + lane, to.low[p]), W_store(spread->high + lane, to.high[p]);
    W_store(spread->sum + lane, to.sum[p]), W_store(spread->square + lane, to.square[p]);
  }
  for (size_t at = whole, k = 0; at < count; at++, k++) {
    const double v = nd_number(x, at), d = v - center;
    spread->low[k] = v < spread->low[k] ? v : spread->low[k];
    spread->high[k] = v > spread->high[k] ? v : spread->high[k];
    spread->sum[k] += d;
    spread->square[k] += d * d;
  }
}

static void spread_about(nd_numbers x, size_t count, double center, nd_extent *spread) {
  if (x.type == NADIR_FLOAT32)
    add_all(x, count, center, spread, true);
  else
    add_all(x, count, center, spread, false);
}

const nd_pairs ND_AT_LEVEL(pairs) = {add_products, sum_products, exponentials, spread_about};

#endif
