/* Bounds on eigenvalues: of a symmetric matrix known to some error, and of a Hessian over a box.
 *
 * A - s I is proved positive definite by a Cholesky decomposition in ball arithmetic (in the manner
 * of Rump 2006, Verification of positive definiteness, with Arb's balls for his rounding bounds); s
 * starts just below the computed eigenvalue. Errors of entries widen by at most the spectral radius
 * of the matrix of errors, bounded by max (R x)_i / x_i for any x > 0 (Collatz 1942).
 *
 * Over a box the Hessian is enclosed, and the part whose bound is worst is halved until the bounds
 * meet sampled eigenvalues to 1e-3 or the time is up. Costs n^3 a box. */
#include <arb_mat.h>
#include <float.h>
#include <math.h>

#include "base/dense.h"
#include "base/limits.h"
#include "theory/hessian_internal.h"
#include "theory/theory_internal.h"

enum { PRECISION = 96, BOX_LIMIT = 20000, SIDE = ND_LIMIT_CURVATURE_PARAMETERS, DIMENSIONS = ND_LIMIT_CURVATURE_NAMES };

static double down(double x) {
  return nextafter(x, -INFINITY);
}

static double up(double x) {
  return nextafter(x, INFINITY);
}

/* ---- matrices ---- */

/* Whether sign * (A - s I) is positive definite, for certain. */
static bool is_definite(size_t n, const double *matrix, double s, int sign) {
  arb_mat_t a, l;
  arb_mat_init(a, (slong)n, (slong)n);
  arb_mat_init(l, (slong)n, (slong)n);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) {
      arb_ptr entry = arb_mat_entry(a, i, j);
      arb_t shift;
      arb_init(shift);
      arb_set_d(entry, matrix[i > j ? i * n + j : j * n + i]);
      arb_set_d(shift, i == j ? s : 0);
      arb_sub(entry, entry, shift, PRECISION);
      if (sign < 0) arb_neg(entry, entry);
      arb_clear(shift);
    }
  }
  bool definite = arb_mat_cho(l, a, PRECISION) != 0;
  arb_mat_clear(a);
  arb_mat_clear(l);
  return definite;
}

/* A bound on the spectral radius of the symmetric matrix of errors, by some power iterations. */
static double radius_bound(size_t n, const double *r, double *x, double *y) {
  double best = 0;
  for (size_t i = 0; i < n; i++)
    x[i] = 1;
  for (int round = 0; round < 6; round++) {
    double most = 0, norm = 0;
    for (size_t i = 0; i < n; i++) {
      y[i] = 0;
      for (size_t j = 0; j < n; j++)
        y[i] += r[i > j ? i * n + j : j * n + i] * x[j];
      most = fmax(most, y[i] / x[i]);
      norm = fmax(norm, y[i]);
    }
    if (round == 0 || most < best) best = most;
    if (norm == 0 || !isfinite(norm)) break;
    for (size_t i = 0; i < n; i++)
      x[i] = y[i] / norm + 1e-6;
  }
  return best * (1 + (double)(n + 4) * 4 * DBL_EPSILON);
}

/* The bound nearest to the computed eigenvalue that is proved; sign 1: below all, -1: above all. */
static double proved_bound(size_t n, const double *matrix, double value, double scale, int sign) {
  double step = scale * DBL_EPSILON;
  if (is_definite(n, matrix, value, sign)) return value;
  for (int k = 0; k < 60 && isfinite(step); k++, step *= 4) {
    double s = value - sign * (step + DBL_MIN);
    if (is_definite(n, matrix, s, sign)) return s;
  }
  return -sign * (double)INFINITY;
}

static nadir_status bounds_of(size_t n, const double *matrix, const double *radii, double *work,
                              double *least, double *largest, nadir_error *error) {
  double scale = 0, spread = 0;
  for (size_t i = 0; i < n * n; i++) {
    if (!isfinite(matrix[i]) || (radii != NULL && !isfinite(radii[i]))) return NADIR_OK;
    scale = fmax(scale, fabs(matrix[i]));
  }
  ND_TRY(nd_eigen(n, matrix, work, NULL, NULL, error));
  if (radii != NULL) spread = radius_bound(n, radii, work + n, work + 2 * n);
  *least = proved_bound(n, matrix, work[0], scale, 1);
  *largest = proved_bound(n, matrix, work[n - 1], scale, -1);
  if (spread > 0) {
    *least = down(*least - spread);
    *largest = up(*largest + spread);
  }
  return NADIR_OK;
}

