/* Feature scaling: scaled = (x - center)/width, found once over the training rows.
 *
 *   standard  center the mean, width the root of the mean square deviation (divided by n); weighted
 *   minmax    center the least, width the range
 *   robust    center the median, width the distance of the quartiles, found exactly by passes
 *             (order statistics interpolated as R's type 7 and numpy do); weights do not enter
 * The target is scaled in the same way where the loss is in its units. Without an intercept nothing
 * is centred. The powers of a poly with an intercept are descended on in a basis of their own
 * (basis.c), whatever the method. A constant column is named and left alone, as is one whose width overflows or
 * vanishes; of many, the first eight are named, in one warning. */
#include <string.h>

#include "base/dense.h"
#include "base/quartiles.h"
#include "base/ranks.h"
#include "model/basis.h"
#include "rows/blocks.h"

enum { NAMES = 8 };

bool nd_scales_target(const nd_model *model) {
  return model->is_linear && model->loss.power > 0 && model->target_kind == ND_TARGET_REAL;
}

/* Features that are scaled one by one. */
static size_t scaled_alone(const nd_model *model) {
  return model->basis.degree > 0 ? 0 : model->feature_count;
}

/* ---- columns left alone ---- */

typedef struct unscaled {
  const char *name[NAMES];
  size_t count;
} unscaled;

static void add_unscaled(unscaled *list, const char *name) {
  if (list->count < NAMES) list->name[list->count] = name;
  list->count++;
}

static nadir_status warn_unscaled(const unscaled *list, nadir_warning_kind kind, nd_teller *teller,
                                  nadir_error *error) {
  if (list->count == 0) return NADIR_OK;
  return nd_warn(teller,
                 &(nadir_warning){.kind = kind,
                                  .names = list->count < NAMES ? list->count : NAMES,
                                  .name = list->name,
                                  .count = list->count},
                 error);
}

nadir_status nd_warn_of_loss(const nd_model *model, nd_teller *teller, nadir_error *error) {
  if (!isnan(nd_model_loss_factor(model))) return NADIR_OK;
  return nd_warn(teller,
                 &(nadir_warning){.kind = NADIR_WARN_LOSS_RANGE,
                                  .column = model->target_name,
                                  .number = model->target_scaling.width},
                 error);
}

/* ---- mean and width, least and range ---- */

static nd_scaling of_moments(const nd_model *model, const nd_moments *moments) {
  bool minmax = model->scale_method == ND_SCALE_MINMAX;
  double width = minmax ? moments->max - moments->min : nd_moments_sigma(moments);
  if (moments->count == 0 || moments->min == moments->max || !(width > 0) || !isfinite(width))
    return (nd_scaling){0, 0};
  double center = minmax ? moments->min : moments->mean;
  return (nd_scaling){model->intercept ? center : 0, width};
}

nadir_status nd_scale_by_moments(nd_model *model, const nd_moments *features,
                                 const nd_moments *target, nd_teller *teller, nadir_error *error) {
  unscaled constant = {0}, extreme = {0};
  for (size_t j = 0; j < scaled_alone(model); j++) {
    const nd_moments *of = &features[j];
    model->scaling[j] = of_moments(model, of);
    if (model->scaling[j].width > 0) continue;
    model->scaling[j] = (nd_scaling){0, 1};
    add_unscaled(of->count > 0 && of->min != of->max ? &extreme : &constant,
                 model->feature_names[j]);
  }
  ND_TRY(warn_unscaled(&constant, NADIR_WARN_CONSTANT, teller, error));
  ND_TRY(warn_unscaled(&extreme, NADIR_WARN_EXTREME, teller, error));
  if (!nd_scales_target(model)) return NADIR_OK;
  model->target_scaling = of_moments(model, target);
  if (!(model->target_scaling.width > 0)) model->target_scaling = (nd_scaling){0, 1};
  return NADIR_OK;
}

/* ---- quartiles ---- */

typedef struct column_group {
  nd_data *data;
  size_t first, count; /* packed columns: features, then the target */
  size_t chunk, chunks; /* now read: the first of them */
  nd_quartiles **of;
} column_group;

static void group_clear(column_group *group) {
  for (size_t j = 0; j < group->count; j++)
    nd_quartiles_free(group->of[j]);
}

static void feed(column_group *group, size_t j, const nd_packed *packed) {
  nd_quartiles_add(group->of[j], packed->column[group->first + j].at, packed->rows);
}

