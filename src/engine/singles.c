/* singles: stretches of descent by batches of one row, for any rule that steps parameter by parameter, under
 * heads that see the same features.
 *
 * The kernel (level/stretch.c) reads rows where near.c has them. The loss is not needed on the way: it is computed afterwards from the etas of a tile. */
#include <string.h>

#include "stochastic_internal.h"

struct nd_singles {
  nd_single single;
  nd_rule rule;
  size_t most;                    /* rows at once: a tile */
  size_t features;                /* of the heads */
  bool has_intercept;
  double *weights;                    /* of rows, scale included */
  nd_terms *terms;
  unsigned char *numbers; /* T: by operand */
  double *ridge, *share, *average;
};

/* ---- set-up ---- */

bool nd_rows_fuses(const nd_rows *rows) {
  return rows->fuses;
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
  return nd_code_is_scalar(slope) ? ND_SLOPE_SCALARS : ND_SLOPE_KERNELS;
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
  double *doubles = nd_new(all * (7 + ND_RULE_VECTORS) + 2 * single->stride + single->heads,
                           sizeof *doubles, error);
  own->ridge = doubles;
  own->weights = nd_new(own->most, sizeof *own->weights, error);
  own->terms = nd_new(own->most, sizeof *own->terms, error);
  own->numbers = nd_new(slope->operands + 1, size, error);
  single->eta_lines = nd_new(single->heads, ND_LINE_BYTES, error);
  if (!doubles || !own->weights || !own->terms || !own->numbers || !single->eta_lines)
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
  own->features = head->features;
  own->has_intercept = head->intercept != SIZE_MAX;
  own->single = (nd_single){.steps = slope->steps,
                            .step_count = slope->step_count,
                            .instructions = slope->instructions,
                            .instructions_end = slope->instructions + slope->instruction_count,
                            .slope_form = nd_slope_form_of(rows),
                            .operands = work->tail[ND_TAIL_SLOPE].operands,
                            .stored = rows->stored,
                            .heads = rows->head_count,
                            .slopes = slope->outputs,
                            .value_step = own->most,
                            .eta_step = own->most,
                            .first_feature = head->first_feature,
                            .numbers_of_head = own->features + own->has_intercept,
                            .stride = nd_line_up(own->features + 1, sizeof(double) / 2)}; /* two lines */
  nadir_status status = take_memory(own, rows, work, error);
  if (status != NADIR_OK) {
    nd_singles_free(own);
    return status;
  }
  own->single.values = work->near.values, own->single.numbers = own->numbers;
  own->single.x = work->near.row, own->single.weights = own->weights, own->single.terms = own->terms;
  *singles = own;
  return NADIR_OK;
}

void nd_singles_free(nd_singles *own) {
  if (!own) return;
  nd_free(own->ridge), nd_free(own->weights), nd_free(own->terms);
  nd_free(own->numbers), nd_free(own->single.eta_lines), nd_free(own);
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

static void find_weights(nd_singles *own, const nd_rows *rows, const nd_near *near, double factor, size_t count) {
  if (near->weighted) rows->kernels->widen(own->weights, near->weights, count);
  for (size_t i = 0; i < count; i++)
    own->weights[i] = near->weighted ? factor * own->weights[i] : factor;
}

/* The loss of the rows that were descended, from the etas that were kept. */
static double loss_of_rows(const nd_rows *rows, nd_rows_workspace *work, size_t count) {
  nd_near_run(rows, work, ND_TAIL_VALUE, count);
  return nd_near_weigh(rows, work, ND_TAIL_VALUE, 0, count);
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
  own->single.knows_eta = s->ahead->known;
  own->single.eta_ahead = s->ahead->eta;
  spread_numbers(rows, s->work, own);
  take_all(s, own);
  for (size_t done = 0, some; done < count; done += some) {
    const size_t at = from + done;
    some = count - done < own->most ? count - done : own->most;
    own->single.followed = at + some < s->picked.count;
    own->single.ready = nd_near_rows(rows, &s->work->near, &s->picked, at, some + own->single.followed);
    nd_near_values(rows, &s->work->near, &s->picked, at, some);
    find_weights(own, rows, &s->work->near, factor, some);
    find_terms(own, own->rule.t + at, some);
    own->single.rates = s->descent->rates + at;
    own->single.memory = &s->work->near.ahead;
    rows->kernels->descend(&own->single, some);
    loss += factor * loss_of_rows(rows, s->work, some);
  }
  *s->ahead = (nd_eta_ahead){own->single.knows_eta, own->single.eta_ahead};
  give_all(s, own);
  return loss;
}
