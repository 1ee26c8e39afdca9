/* Comparisons with a text that no row of the table has, as of a class that is misspelt: each is
 * told in a warning, with the nearest text that there is.
 *
 * Chunks are read until every comparison has been met by a row, which is the first one for most
 * tables; only for one that no row meets is the column read to the end, and once more for its
 * texts, of which the first thousand different ones are looked at. */
#include <string.h>

#include "rows/rows.h"

enum { MOST_TEXTS = 1000 };

/* ---- is there such a row? ---- */

static bool meets(const double *equal, size_t rows) {
  for (size_t i = 0; i < rows; i++)
    if (equal[i] == 1) return true;
  return false;
}

static nadir_status look_for_row(const nd_table *table, const nd_request *request,
                                 nd_scratch *scratch, nd_teller *teller, bool *met,
                                 nadir_error *error) {
  *met = false;
  for (size_t c = 0, rows; !*met && c < nd_table_chunks(table); c++) {
    ND_TRY(nd_heed(teller, error));
    ND_TRY(nd_table_read(table, c, request, 1, scratch, &rows, error));
    *met = meets(request->numbers, rows);
  }
  return NADIR_OK;
}

/* ---- what is there instead? ---- */

typedef struct text_list {
  char **items;
  size_t count, capacity;
} text_list;

static nadir_status list_text(text_list *list, const char *text, nadir_error *error) {
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->items[i], text) == 0) return NADIR_OK;
  ND_TRY(nd_grow(&list->items, &list->capacity, list->count + 1, sizeof *list->items, error));
  list->items[list->count] = nd_copy_text(text, strlen(text), error);
  return list->items[list->count++] == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

static nadir_status list_texts(const nd_table *table, const nd_request *request,
                               nd_scratch *scratch, nd_teller *teller, text_list *list,
                               nadir_error *error) {
  for (size_t c = 0, rows; c < nd_table_chunks(table); c++) {
    ND_TRY(nd_heed(teller, error));
    ND_TRY(nd_table_read(table, c, request, 1, scratch, &rows, error));
    for (size_t i = 0; i < rows && list->count < MOST_TEXTS; i++)
      if (request->texts[i] != NULL) ND_TRY(list_text(list, request->texts[i], error));
    if (list->count == MOST_TEXTS) break;
  }
  return NADIR_OK;
}

static nadir_status warn(const nd_model_column *column, const text_list *list, nd_teller *teller,
                         nadir_error *error) {
  const char *const *texts = (const char *const *)list->items;
  ptrdiff_t near = nd_nearest(column->equals, texts, list->count);
  return nd_warn(teller,
                 &(nadir_warning){.kind = NADIR_WARN_NO_SUCH_TEXT,
                                  .column = column->column,
                                  .text = column->equals,
                                  .nearest = near >= 0 ? texts[near] : NULL},
                 error);
}

static nadir_status warn_of(const nd_model_column *column, const nd_table *table,
                            nd_request *request, nd_scratch *scratch, nd_teller *teller,
                            nadir_error *error) {
  text_list list = {0};
  request->kind = ND_AS_TEXT;
  request->texts = nd_new(nd_table_room(table), sizeof *request->texts, error);
  nadir_status status = request->texts == NULL
                            ? NADIR_NO_MEMORY
                            : list_texts(table, request, scratch, teller, &list, error);
  if (status == NADIR_OK) status = warn(column, &list, teller, error);
  nd_free((void *)request->texts);
  for (size_t i = 0; i < list.count; i++)
    nd_free(list.items[i]);
  nd_free(list.items);
  return status;
}

/* ---- all comparisons ---- */

static nadir_status check_column(const nd_model_column *column, const nd_table *table,
                                 double *numbers, nd_scratch *scratch, nd_teller *teller,
                                 nadir_error *error) {
  nd_request request;
  bool met;
  ND_TRY(nd_request_column(table, column, numbers, &request, error));
  ND_TRY(look_for_row(table, &request, scratch, teller, &met, error));
  return met ? NADIR_OK : warn_of(column, table, &request, scratch, teller, error);
}

static bool any_compares(const nd_model_column *columns, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (columns[i].equals != NULL) return true;
  return false;
}

nadir_status nd_warn_unmet(const nd_table *table, const nd_model_column *columns, size_t count,
                           nd_teller *teller, nadir_error *error) {
  if (table == NULL || !any_compares(columns, count) || nd_table_rows(table) == 0) return NADIR_OK;
  nd_scratch *scratch = NULL;
  double *numbers = nd_new(nd_table_room(table), sizeof *numbers, error);
  nadir_status status = numbers == NULL ? NADIR_NO_MEMORY : nd_scratch_new(&scratch, table, error);
  for (size_t i = 0; status == NADIR_OK && i < count; i++)
    if (columns[i].equals != NULL)
      status = check_column(&columns[i], table, numbers, scratch, teller, error);
  nd_scratch_free(scratch);
  nd_free(numbers);
  return status;
}

nadir_status nd_warn_unmet_filter(const nd_table *table, const nd_filter *filter, nd_teller *teller,
                                  nadir_error *error) {
  size_t count = nd_filter_columns(filter);
  if (count == 0) return NADIR_OK;
  ND_TRY(nd_warn_of_twins(table, nd_filter_column(filter, 0), count, teller, error));
  return nd_warn_unmet(table, nd_filter_column(filter, 0), count, teller, error);
}