/* Worker i has chunk first + i, whichever thread reads it. */
static nadir_status read_one(void *context, size_t i, size_t thread, nadir_error *error) {
  (void)thread;
  column_group *group = context;
  const nd_packed *packed; /* the worker's */
  return nd_data_raw(group->data, group->chunk + i, i, &packed, error);
}

static nadir_status feed_column(void *context, size_t j, size_t thread, nadir_error *error) {
  (void)thread, (void)error;
  column_group *group = context;
  for (size_t i = 0; i < group->chunks; i++)
    feed(group, j, &group->data->workers[i].packed);
  return NADIR_OK;
}

/* All threads read a chunk each, of the rank's share, then share out the columns. */
static nadir_status feed_share(column_group *group, const nd_ranks *ranks, nadir_error *error) {
  nd_data *data = group->data;
  size_t end = nd_rank_first(ranks, nd_rank(ranks) + 1, data->blocks);
  group->chunk = nd_rank_first(ranks, nd_rank(ranks), data->blocks);
  for (; group->chunk < end; group->chunk += group->chunks) {
    size_t left = end - group->chunk;
    group->chunks = left < data->worker_count ? left : data->worker_count;
    ND_TRY(nd_pool_run(data->pool, group->chunks, read_one, group, error));
    ND_TRY(nd_pool_run(data->pool, group->count, feed_column, group, error));
  }
  return NADIR_OK;
}

static nadir_status select_all(column_group *group, nadir_error *error) {
  nd_ranks *ranks = nd_pool_ranks(group->data->pool);
  bool more = true;
  for (size_t j = 0; j < group->count; j++)
    ND_TRY(nd_quartiles_new(&group->of[j], nd_packed_type(group->data, group->first + j), error));
  while (more) {
    ND_TRY(nd_ranks_agree(ranks, feed_share(group, ranks, error), error));
    more = false;
    for (size_t j = 0; j < group->count; j++) {
      bool again;
      ND_TRY(nd_quartiles_next(group->of[j], ranks, &again, error));
      more = more || again;
    }
  }
  return NADIR_OK;
}

static void take(nd_data *data, const column_group *group, size_t j, unscaled *flat) {
  nd_model *model = data->model;
  const nd_quartiles *of = group->of[j];
  size_t column = group->first + j;
  bool is_target = column == nd_packed_target(data);
  double center = model->intercept ? nd_quartiles_value(of, 1) : 0,
         width = nd_quartiles_value(of, 2) - nd_quartiles_value(of, 0);
  nd_scaling *to = is_target ? &model->target_scaling : &model->scaling[column];
  *to = (nd_scaling){center, width};
  if (width > 0 && isfinite(width)) return;
  *to = (nd_scaling){0, 1};
  if (!is_target) add_unscaled(flat, model->feature_names[column]);
}

static nadir_status scale_group(nd_data *data, column_group *group, unscaled *flat,
                                nadir_error *error) {
  ND_TRY(select_all(group, error));
  for (size_t j = 0; j < group->count; j++)
    take(data, group, j, flat);
  return NADIR_OK;
}

static nadir_status scale_groups(nd_data *data, size_t at_once, nd_quartiles **of, unscaled *flat, nadir_error *error) {
  size_t columns = data->model->feature_count + (nd_scales_target(data->model) ? 1 : 0);
  for (size_t first = data->model->feature_count - scaled_alone(data->model); first < columns; first += at_once) {
    column_group now = {.data = data, .first = first, .count = columns - first < at_once ? columns - first : at_once, .of = of};
    memset(of, 0, at_once * sizeof(nd_quartiles *));
    nadir_status status = scale_group(data, &now, flat, error);
    group_clear(&now);
    ND_TRY(status);
  }
  return NADIR_OK;
}

nadir_status nd_scale_by_quartiles(nd_data *data, uint64_t memory, nd_teller *teller, nadir_error *error) {
  unscaled flat = {0};
  size_t at_once;
  ND_TRY(nd_quartiles_at_once(memory, 0, data->model->feature_count + 1, nd_pool_ranks(data->pool), &at_once, error));
  nd_quartiles **of = nd_new(at_once, sizeof(nd_quartiles *), error);
  nadir_status status = of != NULL ? scale_groups(data, at_once, of, &flat, error) : NADIR_NO_MEMORY;
  nd_free(of);
  ND_TRY(status);
  return warn_unscaled(&flat, NADIR_WARN_SAME_QUARTILES, teller, error);
}
