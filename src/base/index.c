/* Hashing with open addressing: an entry lies at the first free place from that of its hash on. At most half
 * of the places are taken, so that few are looked at. */
#include "base/index.h"

#include <string.h>

/* FNV-1a (Fowler, Noll and Vo 1991), its high bits mixed into the low ones that choose the place. */
static uint64_t hash_of(const char *text, size_t length) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
  return hash ^ hash >> 32;
}

/* Where the text is, or the free place where it would be. */
static nd_index_entry *place_of(const nd_index *index, const char *text, size_t length) {
  size_t mask = index->size - 1, at = (size_t)hash_of(text, length) & mask;
  for (;; at = (at + 1) & mask) {
    nd_index_entry *entry = &index->entries[at];
    if (entry->text == NULL) return entry;
    if (strncmp(entry->text, text, length) == 0 && entry->text[length] == '\0') return entry;
  }
}

static nadir_status enlarge(nd_index *index, nadir_error *error) {
  nd_index larger = {.size = index->size == 0 ? 64 : 2 * index->size};
  larger.entries = nd_new(larger.size, sizeof *larger.entries, error);
  if (larger.entries == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < index->size; i++) {
    const char *text = index->entries[i].text;
    if (text != NULL) *place_of(&larger, text, strlen(text)) = index->entries[i];
  }
  larger.count = index->count;
  nd_free(index->entries);
  *index = larger;
  return NADIR_OK;
}

nadir_status nd_index_reserve(nd_index *index, nadir_error *error) {
  return 2 * (index->count + 1) > index->size ? enlarge(index, error) : NADIR_OK;
}

nadir_status nd_index_add(nd_index *index, const char *text, size_t number, nadir_error *error) {
  ND_TRY(nd_index_reserve(index, error));
  nd_index_entry *entry = place_of(index, text, strlen(text));
  if (entry->text != NULL) return NADIR_OK;
  *entry = (nd_index_entry){text, number};
  index->count++;
  return NADIR_OK;
}

size_t nd_index_find(const nd_index *index, const char *text, size_t length) {
  if (index->size == 0) return SIZE_MAX;
  const nd_index_entry *entry = place_of(index, text, length);
  return entry->text == NULL ? SIZE_MAX : entry->number;
}

void nd_index_clear(nd_index *index) {
  nd_free(index->entries);
  *index = (nd_index){0};
}
