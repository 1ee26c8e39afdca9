/* singles: stretches of descent by batches of one row, for any rule that steps parameter by parameter, under
 * heads that see the same features.
 *
 * The kernel (level/stretch.c) reads rows where they are: those that lie by rows in their block; those in panels
 * from a copy of the whole block, row by row, that is made when many picks of it follow one another, or else from
 * copies of the rows. The loss is not needed on the way: it is computed afterwards from the etas of a tile. */
#include <string.h>

#include "stochastic_internal.h"

enum {
  RUN = 64,   /* picks of one block for which it is worth its copy */
  AHEAD = 12, /* rows whose memory is asked for before they are descended */
};

struct nd_singles {
  nd_single single;
  nd_rule rule;
  size_t most;                    /* rows at once: a tile */
  size_t first_feature, features; /* of the heads */
  bool has_intercept;
  const void **x;                     /* most + AHEAD */
  unsigned char *values, *row_weights; /* T: a tile each: of each stored value; of weights */
  double *weights;                    /* of rows, scale included */
  nd_terms *terms;
  unsigned char *numbers, *copies; /* T: by operand; of rows */
  size_t copy_stride;
  double *ridge, *share, *average;
  unsigned char *lines; /* T: of the rows of a block in panels */
  const nd_block *lined; /* which; NULL: none */
};

/* ---- set-up ---- */

bool nd_rows_fuses(const nd_rows *rows) {
  return rows->fuses;
}

/* Whether the kernel has a scalar form of an operator. */
static bool is_scalar(nd_op op) {
#define ND_IS_light true
#define ND_IS_heavy false
  static const bool light[ND_OPS + 1] = {
#define ND_OP(id, name, least, most, usage, help, latex, derivative, smooth, sign, monotone,       \
              curvature, domain, cost, scalar, vector)                                             \
  [ND_##id] = ND_IS_##cost,
#include "expr/ops.def"
  };
  return light[op] || op == ND_EXP || op == ND_SIGMOID || op == ND_LOGSUMEXP;
}

static bool is_logistic(const nd_rows *rows) {
  const nd_code *slope = rows->tail[ND_TAIL_SLOPE];
  const nd_step *step = slope->steps;
  return rows->head_count == 1 && slope->step_count == 3 && step[0].op == ND_MUL &&
         step[1].op == ND_SIGMOID && step[2].op == ND_MUL && step[0].a < rows->stored &&
         step[0].b == rows->stored && step[1].a == step[0].out && step[2].a < rows->stored &&
         step[2].b == step[1].out && slope->outputs[0] == step[2].out;
}

nd_slope_form nd_slope_form_of(const nd_rows *rows) {
  const nd_code *slope = rows->tail[ND_TAIL_SLOPE];
  if (is_logistic(rows)) return ND_SLOPE_LOGISTIC;
  for (size_t k = 0; k < slope->step_count; k++)
    if (!is_scalar(slope->steps[k].op)) return ND_SLOPE_KERNELS;
  return ND_SLOPE_SCALARS;
}

static double bits_of(uint64_t bits) {
  const union {
    uint64_t bits;
    double number;
  } all = {.bits = bits};
  return all.number;
}

/* The features and, behind them, the intercept. */
static void mark_numbers(const nd_singles *own, double *keep, double *unit) {
  for (size_t j = 0; j < own->features; j++)
    keep[j] = bits_of(UINT64_MAX);
  if (own->has_intercept) unit[own->features] = 1;
}

static nadir_status take_memory(nd_singles *own, const nd_rows *rows, const nd_rows_workspace *work,
                                nadir_error *error) {
  nd_single *single = &own->single;
  const size_t size = rows->kernels->size, all = single->heads * single->stride;
  const nd_code *slope = rows->tail[ND_TAIL_SLOPE];
  const bool panels = rows->layout == rows->kernels->panels;
  double *doubles = nd_new(all * (7 + ND_RULE_VECTORS) + 2 * single->stride + single->heads,
                           sizeof *doubles, error);
  own->ridge = doubles;
  own->x = nd_new(own->most + AHEAD, sizeof *own->x, error);
  own->values = nd_new(rows->stored + 1, ND_TILE_BYTES, error);
  own->row_weights = nd_new(1, ND_TILE_BYTES, error);
  own->weights = nd_new(own->most, sizeof *own->weights, error);
  own->terms = nd_new(own->most, sizeof *own->terms, error);
  own->numbers = nd_new(slope->operands + 1, size, error);
  single->eta_lines = nd_new(single->heads, ND_LINE_BYTES, error);
  if (panels) {
    own->copies = nd_new((own->most + 2) * own->copy_stride, size, error); /* it is read past the last */
    own->lines = nd_new((ND_BLOCK_ROWS + 2) * own->copy_stride, size, error);
  }
  if (!doubles || !own->x || !own->values || !own->row_weights || !own->weights || !own->terms ||
      !own->numbers || !single->eta_lines || (panels && (!own->copies || !own->lines)))
    return NADIR_NO_MEMORY;
  double **const parts[] = {&own->ridge,  &own->share,      &own->average,   &single->w,
                            &single->gradient, &single->step, &single->effective,
                            &single->vectors[0], &single->vectors[1], &single->vectors[2]};
  for (size_t p = 0; p < ND_COUNT(parts); p++, doubles += all)
    *parts[p] = doubles;
  mark_numbers(own, doubles, doubles + single->stride);
  single->keep = doubles, single->unit = doubles + single->stride;
  single->slope = doubles + 2 * single->stride;
  single->eta = work->eta;
  return NADIR_OK;
}

