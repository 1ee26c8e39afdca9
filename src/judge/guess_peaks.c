/* The periodogram of a fit's target, for the start of a formula that is periodic in a parameter. What turns is found
 * in the formula: the derivative of the argument by the parameter is, at the parameter 1, 2 pi times a time whose
 * frequency is the parameter, or one over it where the derivative still depends on it; so that neither 2 pi nor an epoch
 * nor the kind of the parameter is asked for.
 *
 * Costs rows x frequencies, of which there are MOST_WORK at most. */
#include <math.h>

#include "base/dense.h"
#include "judge/guess_internal.h"
#include "rows/period.h"

enum { MOST_ROWS = 100000, OVERSAMPLING = 5 };
static const double TURN = 6.283185307179586, MOST_WORK = 3e8, NEARLY = 1e-9;

typedef struct series {
  nd_table_objective *rows;
  nd_samples samples;
  bool inverse; /* the parameter is a period */
  double *room;
} series;

/* ---- the rows ---- */

static bool is_inverse(const double *at_1, const double *at_2, size_t rows) {
  for (size_t r = 0; r < rows; r++)
    if (!(fabs(4 * at_2[r] - at_1[r]) <= NEARLY * fabs(at_1[r]))) return false;
  return true;
}

static void add_block(series *s, nd_row_program *program, const nd_packed *packed) {
  const nd_data *data = s->rows->data;
  nd_samples *to = &s->samples;
  const double *slope = nd_row_program_run(program, packed)[0];
  for (size_t r = 0; r < packed->rows; r++, to->count++) {
    to->time[to->count] = slope[r] / TURN;
    to->value[to->count] = nd_packed_number(packed, nd_packed_target(data), r);
    to->weight[to->count] = nd_packed_number(packed, nd_packed_weight(data), r);
  }
}

static nadir_status add_blocks(series *s, nd_row_program *program, nadir_error *error) {
  nd_data *data = s->rows->data;
  for (size_t b = 0; b < data->blocks; b++) {
    const nd_packed *packed;
    if (data->block_rows[b] == 0) continue;
    ND_TRY(nd_go_on(s->rows->face.until, error));
    ND_TRY(nd_data_raw(data, b, 0, &packed, error));
    add_block(s, program, packed);
  }
  return NADIR_OK;
}

/* The times at the parameter 2 are a quarter of those at 1. */
static nadir_status check_inverse(series *s, nd_row_program *program, double *w, size_t at,
                                  bool *is, nadir_error *error) {
  size_t count = s->samples.count;
  double *at_1 = s->samples.time;
  series again = {
      .rows = s->rows,
      .samples = {.time = s->room, .value = s->samples.value, .weight = s->samples.weight}};
  w[at] = 2;
  nd_row_program_at(program, w);
  ND_TRY(add_blocks(&again, program, error));
  *is = is_inverse(at_1, again.samples.time, count);
  return NADIR_OK;
}

static nadir_status read_series(series *s, nd_node slope, double *w, size_t at, bool *usable,
                                nadir_error *error) {
  nd_row_program *program;
  w[at] = 1;
  ND_TRY(nd_row_program_new(&program, s->rows, &slope, 1, w, error));
  nadir_status status = add_blocks(s, program, error);
  if (status == NADIR_OK && s->inverse) status = check_inverse(s, program, w, at, usable, error);
  nd_row_program_free(program);
  if (status == NADIR_OK)
    *usable = *usable && nd_all_finite(s->samples.count, s->samples.time) &&
              nd_samples_prepare(&s->samples);
  return status;
}

/* ---- the peaks ---- */

static nadir_status describe(const series *s, const nd_band *band, const double *frequency,
                             size_t count, size_t at, nd_start_peaks *peaks, nadir_error *error) {
  bool has_sigma = s->rows->model->sigma != ND_NO_NODE;
  for (size_t k = 0; k < count; k++) {
    nadir_fit_peak *peak = &peaks->peak[k];
    *peak = (nadir_fit_peak){.parameter = at,
                             .value = s->inverse ? 1 / frequency[k] : frequency[k],
                             .loss = (double)NAN,
                             .chi2 = (double)NAN};
    ND_TRY(nd_describe_peak(&s->samples, band, frequency[k], has_sigma, &peak->peak, error));
  }
  peaks->count = count;
  return NADIR_OK;
}

/* The band that the bounds of the parameter leave, as far as the work allows; an end that they leave open is NaN. false:
 * it has no room for a peak. */
static bool take_bounds(const series *s, const nd_model_parameter *bounds, double *low,
                        double *high) {
  double step = 1 / (OVERSAMPLING * s->samples.baseline), end;
  *low = s->inverse ? 1 / bounds->high : bounds->low;
  *high = s->inverse ? 1 / bounds->low : bounds->high;
  if (!(*low > 0)) *low = (double)NAN;
  if (!(*high > 0 && isfinite(*high))) *high = (double)NAN;
  if (isnan(*high)) return true;
  end = isnan(*low) ? 1 / s->samples.baseline : *low;
  *high = fmin(*high, end + step * MOST_WORK / (double)s->samples.count);
  return *high - end > 2 * OVERSAMPLING * step;
}

static nadir_status find_peaks(const series *s, size_t at, nd_start_peaks *peaks,
                               nadir_error *error) {
  nd_band band;
  double place[ND_START_PEAKS], low, high;
  if (!take_bounds(s, &s->rows->model->parameters[at], &low, &high)) return NADIR_OK;
  ND_TRY(nd_band_choose(&s->samples, low, high, OVERSAMPLING, MOST_WORK, &band, error));
  double *power = nd_new(2 * band.count, sizeof *power, error);
  if (!power) return NADIR_NO_MEMORY;
  nadir_status status =
      nd_spectrum(&s->samples, &band, s->rows->pool, power, power + band.count, error);
  if (status == NADIR_OK) {
    size_t count = nd_peaks(&s->samples, nd_power_at, &band, power, ND_START_PEAKS, place);
    status = describe(s, &band, place, count, at, peaks, error);
  }
  nd_free(power);
  return status;
}

nadir_status nd_find_start_peaks(nd_table_objective *rows, nd_node argument, size_t p, double *w,
                                 nd_start_peaks *peaks, nadir_error *error) {
  const nd_model *model = rows->model;
  size_t count = (size_t)rows->data->counts.used, at = model->free_index[p];
  bool usable = true;
  nd_node slope;
  series s = {.rows = rows};
  if (rows->data->counts.used > MOST_ROWS) return NADIR_OK;
  ND_TRY(nd_derive(model->graph, argument, &model->free[p], 1, &slope, error));
  ND_TRY(nd_any_depends(model->graph, &slope, 1, &model->free[p], 1, &s.inverse, error));
  s.room = nd_new(4 * count, sizeof *s.room, error);
  if (!s.room) return NADIR_NO_MEMORY;
  s.samples = (nd_samples){
      .time = s.room + count, .value = s.room + 2 * count, .weight = s.room + 3 * count};
  nadir_status status = read_series(&s, slope, w, at, &usable, error);
  if (status == NADIR_OK && usable) status = find_peaks(&s, at, peaks, error);
  nd_free(s.room);
  return status;
}
