/* Convexity by the Hessian: H >= 0 on the box that holds the domain.
 *
 * The domain was proved convex before. The formula must be C1 and piecewise C2 at every point of it
 * inside of the box, and continuous up to the edges (by the flags of its enclosure): then H >= 0
 * where it is defined proves convexity. Two arguments, on the whole box and on parts of it:
 *
 *   exact algebra  every principal minor of H is >= 0 as a quotient of polynomials (sign.c); this
 *                  proves singular Hessians too, and on unbounded boxes;
 *   enclosure      the least eigenvalue of the enclosed Hessian is >= 0 (curvature.c).
 *
 * The modulus is the largest of some trial values m, drawn from sampled eigenvalues, for which
 * H - m I >= 0 is proved in the same way. Costs at most BOX_LIMIT boxes and a share of the time. */
#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "theory/hessian_internal.h"
#include "theory/theory_internal.h"

enum {
  MOST = 12,
  MINORS_OF = 4,
  BOX_LIMIT = 1500,
  ALGEBRA_BOXES = 40,
  PRECISION = 64,
  SAMPLES = 60,
  IFS = 64
};

typedef struct proof {
  const nd_question *question;
  nd_budget *budget;
  nd_until until; /* of this way */
  size_t n, dimensions;
  nd_node leaves[2 * MOST], entries[MOST * MOST];
  nd_interval sides[2 * MOST];
  nd_algebra *algebra;
  bool has_algebra; /* the entries are quotients */
  nd_quotient quotients[MINORS_OF * MINORS_OF];
  nd_encloser *encloser; /* roots: entries, then generators */
  double *stack;
  size_t stack_count, stack_capacity;
  double sampled[2]; /* the least and the greatest eigenvalue seen */
  nadir_error *error;
} proof;

nadir_status nd_hessian_nodes(const nd_question *question, nd_node *entries, nadir_error *error) {
  size_t n = question->parameter_count;
  const nd_derivatives *d;
  ND_TRY(nd_derivatives_of(question->graph, question->root, question->parameters, n, 2, &d, error));
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      entries[i * n + j] = d->hessian[j < i ? j * n + i : i * n + j];
  return NADIR_OK;
}

static void set_side(nd_enclosure *x, const nd_interval *side, double low, double high,
                     bool inside) {
  nd_enclosure_set_ends(x, low, high);
  if (low == side->low && (side->low_open || inside)) x->low_open = true;
  if (high == side->high && (side->high_open || inside)) x->high_open = true;
  if (low == high) x->low_open = x->high_open = false;
}

/* Flags of the formula as typed over the whole box, its edges left out where `inside`. */
static nadir_status check_formula(proof *p, bool inside, bool *good) {
  nd_encloser *e;
  ND_TRY(nd_encloser_new(&e, p->question->graph, &p->question->root, 1, p->leaves, p->dimensions,
                         &p->until, p->error));
  for (size_t d = 0; d < p->dimensions; d++)
    set_side(nd_encloser_leaf(e, d), &p->sides[d], p->sides[d].low, p->sides[d].high,
             inside && d < p->n);
  nd_encloser_run(e, PRECISION);
  const nd_enclosure *f = nd_encloser_root(e, 0);
  *good = !f->nowhere && (inside ? f->smooth : f->continuous);
  nd_encloser_free(e);
  return NADIR_OK;
}

/* ---- sampling: what may be true, in double ---- */

static double draw(nd_random *random, const nd_interval *side) {
  double u = nd_random_uniform(random), low = side->low, high = side->high;
  if (isinf(low) && isinf(high)) return 3 * nd_random_normal(random);
  if (isinf(high)) return low + exp(2 * nd_random_normal(random));
  if (isinf(low)) return high - exp(2 * nd_random_normal(random));
  return low + (high - low) * u;
}

