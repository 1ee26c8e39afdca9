/* elementwise: instructions over accumulators from the rows of ops.def, and the table of a level's kernels.
 *
 * Each kernel has two forms, over a group of vectors and over one, which give the same bits. It ends by a call of the
 * next, which compilers make a jump; where they do not, instructions.c keeps chains short. Operands that are one for all rows
 * have step 0. n-ary operators have their two-argument form here; code.c chains it. */
#include "instruction.h"

/* The accumulators become `value` of them in a and of the operands in b and c: what is light in registers
 * throughout, what is heavy in a loop. */
#define ND_ONE(k, value)                                                                           \
  {                                                                                                \
    const V a = a##k, b = V_load(x + (k)*x_step), c = V_load(y + (k)*y_step);                      \
    (void)a, (void)b, (void)c;                                                                     \
    a##k = value;                                                                                  \
  }
#define ND_GROUP_light(name, value)                                                                \
  ND_GROUP_HEAD(name) {                                                                            \
    ND_TAKE_OPERANDS;                                                                              \
    ND_ONE(0, value) ND_ONE(1, value) ND_ONE(2, value) ND_ONE(3, value)                            \
    ND_ONE(4, value) ND_ONE(5, value) ND_ONE(6, value) ND_ONE(7, value)                            \
    ND_NEXT_OF_GROUP(ND_ALL_OF_GROUP);                                                             \
  }
#define ND_GROUP_heavy(name, value)                                                                \
  ND_GROUP_HEAD(name) {                                                                            \
    ND_TAKE_OPERANDS;                                                                              \
    V all[ND_GROUP] = {ND_ALL_OF_GROUP};                                                           \
    for (size_t k = 0; k < ND_GROUP; k++) {                                                        \
      const V a = all[k], b = V_load(x + k * x_step), c = V_load(y + k * y_step);                  \
      (void)a, (void)b, (void)c;                                                                   \
      all[k] = value;                                                                              \
    }                                                                                              \
    ND_NEXT_OF_GROUP(all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7]);              \
  }
#define ND_KERNEL(cost, name, value)                                                               \
  ND_GROUP_##cost(name, value) ND_VECTOR_HEAD(name) {                                              \
    ND_TAKE_OPERANDS;                                                                              \
    ND_ONE(0, value)                                                                               \
    ND_NEXT_OF_VECTOR(a0);                                                                         \
  }
