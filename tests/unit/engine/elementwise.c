/* Every operator's kernel, of every level and precision, against the scalar expression of its row.
 *
 * SLEEF promises 1 ulp (erfc 1.5; lgamma 1 away from its zeros), libm here is within 1 or 2, and
 * compositions (softplus, logsumexp, sigmoid, huber) add a rounding for each operation: 4 ulp hold
 * for all, 8 where a difference of such values is taken. The reference for float is the double
 * expression at the same float arguments. */
#include "support.h"

#include <float.h>

#if defined(__x86_64__)
/* sleef.h has it where it is compiled for such a processor */
double Sleef_finz_expd1_u10purecfma(double a);
#endif

static const double values[] = {0,
                                -0.0,
                                1,
                                -1,
                                0.5,
                                -0.5,
                                2,
                                -2,
                                3,
                                -3,
                                0.1,
                                -0.1,
                                0.75,
                                7,
                                -7,
                                20,
                                -20,
                                50,
                                -50,
                                1e-3,
                                -1e-3,
                                1e-7,
                                -1e-7,
                                1e3,
                                -1e3,
                                1.25,
                                -1.25,
                                0.99,
                                -0.99,
                                1e-20,
                                1e20,
                                -1e20,
                                (double)INFINITY,
                                -(double)INFINITY,
                                (double)NAN};
enum { VALUES = sizeof values / sizeof values[0], MOST = VALUES * VALUES + 64 + 3 };

static double ulp(double x, bool single) {
  const double size = fabs(x);
  if (single) {
    const float next = nextafterf((float)size, INFINITY);
    return size < (double)FLT_MIN ? (double)FLT_MIN * (double)FLT_EPSILON
                                  : (double)next - (double)(float)size;
  }
  return size < DBL_MIN ? DBL_MIN * DBL_EPSILON : nextafter(size, (double)INFINITY) - size;
}

/* Whether a result is right within `bound` ulp; results below the least normal number may be
 * flushed to zero. */
static bool agrees(double got, double wanted, bool single, double bound) {
  if (isnan(wanted)) return isnan(got);
  const double largest = single ? (double)FLT_MAX : DBL_MAX,
               least = single ? (double)FLT_MIN : DBL_MIN;
  if (fabs(wanted) > largest * (1 - 1e-6))
    return fabs(got) > largest * (1 - 1e-6) && got * wanted > 0;
  if (fabs(wanted) < least) return fabs(got) <= least * (1 + 1e-6);
  return fabs(got - wanted) <= bound * ulp(wanted, single);
}

/* Fills the arguments of all rows; gives their number. Three arguments: the first is a truth value.
 */
static size_t fill(size_t arity, bool single, double (*in)[MOST]) {
  size_t n = 0;
  for (size_t i = 0; i < VALUES; i++)
    for (size_t j = 0; j < (arity > 1 ? VALUES : 1); j++, n++) {
      in[0][n] = arity == 3 ? (double)((i + j) % 2) : values[i];
      in[1][n] = values[j], in[2][n] = values[i];
    }
  nd_random random = nd_random_stream(1, ND_FOR_TEST, arity, 0);
  for (; n % 64 != 0; n++)
    for (size_t a = 0; a < 3; a++)
      in[a][n] = arity == 3 && a == 0 ? (double)(n % 2) : 3 * nd_random_normal(&random);
  for (size_t a = 0; a < 3 && single; a++)
    for (size_t i = 0; i < n; i++)
      in[a][i] = (double)(float)in[a][i];
  return n;
}

/* Over rows [0, n), in groups of vectors; single vectors must give the same bits. reversed: b comes in the accumulators. */
static void run(const nd_kernels *k, nd_kernel kernel, bool reversed, size_t n, double (*in)[MOST],
                double *out) {
  static double memory[4][MOST + 16];
  nd_operand operands[4];
  for (size_t a = 0; a < 3; a++)
    k->narrow(memory[a], in[a], n, n);
  for (size_t a = 0; a < 4; a++)
    operands[a] = (nd_operand){memory[a], k->lanes};
  const nd_instruction instructions[] = {{k->load, reversed ? 1 : 0, 0},
                                         {kernel, reversed ? 0 : 1, 2},
                                         {k->store, 3, 0},
                                         {k->end, 0, 0}};
  const nd_instruction *end = instructions + ND_COUNT(instructions);
  k->run(instructions, end, operands, n);
  k->widen(out, memory[3], n);
  double single[(ND_GROUP - 1) * 16];
  const size_t rows = (ND_GROUP - 1) * k->lanes;
  k->run(instructions, end, operands, rows);
  k->widen(single, memory[3], rows);
  for (size_t i = 0; i < rows && i < n; i++)
    if (!isnan(out[i])) assert_memory_equal(&out[i], &single[i], sizeof out[i]);
}

