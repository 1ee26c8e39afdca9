/* Fuzzes the proofs: verdicts on convexity, lower bounds, and bounds on the distance from the minimum. Faults,
 * decided by enclosures and so without rounding, on random chords and at random points:
 * - a formula that is proved convex lies above a chord (concave: below; affine: either);
 * - a value lies below a proved lower bound;
 * - the value at a point less the bound on its gap is above another value;
 * - a formula is refuted and proved at once.
 * Good seeds are formulas. */
#include "enclosed.h"

enum { CHORDS = 12, POINTS = 8 };

static void value_at(nd_encloser *encloser, const double *w, size_t count, nd_enclosure *value) {
  for (size_t i = 0; i < count; i++)
    nd_enclosure_set_double(nd_encloser_leaf(encloser, i), w[i]);
  nd_encloser_run(encloser, FUZZ_PRECISION);
  nd_enclosure_set(value, nd_encloser_root(encloser, 0));
}

static void draw(nd_random *random, double *w, size_t count) {
  for (size_t i = 0; i < count; i++)
    w[i] = fuzz_number(random);
}

/* Chords whose ends have values; the domain being proved convex too, so has the point between. */
static void attack(nd_encloser *encloser, const nd_verdict *verdict, size_t count,
                   nd_random *random) {
  double p[FUZZ_NAMES], q[FUZZ_NAMES];
  nd_jensen jensen;
  nd_jensen_init(&jensen, ldexp(1, -1 - (int)nd_random_below(random, 4)));
  draw(random, p, count), draw(random, q, count);
  bool known = true;
  for (nd_place place = ND_AT_P; place < ND_PLACES; place++) {
    for (size_t i = 0; i < count; i++)
      nd_jensen_coordinate(&jensen, place, p[i], q[i], nd_encloser_leaf(encloser, i));
    nd_encloser_run(encloser, FUZZ_PRECISION);
    nd_enclosure_set(&jensen.value[place], nd_encloser_root(encloser, 0));
    known = known && fuzz_is_known(&jensen.value[place]);
  }
  if (known && (verdict->convex == NADIR_PROVED || verdict->affine == NADIR_PROVED))
    require(!nd_jensen_is_broken(&jensen, 1, FUZZ_PRECISION), "what is proved convex is convex");
  if (known && (verdict->concave == NADIR_PROVED || verdict->affine == NADIR_PROVED))
    require(!nd_jensen_is_broken(&jensen, -1, FUZZ_PRECISION), "what is proved concave is concave");
  nd_jensen_clear(&jensen);
}

/* The least that is proved, against values. */
static void bounds(const fuzz_formula *f, nd_encloser *encloser, const nd_question *question,
                   const nd_verdict *verdict, nd_random *random) {
  double w[FUZZ_NAMES], reach[FUZZ_NAMES] = {1, 1, 1}, least = -INFINITY;
  nd_enclosure at, other;
  nd_local *local = NULL;
  nd_gap gap = {.bound = INFINITY, .none = NADIR_NO_GAP_NOT_CONVEX};
  nd_enclosure_init(&at), nd_enclosure_init(&other);
  if (nd_local_new(&local, f->graph, f->root, f->names, f->count, question->until, NULL) ==
      NADIR_OK)
    least = nd_local_least(local);
  draw(random, w, f->count);
  value_at(encloser, w, f->count, &at);
  if (verdict->convex == NADIR_PROVED && fuzz_is_known(&at) &&
      nd_gap_at(question, verdict, w, reach, NULL, &gap, NULL) != NADIR_OK)
    gap.none = NADIR_NO_GAP_NOT_CONVEX;
  for (int k = 0; k < POINTS; k++) {
    draw(random, w, f->count);
    value_at(encloser, w, f->count, &other);
    if (!fuzz_is_known(&other)) continue;
    require(nd_enclosure_high(&other) >= least, "no value is below a proved lower bound");
    if (gap.none != NADIR_GAP_FOUND) continue;
    nd_enclosure_sub(&other, &at, &other, FUZZ_PRECISION);
    require(nd_enclosure_low(&other) <= gap.bound, "no value is further down than the gap");
  }
  nd_local_free(local);
  nd_enclosure_clear(&at), nd_enclosure_clear(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_formula f;
  nd_random random = fuzz_random(data, size);
  if (!fuzz_formula_read(&f, data, size)) return 0;
  nd_until until = nd_until_for(NULL, 4 * strtod(FUZZ_SECONDS, NULL));
  nd_question question = {.graph = f.graph,
                          .root = f.root,
                          .parameters = f.names,
                          .parameter_count = f.count,
                          .seconds = strtod(FUZZ_SECONDS, NULL),
                          .until = &until};
  nd_verdict verdict = {0};
  nd_encloser *encloser = NULL;
  bool answered = nd_node_type(f.graph, f.root) == ND_IS_REAL &&
                  nd_convexity(&question, &verdict, NULL) == NADIR_OK;
  if (answered &&
      nd_encloser_new(&encloser, f.graph, &f.root, 1, f.names, f.count, NULL, NULL) == NADIR_OK) {
    require(!(verdict.convex == NADIR_PROVED && verdict.not_convex) &&
                !(verdict.concave == NADIR_PROVED && verdict.not_concave),
            "no formula is both proved and refuted");
    for (int k = 0; k < CHORDS; k++)
      attack(encloser, &verdict, f.count, &random);
    bounds(&f, encloser, &question, &verdict, &random);
  }
  nd_encloser_free(encloser);
  if (answered) nd_verdict_clear(&verdict);
  fuzz_formula_free(&f);
  nd_give_back();
  return 0;
}
