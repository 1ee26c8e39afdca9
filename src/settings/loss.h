/* Losses: the rows of loss.def, where their columns are explained, and --loss read. */
#ifndef ND_LOSS_H
#define ND_LOSS_H

#include "settings/settings.h"

typedef enum nd_target_kind { ND_TARGET_REAL, ND_TARGET_TRUTH, ND_TARGET_CLASS } nd_target_kind;
typedef enum nd_link {
  ND_LINK_CENTER,
  ND_LINK_QUANTILE,
  ND_LINK_LOGIT,
  ND_LINK_LOG,
  ND_LINK_MARGIN,
  ND_LINK_CLASSES
} nd_link;
typedef enum nd_curve {
  ND_CURVE_UNBOUNDED,
  ND_CURVE_SQUARE,
  ND_CURVE_LOGISTIC,
  ND_CURVE_EXPONENTIAL
} nd_curve;
typedef enum nd_corner {
  ND_CORNER_NONE,
  ND_CORNER_EVEN,
  ND_CORNER_TILTED,
  ND_CORNER_HINGE
} nd_corner;
typedef enum nd_loss_errors {
  ND_HAS_NO_ERRORS,
  ND_HAS_SQUARES,
  ND_HAS_LIKELIHOOD,
  ND_HAS_SANDWICH
} nd_loss_errors;
typedef enum nd_takes { ND_TAKES_ANY, ND_TAKES_COUNTS } nd_takes;

/* A loss as set: a row of the list with its parameter, or an expression of the user's own. */
typedef struct nd_loss {
  nadir_loss_info info; /* name "expression" for one of the user's own; parameter "" without one */
  double low, high;     /* ends of the parameter, which lies between them */
  bool scales;          /* the parameter is in the units of the target */
  double power, least;
  nd_target_kind target;
  nd_link link;
  nd_curve curve;
  nd_corner corner;
  nd_takes takes;
  nd_loss_errors errors;
  bool is_listed;
  double parameter; /* NaN where there is none */
} nd_loss;
const nadir_loss_info *nd_loss_at(size_t i);
/* Whether it has what a bound on the gap needs: straight pieces, or a curve. */
bool nd_loss_is_bounded(size_t i);
/* "logistic, hinge or softmax": those whose target is a class, be it of two. */
void nd_loss_name_those_of_classes(nd_text *out);
/* What f says of the target: the probability that it is 1 (LOGIT), the count to be expected (LOG),
 * else f itself. */
double nd_loss_answer(const nd_loss *loss, double f);
/* --loss read; kind: of the target, for auto. */
nadir_status nd_loss_read(const char *text, nd_target_kind kind, nd_loss *loss, nadir_error *error);

#endif
