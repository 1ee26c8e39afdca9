/* block: rows as the kernels need them: features packed, values of columns alone computed, and
 * the weights.
 *
 * One piece of memory holds all: the block's own, or a cut from the large slabs of a store, which
 * cost a pass over the rows fewer look-ups of addresses (a fifth to a third of its time, on pages of
 * 4 KB). Stored values and weights are padded to whole lines with the last row, so that a kernel may
 * compute on the padding what it computes on a row; nothing of it is summed. */
#include <stdatomic.h>
#include <string.h>

#include "rows_internal.h"

enum { LINE = ND_LINE_BYTES / sizeof(double), TILE = ND_TILE_BYTES / sizeof(double) };
enum { LARGEST_SLAB = 1 << 26 /* bytes */ };

/* Where the parts of a block begin, after its head; false on overflow. */
typedef struct parts {
  size_t padded, x, stored, weights, bytes;
} parts;

static bool measure(size_t features, size_t values, size_t size, size_t capacity, parts *p) {
  size_t x, stored;
  p->padded = nd_line_up(capacity, size);
  p->x = (sizeof(nd_block) + ND_LINE_BYTES - 1) / ND_LINE_BYTES * ND_LINE_BYTES;
  if (!nd_multiply(p->padded * size, features, &x) ||
      !nd_multiply(p->padded * size, values, &stored) || !nd_add(p->x, x, &p->stored) ||
      !nd_add(p->stored, ND_LINE_BYTES, &p->stored) || /* by_rows reads past the last row */
      !nd_add(p->stored, stored, &p->weights))
    return false;
  return nd_add(p->weights, p->padded * size + ND_LINE_BYTES, &p->bytes);
}

size_t nd_block_bytes_of(size_t features, size_t stored, size_t size, size_t capacity) {
  parts p;
  return measure(features, stored, size, capacity, &p) ? p.bytes : SIZE_MAX;
}

size_t nd_block_bytes(const nd_rows *rows, size_t capacity) {
  return nd_block_bytes_of(rows->features, rows->stored, rows->kernels->size, capacity);
}

/* ---- memory ---- */

/* Slabs are as large as all before, up to a limit: few rows take little, many rows large pages. */
typedef struct slab {
  struct slab *before;
} slab;
struct nd_block_store {
  slab *last;
  size_t bytes, used; /* of the last slab */
  size_t total;
};

nadir_status nd_block_store_new(nd_block_store **store, nadir_error *error) {
  *store = nd_new(1, sizeof **store, error);
  return *store ? NADIR_OK : NADIR_NO_MEMORY;
}

void nd_block_store_free(nd_block_store *store) {
  if (!store) return;
  for (slab *last = store->last, *before; last; last = before) {
    before = last->before;
    nd_free(last);
  }
  nd_free(store);
}

static nadir_status add_slab(nd_block_store *store, size_t least, nadir_error *error) {
  size_t bytes = store->total < LARGEST_SLAB ? store->total : LARGEST_SLAB;
  if (bytes < least) bytes = least;
  slab *fresh = nd_new_large(&bytes, error);
  if (!fresh) return NADIR_NO_MEMORY;
  fresh->before = store->last;
  store->last = fresh;
  store->bytes = bytes, store->used = ND_LINE_BYTES, store->total += bytes;
  return NADIR_OK;
}

static void *take(nd_block_store *store, size_t bytes, nadir_error *error) {
  size_t least;
  if (!nd_add(bytes, ND_LINE_BYTES, &least)) least = SIZE_MAX;
  if (store->bytes - store->used < bytes && add_slab(store, least, error) != NADIR_OK) return NULL;
  unsigned char *taken = (unsigned char *)store->last + store->used;
  store->used += (bytes + ND_LINE_BYTES - 1) / ND_LINE_BYTES * ND_LINE_BYTES;
  if (store->used > store->bytes) store->used = store->bytes;
  return taken;
}

