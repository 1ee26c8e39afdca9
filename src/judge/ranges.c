/* What the rows that were read say of the columns: the range of each that the loss of a row takes,
 * as facts for a proof ("y in [0, 1]"). Costs one pass over the rows. */
#include <string.h>

#include "judge/judge.h"
#include "objective/of_table.h"

static nadir_status find_spans(const nd_table_objective *self, nd_span *spans, nadir_error *error) {
  nd_data *data = self->data;
  const nd_packed *packed;
  for (size_t i = 0; i < data->tail_count; i++)
    spans[i] = (nd_span){HUGE_VAL, -HUGE_VAL};
  for (size_t b = 0; b < data->blocks; b++) {
    if (data->block_rows[b] == 0) continue;
    ND_TRY(nd_go_on(self->face.until, error));
    ND_TRY(nd_data_raw(data, b, 0, &packed, error));
    for (size_t i = 0; i < data->tail_count; i++) {
      nd_numbers x = packed->column[data->tail_column[i]];
      for (size_t r = 0; r < packed->rows; r++) {
        spans[i].low = fmin(spans[i].low, nd_number(x, r));
        spans[i].high = fmax(spans[i].high, nd_number(x, r));
      }
    }
  }
  return NADIR_OK;
}

nadir_status nd_spans_of_rows(const nd_objective *objective, nd_span **spans, size_t *count,
                              nadir_error *error) {
  const nd_table_objective *self = nd_rows_of(objective);
  *count = 0;
  *spans = nd_new(self->data->tail_count, sizeof **spans, error);
  nadir_status status = *spans ? find_spans(self, *spans, error) : NADIR_NO_MEMORY;
  for (size_t i = 0; status == NADIR_OK && i < self->data->tail_count; i++)
    if (isfinite((*spans)[i].low) && isfinite((*spans)[i].high)) (*spans)[(*count)++] = (*spans)[i];
  if (status == NADIR_OK) return NADIR_OK;
  nd_free(*spans);
  *spans = NULL;
  return status;
}

nadir_status nd_facts_of_rows(const nd_objective *objective, nd_fact **facts, size_t *count,
                              nadir_error *error) {
  const nd_table_objective *self = nd_rows_of(objective);
  nd_graph *graph = self->model->graph;
  size_t columns = self->data->tail_count;
  nd_span *spans = nd_new(columns, sizeof *spans, error);
  nd_fact *made = nd_new(columns, sizeof *made, error);
  nadir_status status = spans && made ? find_spans(self, spans, error) : NADIR_NO_MEMORY;
  *count = 0;
  for (size_t i = 0; status == NADIR_OK && i < columns; i++) {
    if (!isfinite(spans[i].low) || !isfinite(spans[i].high)) continue;
    nd_fact *fact = &made[(*count)++];
    fact->name = self->data->tail[i];
    status = nd_range_of_doubles(graph, spans[i].low, spans[i].high, &fact->range, error);
  }
  nd_free(spans);
  if (status != NADIR_OK) nd_free(made);
  *facts = status == NADIR_OK ? made : NULL;
  return status;
}