static nadir_status eigenvalue_bounds(size_t n, const double *matrix,
                                      const double *error_of_entries, double *least,
                                      double *largest, nadir_error *error) {
  *least = -(double)INFINITY;
  *largest = (double)INFINITY;
  if (n == 0) return NADIR_OK;
  double *work = nd_new(3 * n, sizeof *work, error);
  if (work == NULL) return NADIR_NO_MEMORY;
  nadir_status status = bounds_of(n, matrix, error_of_entries, work, least, largest, error);
  nd_free(work);
  return status;
}

nadir_status nd_eigenvalue_bounds(size_t n, const double *matrix, const double *error_of_entries,
                                  double *least, double *largest, nadir_error *error) {
  nadir_status status = eigenvalue_bounds(n, matrix, error_of_entries, least, largest, error);
  nd_give_back();
  return status;
}

nadir_status nd_enclosed_eigenvalues(size_t n, const nd_enclosure *const *entries, double *least,
                                     double *greatest, nadir_error *error) {
  size_t size = n * n;
  *least = -(double)INFINITY;
  *greatest = (double)INFINITY;
  if (n == 1) {
    if (entries[0]->nowhere) return NADIR_OK;
    *least = nd_enclosure_low(entries[0]);
    *greatest = nd_enclosure_high(entries[0]);
    return NADIR_OK;
  }
  double *middle = nd_new(2 * size, sizeof *middle, error);
  if (middle == NULL) return NADIR_NO_MEMORY;
  double *radius = middle + size;
  bool any = false, finite = true;
  for (size_t i = 0; i < size; i++) {
    double low = nd_enclosure_low(entries[i]), high = nd_enclosure_high(entries[i]);
    if (entries[i]->nowhere || !isfinite(low) || !isfinite(high)) finite = false;
    middle[i] = low / 2 + high / 2;
    radius[i] = low == high ? 0 : up(fmax(up(high - middle[i]), up(middle[i] - low)));
    any = any || radius[i] > 0;
  }
  nadir_status status = NADIR_OK;
  if (finite) status = eigenvalue_bounds(n, middle, any ? radius : NULL, least, greatest, error);
  nd_free(middle);
  return status;
}

/* ---- boxes ---- */

typedef struct part {
  double low, high; /* no eigenvalue on it is outside of these */
  double *box;      /* 2 * dimensions: low, high */
} part;

typedef struct search {
  size_t n, dimensions;
  nd_encloser *encloser;
  const nd_enclosure **entries;
  part *parts;
  size_t count, capacity;
  nd_arena *arena;
  double matrix[SIDE * SIDE], vectors[SIDE * SIDE], eigenvalues[SIDE];
  double reached[2]; /* the least eigenvalue is at most [0], the greatest at least [1]: by points */
  nadir_error *error;
} search;

static void set_box(search *s, const double *box, bool middle) {
  for (size_t d = 0; d < s->dimensions; d++) {
    double half = box[2 * d] / 2 + box[2 * d + 1] / 2;
    nd_enclosure_set_ends(nd_encloser_leaf(s->encloser, d), middle ? half : box[2 * d],
                          middle ? half : box[2 * d + 1]);
  }
  nd_encloser_run(s->encloser, 64);
  for (size_t i = 0; i < s->n * s->n; i++)
    s->entries[i] = nd_encloser_root(s->encloser, i);
}

/* An enclosure of x'Ax / x'x for enclosed entries A: no eigenvalue is above all such quotients. */
static void rayleigh(const search *s, const double *x, arb_t quotient) {
  arb_t entry, length, factor;
  arb_init(entry);
  arb_init(length);
  arb_init(factor);
  arb_zero(quotient);
  for (size_t i = 0; i < s->n * s->n; i++) {
    nd_enclosure_get_arb(entry, s->entries[i], PRECISION);
    arb_set_d(factor, x[i / s->n]);
    arb_mul(entry, entry, factor, PRECISION);
    arb_set_d(factor, x[i % s->n]);
    arb_addmul(quotient, entry, factor, PRECISION);
    if (i % (s->n + 1) == 0) arb_addmul(length, factor, factor, PRECISION);
  }
  arb_div(quotient, quotient, length, PRECISION);
  arb_clear(entry);
  arb_clear(length);
  arb_clear(factor);
}

