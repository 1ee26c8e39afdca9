/* Every allocation of the library: zeroed, aligned to a cache line (64 bytes, a whole vector of any
 * processor), sizes checked against overflow, failures told as sentences. What is allocated here is
 * released by nd_free alone, except pages of the system (pages.h). Growing copies into a new block,
 * since realloc keeps no alignment; growth by half makes the cost of n appends proportional to n. */
#define _GNU_SOURCE /* sysconf's page count and madvise under strict C */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/base.h"
#include "base/pages.h"
#include "fault_internal.h"

enum { ALIGNMENT = 64, LARGE_PAGE = 1 << 21, FROM_SYSTEM = 1 << 16 };
_Static_assert(_Alignof(max_align_t) >= sizeof(void *), "there is room for a word");

bool nd_multiply(size_t a, size_t b, size_t *product) {
  return !__builtin_mul_overflow(a, b, product);
}

bool nd_add(size_t a, size_t b, size_t *sum) {
  return !__builtin_add_overflow(a, b, sum);
}

static void out_of_memory(size_t count, size_t size, nadir_error *error) {
  nd_fail(error, NADIR_NO_MEMORY,
          "memory: there is not enough for %zu x %zu bytes: use a smaller problem or "
          "a larger machine",
          count, size);
}

/* The next multiple of `alignment`, and not 0; SIZE_MAX where no memory is that large. */
static size_t round_up(size_t bytes, size_t alignment) {
  size_t rounded;
  if (bytes > 0 && bytes % alignment == 0) return bytes;
  if (!nd_add(bytes, alignment, &rounded) || rounded > PTRDIFF_MAX) return SIZE_MAX;
  return rounded - rounded % alignment;
}

/* Pages of 2 MB are cleared and mapped in a fraction of the time of so many small ones. */
static void advise(unsigned char *memory, size_t bytes) {
#ifdef MADV_HUGEPAGE
  const size_t before = (LARGE_PAGE - (uintptr_t)memory % LARGE_PAGE) % LARGE_PAGE;
  if (bytes < before + LARGE_PAGE) return;
  const size_t whole = (bytes - before) / LARGE_PAGE * LARGE_PAGE;
  madvise(memory + before, whole, MADV_HUGEPAGE); /* or they stay small */
#else
  (void)memory, (void)bytes;
#endif
}

/* malloc is quick, and aligned_alloc is not: memory begins at the next multiple of `alignment` in a
 * larger piece, after a word that says where the piece begins; malloc's alignment leaves room. */
static void *allocate(size_t alignment, size_t rounded, bool zeroed) {
  const bool possible = rounded <= PTRDIFF_MAX - alignment && !nd_fault(ND_FAULT_MEMORY);
  unsigned char *piece = NULL;
  if (possible) piece = zeroed ? calloc(1, rounded + alignment) : malloc(rounded + alignment);
  if (!piece) return NULL;
  unsigned char *memory = piece + (alignment - (uintptr_t)piece % alignment);
  memcpy(memory - sizeof piece, &piece, sizeof piece);
  advise(memory, rounded);
  return memory;
}

/* The first `kept` bytes are the caller's to fill, all others zero. Pages that come from the system are zero, so that
 * they need not be touched; calloc knows them, but is slower than malloc for what is small. */
static void *take(size_t count, size_t size, size_t kept, size_t *bytes, nadir_error *error) {
  const size_t rounded = nd_multiply(count, size, bytes) ? round_up(*bytes, ALIGNMENT) : SIZE_MAX;
  const bool zeroed = *bytes >= FROM_SYSTEM;
  unsigned char *memory = allocate(ALIGNMENT, rounded, zeroed);
  if (!memory)
    out_of_memory(count, size, error);
  else if (!zeroed)
    memset(memory + kept, 0, *bytes - kept);
  return memory;
}

void *nd_new(size_t count, size_t size, nadir_error *error) {
  size_t bytes;
  return take(count, size, 0, &bytes, error);
}

void *nd_new_large(size_t *bytes, nadir_error *error) {
  const size_t wanted = *bytes, page = wanted < LARGE_PAGE ? ALIGNMENT : LARGE_PAGE;
  *bytes = round_up(wanted, page);
  void *memory = allocate(page, *bytes, true);
  if (!memory) out_of_memory(1, wanted, error);
  return memory;
}

nadir_status nd_pages_new(nd_pages *pages, size_t bytes, nadir_error *error) {
  void *room = nd_fault(ND_FAULT_MMAP)
                   ? MAP_FAILED
                   : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *pages = (nd_pages){0};
  if (room == MAP_FAILED) {
    out_of_memory(1, bytes, error);
    return NADIR_NO_MEMORY;
  }
  *pages = (nd_pages){room, bytes};
  return NADIR_OK;
}

void nd_pages_free(nd_pages *pages) {
  if (pages->at != NULL) munmap(pages->at, pages->bytes);
  *pages = (nd_pages){0};
}

/* One and a half times the old capacity, or what is wanted if that is more. */
static size_t grown(size_t capacity, size_t wanted) {
  size_t more;
  if (!nd_add(capacity, capacity / 2 + 8, &more)) return wanted;
  return more > wanted ? more : wanted;
}

nadir_status nd_grow(void *array_address, size_t *capacity, size_t wanted, size_t size,
                     nadir_error *error) {
  if (nd_fault(ND_FAULT_PIECE)) {
    out_of_memory(wanted, size, error);
    return NADIR_NO_MEMORY;
  }
  if (wanted <= *capacity) return NADIR_OK;
  size_t count = grown(*capacity, wanted), bytes;
  if (!nd_multiply(count, size, &bytes)) count = wanted;
  size_t kept = *capacity * size; /* fits: it was allocated */
  void *old, *fresh = take(count, size, kept, &bytes, error);
  if (!fresh) return NADIR_NO_MEMORY;
  memcpy(&old, array_address, sizeof old);
  if (kept > 0) memcpy(fresh, old, kept);
  memcpy(array_address, &fresh, sizeof fresh);
  *capacity = count;
  nd_free(old);
  return NADIR_OK;
}

char *nd_copy_text(const char *text, size_t length, nadir_error *error) {
  size_t size;
  if (!nd_add(length, 1, &size)) {
    out_of_memory(length, 1, error);
    return NULL;
  }
  char *copy = take(size, 1, length, &size, error);
  if (copy && length > 0) memcpy(copy, text, length);
  return copy;
}

void nd_free(void *memory) {
  void *piece = NULL;
  if (memory) memcpy(&piece, (unsigned char *)memory - sizeof piece, sizeof piece);
  free(piece);
}

uint64_t nd_physical_memory(void) {
  long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : 0;
}
