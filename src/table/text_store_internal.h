/* Where the texts of one read are kept: pieces are added, all are forgotten together at the next
 * read, and the memory stays. */
#ifndef ND_TEXT_STORE_INTERNAL_H
#define ND_TEXT_STORE_INTERNAL_H

#include "base/base.h"

typedef struct nd_text_store nd_text_store;
nadir_status nd_text_store_new(nd_text_store **store, nadir_error *error);
void nd_text_store_free(nd_text_store *store);
void nd_text_store_clear(nd_text_store *store);
/* Room for `size` bytes; NULL and an error where there is none. */
char *nd_text_store_take(nd_text_store *store, size_t size, nadir_error *error);
/* A NUL-terminated copy. */
nadir_status nd_text_store_copy(nd_text_store *store, const char *text, size_t length,
                                const char **copy, nadir_error *error);

#endif
