/* The rows of a fit as blocks, and sums over blocks: what data.c, scale.c and reduce.c make, and what
 * every pass over rows goes through. */
#ifndef ND_BLOCKS_H
#define ND_BLOCKS_H

#include "base/dense.h"
#include "base/listener.h"
#include "rows/rows.h"

/* ---- passes over blocks, shared among threads and ranks (reduce.c) ---- */
typedef struct nd_reduction nd_reduction;
struct nd_reduction {
  size_t blocks, bytes; /* of one partial result */
  /* Sets `out` (zeroed before) for one block; called by several threads. */
  nadir_status (*block)(void *context, size_t block, size_t worker, void *out, nadir_error *error);
  /* into <- into and more, which may be used up; not for nd_map */
  void (*combine)(const nd_reduction *reduction, void *into, void *more);
  void *context;
};
nadir_status nd_reduce(const nd_reduction *reduction, nd_pool *pool, void *total,
                       nadir_error *error);
/* The same by this rank alone. */
nadir_status nd_reduce_apart(const nd_reduction *reduction, nd_pool *pool, void *total, nadir_error *error);
/* A result for each block, one after the other: each rank computes those of its share, and has all of them then. */
nadir_status nd_map(const nd_reduction *reduction, nd_pool *pool, void *results,
                    nadir_error *error);
/* combine for arrays of doubles */
void nd_combine_sums(const nd_reduction *reduction, void *into, void *more);

/* ---- rows of a chunk, packed (data.c) ---- */
/* Columns of rows + held numbers, training rows first: features, target, weight, then the columns
 * of the tail. In the table's units, floats where the table has them. Where all rows are used, columns
 * are left where they were read. */
typedef struct nd_packed {
  size_t rows, held;
  nd_numbers *column; /* of `own`, where what was copied follows */
  nd_pages own;
} nd_packed;

typedef struct nd_worker {
  nd_model_reader *reader;
  nd_rows_workspace *workspace;
  nd_packed packed;           /* room for nd_table_room rows */
  double *computed;           /* room for a basis, then the model's own f */
  nd_scaled *features, *tail; /* arguments of nd_block_load */
  nd_block *block;            /* while rows are read again at each pass */
  nd_block_store *store;      /* while they are kept: of the blocks that it loaded */
} nd_worker;

struct nd_data {
  nd_model *model;
  const nd_table *table;
  const nd_part *part; /* whose rows these are; NULL: all of the table */
  nd_pool *pool;
  nd_data_counts counts;
  uint64_t positive;        /* training rows of weight above 0 */
  double validation_weight; /* of the validation rows */
  double validate;          /* their fraction of the rows */
  uint64_t seed;
  bool by_batches; /* --batch is not all */
  bool weighted, scaled, hessian;
  const double *drawn; /* weights of the training rows in place of their own, block after block; or NULL */
  bool residuals; /* the loss of a row is `squares` times a sum of squares: rows have a triangle */
  double squares;
  nd_rows *rows;            /* the loss in descent coordinates */
  nd_node *tail;            /* NAME leaves of its columns ... */
  size_t *tail_column;      /* ... and where they are in nd_packed */
  size_t tail_count, width; /* width: columns of nd_packed */
  size_t *packed_model;     /* model column that a packed column is; column_count: it is computed */
  double *ones;             /* the weights of rows that have none */
  size_t blocks, most_blocks; /* of these rows; of any group */
  size_t kept_first, kept_end; /* those that stay in memory here, where there is room */
  uint32_t *block_rows, *held_rows;
  nd_block **block, **held; /* by chunk; NULL: none, or not in memory */
  nd_kept *kept;            /* numbers of a slow table; or NULL */
  nd_worker *workers;
  size_t worker_count;
};

/* The block of chunk b: training or validation rows. It is the worker's own where rows are not
 * in memory: until its next call. *block NULL: it has no rows. */
nadir_status nd_data_block(nd_data *data, size_t b, size_t worker, bool held, nd_block **block,
                           nadir_error *error);
/* Whether block b, or all of them, stay in memory here. */
static inline bool nd_data_keeps(const nd_data *data, size_t b) {
  return data->counts.in_memory && b >= data->kept_first && b < data->kept_end;
}
static inline bool nd_data_keeps_all(const nd_data *data) {
  return data->counts.in_memory && data->kept_first == 0 && data->kept_end == data->blocks;
}
/* Block b read again into a block of the caller's, made where *block is NULL. */
nadir_status nd_data_load(nd_data *data, size_t b, size_t worker, nd_block **block,
                          nadir_error *error);
/* Block b with the model's own f, at model->value, in place of the target. */
nadir_status nd_data_fitted_block(nd_data *data, size_t b, size_t worker, nd_block **block,
                                  nadir_error *error);
/* Which rows of a chunk would be validation rows if they are used. */
void nd_data_mark_held(const nd_data *data, size_t chunk, size_t rows, bool *held);
/* The training rows of a chunk, in the table's units. */
nadir_status nd_data_raw(nd_data *data, size_t chunk, size_t worker, const nd_packed **packed,
                         nadir_error *error);
/* The same read again, and where each of them is in the chunk: room for ND_CHUNK places. */
nadir_status nd_data_ordered(nd_data *data, size_t chunk, size_t worker, const nd_packed **packed,
                             uint16_t *order, nadir_error *error);
static inline size_t nd_packed_target(const nd_data *data) {
  return data->model->feature_count;
}
static inline size_t nd_packed_weight(const nd_data *data) {
  return data->model->feature_count + 1;
}
/* Of the numbers of a packed column, in every chunk (data.c). */
nadir_number_type nd_packed_type(const nd_data *data, size_t column);
/* Feature j of a row in descent coordinates (data.c). */
double nd_prepared_feature(const nd_model *model, const nd_packed *packed, size_t j, size_t row);
static inline double nd_packed_number(const nd_packed *packed, size_t column, size_t row) {
  return nd_number(packed->column[column], row);
}

/* ---- precision (data.c) ---- */
/* A table whose numbers are kept as floats where these hold them exactly: `width` of them a row. */
bool nd_is_large(const nd_table *table, size_t width);

/* ---- scaling (scale.c) ---- */
/* model->scaling and target_scaling from the moments of each feature and the target. */
nadir_status nd_scale_by_moments(nd_model *model, const nd_moments *features,
                                 const nd_moments *target, nd_teller *teller, nadir_error *error);
/* The same from exact quartiles, in two to four passes over the rows for as many features as nd_quartiles_at_once says. */
nadir_status nd_scale_by_quartiles(nd_data *data, uint64_t memory, nd_teller *teller, nadir_error *error);
bool nd_scales_target(const nd_model *model);
/* Where the loss in the target's units is beyond the range of doubles. */
nadir_status nd_warn_of_loss(const nd_model *model, nd_teller *teller, nadir_error *error);

/* ---- the basis of a poly (orthogonalise.c) ---- */
/* Whether the next may set it. */
bool nd_may_have_basis(const nd_model *model);
/* Sets model->basis where the model is a poly with an intercept over rows that differ in x, by a
 * pass over the rows; x: the moments of its first feature. */
nadir_status nd_basis_find(nd_data *data, const nd_moments *x, nadir_error *error);

#endif