static nadir_status sample(proof *p, size_t *found) {
  size_t n = p->n;
  const nd_graph *graph = p->question->graph;
  double matrix[MOST * MOST], eigenvalues[MOST];
  double *values = nd_new(nd_graph_size(graph), sizeof *values, p->error);
  if (values == NULL) return NADIR_NO_MEMORY;
  nd_random random = nd_random_stream(1, ND_FOR_TEST, 0, 0);
  nadir_status status = NADIR_OK;
  for (size_t k = 0; k < SAMPLES && status == NADIR_OK; k++) {
    for (size_t d = 0; d < p->dimensions; d++) {
      const nd_interval *side = &p->sides[d];
      bool middle = k == 0;
      values[p->leaves[d]] = draw(&random, side);
      if (middle && isinf(side->low) && isinf(side->high)) values[p->leaves[d]] = 0;
      if (middle && isfinite(side->low) && isfinite(side->high))
        values[p->leaves[d]] = side->low / 2 + side->high / 2;
    }
    status = nd_evaluate(graph, p->entries, n * n, values, p->error);
    for (size_t i = 0; i < n * n && status == NADIR_OK; i++)
      matrix[i] = values[p->entries[i]];
    if (status != NADIR_OK || !nd_all_finite(n * n, matrix)) continue;
    status = nd_eigen(n, matrix, eigenvalues, NULL, NULL, p->error);
    if (status != NADIR_OK) break;
    p->sampled[0] = fmin(p->sampled[0], eigenvalues[0]);
    p->sampled[1] = fmax(p->sampled[1], eigenvalues[n - 1]);
    ++*found;
  }
  nd_free(values);
  return status;
}

/* ---- one box ---- */

/* The determinant of the rows and columns in `set` of sign H - m I, by the first row. */
static bool minor(proof *p, nd_quotient *det, const nd_quotient *matrix, const size_t *rows,
                  const size_t *columns, size_t k) {
  size_t n = p->n, rest[MINORS_OF];
  nd_quotient part;
  if (k == 1) {
    fmpz_mpoly_set(det->over, matrix[rows[0] * n + columns[0]].over,
                   nd_algebra_context(p->algebra));
    fmpz_mpoly_set(det->under, matrix[rows[0] * n + columns[0]].under,
                   nd_algebra_context(p->algebra));
    return true;
  }
  nd_quotient_init(&part, p->algebra);
  fmpz_mpoly_zero(det->over, nd_algebra_context(p->algebra));
  fmpz_mpoly_one(det->under, nd_algebra_context(p->algebra));
  bool good = true;
  for (size_t c = 0; c < k && good; c++) {
    for (size_t i = 0, j = 0; i < k; i++)
      if (i != c) rest[j++] = columns[i];
    good =
        minor(p, &part, matrix, rows + 1, rest, k - 1) &&
        nd_quotient_combine(p->algebra, ND_MUL, &part, &part, &matrix[rows[0] * n + columns[c]]) &&
        nd_quotient_combine(p->algebra, c % 2 == 0 ? ND_ADD : ND_SUB, det, det, &part);
  }
  nd_quotient_clear(&part, p->algebra);
  return good;
}

typedef struct minors {
  nd_quotient list[1 << MINORS_OF];
  bool leading[1 << MINORS_OF];
  size_t count;
  bool known;
} minors;

static bool shifted_matrix(proof *p, int sign, const fmpq_t m, nd_quotient *matrix) {
  nd_quotient shift, zero;
  bool good = true;
  nd_quotient_init(&shift, p->algebra);
  nd_quotient_init(&zero, p->algebra);
  nd_quotient_set_rational(p->algebra, &shift, m);
  for (size_t i = 0; i < p->n * p->n && good; i++) {
    good = nd_quotient_combine(p->algebra, sign > 0 ? ND_ADD : ND_SUB, &matrix[i], &zero,
                               &p->quotients[i]);
    if (good && i % (p->n + 1) == 0)
      good = nd_quotient_combine(p->algebra, ND_SUB, &matrix[i], &matrix[i], &shift);
  }
  nd_quotient_clear(&shift, p->algebra);
  nd_quotient_clear(&zero, p->algebra);
  return good;
}

static void find_minors(proof *p, int sign, const fmpq_t m, minors *all) {
  size_t n = p->n;
  nd_quotient matrix[MINORS_OF * MINORS_OF];
  all->count = 0;
  all->known = p->has_algebra;
  if (!all->known) return;
  for (size_t i = 0; i < n * n; i++)
    nd_quotient_init(&matrix[i], p->algebra);
  all->known = shifted_matrix(p, sign, m, matrix);
  for (size_t set = 1; set < (size_t)1 << n && all->known; set++) {
    size_t rows[MINORS_OF], k = 0;
    for (size_t i = 0; i < n; i++)
      if (set >> i & 1) rows[k++] = i;
    nd_quotient_init(&all->list[all->count], p->algebra);
    all->leading[all->count] = (set & (set + 1)) == 0;
    all->known = minor(p, &all->list[all->count], matrix, rows, rows, k) &&
                 nd_algebra_reduce(p->algebra, &all->list[all->count]);
    all->count++;
  }
  for (size_t i = 0; i < n * n; i++)
    nd_quotient_clear(&matrix[i], p->algebra);
}

