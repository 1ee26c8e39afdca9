/* What the files of level/ share: the names they give to one another, which carry level and
 * precision, and lines. */
#ifndef ND_LEVEL_H
#define ND_LEVEL_H

#include "engine/kernels_internal.h"
#include "engine/elementary.h"
#include "engine/pairs.h"

#ifdef ND_SINGLE
#define ND_PASTE(name, level) nd_##name##_##level##_single
#else
#define ND_PASTE(name, level) nd_##name##_##level##_double
#endif
#define ND_PASTE_EXPANDED(name, level) ND_PASTE(name, level)
#define ND_AT_LEVEL(name) ND_PASTE_EXPANDED(name, ND_LEVEL)

#define ND_LINE (ND_LINE_BYTES / sizeof(T))
#define ND_LINE_DOUBLES (ND_LINE_BYTES / sizeof(double))
#define ND_PARTS (ND_LINE_BYTES / ND_VECTOR_BYTES) /* vectors in a line */
#define ND_INLINE static inline __attribute__((always_inline))

/* Picked rows are asked for before they are read: by the second-level cache, which waits for more lines of memory at once than
 * the first, and, where one row is an update, from there by the first. */
enum { ND_ROWS_AHEAD = 12, ND_ROWS_NEXT = 4 };
ND_INLINE void nd_ask_for_row(const T *x, size_t count) {
  for (size_t j = 0; j < count; j += ND_LINE)
    __builtin_prefetch(x + j, 0, 2);
}
ND_INLINE void nd_ask_for_next(const T *x, size_t count) {
  for (size_t j = 0; j < count; j += ND_LINE)
    __builtin_prefetch(x + j, 0, 3);
}

/* The lanes of a line as doubles, by halves, in registers. */
ND_INLINE double sum_line(const V *parts) {
  W wide[ND_LINE / ND_WIDE_LANES];
  for (size_t part = 0; part < ND_PARTS; part++)
    V_widen(wide + part * (ND_LANES / ND_WIDE_LANES), parts[part]);
  for (size_t half = ND_LINE / ND_WIDE_LANES / 2; half > 0; half /= 2)
    for (size_t i = 0; i < half; i++)
      wide[i] += wide[i + half];
  return W_sum(wide[0]);
}

/* All bits in the first `count` lanes. */
ND_INLINE M first_lanes(size_t count) {
  M mask = {0};
  for (size_t lane = 0; lane < ND_LANES; lane++)
    mask[lane] = lane < count ? -1 : 0;
  return mask;
}

extern const nd_kernels ND_AT_LEVEL(kernels);
void ND_AT_LEVEL(run)(const nd_instruction *first, const nd_instruction *end,
                      const nd_operand *operands, size_t rows);
void ND_AT_LEVEL(eta_of_picked)(const void *const *x, size_t known, size_t first, size_t count,
                                const void *w, double intercept, void *eta, size_t rows, nd_ahead *ahead);
void ND_AT_LEVEL(sum_of_picked)(const void *const *x, size_t first, size_t count, const void *r,
                                size_t rows, double *sums);
void ND_AT_LEVEL(scalars)(const nd_step *first, const nd_step *end, void *numbers);
void ND_AT_LEVEL(descend)(nd_single *single, size_t rows);
nd_fold ND_AT_LEVEL(fold);
extern const nd_pairs ND_AT_LEVEL(pairs); /* of double */
void ND_AT_LEVEL(products_by_rows)(const nd_products *products);
void ND_AT_LEVEL(products_in_panels)(const nd_products *products);
extern const nd_layout ND_AT_LEVEL(panels), ND_AT_LEVEL(by_rows);

#endif
