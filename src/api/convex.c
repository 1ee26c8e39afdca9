/* The question of a formula's convexity: asked of theory, and what it answers given to the caller. */
#include "api/question_internal.h"

nadir_status nadir_convex(const nadir_expr *expr, const nadir_settings *settings,
                          const nadir_listener *listener, nadir_convexity **convexity,
                          nadir_error *error) {
  ND_TO_NEAREST;
  nd_asked asked;
  *convexity = NULL;
  ND_TRY(nd_ask(&asked, expr, settings, listener, error));
  nadir_convexity *found = nd_new(1, sizeof *found, error);
  nadir_status status = found ? nd_convexity(&asked.question, found, error) : NADIR_NO_MEMORY;
  if (status == NADIR_OK)
    status = nd_name_question(expr, &asked.question, &found->formula, &found->parameter, error);
  if (status == NADIR_OK)
    *convexity = found;
  else
    nadir_convexity_free(found);
  nd_asked_free(&asked);
  return status;
}

void nadir_convexity_free(nadir_convexity *convexity) {
  if (!convexity) return;
  nd_verdict_clear(convexity);
  nd_free(convexity);
}
