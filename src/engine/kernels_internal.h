/* kernels: the loops over rows that exist once for each level of processor and precision.
 *
 * A table of functions is made by level/elementwise.c from ops.def and the other files of level/;
 * nd_kernels_at gives the one of a level. T is float or double, and passes as void.
 *
 * Rows come in lines: as many T as fill 64 bytes, on every level. Features are either in panels
 * (few features: for each line of rows, a line of each feature: unit stride for whole passes, d
 * cache lines for one row) or by rows (many features: one row after another without padding). Sums
 * over rows are kept by lane, in T over a tile and in double beyond it, and added by halves at the end, so levels with
 * fused multiply-add give the same bits. */
#ifndef ND_KERNELS_INTERNAL_H
#define ND_KERNELS_INTERNAL_H

#include "engine.h"
#include "certain.h"
#include "pairs.h"

enum {
  ND_LINE_BYTES = 64,
  ND_TILE_BYTES = 1024, /* of one value over a tile: 256 float or 128 double */
  ND_PANEL_FEATURES = 32, /* at most, in panels */
};

/* Where values of T are: rows (step: T from one vector to the next) or one for all (step 0). */
typedef struct nd_operand {
  const void *at;
  size_t step;
} nd_operand;

/* Memory that is needed next. It is asked for while kernels go over rows, at the pace at which it can
 * come: asked for at once it would stop them. A kernel gets a share of the lines by its share of
 * the rows that are left, and asks for a part of it in each turn of its loop; what it leaves is the
 * next one's. */
typedef struct nd_stretch {
  const unsigned char *at;
  size_t lines;
} nd_stretch;
typedef struct nd_ahead {
  nd_stretch now;         /* what is left of this one */
  const nd_stretch *next; /* those after it */
  size_t lines, rows;     /* left in all; of this kernel and those to come */
  size_t share, each;     /* lines for this kernel, for a turn */
} nd_ahead;

static inline void nd_ahead_share(nd_ahead *ahead, size_t rows) {
  ahead->share = rows < ahead->rows ? ahead->lines * rows / ahead->rows : ahead->lines;
  ahead->rows -= rows < ahead->rows ? rows : ahead->rows;
}
static inline void nd_ahead_turns(nd_ahead *ahead, size_t turns) {
  ahead->each = ahead->share > turns ? ahead->share / turns : 1;
}
static inline void nd_ahead_ask(nd_ahead *ahead) {
  if (ahead->share == 0) return;
  const unsigned char *at = ahead->now.at;
  size_t lines = ahead->each < ahead->share ? ahead->each : ahead->share;
  if (lines > ahead->now.lines) lines = ahead->now.lines;
  for (size_t i = 0; i < lines; i++)
    __builtin_prefetch(at + i * ND_LINE_BYTES, 0, 2);
  ahead->now.at = at + lines * ND_LINE_BYTES;
  ahead->now.lines -= lines, ahead->lines -= lines, ahead->share -= lines;
  if (ahead->now.lines == 0 && ahead->lines > 0) ahead->now = *ahead->next++;
}

/* A code runs as a line of instructions over accumulators: ND_GROUP vectors of a tile, which stay in registers from
 * one instruction to the next, or one vector where fewer are left, or where the first instruction has no form of groups.
 * Each jumps to the next; the last one of a chain gives the place after it. x and y are places in the table of operands.
 * In a pass, the first instructions give the etas and some of the last add up features, while these are in the cache. */
enum { ND_GROUP = 8 };
typedef void nd_function(void);
typedef struct nd_kernel {
  nd_function *group, *vector; /* of types that the level knows */
} nd_kernel;
typedef struct nd_instruction {
  nd_kernel kernel;
  uint32_t x, y;
} nd_instruction;

/* One elementwise operation; out, a, b, c are places in the table of operands. What it does not take is like a. */
typedef struct nd_step {
  const nd_kernel *kernel, *reversed; /* of a in the accumulators; of b, or NULL */
  nd_op op; /* of one result, of a and what more it takes; ND_OPS where the kernel alone knows */
  uint32_t arity, out, a, b, c;
  bool pair;     /* b is where a second result goes */
} nd_step;