static void clear_minors(proof *p, minors *all) {
  for (size_t i = 0; i < all->count; i++)
    nd_quotient_clear(&all->list[i], p->algebra);
}

static bool minors_nonnegative(proof *p, const minors *all, bool *strict) {
  nd_enclosure ranges[ND_GENERATORS];
  bool good = all->known, definite = true;
  if (!good) return false;
  for (size_t g = 0; g < ND_GENERATORS; g++) {
    nd_enclosure_init(&ranges[g]);
    if (g < nd_algebra_generators(p->algebra))
      nd_enclosure_set(&ranges[g], nd_encloser_root(p->encloser, p->n * p->n + g));
  }
  for (size_t i = 0; i < all->count && good; i++) {
    nd_sign s = nd_sign_of_quotient(p->algebra, &all->list[i], ranges);
    good = s.nonnegative;
    if (all->leading[i] && !s.nonzero) definite = false;
  }
  for (size_t g = 0; g < ND_GENERATORS; g++)
    nd_enclosure_clear(&ranges[g]);
  if (!definite) *strict = false;
  return good;
}

/* Whether sign H - m I >= 0 at each point of the box. */
static nadir_status test_box(proof *p, const double *box, int sign, double m, const minors *all,
                             bool algebra, bool *good, bool *strict) {
  const nd_enclosure *entries[MOST * MOST];
  double least, greatest;
  for (size_t d = 0; d < p->dimensions; d++)
    set_side(nd_encloser_leaf(p->encloser, d), &p->sides[d], box[2 * d], box[2 * d + 1],
             p->n == 1 && d < p->n);
  nd_encloser_run(p->encloser, PRECISION);
  bool somewhere = true;
  for (size_t i = 0; i < p->n * p->n; i++) {
    entries[i] = nd_encloser_root(p->encloser, i);
    somewhere = somewhere && !entries[i]->nowhere;
  }
  *good = false;
  if (!somewhere) return NADIR_OK;
  ND_TRY(nd_enclosed_eigenvalues(p->n, entries, &least, &greatest, p->error));
  double bound = sign > 0 ? least : -greatest;
  *good = bound >= m;
  if (*good && !(bound > m)) *strict = false;
  if (!*good && algebra) *good = minors_nonnegative(p, all, strict);
  return NADIR_OK;
}

/* ---- many boxes ---- */

static double width(double low, double high) {
  if (isinf(low) || isinf(high)) return isinf(low) && isinf(high) ? (double)INFINITY : 1e6;
  return (high - low) / (1 + fabs(low / 2 + high / 2));
}

static double cut_of(double low, double high) {
  if (isinf(low) && isinf(high)) return 0;
  if (isinf(high)) return low < 0 ? 0 : 2 * low + 1;
  if (isinf(low)) return high > 0 ? 0 : 2 * high - 1;
  return low / 2 + high / 2;
}

static nadir_status push(proof *p, const double *box) {
  size_t size = 2 * p->dimensions;
  ND_TRY(nd_grow(&p->stack, &p->stack_capacity, (p->stack_count + 1) * size, sizeof *p->stack,
                 p->error));
  memcpy(p->stack + p->stack_count++ * size, box, size * sizeof *box);
  return NADIR_OK;
}

/* Puts both halves on the stack; false where the box is too small or too far out. */
static nadir_status split(proof *p, double *box, bool *good) {
  size_t widest = 0;
  for (size_t d = 1; d < p->dimensions; d++)
    if (width(box[2 * d], box[2 * d + 1]) > width(box[2 * widest], box[2 * widest + 1])) widest = d;
  double low = box[2 * widest], high = box[2 * widest + 1], cut = cut_of(low, high);
  *good = width(low, high) > 1e-7 && fabs(cut) < 1e15 && cut > low && cut < high;
  if (!*good) return NADIR_OK;
  box[2 * widest + 1] = cut;
  ND_TRY(push(p, box));
  box[2 * widest] = cut;
  box[2 * widest + 1] = high;
  return push(p, box);
}

