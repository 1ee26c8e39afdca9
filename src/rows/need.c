/* How much of a table a fit keeps in memory, told before there is a model: of the model linear(*) by least squares,
 * the target one of the numbers. data.c decides by the same sizes whether it keeps rows or reads them again. The rows
 * as they were read come on top only while blocks are made of them, each of which replaces some. */
#include "engine/engine.h"
#include "rows/blocks.h"
#include "rows/summary.h"

enum { STORED = 2 }; /* values of the target, for the squared loss and its slope */

typedef struct numbers {
  size_t count;
  bool single; /* all are exact as floats */
} numbers;

static numbers numbers_of(const nd_table *table) {
  numbers all = {.single = true};
  for (size_t i = 0; i < nd_table_columns(table); i++) {
    const nd_column *column = nd_table_column(table, i);
    nadir_cells cells = nd_cells_of(column);
    if (cells == NADIR_TEXTS || cells == NADIR_ARRAYS) continue;
    all.count += column->elements;
    all.single = all.single && column->single;
  }
  return all;
}

void nd_summarize_need(const nd_table *table, const nadir_settings *settings,
                       nadir_summary *summary) {
  numbers all = numbers_of(table);
  summary->numbers = all.count;
  summary->memory = nd_memory_bytes(settings, NULL);
  if (all.count == 0) return;
  bool single = all.single && nd_is_large(table, all.count + 1);
  size_t block = nd_block_bytes_of(all.count - 1, STORED, single ? sizeof(float) : sizeof(double),
                                   nd_table_room(table));
  size_t bytes;
  summary->fit_bytes = nd_multiply(nd_table_chunks(table), block, &bytes) ? bytes : SIZE_MAX;
}
