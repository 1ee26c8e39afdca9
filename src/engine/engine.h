/* engine: graph -> program -> values over blocks of rows.
 *
 * Two things are compiled from a graph:
 *
 *   nd_program  any nodes, evaluated over rows in double: features, targets, weights, conditions,
 *               predictions, and a formula at many points at once (contours), since a leaf may be
 *               bound to a value a row or to one value for all rows.
 *   nd_rows     the loss of one row, l(eta_1..eta_K, parameters, columns), with
 *               eta_k = b_k + w_k . x: its sum over a block of rows, with gradient, Hessian and
 *               Hessian-vector product by all of w, and the triangle of a QR decomposition where it
 *               is a sum of squares. The heads are matrix-vector kernels; the tail's
 *               derivatives by eta and by the free parameters are nodes of the same graph.
 *
 * Programs are immutable and shared by threads; each thread has a workspace. Nodes that depend on
 * no row are computed once a call; nodes that depend on no parameter once a block, when it is
 * loaded. Operations run over tiles of rows that stay in the first-level cache; a tile's rows and
 * layout are private to this folder and depend on the number of features and the type alone, so
 * that sums do not depend on threads. Tiles sum in lanes, a block sums its tiles in double. Kernels
 * exist for each level of processor from one source, chosen at run time; Sleef_finz_* and
 * Sleef_cinz_* functions give the same bits on every level. The plain reference is nd_evaluate in
 * expr. */
#ifndef ND_ENGINE_H
#define ND_ENGINE_H

#include "base/widen.h"
#include "expr/expr.h"
#include "optim/rule.h"

#define ND_BLOCK_ROWS 4096 /* the most that a block holds; a tile is a private fraction of it */

/* The level of processor in use: "avx512", "avx2", "baseline". Chosen once from the processor and
 * NADIR_CPU. */
const char *nd_engine_level(void);
nadir_status nd_engine_check(nadir_error *error); /* as nadir_cpu_check */

/* As nd_qr_fold (base/dense.h) of a few rows that lie by columns, at the level in use; best where their
 * number is a multiple of 8, by rows of zeros. */
typedef void nd_fold(size_t n, double *r, size_t rows, double *a);
nd_fold *nd_fold_now(void);

/* ---- values of nodes over rows ---- */

typedef struct nd_program nd_program;
typedef struct nd_workspace nd_workspace;

/* A NAME leaf and what it is: row values (the next of `rows` arguments of a run) or one value for
 * all rows (the next of `shared`), each counted in the order of this list. */
typedef struct nd_leaf {
  nd_node name;
  bool per_row;
} nd_leaf;
/* Names under the outputs that are not in the list are an error of the caller's (NADIR_BAD_FORMULA,
 * at the node). */
nadir_status nd_program_new(nd_program **program, const nd_graph *graph, const nd_node *outputs,
                            size_t output_count, const nd_leaf *leaves, size_t leaf_count,
                            nadir_error *error);
void nd_program_free(nd_program *program);
nadir_status nd_workspace_new(nd_workspace **workspace, const nd_program *program,
                              nadir_error *error);
void nd_workspace_free(nd_workspace *workspace);
/* out[o][i] for i < count (any count; not aligned). No failure is possible once set up. */
void nd_program_run(const nd_program *program, nd_workspace *workspace, const double *const *rows,
                    const double *shared, size_t count, double *const *out);

/* ---- the loss of rows ---- */

/* eta = w[intercept] + sum_j w[first_weight + j] * x[first_feature + j], j < features. */
typedef struct nd_head {
  nd_node eta; /* the NAME leaf that stands for it in the tail */
  size_t first_feature, features;
  size_t first_weight; /* in w */
  size_t intercept;    /* in w; SIZE_MAX without one */
} nd_head;

typedef struct nd_rows_spec {
  nd_graph *graph; /* derivatives are added to it while compiling */
  nd_node loss;    /* of one row, without its weight */
  size_t size;     /* of w */
  const nd_head *heads;
  size_t head_count;
  const nd_node *free;      /* NAME leaves of the tail's own parameters ... */
  const size_t *free_index; /* ... and the place of each in w */
  size_t free_count;
  const nd_node *columns; /* NAME leaves of the tail's columns */
  size_t column_count;
  const nd_node
      *residuals;        /* of a loss that is residual_scale times the sum of their squares ... */
  size_t residual_count; /* ... or 0 */
  nd_node rounding; /* about what rounding may change that sum by, of one row; ND_NO_NODE without */
  size_t features;  /* columns of the feature matrix x */
  const nd_node *keep; /* one of the columns, which blocks keep as it is, needed or not; or NULL */
  bool single;      /* keep and compute rows in float32 (sums of blocks in double, w in double) */
  bool hessian;     /* second derivatives will be asked for */
  bool by_batches;  /* nd_rows_batch and nd_rows_descend will be called often: rows are brought near for them */
} nd_rows_spec;

typedef struct nd_rows nd_rows;
typedef struct nd_rows_workspace nd_rows_workspace;
typedef struct nd_block nd_block;

nadir_status nd_rows_new(nd_rows **rows, const nd_rows_spec *spec, nadir_error *error);
void nd_rows_free(nd_rows *rows);
nadir_status nd_rows_workspace_new(nd_rows_workspace **workspace, const nd_rows *rows,
                                   nadir_error *error);
void nd_rows_workspace_free(nd_rows_workspace *workspace);

/* Memory for many blocks that are read at each pass: in large pages, so that a pass looks up few
 * addresses. What a block took is free again only with the store. One thread at a time. */
typedef struct nd_block_store nd_block_store;
nadir_status nd_block_store_new(nd_block_store **store, nadir_error *error);
void nd_block_store_free(nd_block_store *store);

