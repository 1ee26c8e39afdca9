/* products: sums over rows of h x_i x_j for each pair of features, which a Hessian is made of.
 *
 * Both layouts keep the sums of a block of pairs in registers over at most ND_TERMS terms of T, then add
 * them to the result in double. So the error of a sum of float is at most (ND_TERMS + 2) 2^-24 of the sum of
 * the sizes of its terms, whatever the number of rows: h x_i is rounded once, and each of ND_TERMS steps once.
 * Where h >= 0 this is less than 8e-6 of the root of H_ii H_jj, by Cauchy and Schwarz. In which order terms are
 * added does not depend on the width of vectors.
 *
 * By rows: HIGH features times WIDE vectors of them, out of two copies of the rows that lie line by line: one
 * is as the rows are, the other is times h. A line of all rows together fills a fraction of the first-level
 * cache, and what a block reads follows one after another, whatever the number of features. A copy costs a
 * store a vector, against features / 2 multiply-adds; it is of ND_SLAB features at most.
 *
 * In panels, whose lanes are rows: HIGH_PANEL features times WIDE_PANEL, and the lanes are added at the end. */
#include "level.h"

#if ND_VECTOR_BYTES == 64 /* 32 registers */
enum { HIGH = 8, WIDE = 3, HIGH_PANEL = 4, WIDE_PANEL = 6 };
#else /* 16 */
enum { HIGH = 4, WIDE = 3, HIGH_PANEL = 2, WIDE_PANEL = 4 };
#endif

/* ---- by rows ---- */

/* Where the features are the same on both sides, each pair is wanted once: the first `body` of them with those from
 * themselves on, which a vector begins with. The last, where they fill no more than half of a line, come from the left,
 * with all: most of their vectors would be empty on the right. */
typedef struct copies {
  const nd_products *of;
  size_t body;
  size_t rows;
  size_t line;     /* T from one line of features of all rows to the next */
  T *left, *right; /* left: times h */
} copies;

/* `count` features of the rows from `from` on, in whole lines, the last filled up with zeros; times h where there
 * is one. */
ND_INLINE void copy(const copies *c, const T *from, size_t count, const T *h, T *to) {
  const size_t whole = count - count % ND_LANES, padded = (count + ND_LINE - 1) / ND_LINE * ND_LINE;
  const M mask = first_lanes(count - whole);
  for (size_t i = 0; i < c->rows; i++, from += c->of->features, to += ND_LINE) {
    const V factor = (h ? h[i] : 1) - (V){0};
    for (size_t j = 0; j < padded; j += ND_LANES) {
      V x = {0};
      if (j < whole)
        x = V_load(from + j);
      else if (j < count)
        x = (V)((M)V_load(from + j) & mask);
      V_store(to + j / ND_LINE * c->line + j % ND_LINE, h ? factor * x : x);
    }
  }
}

ND_INLINE const T *place_in(const copies *c, const T *copied, size_t feature) {
  return copied + feature / ND_LINE * c->line + feature % ND_LINE;
}

/* A vector of sums, of the pairs (i, j), (i, j + 1) ..., to their places: those that are wanted. */
ND_INLINE void add_pairs(const copies *c, size_t i, size_t j, V sums) {
  const nd_products *p = c->of;
  double *to = p->to + i * p->stride;
  const bool square = p->same && (i < c->body) == (j < c->body);
  const size_t begin = square && i > j ? i : j,
               end = j + ND_LANES < p->right_count ? j + ND_LANES : p->right_count;
  if (begin == j && end == j + ND_LANES) {
    W wide[ND_LANES / ND_WIDE_LANES];
    V_widen(wide, sums);
    for (size_t k = 0; k < ND_LANES / ND_WIDE_LANES; k++, to += ND_WIDE_LANES)
      W_store(to + j, W_load(to + j) + wide[k]);
    return;
  }
  T lane[ND_LANES];
  V_store(lane, sums);
  for (size_t at = begin; at < end; at++)
    to[at] += (double)lane[at - j];
}

ND_INLINE void block_by_rows(const copies *c, size_t i, size_t j, const size_t wide) {
  const T *a = place_in(c, c->left, i), *b[WIDE];
  V sum[HIGH][WIDE];
  for (size_t v = 0; v < wide; v++)
    b[v] = place_in(c, c->right, j + v * ND_LANES);
  for (size_t k = 0; k < HIGH; k++)
    for (size_t v = 0; v < wide; v++)
      sum[k][v] = V_set(0);
  for (size_t at = 0; at < c->rows * ND_LINE; at += ND_LINE) {
    V x[WIDE];
    for (size_t v = 0; v < wide; v++)
      x[v] = V_load(b[v] + at);
    for (size_t k = 0; k < HIGH; k++) {
      const V factor = a[at + k] - (V){0};
      for (size_t v = 0; v < wide; v++)
        sum[k][v] = V_fma(factor, x[v], sum[k][v]);
    }
  }
  for (size_t k = 0; k < HIGH; k++)
    for (size_t v = 0; v < wide && i + k < c->of->left_count; v++)
      add_pairs(c, i + k, j + v * ND_LANES, sum[k][v]);
}

/* Features [begin, end) of the left with vectors [from, from + wide) of the right; above: with those from their own on. */
static void strip_by_rows(const copies *c, size_t begin, size_t end, size_t from, size_t wide, bool above) {
  const size_t last = (from + wide) * ND_LANES;
  if (above && end > last) end = last;
  for (size_t i = begin; i < end; i += HIGH) {
    const size_t own = above ? i / ND_LANES : 0, first = own > from ? own : from;
    switch (from + wide - first) {
    case 3:
      block_by_rows(c, i, first * ND_LANES, 3);
      break;
    case 2:
      block_by_rows(c, i, first * ND_LANES, 2);
      break;
    default:
      block_by_rows(c, i, first * ND_LANES, 1);
      break;
    }
  }
}

