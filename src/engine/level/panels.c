/* panels: few features. For each line of rows there is a panel of `features` lines, one a feature,
 * so that a pass over all rows reads memory in order, whatever the head, and rows are the lanes of
 * every operation.
 *
 * eta takes one panel after another: the processor overlaps them on its own, and fetches memory that
 * is read in order faster than that of several panels at once. sum keeps the sums of up to eight
 * vectors of features in registers over a whole tile, then adds them, lane by lane, to sums in
 * double. */
#include "level.h"

#define TOGETHER (8 / (int)ND_PARTS) /* features at once in sum */

static void pack(void *x, size_t features, const double *const *columns, size_t rows) {
  T *out = x;
  for (size_t at = 0; at < rows; at += ND_LINE)
    for (size_t j = 0; j < features; j++, out += ND_LINE) {
      const double *from = columns[j] + at;
      if (at + ND_LINE <= rows)
        for (size_t lane = 0; lane < ND_LINE; lane++)
          out[lane] = (T)from[lane];
      else
        for (size_t lane = 0; lane < ND_LINE; lane++)
          out[lane] = (T)from[at + lane < rows ? lane : rows - at - 1];
    }
}

static void scale(void *x, size_t features, size_t rows, const double *center, const double *width) {
  T *at = x;
  const size_t panels = (rows + ND_LINE - 1) / ND_LINE;
  for (size_t p = 0; p < panels; p++)
    for (size_t j = 0; j < features; j++, at += ND_LINE) {
      const W from = center[j] - (W){0}, by = width[j] - (W){0};
      for (size_t lane = 0; lane < ND_LINE; lane += ND_WIDE_LANES)
        W_to(at + lane, (W_from(at + lane) - from) / by);
    }
}

static void eta(const void *x, size_t features, size_t first, size_t count, const void *w,
                double intercept, void *out, size_t rows, nd_ahead *ahead) {
  const T *from = (const T *)x + first * ND_LINE, *weights = w;
  T *to = out;
  const size_t panels = (rows + ND_LINE - 1) / ND_LINE;
  nd_ahead_turns(ahead, panels);
  for (size_t p = 0; p < panels; p++, from += features * ND_LINE, to += ND_LINE) {
    nd_ahead_ask(ahead);
    V sum[ND_PARTS];
    for (size_t part = 0; part < ND_PARTS; part++)
      sum[part] = V_set(intercept);
    for (size_t j = 0; j < count; j++) {
      const V weight = weights[j] - (V){0};
      for (size_t part = 0; part < ND_PARTS; part++)
        sum[part] = V_fma(weight, V_load(from + j * ND_LINE + part * ND_LANES), sum[part]);
    }
    for (size_t part = 0; part < ND_PARTS; part++)
      V_store(to + part * ND_LANES, sum[part]);
  }
}

ND_INLINE void sum_of(const T *x, size_t features, const T *r, size_t panels, double *sums,
                      const size_t count, nd_ahead *ahead) {
  V sum[8 * ND_PARTS];
  for (size_t k = 0; k < count * ND_PARTS; k++)
    sum[k] = V_set(0);
  for (size_t p = 0; p < panels; p++, x += features * ND_LINE, r += ND_LINE) {
    nd_ahead_ask(ahead);
    for (size_t part = 0; part < ND_PARTS; part++) {
      const V factor = V_load(r + part * ND_LANES);
      for (size_t j = 0; j < count; j++)
        sum[j * ND_PARTS + part] =
            V_fma(factor, V_load(x + j * ND_LINE + part * ND_LANES), sum[j * ND_PARTS + part]);
    }
  }
  T lane[8 * ND_LINE];
  for (size_t k = 0; k < count * ND_PARTS; k++)
    V_store(lane + k * ND_LANES, sum[k]);
  for (size_t i = 0; i < count * ND_LINE; i++)
    sums[i] += (double)lane[i];
}

static void sum(const void *x, size_t features, size_t first, size_t count, const void *r,
                size_t rows, double *sums, nd_ahead *ahead) {
  const T *from = (const T *)x + first * ND_LINE;
  const size_t panels = (rows + ND_LINE - 1) / ND_LINE;
  size_t j = 0;
  nd_ahead_turns(ahead, (count + TOGETHER - 1) / TOGETHER * panels);
  for (; j + TOGETHER <= count; j += TOGETHER)
    sum_of(from + j * ND_LINE, features, r, panels, sums + j * ND_LINE, TOGETHER, ahead);
  from += j * ND_LINE, sums += j * ND_LINE;
  switch (count - j) {
  case 7:
    sum_of(from, features, r, panels, sums, 7, ahead);
    break;
  case 6:
    sum_of(from, features, r, panels, sums, 6, ahead);
    break;
  case 5:
    sum_of(from, features, r, panels, sums, 5, ahead);
    break;
  case 4:
    sum_of(from, features, r, panels, sums, 4, ahead);
    break;
  case 3:
    sum_of(from, features, r, panels, sums, 3, ahead);
    break;
  case 2:
    sum_of(from, features, r, panels, sums, 2, ahead);
    break;
  case 1:
    sum_of(from, features, r, panels, sums, 1, ahead);
    break;
  default:
    break;
  }
}

