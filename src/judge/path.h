/* The path of a penalty: fits with many strengths of it, each begun where the last one ended (path.c). */
#ifndef ND_PATH_H
#define ND_PATH_H

#include "judge/judge.h"
#include "objective/fitting.h"

/* Clear also after a failure. By value, from the largest penalty down; loss and held in the table's units. */
typedef struct nd_path {
  bool l1; /* else l2 */
  size_t count, size;
  double *penalty, *loss; /* loss: of the data, without any penalty */
  double *held;           /* the loss of the validation rows; NaN without them */
  double *w, *scaled;     /* size numbers each: in the table's units, in descent coordinates */
  size_t *used;           /* penalised parameters that are not 0 */
  nadir_stop *stop;
  double held_weight; /* of the validation rows */
} nd_path;
nadir_status nd_path_new(nd_path *path, const nd_fitting *fitting, nadir_error *error);
void nd_path_clear(nd_path *path);
/* Chooses the penalties by the rows of the fitting. */
nadir_status nd_path_choose(nd_path *path, nd_fitting *fitting, nadir_error *error);
/* Fits with each of them. */
nadir_status nd_path_follow(nd_path *path, nd_fitting *fitting, nadir_error *error);

#endif