/* What instructions need of a head: its features of the rows of a tile, its part of w, and where the sums of features go. */
typedef struct nd_features {
  const void *x; /* T: of the tile's first row */
  size_t features;     /* kept of each row */
  size_t first, count; /* of the head */
  const void *w;    /* T: padded with zeros to a line */
  double intercept;
  void *sums; /* T: `lanes` of each feature, of the tile; padded to a line */
} nd_features;

/* to[i * stride + j] += sum over rows of h x[left + i] x[right + j], level/products.c. */
typedef struct nd_products {
  const void *x;
  size_t features, rows; /* at most ND_PRODUCT_LINES lines of rows */
  const void *h;         /* T: of each row, padded with zeros to a line */
  size_t left, left_count, right, right_count;
  bool same; /* left is right: each pair is added once, at one of its two places */
  double *to;
  size_t stride;
  void *room; /* by rows: ND_TERMS lines for each line of features of left and of right, of ND_SLAB at most */
} nd_products;
enum {
  ND_PRODUCT_LINES = 64, /* of rows, whose products are asked for at once */
  ND_SLAB = 512,         /* features that are copied for them, at most */
  ND_TERMS = 128,        /* that are added in T, at most, before they are added in double */
};

/* How features are laid out in memory; `features` counts all that are kept, [first, first + count) those
 * of a head. */
typedef struct nd_layout {
  size_t lanes; /* double sums kept for each feature (1: by rows) */
  void (*pack)(void *x, size_t features, size_t first, size_t count, const double *const *columns, size_t rows);
  /* x = (x - center) / width of each feature, in double, where it is. */
  void (*scale)(void *x, size_t features, size_t rows, const double *center, const double *width);
  /* Instructions; their operand y is an nd_features. The accumulators become intercept + sum_j w[j] x[first + j], which is
   * stored as operand x too; and sums[j * lanes ..] += accumulators times x[first + j]. Without a form of groups where a
   * vector of rows is enough at once. */
  nd_kernel eta, collect;
  /* sums[j * lanes ..] += sum_i r[i] x[i][first + j]; r padded with zeros to a line; sums padded to
   * a line. */
  void (*sum)(const void *x, size_t features, size_t first, size_t count, const void *r,
              size_t rows, double *sums);
  void (*products)(const nd_products *products);
  /* nd_block_predict and nd_block_weigh (certain.h) of rows that begin with a line; w of the features alone. */
  void (*predict)(const void *x, size_t features, size_t first, size_t count, const double *w, size_t rows,
                  nd_certain_rows *of);
  void (*weigh)(const void *x, size_t features, size_t first, size_t count, const double *slope, const double *error,
                size_t rows, double *sums, double *errors);
  /* One row as doubles, padded with zeros to a line. */
  void (*row)(const void *x, size_t features, size_t first, size_t count, size_t row, double *out);
  /* Where rows do not lie in one piece, else NULL: rows [at, at + rows), each `stride` T after the last one, up to
   * whole lines of which may be written; and one that is asked for. */
  void (*lines)(const void *x, size_t features, size_t at, size_t rows, void *out, size_t stride);
  void (*prefetch)(const void *x, size_t features, size_t at);
} nd_layout;

/* How d l / d eta of one row is computed: c sigmoid(b eta), c and b being stored, whose chain is worth a form
 * of its own; by the scalar forms of operators; or by their kernels. */
typedef enum nd_slope_form { ND_SLOPE_LOGISTIC, ND_SLOPE_SCALARS, ND_SLOPE_KERNELS } nd_slope_form;

/* Descent by single rows: etas of the heads, which see the same features, slopes, step, for each of some
 * rows in turn. What is of a head has `stride` doubles, padded with zeros: its weights, then its intercept. */
