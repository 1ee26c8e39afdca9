/* The sums of slope.c over rows that blocks keep as floats, from what is kept, without reading the table again; of rows
 * without weights, which would be floats too.
 *
 * A block has v = u (1 + d), |d| <= E = 2^-24 + 2^-51 for the two roundings in double before that to float, where u is the
 * scaled feature as a real number; below the normal floats v is off by 2^-149 at most. So f, the sum of b and a v in
 * double, is off by (E + n 2^-53) times the sum of the terms' sizes, beside what a and b are off by; l'(f) by
 * that times |l''|, and by what the target, a float too, is off by; and a term l' v of a component by
 * (that + E |l'|) |v|. The sums of terms and of bounds are in double, in lanes of a block: their rounding is within
 * SUMMED of the sum of sizes.
 *
 * Costs a pass over the blocks and 10 operations for each value. Forbidden: as in slope.c. */
#include <string.h>

#include "engine/certain.h"
#include "engine/pairs.h"
#include "objective/slope.h"

enum { LINE = 16 };
/* KEPT: of what is a float; SUMMED: of sums of up to 4096 terms, in whatever order, and one product. A bound that is
 * itself rounded so often is made larger by as much. */
static const double UNIT = 0x1p-53, KEPT = 0x1.001p-24, SMALLEST = 0x1p-148, SUMMED = 0x1p-40;

bool nd_slope_is_of_rows(const nd_slope_pass *pass) {
  const nd_scaling *target = &pass->model->target_scaling;
  bool plain = target->center == 0 && target->width == 1;
  return nd_rows_keep(pass->data->rows) && (pass->curve == ND_CURVE_SQUARE || plain);
}

/* Some rows of a block. */
typedef struct row_tile {
  const nd_slope_pass *pass;
  const nd_block *block;
  size_t at, count, padded;
  double flat; /* what numbers below the normal floats may make of f */
  nd_certain_rows of;
  double target[ND_CERTAIN_ROWS], slope[ND_CERTAIN_ROWS], error[ND_CERTAIN_ROWS];
} row_tile;

/* What f may be off by. */
static double error_of_f(const row_tile *tile, size_t i) {
  double n = (double)tile->pass->model->heads[0].features;
  return (KEPT + (n + 24) * UNIT) * tile->of.size[i] + tile->flat;
}

static void square_slopes(row_tile *tile) {
  for (size_t i = 0; i < tile->padded; i++) {
    double off = error_of_f(tile, i) + KEPT * fabs(tile->target[i]) + SMALLEST;
    tile->slope[i] = 2 * (tile->of.f[i] - tile->target[i]);
    tile->error[i] = 2 * off + 2 * UNIT * fabs(tile->slope[i]);
  }
}

/* |l''| <= 1/4; the target is 0 or 1. */
static void logistic_slopes(row_tile *tile) {
  double power[ND_CERTAIN_ROWS];
  for (size_t i = 0; i < tile->padded; i++)
    power[i] = -tile->of.f[i];
  nd_pairs_now()->exp(power, tile->padded, power);
  for (size_t i = 0; i < tile->padded; i++) {
    tile->slope[i] = 1 / (1 + power[i]) - tile->target[i];
    tile->error[i] = error_of_f(tile, i) / 4 + 8 * UNIT;
  }
}

static void exponential_slopes(row_tile *tile) {
  double power[ND_CERTAIN_ROWS];
  nd_pairs_now()->exp(tile->of.f, tile->padded, power);
  for (size_t i = 0; i < tile->padded; i++) {
    double off = error_of_f(tile, i); /* e^off - 1 <= off + off^2 */
    double share = off < 1 ? off * (1 + off) + 8 * UNIT : HUGE_VAL;
    tile->slope[i] = power[i] - tile->target[i];
    tile->error[i] = power[i] * share + 0x1p-1000 + KEPT * fabs(tile->target[i]) + SMALLEST +
                     2 * UNIT * fabs(tile->slope[i]);
  }
}

static void find_slopes(row_tile *tile) {
  switch (tile->pass->curve) {
  case ND_CURVE_SQUARE:
    square_slopes(tile);
    break;
  case ND_CURVE_LOGISTIC:
    logistic_slopes(tile);
    break;
  case ND_CURVE_UNBOUNDED:
  case ND_CURVE_EXPONENTIAL:
    exponential_slopes(tile);
    break;
  }
}

/* From what l' may be off by to what l' v may be, over |v|; 0 behind the last row. */
static void bound_terms(row_tile *tile) {
  for (size_t i = 0; i < tile->count; i++)
    tile->error[i] = tile->error[i] * (1 + KEPT) + (KEPT + SUMMED) * fabs(tile->slope[i]);
  for (size_t i = tile->count; i < tile->padded; i++)
    tile->slope[i] = tile->error[i] = 0;
}

