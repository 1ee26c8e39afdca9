/* Elementary functions of vectors: SLEEF's deterministic ones (Shibata and Petrogalli 2020). Sleef_finz_*
 * where the processor has fused multiply-add (avx2, avx512, aarch64: the same bits on each),
 * Sleef_cinz_* on x86 without it (other bits: the promise of equal bits is for one level). libm is
 * forbidden here, except through V_each2 for the few functions that SLEEF lacks. */
#ifndef ND_ELEMENTARY_H
#define ND_ELEMENTARY_H

#include "engine/vector.h"

#define ND_VECTOR_FUNCTION(name, sleef, accuracy)                                                  \
  static inline V V_##name(V a) {                                                                  \
    return ND_SLEEF(sleef, accuracy)(a);                                                           \
  }
ND_VECTOR_FUNCTION(cbrt, cbrt, u10)
#if !defined(V_FMA_INTRINSIC) || defined(ND_SINGLE)
ND_VECTOR_FUNCTION(exp, exp, u10)
#endif
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
#if defined(V_FMA_INTRINSIC) && !defined(ND_SINGLE)
/* a 2^n of whole n, rounded once where the result is subnormal: n may be twice what a power of two can be. */
static inline V V_scale(V a, V n) {
#ifdef ND_LEVEL_avx512
  return (V)_mm512_scalef_pd(a, n);
#else
  const V magic = V_set(0x1.8p52);
  const M whole = (M)(n + magic) - (M)magic, half = whole >> 1;
  return a * (V)((half + 1023) << 52) * (V)((whole - half + 1023) << 52);
#endif
}
/* SLEEF's exp (Sleef_finz_exp_u10) to the bit, without the call, which costs as much as half of it: 2^n times a
 * polynomial in r = a - n log 2, as Estrin 1960 orders it. */
static inline V V_exp(V a) {
  const V magic = V_set(0x1.8p52), n = (a * V_set(0x1.71547652b82fep+0) + magic) - magic;
  const V r = V_fma(n, V_set(-0x1.3de6af278ece6p-42), V_fma(n, V_set(-0x1.62e42fefa3p-1), a));
  const V r2 = r * r, r4 = r2 * r2, r8 = r4 * r4;
  const V q01 = V_fma(V_set(0x1.55555555554f9p-5), r, V_set(0x1.555555555555ep-3)),
          q23 = V_fma(V_set(0x1.6c16c16c3396bp-10), r, V_set(0x1.111111110e7a5p-7)),
          q45 = V_fma(V_set(0x1.a01a0127f883ap-16), r, V_set(0x1.a01a01b4421fdp-13)),
          q67 = V_fma(V_set(0x1.27e5d38a23654p-22), r, V_set(0x1.71ddef633fb47p-19)),
          q89 = V_fma(V_set(0x1.1e0c670afff06p-29), r, V_set(0x1.af6c36f75740cp-26));
  const V q = V_fma(r8, q89, V_fma(r4, V_fma(r2, q67, q45), V_fma(r2, q23, q01)));
  const V power = V_scale(V_fma(V_fma(V_fma(q, r, V_set(0.5)), r, V_set(1)), r, V_set(1)), n);
  const V finite = V_where(a > V_set(0x1.62e42fe102c83p+9), V_set((double)INFINITY), power);
  return V_where(a < V_set(-1000), V_set(0), finite);
}
#endif
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

/* a b + c of numbers, with one rounding where the level has it. */
static inline T T_fma(T a, T b, T c) {
#if !defined(V_FMA_INTRINSIC)
  return a * b + c;
#elif defined(ND_SINGLE)
  return __builtin_fmaf(a, b, c);
#else
  return __builtin_fma(a, b, c);
#endif
}

/* exp without a call: 2^n times Taylor's polynomial of r = a - n log 2, |r| < 0.35, as Estrin 1960 orders it, for a
 * short chain. Within 2 units of the last place; infinity above and 0 below what has a normal result. The exponent of
 * the polynomial, about 1, grows by n, which the lowest bits of n + ND_EXP_MAGIC hold. begin: r or 1 + r, to
 * which what is left of the series is added: 1 is added last where accuracy counts, first where the chain does. */
