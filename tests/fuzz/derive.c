/* Fuzzes simplification and derivatives of formulas that are read. Faults, each decided by enclosures in ball
 * arithmetic at random points, so that rounding is never to blame:
 * - the simplified formula has another value than the typed one where both are defined;
 * - a difference quotient of the formula lies outside of all values that its derivative takes in between,
 *   where it is smooth;
 * - what is simplified, or a derivative, does not read back from its print as the same graph.
 * Good seeds are formulas. */
#include "enclosed.h"

enum { POINTS = 4 };

static void read_back(nd_graph *graph, nd_node root) {
  nd_text text = {0};
  nd_node again = ND_NO_NODE;
  require(nd_print(graph, root, ND_PLAIN, &text, NULL) == NADIR_OK, "a graph prints");
  if (text.length < 1 << 16) {
    nadir_status status = nd_parse(graph, nd_text_data(&text), &again, NULL);
    require(status == NADIR_BAD_FORMULA || (status == NADIR_OK && again == root),
            "a print reads back as the same graph");
  }
  nd_text_free(&text);
}

static void set_point(nd_encloser *encloser, const double *w, size_t count) {
  for (size_t i = 0; i < count; i++)
    nd_enclosure_set_double(nd_encloser_leaf(encloser, i), w[i]);
}

/* roots: typed, simplified. */
static void same_value(nd_encloser *both, const double *w, size_t count) {
  set_point(both, w, count);
  nd_encloser_run(both, FUZZ_PRECISION);
  const nd_enclosure *typed = nd_encloser_root(both, 0), *simple = nd_encloser_root(both, 1);
  if (!fuzz_is_known(typed)) return;
  require(!simple->nowhere, "the simplified formula has a value where the typed one has");
  require(fuzz_overlap(typed, simple), "the simplified formula has the value of the typed one");
}

/* The mean value theorem, along parameter i, from w[i] to w[i] + step. */
static void mean_value(nd_encloser *value, nd_encloser *slopes, const double *w, size_t count,
                       size_t i, double step) {
  nd_enclosure from, to, quotient, width;
  double end = w[i] + step;
  if (!(end > w[i]) || !isfinite(end)) return;
  nd_enclosure_init(&from), nd_enclosure_init(&to);
  nd_enclosure_init(&quotient), nd_enclosure_init(&width);
  set_point(value, w, count);
  nd_encloser_run(value, FUZZ_PRECISION);
  nd_enclosure_set(&from, nd_encloser_root(value, 0));
  nd_enclosure_set_double(nd_encloser_leaf(value, i), end);
  nd_encloser_run(value, FUZZ_PRECISION);
  nd_enclosure_set(&to, nd_encloser_root(value, 0));
  nd_enclosure_set_ends(nd_encloser_leaf(value, i), w[i], end);
  nd_encloser_run(value, FUZZ_PRECISION);
  const nd_enclosure *over = nd_encloser_root(value, 0);
  bool smooth = over->defined && over->continuous && over->smooth;
  set_point(slopes, w, count);
  nd_enclosure_set_ends(nd_encloser_leaf(slopes, i), w[i], end);
  nd_encloser_run(slopes, FUZZ_PRECISION);
  const nd_enclosure *slope = nd_encloser_root(slopes, i);
  if (smooth && fuzz_is_known(&from) && fuzz_is_known(&to) && fuzz_is_known(slope)) {
    nd_enclosure_set_double(&quotient, end);
    nd_enclosure_set_double(&width, w[i]);
    nd_enclosure_sub(&width, &quotient, &width, FUZZ_PRECISION);
    nd_enclosure_sub(&quotient, &to, &from, FUZZ_PRECISION);
    nd_enclosure_div(&quotient, &quotient, &width, FUZZ_PRECISION);
    require(fuzz_overlap(&quotient, slope), "a difference quotient is a value of the derivative");
  }
  nd_enclosure_clear(&from), nd_enclosure_clear(&to);
  nd_enclosure_clear(&quotient), nd_enclosure_clear(&width);
}

static void compare(const fuzz_formula *f, nd_node simple, const nd_node *slopes,
                    nd_random *random) {
  nd_encloser *both = NULL, *typed = NULL, *derived = NULL;
  const nd_node pair[] = {f->root, simple};
  require(
      nd_encloser_new(&both, f->graph, pair, 2, f->names, f->count, NULL, NULL) == NADIR_OK &&
          nd_encloser_new(&typed, f->graph, pair, 1, f->names, f->count, NULL, NULL) == NADIR_OK &&
          nd_encloser_new(&derived, f->graph, slopes, f->count, f->names, f->count, NULL, NULL) ==
              NADIR_OK,
      "a graph can be enclosed");
  for (int k = 0; k < POINTS; k++) {
    double w[FUZZ_NAMES];
    for (size_t i = 0; i < f->count; i++)
      w[i] = fuzz_number(random);
    same_value(both, w, f->count);
    for (size_t i = 0; i < f->count; i++)
      mean_value(typed, derived, w, f->count, i, ldexp(1, -(int)nd_random_below(random, 24)));
  }
  nd_encloser_free(both);
  nd_encloser_free(typed);
  nd_encloser_free(derived);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_formula f;
  nd_random random = fuzz_random(data, size);
  nd_node simple, slopes[FUZZ_NAMES];
  if (!fuzz_formula_read(&f, data, size)) return 0;
  nd_until until = nd_until_for(NULL, strtod(FUZZ_SECONDS, NULL));
  nd_graph_heed(f.graph, &until);
  if (nd_node_type(f.graph, f.root) == ND_IS_REAL &&
      nd_simplify(f.graph, f.root, &simple, NULL) == NADIR_OK &&
      nd_derive(f.graph, f.root, f.names, f.count, slopes, NULL) == NADIR_OK) {
    nd_graph_heed(f.graph, NULL);
    read_back(f.graph, simple);
    for (size_t i = 0; i < f.count; i++)
      read_back(f.graph, slopes[i]);
    compare(&f, simple, slopes, &random);
  }
  fuzz_formula_free(&f);
  nd_give_back();
  return 0;
}