static void load_target(row_tile *tile) {
  double room[ND_CERTAIN_ROWS];
  const double *y = nd_doubles(nd_block_kept(tile->pass->data->rows, tile->block, tile->at), tile->count, room);
  memcpy(tile->target, y, tile->count * sizeof *y);
  for (size_t i = tile->count; i < tile->padded; i++)
    tile->target[i] = 0;
}

static void add_tile(row_tile *tile, const double *weights, double *lanes, double *intercept, nd_slope_sums *sums) {
  const nd_slope_pass *pass = tile->pass;
  const nd_rows *rows = pass->data->rows;
  const nd_head *head = &pass->model->heads[0];
  const size_t cells = head->features * ND_CERTAIN_LANES;
  double b = head->intercept == SIZE_MAX ? 0 : pass->image[head->intercept];
  nd_block_predict(rows, tile->block, head, b, weights, tile->at, tile->count, &tile->of);
  load_target(tile);
  find_slopes(tile);
  bound_terms(tile);
  nd_block_weigh(rows, tile->block, head, tile->slope, tile->error, tile->at, tile->count, lanes, lanes + cells);
  for (size_t i = 0; i < tile->count; i++) {
    intercept[0] += tile->slope[i];
    intercept[1] += tile->error[i];
    intercept[2] += fabs(tile->slope[i]);
    double norm = tile->of.norm[i];
    sums->longest = norm > sums->longest || isnan(norm) ? norm : sums->longest;
  }
  sums->rows += (double)tile->count;
  sums->weight = nd_pair_add(sums->weight, (nd_pair){(double)tile->count, 0});
}

/* rounding: the sum of |v| times what is bounded, of this block, and what denormal v may hide of `sizes`. */
static void take(nd_slope_sum *sum, double total, double rounding, double sizes) {
  double bound = rounding * (1 + 2 * SUMMED) + SMALLEST * sizes;
  sum->total = nd_pair_add(sum->total, (nd_pair){total, 0});
  sum->rounding += bound;
  sum->size += bound / KEPT; /* terms are bounded by at least KEPT of their size */
}

static void take_lanes(const nd_slope_pass *pass, const double *lanes, const double *intercept, nd_slope_sums *sums) {
  const nd_head *head = &pass->model->heads[0];
  const size_t cells = head->features * ND_CERTAIN_LANES;
  double sizes = 2 * (intercept[1] + intercept[2]);
  if (head->intercept != SIZE_MAX)
    take(&sums->by_parameter[head->intercept], intercept[0], intercept[1], sizes);
  for (size_t j = 0; j < head->features; j++) {
    double total = 0, rounding = 0;
    for (size_t l = 0; l < ND_CERTAIN_LANES; l++) {
      total += lanes[j * ND_CERTAIN_LANES + l];
      rounding += lanes[cells + j * ND_CERTAIN_LANES + l];
    }
    take(&sums->by_parameter[head->first_weight + j], total, rounding, sizes);
  }
}

/* What f may be off by whatever the row. */
static double flat_error(const nd_slope_pass *pass, const double *weights) {
  const nd_head *head = &pass->model->heads[0];
  double size = 0;
  for (size_t j = 0; j < head->features; j++)
    size += fabs(weights[j]);
  return pass->image_error + 2 * SMALLEST * size + 0x1p-900;
}

static void add_rows(const nd_slope_pass *pass, const nd_block *block, double *lanes, nd_slope_sums *sums) {
  const nd_head *head = &pass->model->heads[0];
  const double *weights = pass->image + head->first_weight;
  double intercept[3] = {0};
  row_tile tile = {.pass = pass, .block = block, .flat = flat_error(pass, weights)};
  for (; tile.at < nd_block_rows(block); tile.at += ND_CERTAIN_ROWS) {
    size_t left = nd_block_rows(block) - tile.at;
    tile.count = left < ND_CERTAIN_ROWS ? left : ND_CERTAIN_ROWS;
    tile.padded = (tile.count + LINE - 1) / LINE * LINE;
    add_tile(&tile, weights, lanes, intercept, sums);
  }
  take_lanes(pass, lanes, intercept, sums);
  bool one = head->intercept != SIZE_MAX;
  sums->longest = (sums->longest + one) * (1 + 4 * KEPT + SUMMED) + SMALLEST;
}

nadir_status nd_slope_of_rows(void *context, size_t b, size_t worker, void *out, nadir_error *error) {
  const nd_slope_pass *pass = context;
  nd_block *block;
  ND_TRY(nd_data_block(pass->data, b, worker, false, &block, error));
  if (!block) return NADIR_OK;
  double *lanes = nd_new(2 * pass->model->heads[0].features * ND_CERTAIN_LANES, sizeof *lanes, error);
  if (!lanes) return NADIR_NO_MEMORY;
  add_rows(pass, block, lanes, out);
  nd_free(lanes);
  return NADIR_OK;
}
