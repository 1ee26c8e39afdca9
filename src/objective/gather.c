/* The used rows of a table, copied as doubles: for what needs all of them at once. */
#include <string.h>

#include "objective/joint.h"

static nadir_status copy_piece(nd_packed *to, const nd_packed *from, size_t width,
                               nadir_error *error) {
  size_t rows = from->rows;
  *to = (nd_packed){.rows = rows};
  ND_TRY(nd_pages_new(&to->own, width * (sizeof *to->column + rows * sizeof(double)), error));
  to->column = to->own.at;
  double *room = (double *)(to->column + width);
  for (size_t c = 0; c < width; c++, room += rows) {
    for (size_t r = 0; r < rows; r++)
      room[r] = nd_packed_number(from, c, r);
    to->column[c] = (nd_numbers){NADIR_FLOAT64, room};
  }
  return NADIR_OK;
}

static nadir_status gather_block(nd_gathered *g, nd_data *data, size_t b, size_t first,
                                 nadir_error *error) {
  const nd_packed *packed;
  uint16_t order[ND_CHUNK];
  ND_TRY(nd_data_ordered(data, b, 0, &packed, order, error));
  ND_TRY(copy_piece(&g->piece[g->pieces++], packed, data->width, error));
  for (size_t r = 0; r < packed->rows; r++)
    g->place[first + r] = (uint64_t)b * ND_CHUNK + order[r];
  return NADIR_OK;
}

nadir_status nd_gather(nd_gathered *g, const nd_table_objective *self, nadir_error *error) {
  nd_data *data = self->data;
  *g = (nd_gathered){.rows = (size_t)data->counts.used};
  g->piece = nd_new(data->blocks, sizeof *g->piece, error);
  g->place = nd_new(g->rows, sizeof *g->place, error);
  nadir_status status = g->piece && g->place ? NADIR_OK : NADIR_NO_MEMORY;
  size_t first = 0;
  for (size_t b = 0; b < data->blocks && status == NADIR_OK; b++) {
    if (data->block_rows[b] > 0) status = gather_block(g, data, b, first, error);
    first += data->block_rows[b];
  }
  return status;
}

void nd_gathered_free(nd_gathered *g) {
  for (size_t i = 0; i < g->pieces; i++)
    nd_pages_free(&g->piece[i].own);
  nd_free(g->piece);
  nd_free(g->place);
  *g = (nd_gathered){0};
}
