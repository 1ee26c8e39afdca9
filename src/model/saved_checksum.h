/* The checksum of a model's file (saved_checksum.c): member "checksum" of its JSON object. */
#ifndef ND_SAVED_CHECKSUM_H
#define ND_SAVED_CHECKSUM_H

#include "base/json.h"

/* The object with its checksum as its last member; NULL without memory. */
json_t *nd_checksum_put(json_t *tree);
/* Whether the checksum that the object has is that of its other members. */
nadir_status nd_checksum_check(const json_t *tree, bool *same, nadir_error *error);

#endif