/* Proves sign H - m I >= 0 on the whole box, or not. */
static nadir_status prove(proof *p, int sign, double m, size_t limit, bool *good, bool *strict,
                          uint64_t *boxes) {
  double box[4 * MOST];
  fmpq_t exact;
  arf_t end;
  minors all;
  fmpq_init(exact);
  arf_init(end);
  arf_set_d(end, m);
  arf_get_fmpq(exact, end);
  find_minors(p, sign, exact, &all);
  for (size_t d = 0; d < p->dimensions; d++) {
    box[2 * d] = p->sides[d].low;
    box[2 * d + 1] = p->sides[d].high;
  }
  p->stack_count = 0;
  nadir_status status = push(p, box);
  *good = true;
  *strict = true;
  for (*boxes = 0; status == NADIR_OK && *good && p->stack_count > 0; ++*boxes) {
    memcpy(box, p->stack + --p->stack_count * 2 * p->dimensions, 2 * p->dimensions * sizeof *box);
    status = test_box(p, box, sign, m, &all, *boxes < ALGEBRA_BOXES, good, strict);
    if (status != NADIR_OK || *good) continue;
    if (*boxes + 1 >= limit || nd_is_over(&p->until)) break;
    status = split(p, box, good);
  }
  clear_minors(p, &all);
  fmpq_clear(exact);
  arf_clear(end);
  return status;
}

static bool is_analytic(const nd_graph *graph, const bool *under, size_t size) {
  for (size_t n = 0; n < size; n++) {
    nd_op op = under[n] ? nd_node_op(graph, (nd_node)n) : ND_NUMBER;
    if (nd_op_about(op) != NULL && nd_op_about(op)->smooth != ND_SMOOTH) return false;
  }
  return true;
}

/* Whether no operator of the formula is made of pieces. */
static nadir_status all_analytic(const nd_question *question, bool *analytic, nadir_error *error) {
  size_t size = nd_graph_size(question->graph);
  bool *under = nd_new(size, sizeof *under, error);
  if (under == NULL) return NADIR_NO_MEMORY;
  under[question->root] = true;
  for (size_t n = size; n-- > 0;)
    for (size_t i = 0; under[n] && i < nd_node_arity(question->graph, (nd_node)n); i++)
      under[nd_node_argument(question->graph, (nd_node)n, i)] = true;
  *analytic = is_analytic(question->graph, under, size);
  nd_free(under);
  return NADIR_OK;
}

/* What one enclosure of the whole box says of the least eigenvalue of sign H. */
static nadir_status whole_bound(proof *p, int sign, double *bound) {
  const nd_enclosure *entries[MOST * MOST];
  double least, greatest;
  for (size_t d = 0; d < p->dimensions; d++)
    set_side(nd_encloser_leaf(p->encloser, d), &p->sides[d], p->sides[d].low, p->sides[d].high,
             d < p->n);
  nd_encloser_run(p->encloser, PRECISION);
  for (size_t i = 0; i < p->n * p->n; i++)
    entries[i] = nd_encloser_root(p->encloser, i);
  ND_TRY(nd_enclosed_eigenvalues(p->n, entries, &least, &greatest, p->error));
  *bound = sign > 0 ? least : -greatest;
  return NADIR_OK;
}

/* The largest trial value that is proved, below the least eigenvalue that was sampled. */
static nadir_status find_modulus(proof *p, int sign, double *modulus) {
  static const double parts[] = {1, 1 - 1e-9, 0.999, 0.9, 0.5, 0.1};
  double most = sign > 0 ? p->sampled[0] : -p->sampled[1], bound;
  bool unbounded = false;
  for (size_t d = 0; d < p->dimensions; d++)
    unbounded = unbounded || isinf(p->sides[d].low) || isinf(p->sides[d].high);
  ND_TRY(whole_bound(p, sign, &bound));
  *modulus = bound > 0 && isfinite(bound) ? bound : (double)NAN;
  double greatest = sign > 0 ? p->sampled[1] : -p->sampled[0];
  /* one that falls away towards infinity has no bound but 0 */
  if ((unbounded && most < 1e-3 * greatest) || bound >= most) return NADIR_OK;
  for (size_t i = 0; i < ND_COUNT(parts) && most > 0; i++) {
    bool good, strict;
    uint64_t boxes;
    double m = i == 0 ? (double)(float)most : parts[i] * most;
    if (i == 0 && (fabs(m - most) > 1e-6 * most)) continue;
    if (bound >= m) return NADIR_OK;
    ND_TRY(prove(p, sign, m, 60, &good, &strict, &boxes));
    if (good) {
      *modulus = m;
      return NADIR_OK;
    }
    if (nd_is_over(&p->until)) return NADIR_OK;
  }
  return NADIR_OK;
}

