/* elementwise: a loop over the vectors of a tile for each row of ops.def, and the table of a
 * level's kernels.
 *
 * A kernel reads each place before it writes it, so the result may take the place of an argument.
 * Operands that are one for all rows have step 0. n-ary operators have their two-argument form
 * here; code.c chains it. */
#include "level.h"

/* A loop over the vectors of a tile, which asks for memory as long as there is some to be asked for. */
#define ND_EACH_VECTOR(body)                                                                       \
  size_t i = 0;                                                                                    \
  nd_ahead_turns(ahead, vectors);                                                                  \
  for (; i < vectors && ahead->share > 0; i++) {                                                   \
    nd_ahead_ask(ahead);                                                                           \
    body;                                                                                          \
  }                                                                                                \
  for (; i < vectors; i++)                                                                         \
    body

#define ND_OP(id, name, least, most, usage, help, latex, derivative, smooth, sign, monotone,       \
              curvature, domain, cost, scalar, vector)                                             \
  ND_INLINE V one_##id(const T *x, const T *y, const T *z) {                                       \
    const V none = V_set(0), a = (most) >= 1 ? V_load(x) : none, b = (most) >= 2 ? V_load(y) : none, \
            c = (most) == 3 ? V_load(z) : none;                                                    \
    (void)a, (void)b, (void)c;                                                                     \
    return vector;                                                                                 \
  }                                                                                                \
  static void run_##id(const nd_step *step, const nd_operand *operands, size_t vectors,            \
                       nd_ahead *ahead) {                                                          \
    const nd_operand x = operands[step->a], y = operands[step->b], z = operands[step->c];          \
    const T *a = x.at, *b = y.at, *c = z.at;                                                       \
    T *out = (T *)operands[step->out].at;                                                          \
    ND_EACH_VECTOR(V_store(out + i * ND_LANES,                                                     \
                           one_##id(a + i * x.step, b + i * y.step, c + i * z.step)));             \
  }
#include "expr/ops.def"

/* Powers by a number that is small and whole, without pow. */
#define ND_POWER(name, formula)                                                                    \
  static void run_##name(const nd_step *step, const nd_operand *operands, size_t vectors,          \
                         nd_ahead *ahead) {                                                        \
    const nd_operand x = operands[step->a];                                                        \
    T *out = (T *)operands[step->out].at;                                                          \
    ND_EACH_VECTOR({                                                                               \
      const V a = V_load((const T *)x.at + i * x.step);                                            \
      V_store(out + i * ND_LANES, formula);                                                        \
    });                                                                                            \
  }
ND_POWER(square, a *a)
ND_POWER(cube, a *a *a)
ND_POWER(fourth, (a * a) * (a * a))
ND_POWER(inverse, V_set(1) / a)
ND_POWER(inverse_square, (V_set(1) / a) * (V_set(1) / a))
#undef ND_POWER

/* Two results, the second at b: a loss with its derivative. Both are stored after a is read. */
static void run_softplus_sigmoid(const nd_step *step, const nd_operand *operands, size_t vectors,
                                 nd_ahead *ahead) {
  const nd_operand x = operands[step->a];
  T *softplus = (T *)operands[step->out].at, *sigmoid = (T *)operands[step->b].at;
  nd_ahead_turns(ahead, vectors);
  for (size_t i = 0; i < vectors; i++) {
    nd_ahead_ask(ahead);
    const V a = V_load((const T *)x.at + i * x.step), e = V_exp(-V_abs(a));
    V_store(softplus + i * ND_LANES, V_softplus_by(a, e));
    V_store(sigmoid + i * ND_LANES, V_sigmoid_by(a, e));
  }
}

static void fill(void *line, double value) {
  for (size_t part = 0; part < ND_PARTS; part++)
    V_store((T *)line + part * ND_LANES, V_set(value));
}

static void narrow(void *to, const double *from, size_t n, size_t padded) {
  T *out = to;
  for (size_t i = 0; i < n; i++)
    out[i] = (T)from[i];
  for (size_t i = n; i < padded; i++)
    out[i] = out[n - 1];
}

static void widen(double *to, const void *from, size_t n) {
  for (size_t i = 0; i < n; i++)
    to[i] = (double)((const T *)from)[i];
}

static double weigh(void *r, const nd_operand *value, const nd_operand *weight, size_t rows) {
  const T *v = value->at, *w = weight->at;
  const size_t value_step = value->step, weight_step = weight->step;
  T *out = r;
  V sum[ND_PARTS];
  for (size_t part = 0; part < ND_PARTS; part++)
    sum[part] = V_set(0);
  for (size_t at = 0; at < rows; at += ND_LINE)
    for (size_t part = 0; part < ND_PARTS; part++, v += value_step, w += weight_step) {
      V product = V_load(v) * V_load(w);
      const size_t begin = at + part * ND_LANES;
      if (begin + ND_LANES > rows)
        for (size_t lane = 0; lane < ND_LANES; lane++)
          if (begin + lane >= rows) product[lane] = 0;
      V_store(out + begin, product);
      sum[part] += product;
    }
  return sum_line(sum);
}

const nd_kernels ND_AT_LEVEL(kernels) = {
    .size = sizeof(T),
    .lanes = ND_LANES,
    .ops =
        {
#define ND_OP(id, name, least, most, usage, help, latex, derivative, smooth, sign, monotone,       \
              curvature, domain, cost, scalar, vector)                                             \
  [ND_##id] = run_##id,
#include "expr/ops.def"
        },
    .square = run_square,
    .cube = run_cube,
    .fourth = run_fourth,
    .inverse = run_inverse,
    .inverse_square = run_inverse_square,
    .softplus_sigmoid = run_softplus_sigmoid,
    .fill = fill,
    .narrow = narrow,
    .widen = widen,
    .weigh = weigh,
    .eta_of_picked = ND_AT_LEVEL(eta_of_picked),
    .sum_of_picked = ND_AT_LEVEL(sum_of_picked),
    .fold = ND_AT_LEVEL(fold),
#ifndef ND_SINGLE
    .pairs = &ND_AT_LEVEL(pairs),
#endif
    .descend = ND_AT_LEVEL(descend),
    .panels = &ND_AT_LEVEL(panels),
    .by_rows = &ND_AT_LEVEL(by_rows),
};