typedef struct rule {
  nd_op op;
  double bound;
} rule;
/* More than 4 ulp, with the reason. */
static const rule loose[] = {
    {ND_LGAMMA, 64},    /* near its zeros, where SLEEF promises 1e-15 absolutely */
    {ND_LOGSUMEXP, 64}, /* near a + log1p(exp(b - a)) = 0 the sum cancels */
};

static double bound_of(nd_op op) {
  for (size_t i = 0; i < ND_COUNT(loose); i++)
    if (loose[i].op == op) return loose[i].bound;
  return 4;
}

/* Where the operator is not defined, or beyond what floats can be asked: no comparison. */
static bool is_asked(nd_op op, bool single, double a, double b) {
  if (op == ND_AND || op == ND_OR || op == ND_NOT)
    return (a == 0 || a == 1) && (op == ND_NOT || b == 0 || b == 1);
  if (op == ND_POLYGAMMA) return b > -10 && b < 1e6;
  if (op == ND_LGAMMA) return !single || fabs(a) < 1e6;
  if (op == ND_MOD) return !single; /* the same function, rounded from double */
  return true;
}

/* The number of wrong values. */
static size_t check(const nd_kernels *k, const char *level, bool single, nd_op op, size_t arity) {
  static double in[3][MOST], out[MOST], reversed[MOST];
  const size_t n = fill(arity, single, in);
  size_t wrong = 0;
  run(k, k->ops[op], false, n, in, out);
  run(k, k->reversed[op], true, n, in, reversed);
  for (size_t i = 0; i < n; i++) {
    const double arguments[3] = {in[0][i], in[1][i], in[2][i]};
    if (!is_asked(op, single, arguments[0], arguments[1])) continue;
    const double wanted = nd_op_value(op, arguments, arity);
    if (arity == 2 && !isnan(out[i]) && memcmp(&out[i], &reversed[i], sizeof out[i]) != 0)
      fail_msg("%s %s: %.17g, reversed %.17g", level, nd_op_about(op)->usage, out[i], reversed[i]);
    if (agrees(out[i], wanted, single, bound_of(op))) continue;
    print_error("%s %s %s(%g, %g, %g): %.17g, not %.17g\n", level, single ? "single" : "double",
                nd_op_about(op)->usage, arguments[0], arguments[1], arguments[2], out[i], wanted);
    wrong++;
  }
  return wrong;
}

static void every_operator(void **state) {
  (void)state;
  size_t wrong = 0;
  for (size_t l = 0; l < ND_COUNT(test_levels); l++)
    for (int single = 0; single < 2; single++) {
      const nd_kernels *k = nd_kernels_at(test_levels[l], single);
      if (!k) continue;
      for (int op = 0; op < ND_OPS; op++) {
        const nd_op_info *about = nd_op_about((nd_op)op);
        if (!about || about->most == 0) continue;
        wrong +=
            check(k, test_levels[l], single, (nd_op)op, about->most == ND_MANY ? 2 : about->most);
      }
    }
  assert_int_equal(wrong, 0);
}

/* Powers by whole numbers, which the compiler of programs takes in place of pow. */
static void powers(void **state) {
  (void)state;
  static double in[3][MOST], out[MOST];
  for (size_t l = 0; l < ND_COUNT(test_levels); l++)
    for (int single = 0; single < 2; single++) {
      const nd_kernels *k = nd_kernels_at(test_levels[l], single);
      if (!k) continue;
      const nd_kernel kernels[] = {k->square, k->cube, k->fourth, k->inverse, k->inverse_square};
      static const double by[] = {2, 3, 4, -1, -2};
      const size_t n = fill(1, single, in);
      for (size_t p = 0; p < ND_COUNT(by); p++) {
        run(k, kernels[p], false, n, in, out);
        for (size_t i = 0; i < n; i++)
          if (!agrees(out[i], pow(in[0][i], by[p]), single, 4))
            fail_msg("%s: %g^%g = %.17g", test_levels[l], in[0][i], by[p], out[i]);
      }
    }
}

