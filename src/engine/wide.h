/* Vectors of doubles, whatever T is, for what is kept in double: of the same bytes as V. Part of vector.h, which has
 * defined T and V. */
#ifndef ND_WIDE_H
#define ND_WIDE_H

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

static inline W W_sqrt(W a) {
#if defined(ND_LEVEL_avx512)
  return (W)_mm512_sqrt_pd(a);
#elif defined(ND_LEVEL_avx2)
  return (W)_mm256_sqrt_pd(a);
#elif defined(__x86_64__)
  return (W)_mm_sqrt_pd(a);
#else
  return (W)vsqrtq_f64(a);
#endif
}

static inline W W_abs(W a) {
  typedef int64_t BITS __attribute__((vector_size(ND_VECTOR_BYTES)));
  return (W)((BITS)a & (INT64_MAX - (BITS){0}));
}

/* As many T as W has lanes. By intrinsics where compilers convert a vector in halves. */
static inline W W_from(const T *at) {
#if defined(ND_SINGLE) && defined(ND_LEVEL_avx512)
  return (W)_mm512_cvtps_pd(_mm256_loadu_ps(at));
#elif defined(ND_SINGLE) && defined(ND_LEVEL_avx2)
  return (W)_mm256_cvtps_pd(_mm_loadu_ps(at));
#elif defined(ND_SINGLE)
  typedef float NARROW __attribute__((vector_size(ND_VECTOR_BYTES / 2), aligned(4), may_alias));
  return __builtin_convertvector(*(const NARROW *)at, W);
#else
  return W_load(at);
#endif
}

static inline void W_to(T *at, W a) { /* the same back, rounded to T */
#if defined(ND_SINGLE) && defined(ND_LEVEL_avx512)
  _mm256_storeu_ps(at, _mm512_cvtpd_ps(a));
#elif defined(ND_SINGLE) && defined(ND_LEVEL_avx2)
  _mm_storeu_ps(at, _mm256_cvtpd_ps(a));
#elif defined(ND_SINGLE)
  typedef float NARROW __attribute__((vector_size(ND_VECTOR_BYTES / 2), aligned(4), may_alias));
  *(NARROW *)at = __builtin_convertvector(a, NARROW);
#else
  W_store(at, a);
#endif
}

/* The lanes of a as doubles. */
static inline void V_widen(W *wide, V a) {
#if defined(ND_SINGLE) && defined(ND_LEVEL_avx512)
  wide[0] = (W)_mm512_cvtps_pd(_mm512_castps512_ps256(a));
  wide[1] = (W)_mm512_cvtps_pd((__m256)_mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a), 1)));
#elif defined(ND_SINGLE)
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

#endif
