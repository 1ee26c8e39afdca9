/* What the targets that check mathematics share: a formula small enough to be looked at closely, its names,
 * and enclosures of graphs over boxes, which decide without rounding what is a fault. */
#ifndef ND_ENCLOSED_H
#define ND_ENCLOSED_H

#include "fuzz.h"
#include "theory/enclose_internal.h"
#include "theory/theory_internal.h"

enum { FUZZ_NAMES = 3, FUZZ_NODES = 120, FUZZ_PRECISION = 128 };

typedef struct fuzz_formula {
  nd_graph *graph;
  nd_node root, *names;
  size_t count;
} fuzz_formula;

static inline void fuzz_formula_free(fuzz_formula *formula) {
  nd_free(formula->names);
  nd_graph_free(formula->graph);
}

/* Whether it is a formula in 1 to FUZZ_NAMES names, without heads, of at most FUZZ_NODES nodes. */
static inline bool fuzz_formula_read(fuzz_formula *formula, const uint8_t *data, size_t size) {
  *formula = (fuzz_formula){0};
  char *text = nd_copy_text((const char *)data, size, NULL);
  bool good = text && nd_graph_new(&formula->graph, NULL) == NADIR_OK &&
              nd_parse(formula->graph, text, &formula->root, NULL) == NADIR_OK &&
              nd_graph_size(formula->graph) <= FUZZ_NODES &&
              nd_node_type(formula->graph, formula->root) != ND_IS_TEXT;
  for (nd_node i = 0; good && i < nd_graph_size(formula->graph); i++) {
    nd_op op = nd_node_op(formula->graph, i);
    good = !nd_op_is_head(op) && op != ND_TEXT_LITERAL;
  }
  good = good && nd_names(formula->graph, &formula->root, 1, &formula->names, &formula->count,
                          NULL) == NADIR_OK;
  good = good && formula->count > 0 && formula->count <= FUZZ_NAMES;
  nd_free(text);
  if (!good) fuzz_formula_free(formula);
  return good;
}

/* Whether a root is defined for certain, and has bounds. */
static inline bool fuzz_is_known(const nd_enclosure *x) {
  double low = nd_enclosure_low(x), high = nd_enclosure_high(x);
  return x->defined && !x->nowhere && isfinite(low) && isfinite(high);
}

static inline bool fuzz_overlap(const nd_enclosure *a, const nd_enclosure *b) {
  return arf_cmp(a->low, b->high) <= 0 && arf_cmp(b->low, a->high) <= 0;
}

#endif
