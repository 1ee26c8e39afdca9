/* A fitted model with what it was fitted by and to, and its file (saved.c). */
#ifndef ND_SAVED_H
#define ND_SAVED_H

#include "base/listener.h"
#include "model/model.h"

/* What a model was fitted to, or another run was made of. */
typedef struct nd_origin {
  char **files; /* of its table; none for what has no table */
  size_t file_count;
  char digest[ND_DIGEST_TEXT]; /* of the table, as its file has it: 16 digits in earlier ones */
  uint64_t rows_read, rows_used;
  char *command; /* that makes the run again; NULL in files before format 3, as ... */
  char *date;    /* ... when it was */
} nd_origin;
/* The files and the digest of the table. */
nadir_status nd_origin_set(nd_origin *origin, const nd_table *table, nadir_error *error);
void nd_origin_clear(nd_origin *origin);

struct nadir_model {
  nd_model *model;
  nadir_settings *settings; /* those of the fit */
  nd_origin origin;
  char *unsealed; /* the path of the file without a checksum that it was read from; else NULL */
  double loss;
  nadir_classes classes; /* count 0: the target is a number */
  nadir_parameter *parameter; /* as the caller reads them */
  const char **column;        /* names, each once */
  size_t columns;
};
void nd_saved_free(nadir_model *model);
nadir_status nd_saved_write(const nadir_model *model, const char *path, nadir_error *error);
/* Validates everything and executes nothing; its classes are not set. */
nadir_status nd_saved_read(nadir_model **model, const char *path, nadir_error *error);
/* Warns where the model's file has no checksum: before the model is used. */
nadir_status nd_warn_unsealed(const nadir_model *model, nd_teller *teller, nadir_error *error);
/* --warm-start (warm_start.c): where the parameters begin that the saved model has and --start does not name. Those that
 * it does not have are warned of. */
nadir_status nd_warm_start(nd_model *model, const nadir_settings *settings, nd_teller *teller,
                           nadir_error *error);

#endif