/* A block: up to `capacity` (<= ND_BLOCK_ROWS) loaded rows. Load may be repeated. weights NULL:
 * all 1. */
size_t nd_block_bytes(const nd_rows *rows, size_t capacity);
/* Of a block with so many features and stored values of `size` bytes. SIZE_MAX: too many. */
size_t nd_block_bytes_of(size_t features, size_t stored, size_t size, size_t capacity);
/* store NULL: memory of its own; otherwise the store's, to be freed before it. */
nadir_status nd_block_new(nd_block **block, const nd_rows *rows, size_t capacity,
                          nd_block_store *store, nadir_error *error);
void nd_block_free(nd_block *block);
/* A column as it is computed with: (x - center) / width, in double. */
typedef struct nd_scaling {
  double center, width;
} nd_scaling;
typedef struct nd_scaled {
  nd_numbers x;
  nd_scaling by;
} nd_scaled;
void nd_block_load(const nd_rows *rows, nd_rows_workspace *workspace, nd_block *block, size_t count,
                   const nd_scaled *features, const nd_scaled *columns, const nd_scaled *weights);
/* The same in two steps, so that a column is read once though its scaling is known only when all are read: it is held
 * by the scaling {0, 1}, and must be exact in the precision of the rows; then it is scaled where it is. For rows of which
 * as many values are stored as there are columns. Scaling looks at columns[].by alone. */
bool nd_rows_hold(const nd_rows *rows);
void nd_block_hold(const nd_rows *rows, nd_rows_workspace *workspace, nd_block *block, size_t count,
                   const nd_scaled *features, const nd_scaled *columns, const nd_scaled *weights);
void nd_block_scale(const nd_rows *rows, nd_rows_workspace *workspace, nd_block *block,
                    const nd_scaling *features, nd_scaled *columns);
/* Other weights for a block that is loaded, one for each row; NULL: all 1. */
void nd_block_reweigh(const nd_rows *rows, nd_rows_workspace *workspace, nd_block *block,
                      const double *weights);
size_t nd_block_rows(const nd_block *block);

/* Weighted sums over the rows of a block, at w; the outputs are set, not added to. gradient NULL:
 * value only. Not finite results come back as they are. */
void nd_rows_gradient(const nd_rows *rows, nd_rows_workspace *workspace, const nd_block *block,
                      const double *w, double *loss, double *gradient);
void nd_rows_hessian(const nd_rows *rows, nd_rows_workspace *workspace, const nd_block *block,
                     const double *w, double *hessian /* size x size, whole */);
void nd_rows_hessian_vector(const nd_rows *rows, nd_rows_workspace *workspace,
                            const nd_block *block, const double *w, const double *v,
                            double *product);

/* Where there are residuals: the R factor, (size + 1) x (size + 1) by rows, of [J r] over the rows
 * of the block, each row times the root of its weight; zeros below the diagonal. *rounding: about
 * what rounding may change the weighted sum of squares by. */
void nd_rows_factor(const nd_rows *rows, nd_rows_workspace *workspace, const nd_block *block,
                    const double *w, double *factor, double *rounding);

/* Some rows of some blocks, in this order. */
typedef struct nd_pick {
  uint32_t block, row;
} nd_pick;
void nd_rows_batch(const nd_rows *rows, nd_rows_workspace *workspace, nd_block *const *blocks,
                   const nd_pick *picks, size_t count, const double *w, double *loss,
                   double *gradient);

/* A stretch of descent over consecutive batches of `batch` picks (the last may be smaller: its sum is still
 * scaled by its own size): for u = 0, 1, ... g = scale / |B| * sum_B weight_i grad l_i + ridge * w, and a step of
 * the rule at the rates rates[u] * share; without a rule w -= rates[u] * share * g, all components at once. The
 * same numbers as nd_rows_batch with the update done outside, to rounding. Where an update of one row knows the next
 * row, it may predict its eta without the step (nd_eta_ahead), as a sum of two: what it would be after a step of slope 0,
 * and the slope's part; within a few units of the last place of the larger of them. A stretch that is cut has the same bits if each piece is followed by the pick
 * after and takes what the piece before gave. */
typedef struct nd_eta_ahead {
  bool known;
  double eta;
} nd_eta_ahead;
typedef struct nd_descent {
  size_t batch;
  const double *rates; /* one an update */
  double scale;        /* N / W; for --reduce sum |B| is not divided by: see sum */
  bool sum;            /* gradient = sum_B weight_i grad l_i + (|B| / N) ridge * w, scale ignored */
  double rows_total;   /* N */
  const double *ridge; /* size numbers: l2 of each parameter, or NULL */
  double *average;     /* size numbers to which w is added after every update, or NULL */
  const double *share; /* size numbers that multiply each rate, or NULL for all 1 */
  const nd_rule *rule; /* nd_rows_fuses it; or NULL. Its vectors and scalars go on */
  double *effective;   /* set to the rate of each component in the last update; or NULL */
  bool followed;       /* picks has one pick more, of a block that is there: the one after the last */
  nd_eta_ahead *ahead; /* of single rows, on the way in of the first pick, on the way out of the pick after; or NULL */
} nd_descent;
/* Whether single rows can be descended by a rule: all of w are weights of heads, which see the same features. */
bool nd_rows_fuses(const nd_rows *rows);
/* *updates: updates made (fewer than asked for when w or a loss stopped being finite: w is then the
 * last finite one). loss: sum over the batches of their mean loss before each update, without
 * penalty. gradient, step: of the last update. */
void nd_rows_descend(const nd_rows *rows, nd_rows_workspace *workspace, nd_block *const *blocks,
                     const nd_pick *picks, size_t count, const nd_descent *descent, double *w,
                     size_t *updates, double *loss, double *gradient, double *step);

#endif
