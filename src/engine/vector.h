/* The vector type V of one level of processor and one precision, and the names that the `vector`
 * expressions of expr/ops.def are written in.
 *
 * A file that includes this is compiled once a level and precision (build.cmake), with
 * ND_LEVEL_avx512, ND_LEVEL_avx2 or ND_LEVEL_baseline and, for float32, ND_SINGLE defined. T is the
 * type of a lane, V holds ND_LANES of them, M is the integer vector of a comparison: all bits of a
 * lane, or none.
 *
 * Elementary functions are SLEEF's deterministic ones (Shibata and Petrogalli 2020): Sleef_finz_*
 * where the processor has fused multiply-add (avx2, avx512, aarch64: the same bits on each),
 * Sleef_cinz_* on x86 without it (other bits: the promise of equal bits is for one level). V_fma is
 * one rounding on the former and two on the latter; nothing else is ever contracted
 * (-ffp-contract=off). Truth values are 1 and 0. libm is forbidden here, except through V_each2 for
 * the few functions that SLEEF lacks. */
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
/* V where it stands in memory: at any T */
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

/* ---- vectors of doubles, whatever T is: for what is kept in double ---- */
#define ND_WIDE_LANES (ND_VECTOR_BYTES / sizeof(double))
typedef double W __attribute__((vector_size(ND_VECTOR_BYTES)));
typedef double WU __attribute__((vector_size(ND_VECTOR_BYTES), aligned(sizeof(double)), may_alias));
static inline W W_load(const double *at) {
  return *(const WU *)at;
}
static inline void W_store(double *at, W a) {
  *(WU *)at = a;
}
static inline W W_fma(W a, W b, W c) {
#if defined(ND_LEVEL_avx512)
  return (W)_mm512_fmadd_pd(a, b, c);
#elif defined(ND_LEVEL_avx2)
  return (W)_mm256_fmadd_pd(a, b, c);
#elif defined(__aarch64__)
  return (W)vfmaq_f64(c, a, b);
#else
  return a * b + c;
#endif
}

/* The lanes of a as doubles. */
static inline void V_widen(W *wide, V a) {
#ifdef ND_SINGLE
  typedef float NARROW __attribute__((vector_size(ND_VECTOR_BYTES / 2)));
  union {
    V all;
    NARROW half[2];
  } u = {a};
  wide[0] = __builtin_convertvector(u.half[0], W);
  wide[1] = __builtin_convertvector(u.half[1], W);
#else
  wide[0] = a;
#endif
}

/* The sum of the lanes by halves, in registers. */
typedef double ND_WIDE2 __attribute__((vector_size(16)));
#if ND_VECTOR_BYTES == 64
typedef double ND_WIDE4 __attribute__((vector_size(32)));
#define ND_HALVE8(a)                                                                               \
  ((ND_WIDE4)(__builtin_shufflevector(a, a, 0, 1, 2, 3) +                                          \
              __builtin_shufflevector(a, a, 4, 5, 6, 7)))
#else
#define ND_HALVE8(a) (a)
#endif
#if ND_VECTOR_BYTES >= 32
#define ND_HALVE4(a)                                                                               \
  ((ND_WIDE2)(__builtin_shufflevector(a, a, 0, 1) + __builtin_shufflevector(a, a, 2, 3)))
#else
#define ND_HALVE4(a) (a)
#endif
static inline double W_sum(W a) {
  const ND_WIDE2 two = ND_HALVE4(ND_HALVE8(a));
  return two[0] + two[1];
}

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

/* ---- elementary functions ---- */
#define ND_VECTOR_FUNCTION(name, sleef, accuracy)                                                  \
  static inline V V_##name(V a) {                                                                  \
    return ND_SLEEF(sleef, accuracy)(a);                                                           \
  }