nadir_status nd_singles_new(nd_singles **singles, const nd_rows *rows, const nd_rows_workspace *work,
                            nadir_error *error) {
  *singles = NULL;
  if (!rows->fuses) return NADIR_OK;
  nd_singles *own = nd_new(1, sizeof *own, error);
  if (!own) return NADIR_NO_MEMORY;
  const nd_head *head = &rows->heads[0];
  const nd_code *slope = rows->tail[ND_TAIL_SLOPE];
  const size_t size = rows->kernels->size;
  own->most = ND_TILE_BYTES / size;
  own->first_feature = head->first_feature, own->features = head->features;
  own->has_intercept = head->intercept != SIZE_MAX;
  own->copy_stride = nd_line_up(own->features + 1, size);
  own->single = (nd_single){.steps = slope->steps,
                            .step_count = slope->step_count,
                            .slope_form = nd_slope_form_of(rows),
                            .operands = work->tail[ND_TAIL_SLOPE].operands,
                            .stored = rows->stored,
                            .heads = rows->head_count,
                            .slopes = slope->outputs,
                            .value_step = own->most,
                            .eta_step = own->most,
                            .numbers_of_head = own->features + own->has_intercept,
                            .stride = nd_line_up(own->features + 1, sizeof(double) / 2)}; /* two lines */
  nadir_status status = take_memory(own, rows, work, error);
  if (status != NADIR_OK) {
    nd_singles_free(own);
    return status;
  }
  own->single.values = own->values, own->single.numbers = own->numbers;
  own->single.x = own->x, own->single.weights = own->weights, own->single.terms = own->terms;
  *singles = own;
  return NADIR_OK;
}

void nd_singles_free(nd_singles *own) {
  if (!own) return;
  nd_free(own->ridge), nd_free((void *)own->x), nd_free(own->values), nd_free(own->row_weights);
  nd_free(own->weights), nd_free(own->terms), nd_free(own->numbers), nd_free(own->copies);
  nd_free(own->lines), nd_free(own->single.eta_lines), nd_free(own);
}

void nd_singles_forget(nd_singles *own) {
  if (own) own->lined = NULL;
}

/* ---- rows ---- */

/* Whether picks from `at` on are of one block for so long that all of it is copied. */
static bool is_run(const nd_picked *p, size_t at) {
  if (p->count - at < RUN) return false;
  for (size_t i = at + RUN - 1; i > at; i--)
    if (p->picks[i].block != p->picks[at].block) return false;
  return true;
}

static const void *row_in_panels(const nd_rows *rows, nd_singles *own, const nd_picked *p, size_t at,
                                 size_t i) {
  const nd_pick pick = p->picks[at];
  const nd_block *block = p->blocks[pick.block];
  if (own->lined != block && is_run(p, at)) {
    rows->layout->lines(block->x, rows->features, own->first_feature, own->features, 0, block->rows,
                        own->lines, own->copy_stride);
    own->lined = block;
  }
  if (own->lined == block) return nd_at(rows, own->lines, pick.row * own->copy_stride);
  void *copy = nd_at(rows, own->copies, i * own->copy_stride);
  rows->layout->lines(block->x, rows->features, own->first_feature, own->features, pick.row, 1, copy,
                      own->copy_stride);
  return copy;
}

/* A row in panels is on many lines: those of later picks are on their way while it is copied. */
static void ask_ahead(const nd_rows *rows, const nd_singles *own, const nd_picked *p, size_t at) {
  if (at >= p->count) return;
  const nd_pick pick = p->picks[at];
  const nd_block *block = p->blocks[pick.block];
  if (block == own->lined) return;
  rows->layout->prefetch(block->x, rows->features, pick.row);
  for (size_t s = 0; s < rows->stored; s++)
    __builtin_prefetch(block->stored + (s * block->padded + pick.row) * rows->kernels->size);
}

