/* code: nodes of a graph as a straight line of elementwise steps over tiles of rows, in one
 * precision.
 *
 * Leaves are nodes of any kind whose values the caller brings: row values, or one value shared by
 * all rows. What depends on no row leaf is computed once a call by the scalar evaluator, in double;
 * what depends on no leaf at all once a workspace. */
#ifndef ND_CODE_INTERNAL_H
#define ND_CODE_INTERNAL_H

#include "engine.h"
#include "kernels_internal.h"

/* A value that is one for all rows: a leaf, a number, or an operation on earlier ones. */
typedef struct nd_uniform {
  nd_op op; /* ND_NAME: a leaf, already there */
  double number;
  uint32_t first, count; /* of its arguments in nd_code.arguments */
} nd_uniform;

typedef struct nd_spread { /* a uniform value that rows use */
  uint32_t uniform, operand;
} nd_spread;

/* How a code is tied to the features of rows. */
typedef struct nd_code_heads {
  const nd_layout *layout;
  size_t first_eta, etas;       /* row leaves that are etas */
  size_t first_factor, factors; /* outputs that features are multiplied by, except those that are `summed` */
} nd_code_heads;

/* Operands: row leaves, then slots of a tile each, then lines for spread values; where `summed` was given, the weights
 * and a line of sums for each output; of a pass, nd_features of each eta. */
typedef struct nd_code {
  const nd_kernels *kernels;
  nd_step *steps;
  nd_instruction *instructions; /* the steps, and the sums */
  nd_instruction *pass;         /* the same, from features to their sums; NULL: not asked for */
  uint32_t *arguments;
  nd_uniform *uniforms; /* shared leaves, then constants, then what depends on shared leaves */
  nd_spread *spreads;
  uint32_t *outputs; /* operands */
  bool *summed;      /* by output: it is summed, and not to be had row by row */
  bool *reads;       /* by row leaf: whether a step or an output is of it */
  uint32_t weights, features; /* operands; the first of the features */
  size_t step_count, instruction_count, pass_count, argument_count, uniform_count, shared_count, constant_end;
  size_t spread_count;
  size_t row_leaves, slots, operands, output_count, widest;
  size_t sums; /* lines of them: as many as outputs, or none */
} nd_code;

static inline void nd_copy_number(void *to, size_t i, const void *from, size_t j, size_t size) {
  if (size == sizeof(float))
    ((float *)to)[i] = ((const float *)from)[j];
  else
    ((double *)to)[i] = ((const double *)from)[j];
}
static inline void nd_set_number(void *to, size_t i, double value, size_t size) {
  if (size == sizeof(float))
    ((float *)to)[i] = (float)value;
  else
    ((double *)to)[i] = value;
}

typedef struct nd_code_work {
  nd_operand *operands; /* the caller sets .at of row leaves, and the weights, before nd_code_run */
  double *values, *arguments;
  unsigned char *memory; /* slots and lines */
  unsigned char *sums;   /* in it: a line for each output, where `summed` was given */
} nd_code_work;

/* summed: by output; NULL: none. */
nadir_status nd_code_new(nd_code **code, const nd_kernels *kernels, const nd_graph *graph,
                         const nd_node *outputs, const bool *summed, size_t output_count,
                         const nd_leaf *leaves, size_t leaf_count, nadir_error *error);
/* Its instructions (instructions.c), when all else is there. */
nadir_status nd_code_write(nd_code *code, nadir_error *error);
/* What nd_code_pass needs, before a workspace is made. Factors are of a code for which `summed` was given. */
nadir_status nd_code_add_heads(nd_code *code, const nd_code_heads *heads, nadir_error *error);
void nd_code_free(nd_code *code);
nadir_status nd_code_work_new(nd_code_work *work, const nd_code *code, nadir_error *error);
void nd_code_work_clear(nd_code_work *work);
/* New values of the shared leaves, in the order of the list. */
void nd_code_share(const nd_code *code, nd_code_work *work, const double *shared);
/* The same for one row alone: into numbers (T), by operand, where row leaves are put next to them. */
void nd_code_share_number(const nd_code *code, nd_code_work *work, const double *shared,
                          void *numbers);
/* Whether all steps have a scalar form. */
bool nd_code_is_scalar(const nd_code *code);
/* All steps over the first `rows` rows of a tile; what is left of the last vector must be there to be read. */
void nd_code_run(const nd_code *code, nd_code_work *work, size_t rows);
/* The same from the features of the tile's rows and to sums of them, the pass; the caller sets .at of nd_features too. */
void nd_code_pass(const nd_code *code, nd_code_work *work, size_t rows);
static inline const nd_operand *nd_code_output(const nd_code *code, const nd_code_work *work,
                                               size_t i) {
  return &work->operands[code->outputs[i]];
}
/* The weighted sum over those rows of an output that is summed, or was a factor in a pass. */
static inline double nd_code_sum(const nd_code *code, const nd_code_work *work, size_t i) {
  return code->kernels->sum_line(work->sums + i * ND_LINE_BYTES);
}

#endif
