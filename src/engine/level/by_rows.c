/* by_rows: many features. Each row follows the one before without padding, so one row is read as fast
 * as memory gives it.
 *
 * eta takes four rows at once and one load of w for all; the last, partial vector of a row is
 * masked, for what follows is the next row, which may hold infinities. sum keeps the sums of eight
 * vectors of features in registers over the rows of a tile; the lanes beyond the head's last
 * feature are computed and dropped. A tile is small enough (run_rows.c) for its second reading to come
 * from the second-level cache. */
#include "level.h"

#define ROWS (ND_PARTS > 2 ? 2 : 4) /* at once in eta */
#define TOGETHER 8                  /* vectors at once in sum */

static void pack(void *x, size_t features, const double *const *columns, size_t rows) {
  enum { ROWS_AT_ONCE = 16 };
  T *out = x;
  for (size_t at = 0; at < rows; at += ROWS_AT_ONCE) {
    const size_t some = rows - at < ROWS_AT_ONCE ? rows - at : ROWS_AT_ONCE;
    for (size_t j = 0; j < features; j++)
      for (size_t i = 0; i < some; i++)
        out[(at + i) * features + j] = (T)columns[j][at + i];
  }
}

static void scale(void *x, size_t features, size_t rows, const double *center, const double *width) {
  T *at = x;
  for (size_t i = 0; i < rows; i++, at += features) {
    size_t j = 0;
    for (; j + ND_WIDE_LANES <= features; j += ND_WIDE_LANES)
      W_to(at + j, (W_from(at + j) - W_load(center + j)) / W_load(width + j));
    for (; j < features; j++)
      at[j] = (T)(((double)at[j] - center[j]) / width[j]);
  }
}

/* Rows that lie one after another, or, where they are picked, wherever each is. */
typedef struct places {
  const T *x;
  size_t features;
  const void *const *picked;
  size_t first;
} places;

ND_INLINE const T *row_at(const places *p, size_t i, const bool picked) {
  return picked ? (const T *)p->picked[i] + p->first : p->x + i * p->features;
}

/* The lanes of a line: the same order on every level. */
ND_INLINE T sum_halves(V *parts) {
  for (size_t half = ND_PARTS / 2; half > 0; half /= 2)
    for (size_t part = 0; part < half; part++)
      parts[part] += parts[part + half];
  return V_sum(parts[0]);
}

ND_INLINE void eta_of(const places *p, size_t at, size_t count, const T *w, double intercept, T *eta,
                      const size_t rows, const bool picked) {
  const T *x[ROWS];
  for (size_t i = 0; i < rows; i++)
    x[i] = row_at(p, at + i, picked);
  V sum[ROWS][ND_PARTS];
  for (size_t i = 0; i < rows; i++)
    for (size_t part = 0; part < ND_PARTS; part++)
      sum[i][part] = V_set(0);
  size_t j = 0;
  for (; j + ND_LINE <= count; j += ND_LINE)
    for (size_t part = 0; part < ND_PARTS; part++) {
      const V weight = V_load(w + j + part * ND_LANES);
      for (size_t i = 0; i < rows; i++)
        sum[i][part] = V_fma(weight, V_load(x[i] + j + part * ND_LANES), sum[i][part]);
    }
  for (size_t part = 0; part < ND_PARTS; part++, j += ND_LANES) {
    if (j >= count) break;
    const V weight = V_load(w + j);
    const M mask = first_lanes(count - j);
    for (size_t i = 0; i < rows; i++)
      sum[i][part] = V_fma(weight, (V)((M)V_load(x[i] + j) & mask), sum[i][part]);
  }
  for (size_t i = 0; i < rows; i++)
    eta[i] = (T)intercept + sum_halves(sum[i]);
}

static void eta(const void *x, size_t features, size_t first, size_t count, const void *w,
                double intercept, void *out, size_t rows, nd_ahead *ahead) {
  const places p = {.x = (const T *)x + first, .features = features};
  size_t i = 0;
  nd_ahead_turns(ahead, (rows + ROWS - 1) / ROWS);
  for (; i + ROWS <= rows; i += ROWS) {
    nd_ahead_ask(ahead);
    eta_of(&p, i, count, w, intercept, (T *)out + i, ROWS, false);
  }
  for (; i < rows; i++)
    eta_of(&p, i, count, w, intercept, (T *)out + i, 1, false);
  for (const T last = ((T *)out)[rows - 1]; i % ND_LINE != 0; i++)
    ((T *)out)[i] = last;
}