#ifdef ND_SINGLE
#define ND_EXP_MOST 88.72283f
#define ND_EXP_LEAST (-87.33654f)
#define ND_EXP_MAGIC 0x1.8p23f
#define ND_EXP_UPPER 0.693359375f /* of log 2 */
#define ND_EXP_LOWER (-2.12194440e-4f)
#define ND_EXP_PER_LOG2 1.44269504f
#define ND_MANTISSA 23
typedef uint32_t ND_BITS __attribute__((vector_size(ND_VECTOR_BYTES)));
/* The terms from r^4 on, over r^4, of which `then` are the first four. */
#define ND_EXP_REST(fma, number, then) (then)
#else
#define ND_EXP_MOST 709.782712893384
#define ND_EXP_LEAST (-708.3964185322641)
#define ND_EXP_MAGIC 0x1.8p52
#define ND_EXP_UPPER 0x1.62e42feep-1
#define ND_EXP_LOWER 1.90821492927058770002e-10
#define ND_EXP_PER_LOG2 1.4426950408889634
#define ND_MANTISSA 52
typedef uint64_t ND_BITS __attribute__((vector_size(ND_VECTOR_BYTES)));
#define ND_EXP_REST(fma, number, then)                                                             \
  fma(r4,                                                                                          \
      fma(r4, fma(r, number(1. / 6227020800), number(1. / 479001600)),                             \
          fma(r2, fma(r, number(1. / 39916800), number(1. / 3628800)),                             \
              fma(r, number(1. / 362880), number(1. / 40320)))),                                   \
      then)
#endif
#define ND_EXP_OF_SMALL(name, N, fma, number)                                                      \
  static inline N name(N r, N begin) {                                                             \
    const N r2 = r * r, r4 = r2 * r2,                                                              \
            first = fma(r2, fma(r, number(1. / 6), number(1. / 2)), begin),                        \
            then = fma(r2, fma(r, number(1. / 5040), number(1. / 720)),                            \
                       fma(r, number(1. / 120), number(1. / 24)));                                 \
    return fma(r4, ND_EXP_REST(fma, number, then), first);                                         \
  }
ND_EXP_OF_SMALL(T_exp_of_small, T, T_fma, (T))
ND_EXP_OF_SMALL(V_exp_of_small, V, V_fma, V_set)
#undef ND_EXP_OF_SMALL
#undef ND_EXP_REST
typedef T FIRST __attribute__((vector_size(16)));
#ifdef ND_SINGLE
typedef uint32_t FIRST_BITS __attribute__((vector_size(16)));
#else
typedef uint64_t FIRST_BITS __attribute__((vector_size(16)));
#endif
static inline T T_exp(T a) {
  if (a > ND_EXP_MOST) return (T)INFINITY;
  if (a < ND_EXP_LEAST) return 0;
  if (a != a) return a;
  const T shifted = T_fma(a, ND_EXP_PER_LOG2, ND_EXP_MAGIC), n = shifted - ND_EXP_MAGIC,
          r = T_fma(-n, ND_EXP_LOWER, T_fma(-n, ND_EXP_UPPER, a));
  const FIRST power = {T_exp_of_small(r, 1 + r)}, exponent = {shifted}; /* vectors: integers would change registers */
  return ((FIRST)((FIRST_BITS)power + ((FIRST_BITS)exponent << ND_MANTISSA)))[0];
}
/* Of a <= 0, or NaN. */
static inline V V_exp_of_negative(V a) {
  const V magic = V_set((double)ND_EXP_MAGIC),
          shifted = V_fma(a, V_set((double)ND_EXP_PER_LOG2), magic), n = shifted - magic,
          r = V_fma(-n, V_set((double)ND_EXP_LOWER), V_fma(-n, V_set((double)ND_EXP_UPPER), a));
  const V power = (V)((ND_BITS)(V_set(1) + V_exp_of_small(r, r)) + ((ND_BITS)shifted << ND_MANTISSA));
  return V_where(a >= V_set((double)ND_EXP_LEAST), power, V_where(a == a, V_set(0), a));
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
  return V_softplus_by(a, V_exp_of_negative(-V_abs(a)));
}
static inline V V_sigmoid_by(V a, V e) {
  return V_where(a < V_set(0), e, V_set(1)) / (V_set(1) + e);
}

#endif