nadir_status nd_block_new(nd_block **result, const nd_rows *rows, size_t capacity,
                          nd_block_store *store, nadir_error *error) {
  *result = NULL;
  parts p;
  if (capacity > ND_BLOCK_ROWS ||
      !measure(rows->features, rows->stored, rows->kernels->size, capacity, &p))
    return nd_fail(error, NADIR_NO_MEMORY, "chunk of %zu rows: too large: use fewer rows",
                   capacity);
  unsigned char *memory = store ? take(store, p.bytes, error) : nd_new(p.bytes, 1, error);
  if (!memory) return NADIR_NO_MEMORY;
  nd_block *block = (nd_block *)memory;
  *block = (nd_block){.capacity = capacity,
                      .padded = p.padded,
                      .in_store = store != NULL,
                      .x = memory + p.x,
                      .stored = memory + p.stored,
                      .weights = memory + p.weights};
  *result = block;
  return NADIR_OK;
}

void nd_block_free(nd_block *block) {
  if (block && !block->in_store) nd_free(block);
}

size_t nd_block_rows(const nd_block *block) {
  return block->rows;
}

/* ---- columns as they are computed with ---- */

static bool is_scaled(nd_scaling by) {
  return by.center != 0 || by.width != 1;
}

/* Rows [at, at + count) of a column: where they are, or else in `room`. */
static const double *values_of(const nd_rows *rows, const nd_scaled *column, size_t at, size_t count, double *room) {
  const nd_numbers x = nd_numbers_after(column->x, at);
  if (!is_scaled(column->by)) return nd_doubles(x, count, room);
  rows->kernels->scale(room, x, count, column->by.center, column->by.width);
  return room;
}

static double value_of(const nd_scaled *column, size_t row) {
  const double x = nd_number(column->x, row);
  return is_scaled(column->by) ? (x - column->by.center) / column->by.width : x;
}

static void pack(const nd_rows *rows, nd_rows_workspace *work, nd_block *block, size_t count,
                 const nd_scaled *features) {
  for (size_t at = 0; at < count; at += ND_PACK_ROWS)
    for (size_t first = 0; first < rows->features; first += ND_PACK_FEATURES) {
      const size_t some = count - at < ND_PACK_ROWS ? count - at : ND_PACK_ROWS, left = rows->features - first;
      const size_t together = left < ND_PACK_FEATURES ? left : ND_PACK_FEATURES;
      for (size_t j = 0; j < together; j++)
        work->packed[j] = values_of(rows, &features[first + j], at, some, work->room + j * ND_PACK_ROWS);
      rows->layout->pack(nd_at(rows, block->x, at * rows->features), rows->features, first, together, work->packed,
                         some);
    }
}

static void load_weights(const nd_rows *rows, nd_rows_workspace *work, nd_block *block,
                         size_t count, const nd_scaled *weights) {
  for (size_t at = 0; at < count; at += TILE) {
    const size_t some = count - at < TILE ? count - at : TILE;
    rows->kernels->narrow(nd_at(rows, block->weights, at), values_of(rows, weights, at, some, work->room),
                          some, nd_line_up(some, rows->kernels->size));
  }
}

static void store(const nd_rows *rows, const nd_rows_workspace *work, nd_block *block, size_t at,
                  size_t count, size_t padded) {
  const size_t size = rows->kernels->size;
  for (size_t s = 0; s < rows->stored; s++) {
    const nd_operand *from = nd_code_output(rows->load, &work->load, s);
    rows->kernels->narrow(block->stored + (s * block->padded + at) * size, from->at, count, padded);
  }
}

/* As values_of, but never where they are. */
static const double *copy_of(const nd_rows *rows, const nd_scaled *column, size_t at, size_t count, double *room) {
  const double *x = values_of(rows, column, at, count, room);
  return x == room ? x : memcpy(room, x, count * sizeof *room);
}

/* The values of columns alone, of rows [0, count). Every one of them depends on a column, so none
 * is spread. in_place: the columns are where the values go; a tile of all is read before one of any is written. */