/* Eigenvalues that occur at the middle of the box, for certain. */
static nadir_status reach(search *s, const double *box) {
  size_t n = s->n;
  arb_t quotient;
  arf_t end;
  set_box(s, box, true);
  for (size_t i = 0; i < n * n; i++) {
    s->matrix[i] = nd_enclosure_low(s->entries[i]);
    if (!s->entries[i]->defined || !isfinite(s->matrix[i])) return NADIR_OK;
  }
  ND_TRY(nd_eigen(n, s->matrix, s->eigenvalues, s->vectors, NULL, s->error));
  arb_init(quotient);
  arf_init(end);
  rayleigh(s, s->vectors, quotient);
  arb_get_ubound_arf(end, quotient, PRECISION);
  if (!arf_is_nan(end)) s->reached[0] = fmin(s->reached[0], arf_get_d(end, ARF_RND_CEIL));
  rayleigh(s, s->vectors + (n - 1) * n, quotient);
  arb_get_lbound_arf(end, quotient, PRECISION);
  if (!arf_is_nan(end)) s->reached[1] = fmax(s->reached[1], arf_get_d(end, ARF_RND_FLOOR));
  arb_clear(quotient);
  arf_clear(end);
  return NADIR_OK;
}

static nadir_status look_at(search *s, part *p) {
  ND_TRY(reach(s, p->box));
  set_box(s, p->box, false);
  return nd_enclosed_eigenvalues(s->n, s->entries, &p->low, &p->high, s->error);
}

static nadir_status add_part(search *s, const double *box) {
  ND_TRY(nd_grow(&s->parts, &s->capacity, s->count + 1, sizeof *s->parts, s->error));
  part *p = &s->parts[s->count];
  p->box = nd_arena_take(s->arena, 2 * s->dimensions * sizeof *box, s->error);
  if (p->box == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < 2 * s->dimensions; i++)
    p->box[i] = box[i];
  ND_TRY(look_at(s, p));
  s->count++;
  return NADIR_OK;
}

/* The part that holds the bound on the least (sign 1) or the greatest (-1) eigenvalue back. */
static size_t worst(const search *s, int sign, double *bound) {
  size_t at = 0;
  for (size_t i = 1; i < s->count; i++) {
    if (sign > 0 ? s->parts[i].low < s->parts[at].low : s->parts[i].high > s->parts[at].high)
      at = i;
  }
  *bound = sign > 0 ? s->parts[at].low : s->parts[at].high;
  return at;
}

static nadir_status halve(search *s, size_t at) {
  size_t widest = 0;
  double *box = s->parts[at].box;
  for (size_t d = 1; d < s->dimensions; d++)
    if (box[2 * d + 1] - box[2 * d] > box[2 * widest + 1] - box[2 * widest]) widest = d;
  double low = box[2 * widest], high = box[2 * widest + 1], middle = low / 2 + high / 2;
  box[2 * widest] = middle;
  ND_TRY(add_part(s, box));
  box = s->parts[at].box;
  box[2 * widest] = low;
  box[2 * widest + 1] = middle;
  return look_at(s, &s->parts[at]);
}

static nadir_status refine(search *s, const nd_until *until, nd_curvature_bounds *bounds) {
  for (int turn = 0;; turn++) {
    double low, high;
    size_t lowest = worst(s, 1, &low), highest = worst(s, -1, &high);
    double scale = fmax(fmax(fabs(s->reached[0]), fabs(s->reached[1])), DBL_MIN);
    bool low_done = s->reached[0] - low <= 1e-3 * scale;
    bool high_done = high - s->reached[1] <= 1e-3 * scale;
    bounds->smallest[0] = low;
    bounds->largest[1] = high;
    bounds->smallest[1] = s->reached[0];
    bounds->largest[0] = s->reached[1];
    bounds->boxes = s->count;
    if ((low_done && high_done) || s->count >= BOX_LIMIT || nd_is_over(until)) return NADIR_OK;
    ND_TRY(halve(s, high_done || (!low_done && turn % 2 == 0) ? lowest : highest));
  }
}

/* Each parameter's (then each constant's) side of the box; false where one is unbounded. */
static bool sides_of(const nd_domain *domain, size_t parameters, double *box) {
  for (size_t d = 0; d < parameters + domain->constant_count; d++) {
    const nd_interval *side = d < parameters ? &domain->box[d] : &domain->constants[d - parameters];
    if (!isfinite(side->low) || !isfinite(side->high)) return false;
    box[2 * d] = side->low;
    box[2 * d + 1] = side->high;
  }
  return true;
}

