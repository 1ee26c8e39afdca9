/* Many small things that live and die together: memory is cut from large slabs by moving a mark,
 * and all slabs are released at once. A request costs a few instructions; what is larger than a
 * quarter of a slab gets a slab of its own, so no more than that is wasted. Single things are never
 * freed. */
#include <string.h>

#include "base/base.h"
#include "fault_internal.h"

enum { GRAIN = 16, SLAB = 1 << 16 };

typedef struct slab {
  struct slab *next;
  size_t size, used; /* of the bytes after this head */
  _Alignas(GRAIN) unsigned char bytes[];
} slab;

struct nd_arena {
  slab *slabs; /* the first is the one being cut */
};

nadir_status nd_arena_new(nd_arena **arena, nadir_error *error) {
  *arena = nd_new(1, sizeof **arena, error);
  return *arena ? NADIR_OK : NADIR_NO_MEMORY;
}

static slab *new_slab(size_t size, nadir_error *error) {
  size_t total;
  if (!nd_add(sizeof(slab), size, &total)) total = SIZE_MAX;
  slab *fresh = nd_new(total, 1, error);
  if (fresh) fresh->size = size;
  return fresh;
}

static void *take_alone(nd_arena *arena, size_t size, nadir_error *error) {
  slab *fresh = new_slab(size, error);
  if (!fresh) return NULL;
  fresh->used = size;
  slab **place = arena->slabs ? &arena->slabs->next : &arena->slabs;
  fresh->next = *place;
  *place = fresh;
  return fresh->bytes;
}

void *nd_arena_take(nd_arena *arena, size_t size, nadir_error *error) {
  size_t rounded;
  if (nd_fault(ND_FAULT_PIECE) || !nd_add(size, GRAIN - 1, &rounded)) return nd_new(SIZE_MAX, 2, error);
  rounded -= rounded % GRAIN;
  if (rounded > SLAB / 4) return take_alone(arena, rounded, error);
  slab *now = arena->slabs;
  if (!now || now->size - now->used < rounded) {
    now = new_slab(SLAB, error);
    if (!now) return NULL;
    now->next = arena->slabs;
    arena->slabs = now;
  }
  void *taken = now->bytes + now->used;
  now->used += rounded;
  return taken;
}

char *nd_arena_text(nd_arena *arena, const char *text, size_t length, nadir_error *error) {
  size_t size;
  if (!nd_add(length, 1, &size)) size = SIZE_MAX; /* more than any memory */
  char *copy = nd_arena_take(arena, size, error);
  if (copy && length > 0) memcpy(copy, text, length);
  return copy;
}

nadir_status nd_arena_keep(nd_arena *arena, const char **kept, const char *text, nadir_error *error) {
  const char *copy = nd_arena_text(arena, text, strlen(text), error);
  if (!copy) return NADIR_NO_MEMORY;
  *kept = copy;
  return NADIR_OK;
}

void nd_arena_free(nd_arena *arena) {
  if (!arena) return;
  for (slab *now = arena->slabs, *next; now; now = next) {
    next = now->next;
    nd_free(now);
  }
  nd_free(arena);
}
