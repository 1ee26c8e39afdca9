/* What the kernels of instructions share: how they are called, for the vectors from `at` on, of which `left` rows are there,
 * and how they call the next. */
#ifndef ND_INSTRUCTION_H
#define ND_INSTRUCTION_H

#include "level.h"

#define ND_OPERANDS const nd_instruction *now, const nd_operand *operands, size_t at, size_t left
typedef const nd_instruction *group_kernel(ND_OPERANDS, V, V, V, V, V, V, V, V);
typedef const nd_instruction *vector_kernel(ND_OPERANDS, V);

#define ND_GROUP_HEAD(name)                                                                        \
  static const nd_instruction *group_##name(ND_OPERANDS, V a0, V a1, V a2, V a3, V a4, V a5, V a6, \
                                            V a7)
#define ND_VECTOR_HEAD(name) static const nd_instruction *vector_##name(ND_OPERANDS, V a0)
#define ND_NEXT_OF_GROUP(...)                                                                      \
  return ((group_kernel *)now[1].kernel.group)(now + 1, operands, at, left, __VA_ARGS__)
#define ND_NEXT_OF_VECTOR(...)                                                                     \
  return ((vector_kernel *)now[1].kernel.vector)(now + 1, operands, at, left, __VA_ARGS__)
#define ND_ALL_OF_GROUP a0, a1, a2, a3, a4, a5, a6, a7

#define ND_KERNEL_OF(name)                                                                         \
  { (nd_function *)group_##name, (nd_function *)vector_##name }

ND_INLINE T *place(const nd_operand *operand, size_t at) {
  return (T *)operand->at + at * operand->step;
}

#define ND_TAKE_OPERANDS                                                                           \
  const T *x = place(&operands[now->x], at), *y = place(&operands[now->y], at);                    \
  const size_t x_step = operands[now->x].step, y_step = operands[now->y].step;                     \
  (void)x_step, (void)y_step

/* Vector k of those that begin at a row: 0 from row `left` on. */
ND_INLINE V of_rows(V a, size_t k, size_t left) {
  M row = {0};
  for (size_t lane = 0; lane < ND_LANES; lane++)
    row[lane] = (I)(k * ND_LANES + lane);
  return V_where(row < (I)left + (M){0}, a, V_set(0));
}

#endif