static nadir_status write_proof(proof *p, nd_verdict *verdict, int sign, uint64_t boxes) {
  nadir_proof_step step = {.claim = sign > 0 ? NADIR_IS_CONVEX : NADIR_IS_CONCAVE,
                           .rule = sign > 0 ? NADIR_RULE_HESSIAN : NADIR_RULE_NEGATIVE_HESSIAN,
                           .boxes = boxes};
  ND_TRY(nd_proof_add(verdict, p->question->graph, step, p->question->root, p->error));
  step = (nadir_proof_step){
      .depth = 1, .claim = NADIR_IS_SECOND_DERIVATIVE, .rule = NADIR_RULE_DERIVATIVE};
  for (size_t i = 0; i < p->n * p->n && p->n <= 3; i++)
    if (i % p->n >= i / p->n)
      ND_TRY(nd_proof_add(verdict, p->question->graph, step, p->entries[i], p->error));
  return NADIR_OK;
}

static nadir_status settle(proof *p, nd_verdict *verdict, int sign) {
  bool good, strict, analytic;
  uint64_t boxes;
  nadir_answer *answer = sign > 0 ? &verdict->convex : &verdict->concave;
  double least = sign > 0 ? p->sampled[0] : -p->sampled[1];
  double scale = fmax(fabs(p->sampled[0]), fabs(p->sampled[1]));
  if (*answer != NADIR_NOT_KNOWN || least < -1e-7 * scale) return NADIR_OK;
  ND_TRY(prove(p, sign, 0, BOX_LIMIT, &good, &strict, &boxes));
  p->budget->boxes += boxes;
  verdict->boxes += boxes;
  if (!good) return NADIR_OK;
  *answer = NADIR_PROVED;
  if (verdict->by == NADIR_BY_NOTHING) verdict->by = NADIR_BY_HESSIAN;
  ND_TRY(all_analytic(p->question, &analytic, p->error));
  double most = sign > 0 ? p->sampled[1] : -p->sampled[0];
  if (strict || (p->n == 1 && p->dimensions == 1 && analytic && most > 1e-9))
    verdict->strict = true;
  ND_TRY(write_proof(p, verdict, sign, boxes));
  double modulus;
  ND_TRY(find_modulus(p, sign, &modulus));
  if (modulus > 0 && !(verdict->modulus >= modulus)) {
    verdict->modulus = modulus;
    verdict->strict = true;
  }
  return NADIR_OK;
}

/* The entries as quotients, and an encloser of entries and generators. */
static nadir_status set_up(proof *p) {
  size_t n = p->n;
  nd_node roots[MOST * MOST + ND_GENERATORS];
  ND_TRY(nd_algebra_new(&p->algebra, p->question->graph, &p->until, p->error));
  p->has_algebra = n <= MINORS_OF;
  for (size_t i = 0; i < n * n && n <= MINORS_OF; i++)
    nd_quotient_init(&p->quotients[i], p->algebra);
  for (size_t i = 0; i < n * n && p->has_algebra; i++) {
    ND_TRY(nd_algebra_of(p->algebra, p->entries[i], &p->quotients[i], &p->has_algebra, p->error));
    if (p->has_algebra) p->has_algebra = nd_algebra_reduce(p->algebra, &p->quotients[i]);
  }
  size_t generators = nd_algebra_generators(p->algebra);
  for (size_t i = 0; i < n * n; i++)
    roots[i] = p->entries[i];
  for (size_t g = 0; g < generators; g++)
    roots[n * n + g] = nd_algebra_generator(p->algebra, g);
  return nd_encloser_new(&p->encloser, p->question->graph, roots, n * n + generators, p->leaves,
                         p->dimensions, &p->until, p->error);
}

/* Conditional nodes under the entries; at most IFS. */
static nadir_status find_ifs(const proof *p, nd_node *ifs, size_t *count) {
  const nd_graph *graph = p->question->graph;
  size_t size = nd_graph_size(graph);
  bool *under = nd_new(size, sizeof *under, p->error);
  if (under == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < p->n * p->n; i++)
    under[p->entries[i]] = true;
  for (size_t n = size; n-- > 0;) {
    for (size_t i = 0; under[n] && i < nd_node_arity(graph, (nd_node)n); i++)
      under[nd_node_argument(graph, (nd_node)n, i)] = true;
    if (under[n] && nd_node_op(graph, (nd_node)n) == ND_IF && *count < IFS)
      ifs[(*count)++] = (nd_node)n;
  }
  nd_free(under);
  return NADIR_OK;
}

/* Puts branches in the place of conditions that are the same on the whole box, as if(x == 0, 0,
 * f*log(x)) on x > 0: the algebra knows no conditions. */
