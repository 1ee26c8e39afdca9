/* panels: few features. For each line of rows there is a panel of `features` lines, one a feature,
 * so that a pass over all rows reads memory in order, whatever the head, and rows are the lanes of
 * every operation.
 *
 * eta takes one panel after another: the processor overlaps them on its own, and fetches memory that
 * is read in order faster than that of several panels at once. Sums of up to eight vectors of features are kept in
 * registers. Both are of a group of vectors, so that their losses, whose chains of operations are long, are computed at once. */
#include "instruction.h"

#define TOGETHER (8 / (int)ND_PARTS) /* features at once in sum */

static void pack(void *x, size_t features, size_t first, size_t count, const double *const *columns, size_t rows) {
  for (size_t at = 0; at < rows; at += ND_LINE) {
    T *out = (T *)x + at * features + first * ND_LINE;
    for (size_t j = 0; j < count; j++, out += ND_LINE) {
      const double *from = columns[j] + at;
      if (at + ND_LINE <= rows)
        for (size_t lane = 0; lane < ND_LINE; lane++)
          out[lane] = (T)from[lane];
      else
        for (size_t lane = 0; lane < ND_LINE; lane++)
          out[lane] = (T)from[at + lane < rows ? lane : rows - at - 1];
    }
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

ND_INLINE const T *vector_of(const nd_features *head, size_t at) {
  return (const T *)head->x + (at / ND_PARTS * head->features + head->first) * ND_LINE + at % ND_PARTS * ND_LANES;
}

ND_INLINE V eta_of(const nd_features *head, size_t at) {
  const T *x = vector_of(head, at), *w = head->w;
  V sum = V_set(head->intercept);
  for (size_t j = 0; j < head->count; j++)
    sum = V_fma(w[j] - (V){0}, V_load(x + j * ND_LINE), sum);
  return sum;
}

ND_GROUP_HEAD(eta) {
  const nd_features *head = operands[now->y].at;
  T *to = place(&operands[now->x], at);
  V all[ND_GROUP] = {ND_ALL_OF_GROUP};
  for (size_t k = 0; k < ND_GROUP; k++) {
    all[k] = eta_of(head, at + k);
    V_store(to + k * ND_LANES, all[k]);
  }
  (void)left;
  ND_NEXT_OF_GROUP(all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7]);
}
ND_VECTOR_HEAD(eta) {
  a0 = eta_of(operands[now->y].at, at);
  V_store(place(&operands[now->x], at), a0);
  ND_NEXT_OF_VECTOR(a0);
}

/* Adds r times `count` features from j on, of vectors of rows from `at` on, the first of which is a panel's part `first`. */
ND_INLINE void collect_some(const nd_features *head, size_t at, const size_t first, const V *r, const size_t vectors, size_t j,
                            const size_t count) {
  T *to = (T *)head->sums + j * ND_LINE;
  V sum[8 * ND_PARTS];
  for (size_t i = 0; i < count * ND_PARTS; i++)
    sum[i] = V_load(to + i * ND_LANES);
  for (size_t k = 0; k < vectors; k++) {
    const T *x = vector_of(head, at + k) + j * ND_LINE;
    const size_t part = (first + k) % ND_PARTS;
    for (size_t i = 0; i < count; i++)
      sum[i * ND_PARTS + part] = V_fma(r[k], V_load(x + i * ND_LINE), sum[i * ND_PARTS + part]);
  }
  for (size_t i = 0; i < count * ND_PARTS; i++)
    V_store(to + i * ND_LANES, sum[i]);
}

ND_INLINE void collect_all(const nd_features *head, size_t at, const size_t first, const V *r, const size_t vectors) {
  size_t j = 0;
  for (; j + TOGETHER <= head->count; j += TOGETHER)
    collect_some(head, at, first, r, vectors, j, TOGETHER);
  switch (head->count - j) {
#define ND_LEFT(count)                                                                             \
  case count:                                                                                      \
    collect_some(head, at, first, r, vectors, j, count);                                           \
    break;
    ND_LEFT(7) ND_LEFT(6) ND_LEFT(5) ND_LEFT(4) ND_LEFT(3) ND_LEFT(2) ND_LEFT(1)
#undef ND_LEFT
  default:
    break;
  }
}

ND_GROUP_HEAD(collect) {
  collect_all(operands[now->y].at, at, 0, (const V[]){ND_ALL_OF_GROUP}, ND_GROUP);
  (void)left;
  ND_NEXT_OF_GROUP(ND_ALL_OF_GROUP);
}
ND_VECTOR_HEAD(collect) {
  collect_all(operands[now->y].at, at, at % ND_PARTS, &a0, 1);
  ND_NEXT_OF_VECTOR(a0);
}

static void sum(const void *x, size_t features, size_t first, size_t count, const void *r,
                size_t rows, double *sums) {
  T tile[ND_PANEL_FEATURES * ND_LINE] = {0};
  const nd_features head = {.x = x, .features = features, .first = first, .count = count, .sums = tile};
  const size_t vectors = (rows + ND_LINE - 1) / ND_LINE * ND_PARTS;
  V factors[ND_GROUP];
  size_t at = 0;
  for (; at + ND_GROUP <= vectors; at += ND_GROUP) {
    for (size_t k = 0; k < ND_GROUP; k++)
      factors[k] = V_load((const T *)r + (at + k) * ND_LANES);
    collect_all(&head, at, 0, factors, ND_GROUP);
  }
  for (; at < vectors; at++) {
    factors[0] = V_load((const T *)r + at * ND_LANES);
    collect_all(&head, at, at % ND_PARTS, factors, 1);
  }
  for (size_t i = 0; i < count * ND_LINE; i++)
    sums[i] += (double)tile[i];
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

/* The numbers of a and b in turn, of their lower or their upper halves. */
#ifdef ND_SINGLE
#define ND_LANES_OF_LEVEL (ND_VECTOR_BYTES / 4)
#else
#define ND_LANES_OF_LEVEL (ND_VECTOR_BYTES / 8)
#endif
#if ND_LANES_OF_LEVEL == 2
#define ND_TURN_LOW(a, b) __builtin_shufflevector(a, b, 0, 2)
#define ND_TURN_HIGH(a, b) __builtin_shufflevector(a, b, 1, 3)
#elif ND_LANES_OF_LEVEL == 4
#define ND_TURN_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define ND_TURN_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#elif ND_LANES_OF_LEVEL == 8
#define ND_TURN_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define ND_TURN_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define ND_TURN_LOW(a, b)                                                                          \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ND_TURN_HIGH(a, b)                                                                         \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#endif

/* As many rows as a vector has lanes, of as many features; one that is not there is 0. A round rotates the bits
 * of (feature, row), which say where a number is, by one; after as many rounds as a row has bits both have changed places. */
ND_INLINE void turn(const T *from, size_t features, T *to, size_t stride) {
  V now[ND_LANES], then[ND_LANES];
  for (size_t j = 0; j < ND_LANES; j++)
    now[j] = j < features ? V_load(from + j * ND_LINE) : V_set(0);
  for (size_t bit = 1; bit < ND_LANES; bit *= 2) {
    for (size_t j = 0; j < ND_LANES / 2; j++) {
      then[2 * j] = ND_TURN_LOW(now[j], now[j + ND_LANES / 2]);
      then[2 * j + 1] = ND_TURN_HIGH(now[j], now[j + ND_LANES / 2]);
    }
    for (size_t j = 0; j < ND_LANES; j++)
      now[j] = then[j];
  }
  for (size_t i = 0; i < ND_LANES; i++)
    V_store(to + i * stride, now[i]);
}

static void one_line(const T *x, size_t features, size_t at, T *to) {
  const T *from = x + at / ND_LINE * features * ND_LINE + at % ND_LINE;
  for (size_t j = 0; j < features; j++)
    to[j] = from[j * ND_LINE];
}

static void lines(const void *x, size_t features, size_t at, size_t rows, void *out, size_t stride) {
  T *to = out;
  const size_t end = at + rows;
  for (; at < end && (at % ND_LANES != 0 || end - at < ND_LANES); at++, to += stride)
    one_line(x, features, at, to);
  for (; end - at >= ND_LANES; at += ND_LANES, to += ND_LANES * stride) {
    const T *from = (const T *)x + at / ND_LINE * features * ND_LINE + at % ND_LINE;
    for (size_t j = 0; j < features; j += ND_LANES)
      turn(from + j * ND_LINE, features - j, to + j, stride);
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
                                       .eta = ND_KERNEL_OF(eta),
                                       .collect = ND_KERNEL_OF(collect),
                                       .sum = sum,
                                       .products = ND_AT_LEVEL(products_in_panels),
                                       .predict = predict,
                                       .weigh = weigh,
                                       .row = row,
                                       .lines = lines,
                                       .prefetch = prefetch};