/* With the right from its beginning to `right`. */
static void part_by_rows(const copies *c, size_t begin, size_t end, size_t right, bool above) {
  const size_t vectors = (right + ND_LANES - 1) / ND_LANES;
  for (size_t from = 0, wide; from < vectors; from += wide) {
    const size_t rest = vectors - from;
    wide = rest == WIDE + 1 ? 2 : rest < WIDE ? rest : WIDE; /* 2 + 2, not 3 + 1 */
    strip_by_rows(c, begin, end, from, wide, above);
  }
}

/* Of at most ND_SLAB features with as many. */
static void slab_by_rows(const nd_products *p) {
  const size_t tail = p->right_count % ND_LINE;
  copies c = {.of = p, .body = p->left_count, .line = ND_TERMS * ND_LINE, .left = p->room};
  if (p->same && tail <= ND_LINE / 2) c.body -= tail;
  c.right = c.left + (p->left_count + ND_LINE - 1) / ND_LINE * c.line;
  for (size_t at = 0; at < p->rows; at += ND_TERMS) {
    const T *x = (const T *)p->x + at * p->features;
    c.rows = p->rows - at < ND_TERMS ? p->rows - at : ND_TERMS;
    copy(&c, x + p->left, p->left_count, (const T *)p->h + at, c.left);
    copy(&c, x + p->right, p->right_count, NULL, c.right);
    part_by_rows(&c, 0, c.body, p->same ? c.body : p->right_count, p->same);
    part_by_rows(&c, c.body, p->left_count, p->right_count, false);
  }
}

void ND_AT_LEVEL(products_by_rows)(const nd_products *p) {
  for (size_t i = 0; i < p->left_count; i += ND_SLAB)
    for (size_t j = p->same ? i : 0; j < p->right_count; j += ND_SLAB) {
      nd_products slab = *p;
      slab.left += i, slab.right += j, slab.to += i * p->stride + j;
      slab.left_count = p->left_count - i < ND_SLAB ? p->left_count - i : ND_SLAB;
      slab.right_count = p->right_count - j < ND_SLAB ? p->right_count - j : ND_SLAB;
      slab.same = p->same && i == j;
      slab_by_rows(&slab);
    }
}

/* ---- in panels ---- */

/* Features [i, i + high) with [j, j + wide); what is beyond the last is like it, and is dropped. */
ND_INLINE void block_in_panels(const nd_products *p, size_t i, size_t j, const size_t high,
                               const size_t wide) {
  const T *x = p->x, *h = p->h;
  const size_t panels = (p->rows + ND_LINE - 1) / ND_LINE;
  size_t left[HIGH_PANEL], right[WIDE_PANEL];
  for (size_t k = 0; k < high; k++)
    left[k] = (p->left + (i + k < p->left_count ? i + k : p->left_count - 1)) * ND_LINE;
  for (size_t v = 0; v < wide; v++)
    right[v] = (p->right + (j + v < p->right_count ? j + v : p->right_count - 1)) * ND_LINE;
  V part_sum[HIGH_PANEL][WIDE_PANEL][ND_PARTS];
  for (size_t part = 0; part < ND_PARTS; part++) {
    V sum[HIGH_PANEL][WIDE_PANEL];
    for (size_t k = 0; k < high; k++)
      for (size_t v = 0; v < wide; v++)
        sum[k][v] = V_set(0);
    for (size_t at = 0; at < panels; at++) {
      const T *panel = x + at * p->features * ND_LINE + part * ND_LANES;
      const V factor = V_load(h + at * ND_LINE + part * ND_LANES);
      V a[HIGH_PANEL];
      for (size_t k = 0; k < high; k++)
        a[k] = factor * V_load(panel + left[k]);
      for (size_t v = 0; v < wide; v++) {
        const V b = V_load(panel + right[v]);
        for (size_t k = 0; k < high; k++)
          sum[k][v] = V_fma(a[k], b, sum[k][v]);
      }
    }
    for (size_t k = 0; k < high; k++)
      for (size_t v = 0; v < wide; v++)
        part_sum[k][v][part] = sum[k][v];
  }
  for (size_t k = 0; k < high; k++)
    for (size_t v = 0; v < wide; v++)
      if (i + k < p->left_count && j + v < p->right_count && (!p->same || i + k <= j + v))
        p->to[(i + k) * p->stride + j + v] += sum_line(part_sum[k][v]);
}

ND_INLINE void wide_in_panels(const nd_products *p, size_t i, const size_t high) {
  for (size_t j = p->same ? i : 0; j < p->right_count; j += WIDE_PANEL)
    switch ((p->right_count - j + 1) / 2) {
    case 1:
      block_in_panels(p, i, j, high, 2);
      break;
    case 2:
      block_in_panels(p, i, j, high, 4);
      break;
    default:
      block_in_panels(p, i, j, high, WIDE_PANEL);
      break;
    }
}

void ND_AT_LEVEL(products_in_panels)(const nd_products *p) {
  for (size_t i = 0; i < p->left_count; i += HIGH_PANEL)
    if (p->left_count - i > 2)
      wide_in_panels(p, i, HIGH_PANEL);
    else
      wide_in_panels(p, i, 2);
}