#define ND_OP(id, name, least, most, usage, help, latex, derivative, smooth, sign, monotone,       \
              curvature, domain, cost, scalar, vector)                                             \
  ND_INLINE V one_##id(V a, V b, V c) {                                                            \
    (void)a, (void)b, (void)c;                                                                     \
    return vector;                                                                                 \
  }                                                                                                \
  ND_KERNEL(cost, id, one_##id(a, b, c))                                                           \
  ND_KERNEL(cost, reversed_##id, one_##id(b, a, c))
#include "expr/ops.def"

/* Powers by a number that is small and whole, without pow. */
ND_KERNEL(light, square, a *a)
ND_KERNEL(light, cube, a *a *a)
ND_KERNEL(light, fourth, (a * a) * (a * a))
ND_KERNEL(light, inverse, V_set(1) / a)
ND_KERNEL(light, inverse_square, (V_set(1) / a) * (V_set(1) / a))

/* Two results, the second stored: a loss with its derivative. */
ND_INLINE V softplus_sigmoid(V a, T *sigmoid) {
  const V e = V_exp_of_negative(-V_abs(a));
  V_store(sigmoid, V_sigmoid_by(a, e));
  return V_softplus_by(a, e);
}
ND_GROUP_HEAD(softplus_sigmoid) {
  T *x = place(&operands[now->x], at);
  V all[ND_GROUP] = {ND_ALL_OF_GROUP};
  for (size_t k = 0; k < ND_GROUP; k++)
    all[k] = softplus_sigmoid(all[k], x + k * ND_LANES);
  ND_NEXT_OF_GROUP(all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7]);
}
ND_VECTOR_HEAD(softplus_sigmoid) {
  a0 = softplus_sigmoid(a0, place(&operands[now->x], at));
  ND_NEXT_OF_VECTOR(a0);
}

ND_KERNEL(light, load, b)

#define ND_STORE(k) V_store(x + (k)*ND_LANES, a##k)
ND_GROUP_HEAD(store) {
  T *x = place(&operands[now->x], at);
  ND_STORE(0), ND_STORE(1), ND_STORE(2), ND_STORE(3);
  ND_STORE(4), ND_STORE(5), ND_STORE(6), ND_STORE(7);
  ND_NEXT_OF_GROUP(ND_ALL_OF_GROUP);
}
ND_VECTOR_HEAD(store) {
  T *x = place(&operands[now->x], at);
  ND_STORE(0);
  ND_NEXT_OF_VECTOR(a0);
}

#define ND_WEIGH(k) V weighed##k = a##k * V_load(y + (k)*y_step)
#define ND_CUT(k) weighed##k = of_rows(weighed##k, k, left)
#define ND_ADD(k) sum[(k) % ND_PARTS] += weighed##k
#define ND_ADD_GROUP                                                                               \
  ND_TAKE_OPERANDS;                                                                                \
  V sum[ND_PARTS];                                                                                 \
  for (size_t part = 0; part < ND_PARTS; part++)                                                   \
    sum[part] = V_load(x + part * ND_LANES);                                                       \
  ND_WEIGH(0);                                                                                     \
  ND_WEIGH(1);                                                                                     \
  ND_WEIGH(2);                                                                                     \
  ND_WEIGH(3);                                                                                     \
  ND_WEIGH(4);                                                                                     \
  ND_WEIGH(5);                                                                                     \
  ND_WEIGH(6);                                                                                     \
  ND_WEIGH(7);                                                                                     \
  if (left < ND_GROUP * ND_LANES) {                                                                \
    ND_CUT(0), ND_CUT(1), ND_CUT(2), ND_CUT(3), ND_CUT(4), ND_CUT(5), ND_CUT(6), ND_CUT(7);        \
  }                                                                                                \
  ND_ADD(0), ND_ADD(1), ND_ADD(2), ND_ADD(3), ND_ADD(4), ND_ADD(5), ND_ADD(6), ND_ADD(7);          \
  for (size_t part = 0; part < ND_PARTS; part++)                                                   \
    V_store((T *)x + part * ND_LANES, sum[part])
#define ND_ADD_VECTOR                                                                              \
  ND_TAKE_OPERANDS;                                                                                \
  T *sum = (T *)x + at % ND_PARTS * ND_LANES;                                                      \
  ND_WEIGH(0);                                                                                     \
  if (left < ND_LANES) ND_CUT(0);                                                                  \
  V_store(sum, V_load(sum) + weighed0)
ND_GROUP_HEAD(add) {
  ND_ADD_GROUP;
  ND_NEXT_OF_GROUP(ND_ALL_OF_GROUP);
}
ND_VECTOR_HEAD(add) {
  ND_ADD_VECTOR;
  ND_NEXT_OF_VECTOR(a0);
}
/* The same, and what was added is in the accumulators. */
ND_GROUP_HEAD(add_weighed) {
  ND_ADD_GROUP;
  ND_NEXT_OF_GROUP(weighed0, weighed1, weighed2, weighed3, weighed4, weighed5, weighed6, weighed7);
}
ND_VECTOR_HEAD(add_weighed) {
  ND_ADD_VECTOR;
  ND_NEXT_OF_VECTOR(weighed0);
}

ND_GROUP_HEAD(end) {
  (void)operands, (void)at, (void)left;
  (void)a0, (void)a1, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7;
  return now + 1;
}
ND_VECTOR_HEAD(end) {
  (void)operands, (void)at, (void)left, (void)a0;
  return now + 1;
}

void ND_AT_LEVEL(run)(const nd_instruction *first, const nd_instruction *end,
                      const nd_operand *operands, size_t rows) {
  const V none = V_set(0);
  size_t at = 0;
  for (; first->kernel.group && rows - at * ND_LANES > (ND_GROUP - 1) * ND_LANES; at += ND_GROUP) {
    for (const nd_instruction *now = first; now < end;)
      now = ((group_kernel *)now->kernel.group)(now, operands, at, rows - at * ND_LANES, none, none,
                                                none, none, none, none, none, none);
    if (rows <= (at + ND_GROUP) * ND_LANES) return;
  }
  for (; at * ND_LANES < rows; at++)
    for (const nd_instruction *now = first; now < end;)
      now = ((vector_kernel *)now->kernel.vector)(now, operands, at, rows - at * ND_LANES, none);
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

static void scale(double *to, nd_numbers x, size_t n, double center, double width) {
  if (x.type == NADIR_FLOAT32)
    for (size_t i = 0; i < n; i++)
      to[i] = ((double)((const float *)x.at)[i] - center) / width;
  else
    for (size_t i = 0; i < n; i++)
      to[i] = (((const double *)x.at)[i] - center) / width;
}

static void drain(double *to, void *from, size_t n) {
  T *at = from;
  for (size_t i = 0; i < n; i++) {
    to[i] += (double)at[i];
    at[i] = 0;
  }
}

/* The lanes of a line as doubles, by halves. */
static double add_line(const void *line) {
  return sum_line(line);
}

static double weigh(void *r, const nd_operand *value, const nd_operand *weight, size_t rows) {
  const T *v = value->at, *w = weight->at;
  V sum[ND_PARTS];
  for (size_t part = 0; part < ND_PARTS; part++)
    sum[part] = V_set(0);
  for (size_t at = 0; at < rows; at += ND_LINE)
    for (size_t part = 0; part < ND_PARTS; part++, v += value->step, w += weight->step) {
      V product = V_load(v) * V_load(w);
      const size_t begin = at + part * ND_LANES;
      if (begin + ND_LANES > rows)
        for (size_t lane = 0; lane < ND_LANES; lane++)
          if (begin + lane >= rows) product[lane] = 0;
      V_store((T *)r + begin, product);
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
  [ND_##id] = ND_KERNEL_OF(id),
#include "expr/ops.def"
        },
    .reversed =
        {
#define ND_OP(id, name, least, most, usage, help, latex, derivative, smooth, sign, monotone,       \
              curvature, domain, cost, scalar, vector)                                             \
  [ND_##id] = ND_KERNEL_OF(reversed_##id),
#include "expr/ops.def"
        },
    .square = ND_KERNEL_OF(square),
    .cube = ND_KERNEL_OF(cube),
    .fourth = ND_KERNEL_OF(fourth),
    .inverse = ND_KERNEL_OF(inverse),
    .inverse_square = ND_KERNEL_OF(inverse_square),
    .softplus_sigmoid = ND_KERNEL_OF(softplus_sigmoid),
    .load = ND_KERNEL_OF(load),
    .store = ND_KERNEL_OF(store),
    .end = ND_KERNEL_OF(end),
    .add = ND_KERNEL_OF(add),
    .add_weighed = ND_KERNEL_OF(add_weighed),
    .run = ND_AT_LEVEL(run),
    .drain = drain,
    .sum_line = add_line,
    .fill = fill,
    .narrow = narrow,
    .widen = widen,
    .scale = scale,
    .weigh = weigh,
    .eta_of_picked = ND_AT_LEVEL(eta_of_picked),
    .sum_of_picked = ND_AT_LEVEL(sum_of_picked),
    .fold = ND_AT_LEVEL(fold),
#ifndef ND_SINGLE
    .pairs = &ND_AT_LEVEL(pairs),
#endif
    .scalars = ND_AT_LEVEL(scalars),
    .descend = ND_AT_LEVEL(descend),
    .panels = &ND_AT_LEVEL(panels),
    .by_rows = &ND_AT_LEVEL(by_rows),
};
