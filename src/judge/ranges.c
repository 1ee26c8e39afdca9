/* What the rows that were read say of the columns: the range of each that the loss of a row takes,
 * as facts for a proof ("y in [0, 1]"). Costs one pass over the rows. */
#include <string.h>

#include "judge/judge.h"
#include "objective/of_table.h"

/* Of a block's rows; zeroed, of none. */
typedef struct row_span {
  double low, high;
  bool any;
} row_span;

static nadir_status spans_of_block(void *context, size_t b, size_t worker, void *out, nadir_error *error) {
  nd_data *data = context;
  row_span *spans = out;
  const nd_packed *packed;
  if (data->block_rows[b] == 0) return NADIR_OK;
  ND_TRY(nd_data_raw(data, b, worker, &packed, error));
  for (size_t i = 0; i < data->tail_count; i++) {
    nd_numbers x = packed->column[data->tail_column[i]];
    spans[i] = (row_span){HUGE_VAL, -HUGE_VAL, true};
    for (size_t r = 0; r < packed->rows; r++) {
      spans[i].low = fmin(spans[i].low, nd_number(x, r));
      spans[i].high = fmax(spans[i].high, nd_number(x, r));
    }
  }
  return NADIR_OK;
}

static void combine_spans(const nd_reduction *reduction, void *into, void *more) {
  row_span *a = into;
  const row_span *b = more;
  for (size_t i = 0; i < reduction->bytes / sizeof *a; i++) {
    if (!b[i].any) continue;
    a[i].low = a[i].any ? fmin(a[i].low, b[i].low) : b[i].low;
    a[i].high = a[i].any ? fmax(a[i].high, b[i].high) : b[i].high;
    a[i].any = true;
  }
}

static nadir_status find_spans(const nd_table_objective *self, nd_span *spans, nadir_error *error) {
  nd_data *data = self->data;
  nd_reduction reduction = {.blocks = data->blocks,
                            .bytes = data->tail_count * sizeof(row_span),
                            .block = spans_of_block,
                            .combine = combine_spans,
                            .context = data};
  row_span *all = nd_new(data->tail_count, sizeof *all, error);
  nadir_status status = all ? nd_reduce(&reduction, self->pool, all, error) : NADIR_NO_MEMORY;
  for (size_t i = 0; status == NADIR_OK && i < data->tail_count; i++)
    spans[i] = all[i].any ? (nd_span){all[i].low, all[i].high} : (nd_span){HUGE_VAL, -HUGE_VAL};
  nd_free(all);
  return status;
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
