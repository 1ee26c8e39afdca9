/* Bootstrap samples of the rows of a fit (B. Efron 1979), as weights: counts of a multinomial draw, so that blocks,
 * features and scaling stay as they are. The draw goes over the training rows in the order of the table and does not
 * depend on threads. Costs a number for each row, and a pass over the weights for each draw. */
#include <string.h>

#include "objective/resample.h"

struct nd_resampler {
  nd_table_objective *self;
  double *own, *drawn; /* weights of the training rows, block after block */
  size_t rows;
  bool weighted; /* as it was, */
  double weight; /* and of all rows */
};

/* ---- the weights of blocks ---- */

static void load(const nd_resampler *s, const double *weights) {
  nd_data *data = s->self->data;
  for (size_t b = 0; b < data->blocks; b++) {
    if (!data->block[b]) continue;
    size_t count = nd_block_rows(data->block[b]);
    nd_block_reweigh(data->rows, data->workers[0].workspace, data->block[b], weights);
    if (weights) weights += count;
  }
}

static nadir_status read_own(nd_resampler *s, nadir_error *error) {
  nd_data *data = s->self->data;
  double *to = s->own;
  for (size_t b = 0; b < data->blocks; b++) {
    const nd_packed *packed;
    uint16_t order[ND_CHUNK];
    if (data->block_rows[b] == 0) continue;
    ND_TRY(nd_data_ordered(data, b, 0, &packed, order, error));
    for (size_t r = 0; r < packed->rows; r++)
      *to++ = nd_packed_number(packed, nd_packed_weight(data), r);
  }
  return NADIR_OK;
}

/* ---- a draw ---- */

nadir_status nd_resample(nd_resampler *s, uint64_t seed, uint64_t number, nadir_error *error) {
  nd_random random = nd_random_stream(seed, ND_FOR_BOOTSTRAP, number, 0);
  double weight = 0;
  memset(s->drawn, 0, s->rows * sizeof *s->drawn);
  for (size_t i = 0; i < s->rows; i++)
    s->drawn[nd_random_below(&random, s->rows)]++;
  for (size_t i = 0; i < s->rows; i++)
    weight += s->drawn[i] *= s->own[i];
  load(s, s->drawn);
  s->self->data->drawn = s->drawn;
  s->self->data->weighted = true;
  s->self->data->counts.weight = weight;
  nd_objective_renew(&s->self->face);
  return nd_go_on(s->self->face.until, error);
}

nadir_status nd_resampler_new(nd_resampler **resampler, nd_table_objective *self,
                              nadir_error *error) {
  nd_resampler *s = *resampler = nd_new(1, sizeof *s, error);
  if (!s) return NADIR_NO_MEMORY;
  *s = (nd_resampler){.self = self,
                      .rows = (size_t)self->data->counts.used,
                      .weighted = self->data->weighted,
                      .weight = self->data->counts.weight};
  s->own = nd_new(s->rows, sizeof *s->own, error);
  s->drawn = nd_new(s->rows, sizeof *s->drawn, error);
  nadir_status status = s->own && s->drawn ? read_own(s, error) : NADIR_NO_MEMORY;
  if (status == NADIR_OK) return NADIR_OK;
  nd_free(s->drawn);
  nd_free(s->own);
  nd_free(s);
  *resampler = NULL;
  return status;
}

void nd_resampler_free(nd_resampler *s) {
  if (!s) return;
  load(s, s->weighted ? s->own : NULL);
  s->self->data->drawn = NULL;
  s->self->data->weighted = s->weighted;
  s->self->data->counts.weight = s->weight;
  nd_objective_renew(&s->self->face);
  nd_free(s->drawn);
  nd_free(s->own);
  nd_free(s);
}
