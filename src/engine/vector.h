/* The vector type V of one level of processor and one precision, and the names that the `vector`
 * expressions of expr/ops.def are written in.
 *
 * A file that includes this is compiled once a level and precision (build.cmake), with
 * ND_LEVEL_avx512, ND_LEVEL_avx2 or ND_LEVEL_baseline and, for float32, ND_SINGLE defined. T is the
 * type of a lane, V holds ND_LANES of them, M is the integer vector of a comparison: all bits of a
 * lane, or none.
 *
 * V_fma is one rounding where the processor has it, else two; nothing else is ever contracted
 * (-ffp-contract=off). Truth values are 1 and 0. Elementary functions are in elementary.h. */
#ifndef ND_VECTOR_H
#define ND_VECTOR_H

#include <math.h>
#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif
#include <sleef.h>

#if defined(ND_LEVEL_avx512)
#define ND_VECTOR_BYTES 64
#elif defined(ND_LEVEL_avx2)
#define ND_VECTOR_BYTES 32
#else
#define ND_VECTOR_BYTES 16
#endif

#ifdef ND_SINGLE
typedef float T;
typedef int32_t I;
#else
typedef double T;
typedef int64_t I;
#endif
#define ND_LANES (ND_VECTOR_BYTES / sizeof(T))
typedef T V __attribute__((vector_size(ND_VECTOR_BYTES)));
typedef I M __attribute__((vector_size(ND_VECTOR_BYTES)));
/* V in memory: at any T */
typedef T VU __attribute__((vector_size(ND_VECTOR_BYTES), aligned(sizeof(T)), may_alias));

/* ---- SLEEF's name for a function of this level and type ---- */
#if defined(ND_LEVEL_avx512) && defined(ND_SINGLE)
#define ND_SLEEF(name, accuracy) Sleef_finz_##name##f16_##accuracy##avx512f
#define V_FMA_INTRINSIC _mm512_fmadd_ps
#define V_SQRT_INTRINSIC _mm512_sqrt_ps
#elif defined(ND_LEVEL_avx512)
#define ND_SLEEF(name, accuracy) Sleef_finz_##name##d8_##accuracy##avx512f
#define V_FMA_INTRINSIC _mm512_fmadd_pd
#define V_SQRT_INTRINSIC _mm512_sqrt_pd
#elif defined(ND_LEVEL_avx2) && defined(ND_SINGLE)
#define ND_SLEEF(name, accuracy) Sleef_finz_##name##f8_##accuracy##avx2
#define V_FMA_INTRINSIC _mm256_fmadd_ps
#define V_SQRT_INTRINSIC _mm256_sqrt_ps
#elif defined(ND_LEVEL_avx2)
#define ND_SLEEF(name, accuracy) Sleef_finz_##name##d4_##accuracy##avx2
#define V_FMA_INTRINSIC _mm256_fmadd_pd
#define V_SQRT_INTRINSIC _mm256_sqrt_pd
#elif defined(__x86_64__) && defined(ND_SINGLE)
#define ND_SLEEF(name, accuracy) Sleef_cinz_##name##f4_##accuracy##sse2
#define V_SQRT_INTRINSIC _mm_sqrt_ps
#elif defined(__x86_64__)
#define ND_SLEEF(name, accuracy) Sleef_cinz_##name##d2_##accuracy##sse2
#define V_SQRT_INTRINSIC _mm_sqrt_pd
#elif defined(ND_SINGLE)
#define ND_SLEEF(name, accuracy) Sleef_finz_##name##f4_##accuracy##advsimd
#define V_FMA_INTRINSIC(a, b, c) vfmaq_f32(c, a, b)
#define V_SQRT_INTRINSIC vsqrtq_f32
#else
#define ND_SLEEF(name, accuracy) Sleef_finz_##name##d2_##accuracy##advsimd
#define V_FMA_INTRINSIC(a, b, c) vfmaq_f64(c, a, b)
#define V_SQRT_INTRINSIC vsqrtq_f64
#endif

/* ---- making vectors ---- */
static inline V V_set(double x) { /* every lane x */
  return (T)x - (V){0};           /* x + 0 would lose the sign of -0 */
}
static inline V V_load(const T *at) {
  return *(const VU *)at;
}
static inline void V_store(T *at, V a) {
  *(VU *)at = a;
}

/* a * b + c, with one rounding where the level has it */
static inline V V_fma(V a, V b, V c) {
#ifdef V_FMA_INTRINSIC
  return (V)V_FMA_INTRINSIC(a, b, c);
#else
  return a * b + c;
#endif
}

#include "engine/wide.h"

/* ---- truth and choice ---- */
static inline V V_where(M mask, V yes, V no) {
  return (V)(((M)yes & mask) | ((M)no & ~mask));
}
static inline V V_truth(M mask) {
  return (V)((M)V_set(1) & mask);
}
static inline V V_less(V a, V b) {
  return V_truth(a < b);
}
static inline V V_lesseq(V a, V b) {
  return V_truth(a <= b);
}
static inline V V_equal(V a, V b) {
  return V_truth(a == b);
}
static inline V V_if(V c, V yes, V no) {
  return V_where(c != V_set(0), yes, no);
}
static inline V V_min(V a, V b) { /* NaN where either is */
  return V_where(a <= b, a, V_where(b < a, b, a + b));
}
static inline V V_max(V a, V b) {
  return V_where(a >= b, a, V_where(b > a, b, a + b));
}
static inline V V_abs(V a) {
  return (V)((M)a & ~(M)V_set(-0.0));
}
static inline V V_sqrt(V a) {
  return (V)V_SQRT_INTRINSIC(a);
}
static inline V V_floor(V a) {
  return ND_SLEEF(floor, )(a);
}

/* A scalar function of doubles, lane by lane. */
typedef double nd_function2(double, double);
static inline V V_each2(nd_function2 *function, V a, V b) {
  V result = a;
  for (size_t lane = 0; lane < ND_LANES; lane++)
    result[lane] = (T)function((double)a[lane], (double)b[lane]);
  return result;
}

/* The sum of the lanes by halves. */
#ifdef ND_SINGLE
typedef float ND_NARROW4 __attribute__((vector_size(16)));
typedef float ND_NARROW8 __attribute__((vector_size(32)));
#if ND_VECTOR_BYTES == 64
#define ND_HALVE16(a)                                                                              \
  ((ND_NARROW8)(__builtin_shufflevector(a, a, 0, 1, 2, 3, 4, 5, 6, 7) +                            \
                __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15)))
#else
#define ND_HALVE16(a) (a)
#endif
#if ND_VECTOR_BYTES >= 32
static inline ND_NARROW4 V_halve8(ND_NARROW8 a) {
  return __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
}
#else
#define V_halve8(a) (a)
#endif
static inline T V_sum(V a) {
  const ND_NARROW4 four = V_halve8(ND_HALVE16(a));
  const ND_NARROW4 two = four + __builtin_shufflevector(four, four, 2, 3, 0, 1);
  return two[0] + two[1];
}
#else
static inline T V_sum(V a) {
  return W_sum(a);
}
#endif

#endif
