/* Numbers by text: which column, which parameter has a name. Finding one costs as much as reading it,
 * however many there are. */
#ifndef ND_INDEX_H
#define ND_INDEX_H

#include "base/base.h"

typedef struct nd_index_entry {
  const char *text; /* NULL: free */
  size_t number;
} nd_index_entry;

/* All zeros: empty. The texts are borrowed: they live until the index is cleared. */
typedef struct nd_index {
  nd_index_entry *entries;
  size_t count, size; /* size: a power of two, at least twice the count, or 0 */
} nd_index;

/* Room for one text more, so that it can be added without fail. */
nadir_status nd_index_reserve(nd_index *index, nadir_error *error);
/* A text that is there already keeps its number. */
nadir_status nd_index_add(nd_index *index, const char *text, size_t number, nadir_error *error);
/* The number of text[0 .. length-1]; SIZE_MAX where it is not there. */
size_t nd_index_find(const nd_index *index, const char *text, size_t length);
void nd_index_clear(nd_index *index);

#endif