static nadir_status curvature_with(const nd_question *question, const nd_domain *domain, search *s,
                                   const nd_node *leaves, const nd_until *until,
                                   nd_curvature_bounds *bounds, nadir_error *error) {
  double box[2 * DIMENSIONS];
  nd_node entries[SIDE * SIDE];
  if (!sides_of(domain, question->parameter_count, box))
    return nd_fail(error, NADIR_BAD_SETTING,
                   "rate: the curvature is bounded on a box only: set box to both ends for each "
                   "name, as in x=-2:2");
  ND_TRY(nd_hessian_nodes(question, entries, error));
  ND_TRY(nd_encloser_new(&s->encloser, question->graph, entries, s->n * s->n, leaves, s->dimensions,
                         until, error));
  ND_TRY(nd_arena_new(&s->arena, error));
  s->reached[0] = (double)INFINITY;
  s->reached[1] = -(double)INFINITY;
  ND_TRY(add_part(s, box));
  return refine(s, until, bounds);
}

/* That the Hessian's formula is that of the second derivatives everywhere on the box. */
static nadir_status refuse_kinks(const nd_question *question, const nd_domain *domain,
                                 const nd_node *leaves, size_t count, const nd_until *until,
                                 nadir_error *error) {
  double box[2 * DIMENSIONS];
  nd_encloser *encloser;
  if (!sides_of(domain, question->parameter_count, box)) return NADIR_OK; /* told by the caller */
  ND_TRY(
      nd_encloser_new(&encloser, question->graph, &question->root, 1, leaves, count, until, error));
  for (size_t d = 0; d < count; d++)
    nd_enclosure_set_ends(nd_encloser_leaf(encloser, d), box[2 * d], box[2 * d + 1]);
  nd_encloser_run(encloser, 64);
  bool smooth = nd_encloser_root(encloser, 0)->smooth;
  bool defined = nd_encloser_root(encloser, 0)->defined;
  nd_encloser_free(encloser);
  if ((smooth && defined) || nd_is_over(until)) return NADIR_OK; /* then no bound is found */
  return nd_fail(error, NADIR_BAD_FORMULA,
                 smooth
                     ? "rate: the formula is not proved to be defined on the whole box: choose a "
                       "smaller box"
                     : "rate: the formula may have a kink or a jump on the box, so its curvature "
                       "has no bound: choose a box without it");
}

/* Bounds that are not found are infinite. */
static nadir_status bound_on_box(const nd_question *question, const nd_budget *budget,
                                 nd_curvature_bounds *bounds, nadir_error *error) {
  size_t n = question->parameter_count;
  nd_domain domain = {0};
  nd_node leaves[DIMENSIONS];
  const nd_enclosure *found[SIDE * SIDE];
  search s = {.n = n, .entries = found, .error = error};
  ND_TRY(nd_domain_find(question, budget, &domain, error));
  s.dimensions = n + domain.constant_count;
  nadir_status status = NADIR_OK;
  if (s.dimensions > DIMENSIONS)
    status = nd_fail(error, NADIR_BAD_FORMULA, "rate: %zu names are too many: at most %d", s.dimensions, DIMENSIONS);
  for (size_t d = 0; d < s.dimensions && status == NADIR_OK; d++)
    leaves[d] = d < n ? question->parameters[d] : domain.names[d - n];
  if (status == NADIR_OK)
    status = refuse_kinks(question, &domain, leaves, s.dimensions, &budget->until, error);
  if (status == NADIR_OK)
    status = curvature_with(question, &domain, &s, leaves, &budget->until, bounds, error);
  nd_encloser_free(s.encloser);
  nd_free(s.parts);
  nd_arena_free(s.arena);
  nd_domain_clear(&domain);
  return status;
}

nadir_status nd_curvature_on_box(const nd_question *question, nd_curvature_bounds *bounds,
                                 nadir_error *error) {
  size_t n = question->parameter_count;
  nd_budget budget = nd_budget_of(question);
  *bounds = (nd_curvature_bounds){
      {-(double)INFINITY, (double)INFINITY}, {-(double)INFINITY, (double)INFINITY}, 0};
  if (n == 0 || n > SIDE)
    return nd_fail(error, NADIR_BAD_FORMULA,
                   "rate: curvature on a box is for 1 to %d parameters, not %zu", SIDE, n);
  const nd_until *before = nd_graph_heed(question->graph, &budget.until);
  nadir_status status = bound_on_box(question, &budget, bounds, error);
  nd_graph_heed(question->graph, before);
  nd_give_back();
  return status == NADIR_ENDED ? NADIR_OK : status;
}
