/* rows: what nd_rows, its workspace and its blocks are made of. Only run_rows.c, block.c, sums.c,
 * gram.c, factor.c, near.c, stochastic.c and singles.c see this. */
#ifndef ND_ROWS_INTERNAL_H
#define ND_ROWS_INTERNAL_H

#include "code_internal.h"

/* The codes of the tail. Row leaves: stored values, etas (PRODUCT: and X v of each head); shared
 * leaves: the free parameters (PRODUCT: and v of each). */
typedef enum nd_tail {
  ND_TAIL_VALUE,    /* loss */
  ND_TAIL_GRADIENT, /* loss, d/d eta of each head, d/d free of each */
  ND_TAIL_SLOPE,    /* the same without loss */
  ND_TAIL_SECOND,   /* the lower triangle of second derivatives by (etas, free), by rows */
  ND_TAIL_PRODUCT,  /* that matrix times (X v, v) */
  ND_TAIL_RESIDUAL, /* rounding, then each residual with its d/d eta and d/d free */
  ND_TAILS
} nd_tail;

/* What is packed at once: as doubles it stays in the second-level cache. */
enum { ND_PACK_ROWS = 256, ND_PACK_FEATURES = 64 };

struct nd_rows {
  const nd_kernels *kernels, *exact; /* of the rows' precision; of double */
  const nd_layout *layout;
  size_t size, features, tile; /* rows in a tile */
  size_t columns, stored, head_count, free_count, residuals;
  size_t kept; /* the stored value that is the column to keep; SIZE_MAX: none was asked for */
  nd_head *heads;
  size_t *head_at; /* where a head's weights are in nd_rows_workspace.w, in T; [head_count]: all */
  size_t *free_index;
  nd_code *load; /* double: columns -> stored values */
  nd_code *tail[ND_TAILS];
  size_t second_count;  /* outputs of ND_TAIL_SECOND ... */
  bool *second_is_zero; /* ... and which of them are none */
  bool by_batches;      /* batches will be asked for ... */
  bool fuses;           /* ... and single rows can be descended by nd_singles */
};

/* Picked rows, brought near (near.c). */
typedef struct nd_near {
  size_t stride;                   /* T from row to row of a copy */
  const void **row;                /* T: the features of each, and of some to come */
  unsigned char *values, *weights; /* T: a tile of each stored value that gradients read, and of weights ... */
  bool weighted;                   /* ... where not all are 1 */
  unsigned char *copies;           /* T: of rows in panels */
  unsigned char *lines;            /* T: of all rows of a block in panels; NULL where not worth it */
  const nd_block *block;           /* whose rows these are ... */
  uint64_t loading;                /* ... and which loading of it; NULL: none */
  nd_stretch *stretches;           /* of the block after that one: features, stored values */
  nd_ahead ahead;                  /* what kernels over the rows of this one are to ask for */
} nd_near;

/* A batch, a stage at a time (stochastic.c). */
typedef struct nd_stage {
  size_t rows;
  double *sums;  /* of each head, padded with zeros to lines (nd_rows.head_at) */
  double *saved; /* what may have to be replayed: the state before it */
  void *numbers; /* T: of one row, by operand of the gradient's tail; NULL where it has no scalar form, or heads */
} nd_stage;

typedef struct nd_singles nd_singles;

struct nd_rows_workspace {
  nd_code_work load, tail[ND_TAILS];
  double *room;          /* while a block is loaded: a tile of each column, or features that are packed at once */
  const double **packed; /* where that of each feature is */
  double *shared;        /* free parameters, then their v */
  unsigned char *w;      /* T: weights of each head, padded with zeros to lines */
  unsigned char *v;      /* the same of v */
  unsigned char *eta;    /* a tile for each head, then one for each X v */
  unsigned char *r;      /* a tile */
  unsigned char *second; /* T: nd_products_rows of each output of ND_TAIL_SECOND, times weights ... */
  double *sum_second;    /* ... and its sum */
  unsigned char *products; /* room for a product of two heads */
  unsigned char *one;    /* a line */
  double *sums;             /* lanes of all heads' weights */
  unsigned char *tile_sums; /* T: the same of a tile; 0 between tiles */
  nd_features *features;    /* of each head, then of each by v */
  nd_near near;
  nd_stage stage;
  nd_singles *singles;    /* NULL where none are asked for */
  double *row, *jacobian; /* a row of x; rows of [J r] of a tile */
  double *tile_values;    /* weights, and one output, of the rows of a tile */
  double *own_sums;       /* sums of the factor of each head (its intercept) and free parameter */
};

/* T *x, *stored, *weights by way of bytes; stored values are kept by column, `padded` rows each. */
struct nd_block {
  size_t capacity, padded, rows;
  uint64_t loading; /* which of all loadings of blocks filled it */
  bool weighted, in_store; /* weights given; memory is a store's */
  unsigned char *x, *stored, *weights;
};

static inline size_t nd_line_up(size_t count, size_t size) { /* T in whole lines */
  const size_t line = ND_LINE_BYTES / size;
  return (count + line - 1) / line * line;
}
/* Rows whose products are asked for at once. */
static inline size_t nd_products_rows(const nd_rows *rows) {
  return ND_PRODUCT_LINES * ND_LINE_BYTES / rows->kernels->size;
}
static inline void *nd_at(const nd_rows *rows, unsigned char *base, size_t i) {
  return base + i * rows->kernels->size;
}
/* Stored value s of the block's rows from `at` on. */
static inline nd_numbers nd_stored(const nd_rows *rows, const nd_block *block, size_t s, size_t at) {
  return (nd_numbers){rows->kernels->size == sizeof(float) ? NADIR_FLOAT32 : NADIR_FLOAT64,
                      nd_at(rows, block->stored, s * block->padded + at)};
}
nadir_status nd_stage_new(nd_stage *stage, const nd_rows *rows, nadir_error *error);
void nd_stage_clear(nd_stage *stage);
/* Takes w (and v) for a tail, and sets sums of own factors to zero; begin: and all others, for passes. */
void nd_rows_take(const nd_rows *rows, nd_rows_workspace *workspace, nd_tail tail, const double *w,
                  const double *v);
void nd_rows_begin(const nd_rows *rows, nd_rows_workspace *workspace, nd_tail tail, const double *w,
                   const double *v);
/* Runs a tail, for the w (and v) of the last nd_rows_begin, on the tile that begins at row `at`: its outputs are operands of
 * workspace->tail[tail], or in its lines of sums (nd_code_sum). What features add up to is in workspace->tile_sums, which the
 * caller drains. */
void nd_rows_tile(const nd_rows *rows, nd_rows_workspace *workspace, const nd_block *block,
                  nd_tail tail, size_t at, size_t count);
/* From sums by head (lanes of each weight) and of own factors to components of w. */
void nd_rows_scatter(const nd_rows *rows, double *sums, size_t lanes, const double *own_sums,
                     double *result);
/* The sum of `lanes` (a power of two) numbers, by halves, which are overwritten. */
double nd_add_lanes(double *lane, size_t lanes);
/* Weights of rows from `at` on. */
nd_operand nd_block_weights(const nd_rows *rows, const nd_rows_workspace *workspace,
                            const nd_block *block, size_t at);

#endif