/* Of rows that lie in one piece the kernel asks ahead itself. */
static void find_rows(const nd_rows *rows, nd_singles *own, const nd_picked *p, size_t at,
                      size_t count) {
  const bool panels = rows->layout == rows->kernels->panels;
  const size_t size = rows->kernels->size, left = p->count - at;
  own->single.ready = panels || left < count + AHEAD ? count : count + AHEAD;
  for (size_t i = 0; i < own->single.ready; i++) {
    const nd_pick pick = p->picks[at + i];
    if (panels) {
      ask_ahead(rows, own, p, at + i + AHEAD);
      own->x[i] = row_in_panels(rows, own, p, at + i, i);
    } else {
      own->x[i] = p->blocks[pick.block]->x + (pick.row * rows->features + own->first_feature) * size;
    }
  }
}

static const unsigned char *values_in(const nd_rows *rows, const nd_block *block, size_t s) {
  return block->stored + s * block->padded * rows->kernels->size;
}

/* The block of all these picks; NULL where there are several. */
static const nd_block *only_block(const nd_picked *p, size_t at, size_t count) {
  for (size_t i = at + 1; i < at + count; i++)
    if (p->picks[i].block != p->picks[at].block) return NULL;
  return p->blocks[p->picks[at].block];
}

/* Row by row from the values of one block. */
static void gather_from(const void *from, void *to, const nd_pick *picks, size_t count, size_t size) {
  for (size_t i = 0; i < count && size == sizeof(float); i++)
    ((float *)to)[i] = ((const float *)from)[picks[i].row];
  for (size_t i = 0; i < count && size == sizeof(double); i++)
    ((double *)to)[i] = ((const double *)from)[picks[i].row];
}

/* Stored value `s`; what is left of the last vector is like the last row, since it is computed with. */
static void gather_value(const nd_rows *rows, unsigned char *to, const nd_picked *p, size_t at,
                         size_t count, size_t s, const nd_block *only) {
  const size_t size = rows->kernels->size;
  if (only) gather_from(values_in(rows, only, s), to, p->picks + at, count, size);
  for (size_t i = 0; i < count && !only; i++) {
    const nd_pick pick = p->picks[at + i];
    nd_copy_number(to, i, values_in(rows, p->blocks[pick.block], s), pick.row, size);
  }
  for (size_t i = count; i < nd_line_up(count, size); i++)
    nd_copy_number(to, i, to, count - 1, size);
}

static void gather_weights(const nd_rows *rows, unsigned char *to, const nd_picked *p, size_t at,
                           size_t count, const nd_block *only) {
  const size_t size = rows->kernels->size;
  if (only && only->weighted) gather_from(only->weights, to, p->picks + at, count, size);
  for (size_t i = 0; i < count && !(only && only->weighted); i++) {
    const nd_block *block = p->blocks[p->picks[at + i].block];
    if (block->weighted)
      nd_copy_number(to, i, block->weights, p->picks[at + i].row, size);
    else
      nd_set_number(to, i, 1, size);
  }
}

static void gather(const nd_rows *rows, nd_singles *own, const nd_picked *p, size_t at, size_t count,
                   double factor) {
  const nd_block *only = only_block(p, at, count);
  for (size_t s = 0; s < rows->stored; s++)
    gather_value(rows, own->values + s * ND_TILE_BYTES, p, at, count, s, only);
  gather_weights(rows, own->row_weights, p, at, count, only);
  rows->kernels->widen(own->weights, own->row_weights, count);
  for (size_t i = 0; i < count; i++)
    own->weights[i] *= factor;
}

/* ---- parameters ---- */

/* Between w's order and that of the heads, each padded with zeros. */
static void take(const nd_rows *rows, const nd_singles *own, double *to, const double *from) {
  memset(to, 0, own->single.heads * own->single.stride * sizeof *to);
  for (size_t k = 0; k < rows->head_count; k++, to += own->single.stride) {
    const nd_head *head = &rows->heads[k];
    memcpy(to, from + head->first_weight, head->features * sizeof *to);
    if (own->has_intercept) to[head->features] = from[head->intercept];
  }
}

static void give(const nd_rows *rows, const nd_singles *own, double *to, const double *from) {
  for (size_t k = 0; k < rows->head_count; k++, from += own->single.stride) {
    const nd_head *head = &rows->heads[k];
    memcpy(to + head->first_weight, from, head->features * sizeof *to);
    if (own->has_intercept) to[head->intercept] = from[head->features];
  }
}