static void compute_stored(const nd_rows *rows, nd_rows_workspace *work, nd_block *block,
                           size_t count, const nd_scaled *columns, bool in_place) {
  const size_t lanes = rows->load->kernels->lanes, whole = count - count % lanes;
  for (size_t at = 0; at < whole; at += TILE) {
    const size_t some = whole - at < TILE ? whole - at : TILE;
    for (size_t c = 0; c < rows->columns; c++)
      work->load.operands[c].at = (in_place ? copy_of : values_of)(rows, &columns[c], at, some, work->room + c * TILE);
    nd_code_run(rows->load, &work->load, some);
    const size_t end = at + some == count ? nd_line_up(count, rows->kernels->size) : at + some;
    store(rows, work, block, at, some, end - at);
  }
  if (whole == count) return;
  for (size_t c = 0; c < rows->columns; c++) {
    double *line = work->room + c * TILE;
    for (size_t i = 0; i < LINE; i++)
      line[i] = value_of(&columns[c], whole + i < count ? whole + i : count - 1);
    work->load.operands[c].at = line;
  }
  nd_code_run(rows->load, &work->load, count - whole);
  store(rows, work, block, whole, count - whole, nd_line_up(count, rows->kernels->size) - whole);
}

/* All but what is stored. */
static void load(const nd_rows *rows, nd_rows_workspace *work, nd_block *block, size_t count,
                 const nd_scaled *features, const nd_scaled *weights) {
  static atomic_uint_fast64_t loadings; /* in any thread: a number for each is all that counts */
  block->loading = atomic_fetch_add(&loadings, 1) + 1;
  block->rows = count;
  block->weighted = weights != NULL;
  if (rows->features > 0) pack(rows, work, block, count, features);
  if (weights) load_weights(rows, work, block, count, weights);
}

void nd_block_load(const nd_rows *rows, nd_rows_workspace *work, nd_block *block, size_t count,
                   const nd_scaled *features, const nd_scaled *columns, const nd_scaled *weights) {
  load(rows, work, block, count, features, weights);
  if (count > 0) compute_stored(rows, work, block, count, columns, false);
}

/* ---- columns as they are read, scaled later ---- */

bool nd_rows_hold(const nd_rows *rows) {
  return rows->columns <= rows->stored;
}

void nd_block_hold(const nd_rows *rows, nd_rows_workspace *work, nd_block *block, size_t count,
                   const nd_scaled *features, const nd_scaled *columns, const nd_scaled *weights) {
  load(rows, work, block, count, features, weights);
  for (size_t c = 0; c < rows->columns; c++)
    for (size_t at = 0; at < count; at += TILE) {
      const size_t some = count - at < TILE ? count - at : TILE;
      rows->kernels->narrow(nd_at(rows, block->stored, c * block->padded + at),
                            values_of(rows, &columns[c], at, some, work->room), some, some);
    }
}

void nd_block_scale(const nd_rows *rows, nd_rows_workspace *work, nd_block *block,
                    const nd_scaling *features, nd_scaled *columns) {
  double *center = work->room, *width = center + rows->features;
  for (size_t j = 0; j < rows->features; j++) {
    center[j] = features[j].center;
    width[j] = features[j].width;
  }
  rows->layout->scale(block->x, rows->features, block->rows, center, width);
  for (size_t c = 0; c < rows->columns; c++)
    columns[c].x = nd_stored(rows, block, c, 0);
  if (block->rows > 0) compute_stored(rows, work, block, block->rows, columns, true);
}

void nd_block_reweigh(const nd_rows *rows, nd_rows_workspace *work, nd_block *block,
                      const double *weights) {
  block->weighted = weights != NULL;
  if (weights)
    load_weights(rows, work, block, block->rows,
                 &(nd_scaled){{NADIR_FLOAT64, weights}, {0, 1}});
}

nd_operand nd_block_weights(const nd_rows *rows, const nd_rows_workspace *work,
                            const nd_block *block, size_t at) {
  if (!block->weighted) return (nd_operand){work->one, 0};
  return (nd_operand){nd_at(rows, block->weights, at), rows->kernels->lanes};
}
