/* Predictions as numbers, into an array of the caller's: the table read chunk by chunk, a row of the
 * array for each of its rows. Memory is that of one chunk; the listener is asked between chunks. */
#include "api/api_internal.h"

size_t nadir_model_outputs(const nadir_model *model) {
  return nd_model_answers(model->model);
}

static nadir_status check_room(const nd_model *model, const nd_table *table, size_t count,
                               nadir_error *error) {
  size_t rows = (size_t)nd_table_rows(table), outputs = nd_model_answers(model), needed;
  if (nd_multiply(rows, outputs, &needed) && needed <= count) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "values: there is room for %zu numbers: give room for %zu rows of %zu", count,
                 rows, outputs);
}

static nadir_status read_answers(nd_model_reader *reader, const nd_model *model,
                                 const nd_table *table, nd_teller *teller, double *values,
                                 nadir_error *error) {
  size_t outputs = nd_model_answers(model);
  nd_model_rows rows;
  for (size_t chunk = 0; chunk < nd_table_chunks(table); chunk++) {
    teller->last.rows_seen = (uint64_t)chunk * ND_CHUNK;
    if (nd_asks_to_end(teller))
      return nd_fail(error, NADIR_ENDED, "predictions: interrupted before the last row");
    ND_TRY(nd_model_read(reader, chunk, &rows, error));
    for (size_t r = 0; r < rows.rows; r++, values += outputs)
      nd_model_answer(model, &rows, r, values);
  }
  return NADIR_OK;
}

nadir_status nadir_evaluate(const nadir_model *model, nadir_table *table,
                            const nadir_settings *settings, const nadir_listener *listener,
                            double *values, size_t count, nadir_error *error) {
  ND_TO_NEAREST;
  nd_model_reader *reader = NULL;
  nd_teller teller = nd_teller_for(listener);
  ND_TRY(nd_listener_check(listener, error));
  ND_TRY(check_room(model->model, table->table, count, error));
  nadir_status status = nd_warn_unsealed(model, &teller, error);
  if (status == NADIR_OK)
    status = nd_model_reader_new(&reader, model->model, table->table, settings, false, error);
  if (status == NADIR_OK) status = nd_model_reader_warn(reader, &teller, error);
  if (status == NADIR_OK)
    status = read_answers(reader, model->model, table->table, &teller, values, error);
  nd_model_reader_free(reader);
  nd_teller_free(&teller);
  return status;
}
