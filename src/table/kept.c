/* Numbers of a table that were read, kept for the next pass: of text, whose cells cost many times more
 * to read than to copy.
 *
 * The requests that are kept are listed at the start; a chunk is kept once all of them have been read of it at
 * once, by whichever thread did so first, and what is listed is then copied from it. What is not listed (texts, and
 * columns that nobody named) is always read. All memory is taken at once, of which the system gives pages as they
 * are written to. */
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/pages.h"
#include "table/reader_internal.h"

typedef enum filling { EMPTY, UNDER_WAY, FULL } filling;

struct nd_kept {
  nd_request *requests;
  size_t count, room;
  nd_pages numbers;    /* of a chunk, of a request: `room` of them */
  atomic_uchar *state; /* of each chunk: filling */
};

static bool gives_numbers(nd_request_kind kind) {
  return kind != ND_AS_TEXT && kind != ND_AS_SINGLE;
}

static bool is_same(const nd_request *a, const nd_request *b) {
  if (a->kind != b->kind || a->column != b->column || a->element != b->element) return false;
  if (a->kind == ND_AS_READ) return a->reads == b->reads;
  return a->kind != ND_AS_EQUAL || strcmp(a->equals, b->equals) == 0;
}

static void list(nd_kept *kept, const nd_request *requests, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (gives_numbers(requests[i].kind)) kept->requests[kept->count++] = requests[i];
}

/* None where that would be more than `most` bytes. */
static nadir_status take_memory(nd_kept *kept, const nd_table *table, uint64_t most, nadir_error *error) {
  size_t bytes, chunks = nd_table_chunks(table);
  kept->room = nd_table_room(table);
  if (!nd_multiply(kept->room * sizeof(double), kept->count, &bytes) || !nd_multiply(bytes, chunks, &bytes) ||
      bytes == 0 || bytes > most)
    return NADIR_OK;
  kept->state = nd_new(chunks, sizeof *kept->state, error);
  return kept->state == NULL ? NADIR_NO_MEMORY : nd_pages_new(&kept->numbers, bytes, error);
}

nadir_status nd_kept_new(nd_kept **kept, const nd_table *table, const nd_request *requests, size_t count,
                         uint64_t most, nadir_error *error) {
  *kept = NULL;
  nd_kept *made = nd_new(1, sizeof *made, error);
  if (made == NULL) return NADIR_NO_MEMORY;
  made->requests = nd_new(count, sizeof *made->requests, error);
  nadir_status status = made->requests == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  if (status == NADIR_OK) list(made, requests, count);
  if (status == NADIR_OK) status = take_memory(made, table, most, error);
  if (status == NADIR_OK && made->numbers.at != NULL)
    *kept = made;
  else
    nd_kept_free(made);
  return status;
}

uint64_t nd_kept_bytes(const nd_kept *kept) {
  return kept == NULL ? 0 : kept->numbers.bytes;
}

void nd_kept_free(nd_kept *kept) {
  if (kept == NULL) return;
  nd_pages_free(&kept->numbers);
  nd_free(kept->state);
  nd_free(kept->requests);
  nd_free(kept);
}

/* The first in a list that is the same as this one, looked for from `from` on and around: both are mostly in the
 * same order. `count` where there is none. */
static size_t find(const nd_request *list, size_t count, size_t from, const nd_request *wanted) {
  for (size_t i = 0; i < count; i++) {
    const size_t at = from + i < count ? from + i : from + i - count;
    if (is_same(&list[at], wanted)) return at;
  }
  return count;
}

static double *numbers_of(const nd_kept *kept, size_t chunk, size_t i) {
  return (double *)kept->numbers.at + (chunk * kept->count + i) * kept->room;
}

size_t nd_kept_give(const nd_kept *kept, size_t chunk, size_t rows, const nd_request *requests,
                    size_t count, nd_request *fresh) {
  const bool full = atomic_load_explicit(&kept->state[chunk], memory_order_acquire) == FULL;
  size_t others = 0;
  for (size_t i = 0, at = 0; i < count; i++) {
    const bool looked_for = full && gives_numbers(requests[i].kind);
    const size_t found = looked_for ? find(kept->requests, kept->count, at, &requests[i]) : kept->count;
    if (found == kept->count) {
      fresh[others++] = requests[i];
      continue;
    }
    memcpy(requests[i].numbers, numbers_of(kept, chunk, found), rows * sizeof(double));
    at = found + 1;
  }
  return others;
}

void nd_kept_take(nd_kept *kept, size_t chunk, size_t rows, const nd_request *requests, size_t count) {
  unsigned char state = EMPTY;
  for (size_t i = 0, at = 0; i < kept->count; i++, at++)
    if ((at = find(requests, count, at, &kept->requests[i])) == count) return;
  if (!atomic_compare_exchange_strong(&kept->state[chunk], &state, UNDER_WAY)) return;
  for (size_t i = 0, at = 0; i < kept->count; i++, at++) {
    at = find(requests, count, at, &kept->requests[i]);
    memcpy(numbers_of(kept, chunk, i), requests[at].numbers, rows * sizeof(double));
  }
  atomic_store_explicit(&kept->state[chunk], FULL, memory_order_release);
}