/* Features [j, j + count). */
ND_INLINE void sum_of(const places *p, size_t j, const T *r, size_t rows, double *sums, size_t count,
                      const size_t vectors, nd_ahead *ahead, const bool picked) {
  V sum[TOGETHER];
  for (size_t k = 0; k < vectors; k++)
    sum[k] = V_set(0);
  for (size_t i = 0; i < rows; i++) {
    const T *x = row_at(p, i, picked) + j;
    const V factor = r[i] - (V){0};
    if (!picked) nd_ahead_ask(ahead);
    for (size_t k = 0; k < vectors; k++)
      sum[k] = V_fma(factor, V_load(x + k * ND_LANES), sum[k]);
  }
  T lane[TOGETHER * ND_LANES];
  for (size_t k = 0; k < vectors; k++)
    V_store(lane + k * ND_LANES, sum[k]);
  for (size_t i = 0; i < count; i++)
    sums[i] += (double)lane[i];
}

ND_INLINE void sum_all(const places *p, const T *r, size_t rows, double *sums, size_t count,
                       nd_ahead *ahead, const bool picked) {
  size_t j = 0;
  for (; j + TOGETHER * ND_LANES <= count; j += TOGETHER * ND_LANES)
    sum_of(p, j, r, rows, sums + j, TOGETHER * ND_LANES, TOGETHER, ahead, picked);
  const size_t left = count - j;
  sums += j;
  switch ((left + ND_LANES - 1) / ND_LANES) {
#define ND_LEFT(vectors)                                                                           \
  case vectors:                                                                                    \
    sum_of(p, j, r, rows, sums, left, vectors, ahead, picked);                                     \
    break;
    ND_LEFT(8) ND_LEFT(7) ND_LEFT(6) ND_LEFT(5) ND_LEFT(4) ND_LEFT(3) ND_LEFT(2) ND_LEFT(1)
#undef ND_LEFT
  default:
    break;
  }
}

static void sum(const void *x, size_t features, size_t first, size_t count, const void *r,
                size_t rows, double *sums, nd_ahead *ahead) {
  const places p = {.x = (const T *)x + first, .features = features};
  nd_ahead_turns(ahead, (count + TOGETHER * ND_LANES - 1) / (TOGETHER * ND_LANES) * rows);
  sum_all(&p, r, rows, sums, count, ahead, false);
}

/* ---- rows that are picked ---- */

void ND_AT_LEVEL(eta_of_picked)(const void *const *x, size_t known, size_t first, size_t count,
                                const void *w, double intercept, void *eta, size_t rows) {
  const places p = {.picked = x, .first = first};
  T *out = eta;
  size_t i = 0;
  for (; i + ROWS <= rows; i += ROWS) {
    for (size_t k = i + ND_ROWS_AHEAD; k < i + ND_ROWS_AHEAD + ROWS && k < known; k++)
      nd_ask_for_row(row_at(&p, k, true), count);
    eta_of(&p, i, count, w, intercept, out + i, ROWS, true);
  }
  for (; i < rows; i++)
    eta_of(&p, i, count, w, intercept, out + i, 1, true);
  for (const T last = out[rows - 1]; i % ND_LINE != 0; i++)
    out[i] = last;
}

void ND_AT_LEVEL(sum_of_picked)(const void *const *x, size_t first, size_t count, const void *r,
                                size_t rows, double *sums) {
  const places p = {.picked = x, .first = first};
  sum_all(&p, r, rows, sums, count, NULL, true);
}

static void row(const void *x, size_t features, size_t first, size_t count, size_t at,
                double *out) {
  const T *from = (const T *)x + at * features + first;
  for (size_t j = 0; j < count; j++)
    out[j] = (double)from[j];
  for (size_t j = count; j % ND_LINE_DOUBLES != 0; j++)
    out[j] = 0;
}

const nd_layout ND_AT_LEVEL(by_rows) = {.lanes = 1,
                                        .pack = pack,
                                        .scale = scale,
                                        .eta = eta,
                                        .sum = sum,
                                        .products = ND_AT_LEVEL(products_by_rows),
                                        .row = row};
