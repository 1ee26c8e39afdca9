/* Lines of a proof: each is owned by the verdict, with its formula printed in both notations. */
#include <string.h>

#include "theory/theory_internal.h"

static nadir_status copy_text(const char *text, char **copy, nadir_error *error) {
  *copy = nd_copy_text(text, strlen(text), error);
  return *copy == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

/* One more line, zeroed. The room made is always the power of two from 8 that holds the lines. */
static nadir_status add_line(nd_verdict *verdict, nd_proof_line **line, nadir_error *error) {
  size_t count = verdict->proof_lines;
  bool full = count == 0 || (count >= 8 && (count & (count - 1)) == 0);
  if (full) {
    nd_proof_line *more = nd_new(count == 0 ? 8 : 2 * count, sizeof *more, error);
    if (more == NULL) return NADIR_NO_MEMORY;
    if (count > 0) memcpy(more, verdict->proof, count * sizeof *more);
    nd_free(verdict->proof);
    verdict->proof = more;
  }
  *line = &verdict->proof[verdict->proof_lines++];
  return NADIR_OK;
}

nadir_status nd_proof_add_text(nd_verdict *verdict, unsigned depth, const char *formula,
                               const char *latex, const char *claim, const char *rule,
                               nadir_error *error) {
  nd_proof_line *line;
  ND_TRY(add_line(verdict, &line, error));
  line->depth = depth;
  ND_TRY(copy_text(formula, &line->formula, error));
  ND_TRY(copy_text(latex != NULL ? latex : formula, &line->latex, error));
  ND_TRY(copy_text(claim, &line->claim, error));
  return copy_text(rule, &line->rule, error);
}

nadir_status nd_proof_add(nd_verdict *verdict, const nd_graph *graph, unsigned depth, nd_node node,
                          const char *claim, const char *rule, nadir_error *error) {
  nd_text plain = {0}, latex = {0};
  nadir_status status = nd_print(graph, node, ND_PLAIN, &plain, error);
  if (status == NADIR_OK) status = nd_print(graph, node, ND_LATEX, &latex, error);
  if (status == NADIR_OK)
    status = nd_proof_add_text(verdict, depth, nd_text_data(&plain), nd_text_data(&latex), claim,
                               rule, error);
  nd_text_free(&plain);
  nd_text_free(&latex);
  return status;
}
