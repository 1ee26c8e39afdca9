/* Makes examples/data/hubble1929.fits: the CSV file next to it, with the units in the header. The test
 * that runs this compares what it makes with the file that is kept.
 *
 *     hubble_fits hubble1929.csv OUT.fits */
#include <stdio.h>

#include "table/table.h"

enum { NEBULA, DISTANCE, VELOCITY, COLUMNS };

typedef struct copy {
  nd_table *table;
  nd_scratch *scratch;
  nd_writer *writer;
} copy;

static void copy_free(copy *c) {
  nd_writer_close(c->writer);
  nd_scratch_free(c->scratch);
  nd_table_close(c->table);
}

static nadir_status copy_rows(copy *c, nadir_error *error) {
  static const char *texts[COLUMNS][ND_CHUNK];
  nd_request requests[COLUMNS];
  nd_cells cells[COLUMNS];
  static double distance[ND_CHUNK];
  for (size_t i = 0; i < COLUMNS; i++)
    requests[i] = (nd_request){.kind = ND_AS_TEXT, .column = i, .texts = texts[i]};
  requests[DISTANCE] = (nd_request){.kind = ND_AS_NUMBER, .column = DISTANCE, .numbers = distance};
  for (size_t i = 0; i < COLUMNS; i++)
    cells[i] = (nd_cells){.numbers = requests[i].numbers, .texts = texts[i]};
  cells[DISTANCE].texts = NULL;
  size_t rows;
  ND_TRY(nd_table_read(c->table, 0, requests, COLUMNS, c->scratch, &rows, error));
  ND_TRY(nd_writer_rows(c->writer, cells, rows, error));
  return nd_writer_commit(c->writer, error);
}

static nadir_status copy_table(copy *c, const char *from, const char *to, nadir_error *error) {
  const nd_table_options options = {.threads = 1};
  static const char *const units[COLUMNS] = {"", "Mpc", "km/s"};
  nd_column columns[COLUMNS];
  ND_TRY(nd_table_open(&c->table, &from, 1, &options, error));
  if (nd_table_columns(c->table) != COLUMNS || nd_table_chunks(c->table) != 1)
    return nd_fail(error, NADIR_BAD_DATA, "%s: is not Hubble's table", from);
  for (size_t i = 0; i < COLUMNS; i++) {
    columns[i] = *nd_table_column(c->table, i);
    columns[i].unit = units[i];
  }
  columns[VELOCITY].type = ND_CELL_INTEGER;
  ND_TRY(nd_scratch_new(&c->scratch, c->table, error));
  ND_TRY(nd_writer_open(&c->writer, to, columns, COLUMNS, nd_table_rows(c->table), error));
  return copy_rows(c, error);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  nadir_error error;
  copy c = {0};
  nadir_status status = copy_table(&c, argv[1], argv[2], &error);
  copy_free(&c);
  if (status != NADIR_OK) fprintf(stderr, "hubble_fits: %s\n", error.message);
  return nadir_exit_status(status);
}
