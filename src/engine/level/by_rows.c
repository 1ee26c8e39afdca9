/* by_rows: many features. Each row follows the one before without padding, so one row is read as fast
 * as memory gives it.
 *
 * eta takes one row after another: four at once would be four places in memory, of which the processor fetches less ahead.
 * The last, partial vector of a row is masked, for what follows is the next row, which may hold infinities. Sums of eight
 * vectors of features are kept in registers; the lanes beyond the head's last feature are computed and dropped. As both are of
 * one vector of rows, the second reading comes from the first-level cache, and overlaps with the first of the next. Rows that
 * are picked are wherever they are: eta takes four of them with one load of w. */
#include "base/reflect.h"
#include "instruction.h"

#define ROWS (ND_PARTS > 2 ? 2 : 4) /* picked, at once */
#define TOGETHER 8                  /* vectors of sums at once */

static void pack(void *x, size_t features, size_t first, size_t count, const double *const *columns, size_t rows) {
  enum { ROWS_AT_ONCE = 16 };
  T *out = (T *)x + first;
  for (size_t at = 0; at < rows; at += ROWS_AT_ONCE) {
    const size_t some = rows - at < ROWS_AT_ONCE ? rows - at : ROWS_AT_ONCE;
    for (size_t j = 0; j < count; j++)
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

ND_INLINE places places_of(const nd_features *head, size_t at) {
  return (places){.x = (const T *)head->x + at * ND_LANES * head->features + head->first, .features = head->features};
}

/* Lanes behind the last row have what it has. */
ND_VECTOR_HEAD(eta) {
  const nd_features *head = operands[now->y].at;
  const places p = places_of(head, at);
  const size_t rows = left < ND_LANES ? left : ND_LANES;
  T eta[ND_LANES];
  for (size_t i = 0; i < rows; i++)
    eta_of(&p, i, head->count, head->w, head->intercept, eta + i, 1, false);
  for (size_t i = rows; i < ND_LANES; i++)
    eta[i] = eta[rows - 1];
  a0 = V_load(eta);
  V_store(place(&operands[now->x], at), a0);
  ND_NEXT_OF_VECTOR(a0);
}

/* sum += r times some vectors of features of each row. */
ND_INLINE void add_rows(V *sum, const places *p, size_t j, const T *r, size_t rows, const size_t vectors, const bool picked) {
  for (size_t i = 0; i < rows; i++) {
    const T *x = row_at(p, i, picked) + j;
    const V factor = r[i] - (V){0};
    for (size_t k = 0; k < vectors; k++)
      sum[k] = V_fma(factor, V_load(x + k * ND_LANES), sum[k]);
  }
}

/* Features [j, j + count). */
ND_INLINE void sum_of(const places *p, size_t j, const T *r, size_t rows, double *sums, size_t count,
                      const size_t vectors, const bool picked) {
  V sum[TOGETHER];
  for (size_t k = 0; k < vectors; k++)
    sum[k] = V_set(0);
  add_rows(sum, p, j, r, rows, vectors, picked);
  T lane[TOGETHER * ND_LANES];
  for (size_t k = 0; k < vectors; k++)
    V_store(lane + k * ND_LANES, sum[k]);
  for (size_t i = 0; i < count; i++)
    sums[i] += (double)lane[i];
}

ND_INLINE void sum_all(const places *p, const T *r, size_t rows, double *sums, size_t count,
                       const bool picked) {
  size_t j = 0;
  for (; j + TOGETHER * ND_LANES <= count; j += TOGETHER * ND_LANES)
    sum_of(p, j, r, rows, sums + j, TOGETHER * ND_LANES, TOGETHER, picked);
  const size_t left = count - j;
  sums += j;
  switch ((left + ND_LANES - 1) / ND_LANES) {
#define ND_LEFT(vectors)                                                                           \
  case vectors:                                                                                    \
    sum_of(p, j, r, rows, sums, left, vectors, picked);                                     \
    break;
    ND_LEFT(8) ND_LEFT(7) ND_LEFT(6) ND_LEFT(5) ND_LEFT(4) ND_LEFT(3) ND_LEFT(2) ND_LEFT(1)
#undef ND_LEFT
  default:
    break;
  }
}

static void sum(const void *x, size_t features, size_t first, size_t count, const void *r,
                size_t rows, double *sums) {
  const places p = {.x = (const T *)x + first, .features = features};
  sum_all(&p, r, rows, sums, count, false);
}

ND_INLINE void collect_some(const places *p, size_t j, const T *r, size_t rows, T *sums, const size_t vectors) {
  V sum[TOGETHER];
  for (size_t k = 0; k < vectors; k++)
    sum[k] = V_load(sums + j + k * ND_LANES);
  add_rows(sum, p, j, r, rows, vectors, false);
  for (size_t k = 0; k < vectors; k++)
    V_store(sums + j + k * ND_LANES, sum[k]);
}

ND_VECTOR_HEAD(collect) {
  const nd_features *head = operands[now->y].at;
  const places p = places_of(head, at);
  const size_t rows = left < ND_LANES ? left : ND_LANES;
  T r[ND_LANES];
  V_store(r, a0);
  size_t j = 0;
  for (; j + TOGETHER * ND_LANES <= head->count; j += TOGETHER * ND_LANES)
    collect_some(&p, j, r, rows, head->sums, TOGETHER);
  switch ((head->count - j + ND_LANES - 1) / ND_LANES) {
#define ND_LEFT(vectors)                                                                           \
  case vectors:                                                                                    \
    collect_some(&p, j, r, rows, head->sums, vectors);                                             \
    break;
    ND_LEFT(8) ND_LEFT(7) ND_LEFT(6) ND_LEFT(5) ND_LEFT(4) ND_LEFT(3) ND_LEFT(2) ND_LEFT(1)
#undef ND_LEFT
  default:
    break;
  }
  ND_NEXT_OF_VECTOR(a0);
}

/* ---- rows that are picked ---- */

void ND_AT_LEVEL(eta_of_picked)(const void *const *x, size_t known, size_t first, size_t count,
                                const void *w, double intercept, void *eta, size_t rows, nd_ahead *ahead) {
  const places p = {.picked = x, .first = first};
  T *out = eta;
  size_t i = 0;
  nd_ahead_turns(ahead, (rows + ROWS - 1) / ROWS);
  for (; i + ROWS <= rows; i += ROWS) {
    nd_ahead_ask(ahead);
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
  sum_all(&p, r, rows, sums, count, true);
}

/* ---- for bounds, in double ---- */

enum { LANES = ND_CERTAIN_LANES, WIDE_PARTS = ND_CERTAIN_LANES / ND_WIDE_LANES };

static double add_up(const W *part) {
  double lane[LANES];
  for (size_t p = 0; p < WIDE_PARTS; p++)
    W_store(lane + p * ND_WIDE_LANES, part[p]);
  return nd_sum_of_lanes(lane);
}

/* Features j of a row are added in lane j % 8; those that are left over come as a line of their own, with zeros. */
static void predict(const void *x, size_t features, size_t first, size_t count, const double *w, size_t rows,
                    nd_certain_rows *of) {
  const size_t whole = count / LANES * LANES;
  double rest[LANES] = {0};
  for (size_t j = whole; j < count; j++)
    rest[j - whole] = w[j];
  for (size_t i = 0; i < rows; i++) {
    const T *from = (const T *)x + i * features + first;
    T last[LANES] = {0};
    for (size_t j = whole; j < count; j++)
      last[j - whole] = from[j];
    W f[WIDE_PARTS] = {{0}}, size[WIDE_PARTS] = {{0}}, norm[WIDE_PARTS] = {{0}};
    for (size_t j = 0; j <= whole; j += LANES)
      for (size_t p = 0; p < WIDE_PARTS; p++) {
        const size_t lane = p * ND_WIDE_LANES;
        const W u = W_from((j < whole ? from + j : last) + lane),
                term = W_load((j < whole ? w + j : rest) + lane) * u;
        f[p] += term;
        size[p] += W_abs(term);
        norm[p] += u * u;
      }
    of->f[i] += add_up(f);
    of->size[i] += add_up(size);
    of->norm[i] += add_up(norm);
  }
}

/* Four rows at once; all sums are in the first lane. */
static void weigh(const void *x, size_t features, size_t first, size_t count, const double *slope,
                  const double *error, size_t rows, double *sums, double *errors) {
  enum { TILE = 64 };
  for (size_t begin = 0; begin < count; begin += TILE) {
    const size_t some = count - begin < TILE ? count - begin : TILE;
    double sum[TILE], off[TILE];
    for (size_t j = 0; j < some; j++) {
      sum[j] = sums[(begin + j) * LANES];
      off[j] = errors[(begin + j) * LANES];
    }
    for (size_t i = 0; i < rows; i += 4) {
      const T *row[4];
      double h[4], e[4];
      for (size_t k = 0; k < 4; k++) { /* behind the last row these are 0, times what the last row has */
        row[k] = (const T *)x + (i + k < rows ? i + k : rows - 1) * features + first + begin;
        h[k] = slope[i + k];
        e[k] = error[i + k];
      }
      size_t j = 0;
      for (; j + ND_WIDE_LANES <= some; j += ND_WIDE_LANES) {
        const W a = W_from(row[0] + j), b = W_from(row[1] + j), c = W_from(row[2] + j), d = W_from(row[3] + j);
        W_store(sum + j, W_load(sum + j) + ((h[0] * a + h[1] * b) + (h[2] * c + h[3] * d)));
        W_store(off + j, W_load(off + j) + ((e[0] * W_abs(a) + e[1] * W_abs(b)) + (e[2] * W_abs(c) + e[3] * W_abs(d))));
      }
      for (; j < some; j++) {
        const double a = (double)row[0][j], b = (double)row[1][j], c = (double)row[2][j], d = (double)row[3][j];
        sum[j] += (h[0] * a + h[1] * b) + (h[2] * c + h[3] * d);
        off[j] += (e[0] * fabs(a) + e[1] * fabs(b)) + (e[2] * fabs(c) + e[3] * fabs(d));
      }
    }
    for (size_t j = 0; j < some; j++) {
      sums[(begin + j) * LANES] = sum[j];
      errors[(begin + j) * LANES] = off[j];
    }
  }
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
                                        .eta = {NULL, (nd_function *)vector_eta},
                                        .collect = {NULL, (nd_function *)vector_collect},
                                        .sum = sum,
                                        .products = ND_AT_LEVEL(products_by_rows),
                                        .predict = predict,
                                        .weigh = weigh,
                                        .row = row};