typedef struct nd_single {
  const nd_step *steps; /* of the code that gives d l / d eta of each head */
  size_t step_count;
  const nd_instruction *instructions, *instructions_end; /* of the same */
  nd_slope_form slope_form;
  nd_operand *operands; /* of that code: stored values, then etas, for which there is a line each at eta_lines */
  void *numbers;        /* T: one of each operand; those that are one for all rows are there */
  void *eta_lines;
  size_t stored, heads;    /* how many stored values and etas */
  const uint32_t *slopes;  /* the operands of the results */
  double *slope;           /* room for them */
  const void *values;      /* T: a value of row i is at i, the next value `value_step` T further */
  size_t value_step;
  void *eta; /* T: etas of each row, kept for the loss, those of a head `eta_step` T after those of the last */
  size_t eta_step;
  const void *const *x;    /* T: the features of each row; what follows is not looked at */
  size_t first_feature;    /* of the heads */
  size_t ready;            /* how many rows of x are known, those to come among them */
  const double *keep, *unit; /* stride each: bits of the features alone; 1 for the intercept, else 0 */
  size_t numbers_of_head;  /* features, and the intercept */
  const double *weights;   /* of rows, scale included */
  const double *rates;
  nd_rule_kind rule;
  const nd_terms *terms; /* of each update; of all where terms_step is 0 */
  size_t terms_step, stride;
  double *w, *vectors[ND_RULE_VECTORS];
  const double *ridge, *share; /* or NULL */
  double *average;             /* or NULL */
  double *gradient, *step, *effective; /* of the last row */
  nd_ahead *memory; /* of the next block, to be asked for on the way */
  /* Whether the eta of the first row was looked ahead to, and what it is; afterwards the same of the row that follows
   * the last, which x has where `followed`. */
  bool followed, knows_eta;
  double eta_ahead;
} nd_single;

typedef struct nd_kernels {
  size_t size, lanes; /* of T; T in a vector */
  nd_kernel ops[ND_OPS], reversed[ND_OPS]; /* of accumulators, x and y; of x and accumulators */
  nd_kernel square, cube, fourth, inverse, inverse_square; /* powers by a number */
  nd_kernel softplus_sigmoid; /* sigmoid to x */
  nd_kernel load, store, end; /* from x, to x; the end of a chain */
  nd_kernel add;              /* to the line of sums at x, the weights being y; of rows that there are */
  nd_kernel add_weighed;      /* the same, and what was added is in the accumulators */
  void (*run)(const nd_instruction *first, const nd_instruction *end, const nd_operand *operands,
              size_t rows);
  void (*drain)(double *to, void *from, size_t n); /* to[i] += from[i], T, which becomes 0 */
  double (*sum_line)(const void *line); /* its T, by halves */
  void (*fill)(void *line, double value);
  /* n doubles as T, the last repeated up to `padded`. */
  void (*narrow)(void *to, const double *from, size_t n, size_t padded);
  void (*widen)(double *to, const void *from, size_t n);
  void (*scale)(double *to, nd_numbers x, size_t n, double center, double width); /* (x - center) / width */
  /* r[i] = value[i] * weight[i], 0 from `rows` to the end of the line; the sum. */
  double (*weigh)(void *r, const nd_operand *value, const nd_operand *weight, size_t rows);
  /* eta[i] = intercept + sum_j w[j] x[i][first + j], and sums[j] += sum_i r[i] x[i][first + j], of rows by rows wherever they
   * are. rows may be followed by others, `known` in all, whose memory is asked for, as is what is ahead; w and r padded
   * with zeros to a line. */
  void (*eta_of_picked)(const void *const *x, size_t known, size_t first, size_t count, const void *w,
                        double intercept, void *eta, size_t rows, nd_ahead *ahead);
  void (*sum_of_picked)(const void *const *x, size_t first, size_t count, const void *r, size_t rows,
                        double *sums);
  /* Steps of one row, by the scalar forms of operators (nd_code_is_scalar); numbers: T, by operand. */
  void (*scalars)(const nd_step *first, const nd_step *end, void *numbers);
  void (*descend)(nd_single *single, size_t rows);
  nd_fold *fold;
  const nd_pairs *pairs; /* NULL of float */
  const nd_layout *panels, *by_rows;
} nd_kernels;

/* NULL where the level was not built or this processor lacks it. */
const nd_kernels *nd_kernels_at(const char *level, bool single);
const nd_kernels *nd_kernels_now(bool single); /* at nd_engine_level() */

#endif
