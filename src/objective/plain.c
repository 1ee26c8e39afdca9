/* What the objectives without rows share: names, penalties, coordinates that are those of the table. */
#include <string.h>

#include "objective/plain_internal.h"

static const nd_plain *plain_of(const nd_objective *face) {
  return (const nd_plain *)face; /* the face is its first member */
}

double nd_plain_penalty(const nd_plain *plain, const double *w, double *gradient) {
  double sum = 0;
  for (size_t i = 0; i < plain->size && plain->ridge != NULL; i++) {
    sum += plain->ridge[i] * w[i] * w[i];
    if (gradient != NULL) gradient[i] += plain->ridge[i] * w[i];
  }
  return sum / 2;
}

static double data_loss(const nd_objective *face, const double *w, double loss) {
  return loss - nd_plain_penalty(plain_of(face), w, NULL);
}

static void to_table(const nd_objective *face, const double *w, double *table_w) {
  if (w != table_w) memmove(table_w, w, plain_of(face)->size * sizeof *w);
}

/* strength for each parameter that is not spared; NULL where there is none. */
static nadir_status penalty_new(const nd_plain *plain, double strength, const bool *spared,
                                double **penalty, nadir_error *error) {
  if (!(strength > 0)) return NADIR_OK;
  *penalty = nd_new(plain->size, sizeof **penalty, error);
  if (*penalty == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < plain->size; i++)
    (*penalty)[i] = spared[i] ? 0 : strength;
  return NADIR_OK;
}

static nadir_status set_penalties(nd_plain *plain, const nadir_settings *settings,
                                  nadir_error *error) {
  bool *spared = nd_new(plain->size, sizeof *spared, error);
  if (spared == NULL) return NADIR_NO_MEMORY;
  nadir_status status =
      nd_no_penalty(settings, (const char *const *)plain->names, plain->size, spared, error);
  if (status == NADIR_OK) status = penalty_new(plain, settings->l2, spared, &plain->ridge, error);
  if (status == NADIR_OK) status = penalty_new(plain, settings->l1, spared, &plain->l1, error);
  nd_free(spared);
  return status;
}

nadir_status nd_plain_begin(nd_plain *plain, size_t size, nadir_error *error) {
  plain->size = size;
  plain->face.to_table = to_table;
  plain->face.data_loss = data_loss;
  plain->face.loss_factor = 1;
  plain->names = nd_new(size, sizeof *plain->names, error);
  return plain->names == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

nadir_status nd_plain_name(nd_plain *plain, size_t i, const char *name, nadir_error *error) {
  plain->names[i] = nd_copy_text(name, strlen(name), error);
  return plain->names[i] == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

nadir_status nd_plain_finish(nd_plain *plain, nadir_status status, const nadir_settings *settings,
                             nd_objective **objective, nadir_error *error) {
  if (status == NADIR_OK) status = set_penalties(plain, settings, error);
  plain->face.names = plain->names;
  plain->face.l1 = plain->l1;
  if (status == NADIR_OK)
    *objective = &plain->face;
  else
    plain->face.free(&plain->face);
  return status;
}

void nd_plain_clear(nd_plain *plain) {
  for (size_t i = 0; i < plain->size && plain->names != NULL; i++)
    nd_free(plain->names[i]);
  nd_free(plain->names);
  nd_free(plain->ridge);
  nd_free(plain->l1);
}