/* Rows are the lanes. */
static void predict(const void *x, size_t features, size_t first, size_t count, const double *w, size_t rows,
                    nd_certain_rows *of) {
  const T *from = (const T *)x + first * ND_LINE;
  for (size_t at = 0; at < rows; at += ND_LINE, from += features * ND_LINE)
    for (size_t lane = 0; lane < ND_LINE; lane += ND_WIDE_LANES) {
      const size_t i = at + lane;
      W f = W_load(of->f + i), size = W_load(of->size + i), norm = W_load(of->norm + i);
      for (size_t j = 0; j < count; j++) {
        const W u = W_from(from + j * ND_LINE + lane), term = (w[j] - (W){0}) * u;
        f += term;
        size += W_abs(term);
        norm += u * u;
      }
      W_store(of->f + i, f), W_store(of->size + i, size), W_store(of->norm + i, norm);
    }
}

static void weigh(const void *x, size_t features, size_t first, size_t count, const double *slope,
                  const double *error, size_t rows, double *sums, double *errors) {
  enum { PARTS = ND_CERTAIN_LANES / ND_WIDE_LANES };
  for (size_t j = 0; j < count; j++, sums += ND_CERTAIN_LANES, errors += ND_CERTAIN_LANES) {
    const T *from = (const T *)x + (first + j) * ND_LINE;
    W sum[PARTS], off[PARTS];
    for (size_t p = 0; p < PARTS; p++) {
      sum[p] = W_load(sums + p * ND_WIDE_LANES);
      off[p] = W_load(errors + p * ND_WIDE_LANES);
    }
    for (size_t at = 0; at < rows; at += ND_LINE, from += features * ND_LINE)
      for (size_t lane = 0; lane < ND_LINE; lane += ND_CERTAIN_LANES)
        for (size_t p = 0; p < PARTS; p++) {
          const size_t i = lane + p * ND_WIDE_LANES;
          const W u = W_from(from + i);
          sum[p] += W_load(slope + at + i) * u;
          off[p] += W_load(error + at + i) * W_abs(u);
        }
    for (size_t p = 0; p < PARTS; p++) {
      W_store(sums + p * ND_WIDE_LANES, sum[p]);
      W_store(errors + p * ND_WIDE_LANES, off[p]);
    }
  }
}

static void row(const void *x, size_t features, size_t first, size_t count, size_t at,
                double *out) {
  const T *from = (const T *)x + (at / ND_LINE * features + first) * ND_LINE + at % ND_LINE;
  for (size_t j = 0; j < count; j++)
    out[j] = (double)from[j * ND_LINE];
  for (size_t j = count; j % ND_LINE_DOUBLES != 0; j++)
    out[j] = 0;
}

/* ---- from panels to rows ---- */

enum { QUAD = 4 };
typedef T Q __attribute__((vector_size(QUAD * sizeof(T))));
typedef T QU __attribute__((vector_size(QUAD * sizeof(T)), aligned(sizeof(T)), may_alias));

/* Four rows of four features, out of a line of each; a feature that is not there is like the last. */
ND_INLINE void turn(const T *from, size_t j, size_t features, T *to, size_t stride) {
  Q column[QUAD];
  for (size_t k = 0; k < QUAD; k++)
    column[k] = *(const QU *)(from + (j + k < features ? j + k : features - 1) * ND_LINE);
  const Q a = __builtin_shufflevector(column[0], column[1], 0, 4, 1, 5),
          b = __builtin_shufflevector(column[2], column[3], 0, 4, 1, 5),
          c = __builtin_shufflevector(column[0], column[1], 2, 6, 3, 7),
          d = __builtin_shufflevector(column[2], column[3], 2, 6, 3, 7);
  *(QU *)(to + j) = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  *(QU *)(to + stride + j) = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  *(QU *)(to + 2 * stride + j) = __builtin_shufflevector(c, d, 0, 1, 4, 5);
  *(QU *)(to + 3 * stride + j) = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}

static void one_line(const T *x, size_t features, size_t at, T *to) {
  const T *from = x + at / ND_LINE * features * ND_LINE + at % ND_LINE;
  for (size_t j = 0; j < features; j++)
    to[j] = from[j * ND_LINE];
}

static void lines(const void *x, size_t features, size_t at, size_t rows, void *out, size_t stride) {
  T *to = out;
  const size_t end = at + rows;
  for (; at < end && (at % QUAD != 0 || end - at < QUAD); at++, to += stride)
    one_line(x, features, at, to);
  for (; end - at >= QUAD; at += QUAD, to += QUAD * stride) {
    const T *from = (const T *)x + at / ND_LINE * features * ND_LINE + at % ND_LINE;
    for (size_t j = 0; j < features; j += QUAD)
      turn(from, j, features, to, stride);
  }
  for (; at < end; at++, to += stride)
    one_line(x, features, at, to);
}

static void prefetch(const void *x, size_t features, size_t at) {
  const T *from = (const T *)x + at / ND_LINE * features * ND_LINE;
  for (size_t j = 0; j < features; j++)
    __builtin_prefetch(from + j * ND_LINE, 0, 2);
}

const nd_layout ND_AT_LEVEL(panels) = {.lanes = ND_LINE,
                                       .pack = pack,
                                       .scale = scale,
                                       .eta = eta,
                                       .sum = sum,
                                       .products = ND_AT_LEVEL(products_in_panels),
                                       .predict = predict,
                                       .weigh = weigh,
                                       .row = row,
                                       .lines = lines,
                                       .prefetch = prefetch};
