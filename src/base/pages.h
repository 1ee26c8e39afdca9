/* Pages straight from the system, zeroed, which go back to it when they are freed. malloc keeps what is
 * below the end of its heap: where many pieces are freed while others are taken, both would count.
 * Each costs two calls of the system: for pieces of 100 KB and more. */
#ifndef ND_PAGES_H
#define ND_PAGES_H

#include "base/base.h"

typedef struct nd_pages {
  void *at; /* NULL: none */
  size_t bytes;
} nd_pages;

nadir_status nd_pages_new(nd_pages *pages, size_t bytes, nadir_error *error);
void nd_pages_free(nd_pages *pages); /* then there are none */

#endif
