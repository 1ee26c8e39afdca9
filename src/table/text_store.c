/* Texts of one read: a list of blocks, filled from the front, forgotten together.
 * Costs one addition a text; a block more each time that 64 KiB, or one longer text, are full.
 * What was handed out never moves, so pointers into the store stay right while it grows. */
#include "table/text_store_internal.h"

#include <string.h>

enum { BLOCK = 1 << 16 };

typedef struct block {
  struct block *next;
  size_t size, used;
  char data[];
} block;

struct nd_text_store {
  block *first, *current;
};

static block *block_new(size_t size, nadir_error *error) {
  block *fresh = nd_new(1, sizeof(block) + size, error); /* a text of that size is in memory */
  if (fresh != NULL) fresh->size = size;
  return fresh;
}

nadir_status nd_text_store_new(nd_text_store **store, nadir_error *error) {
  *store = NULL;
  nd_text_store *fresh = nd_new(1, sizeof *fresh, error);
  if (fresh == NULL) return NADIR_NO_MEMORY;
  fresh->first = fresh->current = block_new(BLOCK, error);
  if (fresh->first == NULL) {
    nd_free(fresh);
    return NADIR_NO_MEMORY;
  }
  *store = fresh;
  return NADIR_OK;
}

void nd_text_store_free(nd_text_store *store) {
  if (store == NULL) return;
  for (block *b = store->first; b != NULL;) {
    block *next = b->next;
    nd_free(b);
    b = next;
  }
  nd_free(store);
}

void nd_text_store_clear(nd_text_store *store) {
  for (block *b = store->first; b != NULL; b = b->next)
    b->used = 0;
  store->current = store->first;
}

char *nd_text_store_take(nd_text_store *store, size_t size, nadir_error *error) {
  block *b = store->current;
  while (b->size - b->used < size && b->next != NULL)
    b = b->next;
  if (b->size - b->used < size) {
    b->next = block_new(size > BLOCK ? size : BLOCK, error);
    if (b->next == NULL) return NULL;
    b = b->next;
  }
  store->current = b;
  char *room = b->data + b->used;
  b->used += size;
  return room;
}

nadir_status nd_text_store_copy(nd_text_store *store, const char *text, size_t length,
                                const char **copy, nadir_error *error) {
  char *room = nd_text_store_take(store, length + 1, error);
  if (room == NULL) return NADIR_NO_MEMORY;
  memcpy(room, text, length);
  room[length] = '\0';
  *copy = room;
  return NADIR_OK;
}