static void take_all(const nd_run_of_updates *s, nd_singles *own) {
  const nd_descent *descent = s->descent;
  nd_single *single = &own->single;
  take(s->rows, own, single->w, s->w);
  for (size_t v = 0; v < own->rule.vector_count; v++)
    take(s->rows, own, single->vectors[v], own->rule.vectors[v]);
  single->ridge = single->share = single->average = NULL;
  if (descent->ridge) {
    take(s->rows, own, own->ridge, descent->ridge);
    for (size_t j = 0; j < single->heads * single->stride && descent->sum; j++)
      own->ridge[j] /= descent->rows_total;
    single->ridge = own->ridge;
  }
  if (descent->share) {
    take(s->rows, own, own->share, descent->share);
    single->share = own->share;
  }
  if (descent->average) {
    take(s->rows, own, own->average, descent->average);
    single->average = own->average;
  }
}

static void give_all(const nd_run_of_updates *s, const nd_singles *own) {
  const nd_single *single = &own->single;
  give(s->rows, own, s->w, single->w);
  give(s->rows, own, s->gradient, single->gradient);
  give(s->rows, own, s->step, single->step);
  for (size_t v = 0; v < own->rule.vector_count; v++)
    give(s->rows, own, own->rule.vectors[v], single->vectors[v]);
  if (s->descent->average) give(s->rows, own, s->descent->average, single->average);
  if (s->descent->effective) give(s->rows, own, s->descent->effective, single->effective);
}

/* ---- updates ---- */

static void find_terms(nd_singles *own, uint64_t t, size_t count) {
  const nd_rule *rule = &own->rule;
  own->terms[0] = rule->terms(rule->values, rule->scalars, t);
  own->single.terms_step = !own->terms[0].settled;
  for (size_t i = 1; i < count && own->single.terms_step; i++)
    own->terms[i] = own->terms[i - 1].settled ? own->terms[i - 1]
                                              : rule->terms(rule->values, rule->scalars, t + i);
}

/* The loss of the rows that were descended, from the etas that were kept. */
static double loss_of_rows(const nd_rows *rows, nd_rows_workspace *work, const nd_singles *own,
                           size_t count) {
  nd_operand *operands = work->tail[ND_TAIL_VALUE].operands;
  const size_t lanes = rows->kernels->lanes;
  for (size_t s = 0; s < rows->stored; s++)
    operands[s].at = own->values + s * ND_TILE_BYTES;
  for (size_t k = 0; k < rows->head_count; k++)
    operands[rows->stored + k].at = work->eta + k * ND_TILE_BYTES;
  nd_code_run(rows->tail[ND_TAIL_VALUE], &work->tail[ND_TAIL_VALUE], (count + lanes - 1) / lanes,
              &(nd_ahead){0});
  const nd_operand weights = {own->row_weights, lanes};
  return rows->kernels->weigh(work->r, nd_code_output(rows->tail[ND_TAIL_VALUE],
                                                      &work->tail[ND_TAIL_VALUE], 0),
                              &weights, count);
}

/* The numbers of the code for one row that are the same for all. */
static void spread_numbers(const nd_rows *rows, nd_rows_workspace *work, nd_singles *own) {
  const nd_code *slope = rows->tail[ND_TAIL_SLOPE];
  nd_operand *operands = work->tail[ND_TAIL_SLOPE].operands;
  for (size_t k = 0; k < slope->spread_count; k++) {
    const uint32_t operand = slope->spreads[k].operand;
    nd_copy_number(own->numbers, operand, operands[operand].at, 0, rows->kernels->size);
  }
  for (size_t k = 0; k < rows->head_count; k++)
    operands[rows->stored + k].at = (unsigned char *)own->single.eta_lines + k * ND_LINE_BYTES;
}

double nd_singles_update(const nd_run_of_updates *s, size_t from, size_t count) {
  static const nd_rule plain = {.kind = ND_RULE_gd, .terms = nd_terms_gd};
  const nd_rows *rows = s->rows;
  nd_singles *own = s->work->singles;
  const double factor = nd_batch_factor(s->descent, 1);
  double loss = 0;
  own->rule = s->descent->rule ? *s->descent->rule : plain;
  own->single.rule = own->rule.kind;
  spread_numbers(rows, s->work, own);
  take_all(s, own);
  for (size_t done = 0, some; done < count; done += some) {
    const size_t at = from + done;
    some = count - done < own->most ? count - done : own->most;
    find_rows(rows, own, &s->picked, at, some);
    gather(rows, own, &s->picked, at, some, factor);
    find_terms(own, own->rule.t + at, some);
    own->single.rates = s->descent->rates + at;
    rows->kernels->descend(&own->single, some);
    loss += factor * loss_of_rows(rows, s->work, own, some);
  }
  give_all(s, own);
  return loss;
}
