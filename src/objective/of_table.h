/* The objective of a table's rows (of_table.c), for what else passes over the rows. */
#ifndef ND_OF_TABLE_H
#define ND_OF_TABLE_H

#include "objective/objective.h"
#include "rows/blocks.h"

/* A loss that is not a sum over rows of the engine's (joint.h). */
typedef struct nd_joint nd_joint;

typedef struct nd_table_objective {
  nd_objective face;
  nd_joint *joint; /* what its problem is made of in place of the blocks; NULL: these */
  nd_model *model;
  nd_data *data;
  nd_pool *pool;
  double *ridge, *l1; /* by parameter, or NULL */
  char **names;
  double scale;      /* 1/W, or 1 for --reduce sum */
  bool apart;        /* batches are of parts, each rank with its own */
  const size_t *chunk; /* of a sample: those that it has, in order; NULL: all */
  size_t chunks;
  double noise; /* of the sample's last gradient */
  nd_block **window; /* by block: those now at hand, where not all rows are in memory; else NULL */
  uint32_t *wanted;  /* by block: number of the call that last wanted it */
  uint32_t call;
  double *curved; /* the point of the last Hessian, then it; NULL before the first */
  double *sloped; /* the point of the last gradient, then the loss and it (of a sample another sum), ... */
  bool slope_is_known; /* ... if there was one */
  double *rounded,
      rounding; /* the point of the last triangle, and the rounding of the loss there */
  nd_node
      *affine; /* of a formula that is affine in its parameters: its derivatives, its value at 0 */
} nd_table_objective;

/* What is behind the face; NULL of an objective of another kind. */
nd_table_objective *nd_rows_of(const nd_objective *objective);

/* ---- formulas over packed rows (row_program.c) ---- */
/* Of a model without heads: nodes over its columns, target and free parameters, which are w. */
typedef struct nd_row_program nd_row_program;
nadir_status nd_row_program_new(nd_row_program **program, const nd_table_objective *self,
                                const nd_node *nodes, size_t count, const double *w,
                                nadir_error *error);
void nd_row_program_at(nd_row_program *program, const double *w); /* from now on at these parameters */
void nd_row_program_free(nd_row_program *program);
/* Their values by node and row, good until the next run. */
double *const *nd_row_program_run(nd_row_program *program, const nd_packed *packed);

#endif
