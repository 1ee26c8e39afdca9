/* Steps of a proof: each is owned by the verdict, with its formula printed in both notations. */
#include <string.h>

#include "theory/theory_internal.h"

/* The room made is always the power of two from 8 that holds the steps. */
static nadir_status make_room(nd_verdict *verdict, nadir_error *error) {
  size_t count = verdict->steps;
  bool full = count == 0 || (count >= 8 && (count & (count - 1)) == 0);
  if (!full) return NADIR_OK;
  nadir_proof_step *more = nd_new(count == 0 ? 8 : 2 * count, sizeof *more, error);
  if (more == NULL) return NADIR_NO_MEMORY;
  if (count > 0) memcpy(more, verdict->step, count * sizeof *more);
  nd_free(verdict->step);
  verdict->step = more;
  return NADIR_OK;
}

/* The last step that is less deep. */
static size_t parent_of(const nd_verdict *verdict, unsigned depth) {
  for (size_t i = verdict->steps; i-- > 0;)
    if (verdict->step[i].depth < depth) return i;
  return NADIR_NO_STEP;
}

nadir_status nd_print_copy(const nd_graph *graph, nd_node node, nd_notation notation, char **copy,
                           nadir_error *error) {
  nd_text text = {0};
  nadir_status status = nd_print(graph, node, notation, &text, error);
  return nd_give_text(&text, status, copy, error);
}

nadir_status nd_proof_add(nd_verdict *verdict, const nd_graph *graph, nadir_proof_step step,
                          nd_node node, nadir_error *error) {
  ND_TRY(make_room(verdict, error));
  step.parent = parent_of(verdict, step.depth);
  nadir_proof_step *added = &verdict->step[verdict->steps++];
  *added = step;
  ND_TRY(nd_print_copy(graph, node, ND_PLAIN, &added->formula, error));
  return nd_print_copy(graph, node, ND_LATEX, &added->latex, error);
}