static nadir_status decide_ifs(proof *p, size_t *decided) {
  nd_graph *graph = p->question->graph;
  nd_node ifs[IFS], conditions[IFS], from[IFS], to[IFS];
  size_t count = 0;
  nd_encloser *e;
  *decided = 0;
  ND_TRY(find_ifs(p, ifs, &count));
  if (count == 0) return NADIR_OK;
  for (size_t i = 0; i < count; i++)
    conditions[i] = nd_node_argument(graph, ifs[i], 0);
  ND_TRY(
      nd_encloser_new(&e, graph, conditions, count, p->leaves, p->dimensions, &p->until, p->error));
  for (size_t d = 0; d < p->dimensions; d++)
    set_side(nd_encloser_leaf(e, d), &p->sides[d], p->sides[d].low, p->sides[d].high, d < p->n);
  nd_encloser_run(e, PRECISION);
  for (size_t i = 0; i < count; i++) {
    const nd_enclosure *c = nd_encloser_root(e, i);
    bool never = arf_is_zero(c->high) != 0;
    if (c->nowhere || !(never || nd_enclosure_positive(c))) continue;
    from[*decided] = ifs[i];
    to[(*decided)++] = nd_node_argument(graph, ifs[i], never ? 2 : 1);
  }
  nd_encloser_free(e);
  for (size_t i = 0; i<p->n * p->n && * decided> 0; i++) {
    ND_TRY(nd_substitute(graph, p->entries[i], from, to, *decided, &p->entries[i], p->error));
    ND_TRY(nd_simplify(graph, p->entries[i], &p->entries[i], p->error));
  }
  return NADIR_OK;
}

static nadir_status prove_with(proof *p, nd_verdict *verdict) {
  bool smooth, continuous;
  size_t found = 0;
  ND_TRY(check_formula(p, true, &smooth));
  if (!smooth) return NADIR_OK;
  ND_TRY(check_formula(p, false, &continuous));
  if (!continuous) return NADIR_OK;
  ND_TRY(nd_hessian_nodes(p->question, p->entries, p->error));
  size_t decided = 1;
  for (int round = 0; round < 3 && decided > 0; round++)
    ND_TRY(decide_ifs(p, &decided));
  p->sampled[0] = (double)INFINITY;
  p->sampled[1] = -(double)INFINITY;
  ND_TRY(sample(p, &found));
  if (found == 0) return NADIR_OK;
  nadir_status status = set_up(p);
  if (status == NADIR_OK) status = settle(p, verdict, 1);
  if (status == NADIR_OK) status = settle(p, verdict, -1);
  if (status == NADIR_OK && verdict->convex == NADIR_PROVED && verdict->concave == NADIR_PROVED)
    verdict->affine = NADIR_PROVED;
  for (size_t i = 0; i < p->n * p->n && p->n <= MINORS_OF && p->algebra != NULL; i++)
    nd_quotient_clear(&p->quotients[i], p->algebra);
  nd_algebra_free(p->algebra);
  nd_encloser_free(p->encloser);
  nd_free(p->stack);
  return status;
}

nadir_status nd_prove_by_hessian(const nd_question *question, nd_budget *budget,
                                 nd_verdict *verdict, nadir_error *error) {
  size_t n = question->parameter_count;
  nd_domain domain = {0};
  if (n == 0 || n > MOST ||
      (verdict->convex != NADIR_NOT_KNOWN && verdict->concave != NADIR_NOT_KNOWN))
    return NADIR_OK;
  ND_TRY(nd_domain_find(question, budget, &domain, error));
  nadir_status status = NADIR_OK;
  proof *p = nd_new(1, sizeof *p, error);
  if (p == NULL) status = NADIR_NO_MEMORY;
  if (p != NULL && domain.convex && n + domain.constant_count <= (size_t)2 * MOST) {
    bool wide = true;
    *p = (proof){.question = question, .budget = budget, .error = error, .n = n};
    p->until = nd_until_half(&budget->until);
    p->dimensions = n + domain.constant_count;
    for (size_t d = 0; d < p->dimensions; d++) {
      p->leaves[d] = d < n ? question->parameters[d] : domain.names[d - n];
      p->sides[d] = d < n ? domain.box[d] : domain.constants[d - n];
      if (d < n && !(p->sides[d].low < p->sides[d].high)) wide = false;
    }
    if (wide) status = prove_with(p, verdict);
  }
  nd_free(p);
  nd_domain_clear(&domain);
  return status;
}