enum { SWEEP = 4096 };

/* softplus alone and with sigmoid, over a dense sweep of arguments. exp is within 1 ulp and its
 * error reaches the result by a factor of at most 1; rounding adds less than 2 ulp. */
static void softplus_and_sigmoid(void **state) {
  (void)state;
  static double in[SWEEP], memory[4][SWEEP], out[2][SWEEP], alone[SWEEP];
  for (size_t l = 0; l < ND_COUNT(test_levels); l++)
    for (int single = 0; single < 2; single++) {
      const nd_kernels *k = nd_kernels_at(test_levels[l], single);
      if (!k) continue;
      for (size_t i = 0; i < SWEEP; i++) {
        in[i] = ((double)i - SWEEP / 2) * (i % 3 == 0 ? 0.0371 : 0.0013);
        if (single) in[i] = (double)(float)in[i];
      }
      k->narrow(memory[0], in, SWEEP, SWEEP);
      nd_operand operands[4];
      for (size_t a = 0; a < 4; a++)
        operands[a] = (nd_operand){memory[a], k->lanes};
      const nd_instruction instructions[] = {
          {k->load, 0, 0}, {k->ops[ND_SOFTPLUS], 0, 0}, {k->store, 3, 0},
          {k->load, 0, 0}, {k->softplus_sigmoid, 1, 0}, {k->store, 2, 0},
          {k->end, 0, 0}};
      k->run(instructions, instructions + ND_COUNT(instructions), operands, SWEEP);
      k->widen(out[0], memory[2], SWEEP), k->widen(out[1], memory[1], SWEEP);
      k->widen(alone, memory[3], SWEEP);
      for (size_t i = 0; i < SWEEP; i++) {
        const double softplus = nd_op_value(ND_SOFTPLUS, &in[i], 1),
                     sigmoid = nd_op_value(ND_SIGMOID, &in[i], 1);
        if (!agrees(out[0][i], softplus, single, 3) || !agrees(out[1][i], sigmoid, single, 3) ||
            memcmp(&alone[i], &out[0][i], sizeof alone[i]) != 0)
          fail_msg("%s %s at %.17g: softplus %.17g (alone %.17g, not %.17g), sigmoid %.17g "
                   "(not %.17g)",
                   test_levels[l], single ? "single" : "double", in[i], out[0][i], alone[i],
                   softplus, out[1][i], sigmoid);
      }
    }
}

/* Where levels have fused multiply-add their exp is SLEEF's to the bit, though written out: whole range, results that
 * are subnormal, and what is beyond. */
static void exp_is_sleefs(void **state) {
  (void)state;
#if defined(__x86_64__)
  static double in[3][MOST], out[MOST];
  nd_random random = nd_random_stream(1, ND_FOR_TEST, 0, 0);
  for (size_t l = 0; l < 2; l++) {
    const nd_kernels *k = nd_kernels_at(test_levels[l], false);
    for (int round = 0; k && round < 100; round++) {
      const double center = round % 4 == 0 ? -720 : round % 4 == 1 ? 709.782 : 0;
      const double width = round % 4 == 0 ? 60 : round % 4 == 1 ? 0.01 : round % 4 == 2 ? 800 : 1;
      for (size_t i = 0; i < MOST; i++)
        in[0][i] = i < VALUES ? values[i] : center + width * (2 * nd_random_uniform(&random) - 1);
      run(k, k->ops[ND_EXP], false, MOST, in, out);
      for (size_t i = 0; i < MOST; i++) {
        const double wanted = Sleef_finz_expd1_u10purecfma(in[0][i]);
        if (!isnan(wanted) && memcmp(&wanted, &out[i], sizeof wanted) != 0)
          fail_msg("%s: exp(%a) = %a, SLEEF's %a", test_levels[l], in[0][i], out[i], wanted);
        if (isnan(wanted)) assert_true(isnan(out[i]));
      }
    }
  }
#endif
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_operator), cmocka_unit_test(powers),
                                     cmocka_unit_test(softplus_and_sigmoid),
                                     cmocka_unit_test(exp_is_sleefs)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