ND_VECTOR_FUNCTION(cbrt, cbrt, u10)
ND_VECTOR_FUNCTION(exp, exp, u10)
ND_VECTOR_FUNCTION(expm1, expm1, u10)
ND_VECTOR_FUNCTION(log, log, u10)
ND_VECTOR_FUNCTION(log2, log2, u10)
ND_VECTOR_FUNCTION(log10, log10, u10)
ND_VECTOR_FUNCTION(log1p, log1p, u10)
ND_VECTOR_FUNCTION(sin, sin, u10)
ND_VECTOR_FUNCTION(cos, cos, u10)
ND_VECTOR_FUNCTION(tan, tan, u10)
ND_VECTOR_FUNCTION(asin, asin, u10)
ND_VECTOR_FUNCTION(acos, acos, u10)
ND_VECTOR_FUNCTION(atan, atan, u10)
ND_VECTOR_FUNCTION(sinh, sinh, u10)
ND_VECTOR_FUNCTION(cosh, cosh, u10)
ND_VECTOR_FUNCTION(tanh, tanh, u10)
ND_VECTOR_FUNCTION(moderate_asinh, asinh, u10)
ND_VECTOR_FUNCTION(moderate_acosh, acosh, u10)
ND_VECTOR_FUNCTION(atanh, atanh, u10)
ND_VECTOR_FUNCTION(erf, erf, u10)
ND_VECTOR_FUNCTION(erfc, erfc, u15)
ND_VECTOR_FUNCTION(lgamma, lgamma, u10)
#undef ND_VECTOR_FUNCTION
/* SLEEF squares the argument of these two: beyond where a^2 + 1 is a^2 they are log(2 a). */
static inline V V_asinh(V a) {
  const V size = V_abs(a), large = V_log(size) + V_set(0.69314718055994530942);
  const M sign = (M)a & (M)V_set(-0.0);
  return V_where(size > V_set(1e10), (V)((M)large | sign), V_moderate_asinh(a));
}
static inline V V_acosh(V a) {
  const V large = V_log(a) + V_set(0.69314718055994530942);
  return V_where(a > V_set(1e10), large, V_moderate_acosh(a));
}
static inline V V_pow(V a, V b) {
  return ND_SLEEF(pow, u10)(a, b);
}
static inline V V_atan2(V a, V b) {
  return ND_SLEEF(atan2, u10)(a, b);
}
static inline V V_hypot(V a, V b) {
  return ND_SLEEF(hypot, u05)(a, b);
}

/* log(1 + e) for 0 <= e <= 1, as e + e^2 Q(e). Q interpolates (log1p(e) - e) / e^2 at Chebyshev's
 * points: within 2^-28 (float) and 2^-59 (double) of log1p; what is left is rounding, about 1 ulp.
 * NaN of NaN. */
static inline V V_log1p_of_unit(V e) {
#ifdef ND_SINGLE
  static const T q[] = {-0.4999999952f,  0.3333323735f,  -0.2499675991f,  0.1995670795f,
                        -0.1636515287f,  0.1303336424f,  -0.09139413774f, 0.04930997343f,
                        -0.01718426698f, 0.002801641993f};
#else
  static const T q[] = {
      -0.4999999999999999984,   0.3333333333333317647,   -0.2499999999997462097,
      0.1999999999836121065,    -0.166666666103281294,   0.1428571309279155084,
      -0.1249998301972186741,   0.1111093896046756638,   -0.09998705428075006533,
      0.09083470413958531541,   -0.08299931758127771854, 0.07573035633807378046,
      -0.06799320385322371167,  0.05858685252957078864,  -0.04679818254989310534,
      0.03327845491726436019,   -0.02017966804333912691, 0.009968982838076881673,
      -0.003804651725317969306, 0.001043354876634814025, -0.0001818830325500264994,
      0.00001507843780222620966};
#endif
  const size_t terms = sizeof q / sizeof *q; /* even */
  const V square = e * e;
  V even = V_set((double)q[terms - 2]), odd = V_set((double)q[terms - 1]);
  for (size_t k = terms - 2; k > 0; k -= 2) {
    even = V_fma(even, square, V_set((double)q[k - 2]));
    odd = V_fma(odd, square, V_set((double)q[k - 1]));
  }
  return V_fma(square, V_fma(odd, e, even), e);
}
/* softplus and sigmoid share e = exp(-|a|). */
static inline V V_softplus_by(V a, V e) {
  return V_where(a > V_set(0), a, V_set(0)) + V_log1p_of_unit(e); /* NaN by way of e */
}
static inline V V_softplus(V a) {
  return V_softplus_by(a, V_exp(-V_abs(a)));
}
static inline V V_sigmoid_by(V a, V e) {
  return V_where(a < V_set(0), e, V_set(1)) / (V_set(1) + e);
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
