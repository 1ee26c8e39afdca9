/* How far a loss with kinks, of a linear model, is above its least value at the table's own parameters:
 * a duality gap whose rounding is bounded.
 *
 * With r_i = c_i - a_i'w, each l(r) = max(high r, low r) is at least u r for any low <= u <= high, so that
 * for dual variables u_i in that range with p_j = sum of omega_i u_i a_ij equal to 0 for every parameter j
 * without a ridge R_j, the loss is at most
 *   sum of omega_i (l(r_i) - u_i r_i) + sum of (R_j w_j - p_j)^2 / (2 R_j)
 * above its least value (S. Boyd, L. Vandenberghe 2004, "Convex optimization", section 5.5): no term of it
 * is negative, so nothing cancels. The u_i of doubles leave p_j of the size of rounding; that a change of
 * some rows' u_i within their range brings them to 0 is proved by an approximate inverse (S. M. Rump 2010,
 * "Verification methods"), and the change's part is added. Residuals are taken in pairs of doubles, as in
 * slope.c, since the printed parameters are not quite those that were descended on.
 *
 * Costs two passes over the rows, and n^2 N to choose as many rows as there are parameters without a
 * ridge. Forbidden: a term whose rounding is not in the bound. */
#include <string.h>

#include "base/dense.h"
#include "descend/kink_internal.h"

static const double UNIT = 0x1p-53;
static const double inward[] = {0, 0x1p-36, 0x1p-31}; /* of the range: how far u is drawn in */

typedef struct gap {
  const nd_table_objective *self;
  const nd_kinked *kinked;
  const double *u;                         /* as given */
  double *w;                               /* in the table's units */
  double *image;                           /* in descent coordinates */
  double *a, *p, *error;                   /* of a row; by parameter, and a bound on its rounding */
  size_t n, free, *index;                  /* index: of those without a ridge */
  double *basis, *inverse, *square, *room; /* the rows chosen: free x free each; free */
  size_t *chosen;
  double *inside;                   /* by row chosen: omega times how far u may move */
  double draw, weight_error, moved; /* moved: of `inside`, what brings p to 0 */
} gap;

/* ---- rows ---- */

typedef struct row_at {
  double weight, u, r, error; /* r and a bound on its error, scaled */
} row_at;

/* Low and high as far as u is drawn in. */
static double dual(const gap *g, size_t i) {
  double low = g->kinked->low, high = g->kinked->high, middle = (low + high) / 2;
  return fmax(low, fmin(high, middle + (1 - g->draw) * (g->u[i] - middle)));
}

static double room_of(const gap *g, double u) {
  return fmax(0, fmin(g->kinked->high - u, u - g->kinked->low));
}

static void read_residual(const gap *g, const nd_packed *packed, size_t k, double y, row_at *row) {
  const nd_model *model = g->self->model;
  double width = model->target_scaling.width, rounding;
  nd_pair f = nd_predict_less(model, g->w, packed, k, g->kinked->is_hinge ? 0 : y, &rounding);
  double side = g->kinked->is_hinge ? 2 * y - 1 : 1, apart = g->kinked->is_hinge ? 1 : 0;
  double high = apart - side * f.high;
  row->r = (high - side * f.low) / width;
  row->error = rounding / width + 4 * UNIT * (fabs(row->r) + fabs(f.low) / width) +
               (g->kinked->is_hinge ? UNIT * fabs(high) : 0);
}

/* Calls `use` with each row that has a weight, and its scaled features in g->a. */
static nadir_status each_row(gap *g, void (*use)(gap *g, const row_at *row, size_t i, void *context),
                             void *context, nadir_error *error) {
  const nd_table_objective *self = g->self;
  const nd_packed *packed;
  size_t at = 0;
  for (size_t b = 0; b < self->data->blocks; b++) {
    ND_TRY(nd_data_raw(self->data, b, 0, &packed, error));
    for (size_t k = 0; k < packed->rows; k++) {
      row_at row;
      double y;
      nd_kinked_row(self, packed, k, g->a, &y, &row.weight);
      if (!(row.weight > 0)) continue;
      row.u = dual(g, at);
      read_residual(g, packed, k, y, &row);
      use(g, &row, at++, context);
    }
  }
  return NADIR_OK;
}

/* ---- what the dual variables leave ---- */

static void add_pull(gap *g, const row_at *row, size_t i, void *context) {
  nd_pair *pull = context;
  (void)i;
  for (size_t j = 0; j < g->n; j++) {
    double term = row->weight * row->u * g->a[j];
    pull[j] = nd_pair_add(pull[j], (nd_pair){term, 0});
    g->error[j] += fabs(term) * (g->weight_error + 8 * UNIT);
  }
}

static nadir_status find_pull(gap *g, nadir_error *error) {
  nd_pair *pull = nd_new(g->n, sizeof *pull, error);
  if (!pull) return NADIR_NO_MEMORY;
  memset(g->error, 0, g->n * sizeof *g->error);
  nadir_status status = each_row(g, add_pull, pull, error);
  for (size_t j = 0; j < g->n; j++)
    g->p[j] = pull[j].high + pull[j].low;
  nd_free(pull);
  return status;
}

/* ---- rows that make up for it ---- */

/* What is left of row a, times how far its u may move, across the rows chosen so far (which are in
 * g->inverse, made orthogonal). */
static double part_across(gap *g, double scale, size_t count) {
  double size = 0;
  for (size_t j = 0; j < g->free; j++)
    g->room[j] = scale * g->a[g->index[j]];
  for (size_t k = 0; k < count; k++) {
    double along = nd_dot(g->free, g->room, g->inverse + k * g->free);
    for (size_t j = 0; j < g->free; j++)
      g->room[j] -= along * g->inverse[k * g->free + j];
  }
  for (size_t j = 0; j < g->free; j++)
    size = hypot(size, g->room[j]);
  return size;
}

typedef struct choice {
  size_t count;
  double best;
} choice;

static void consider(gap *g, const row_at *row, size_t i, void *context) {
  choice *c = context;
  double inside = row->weight * room_of(g, row->u), size = part_across(g, inside, c->count);
  if (!(size > c->best)) return;
  c->best = size;
  g->chosen[c->count] = i;
  g->inside[c->count] = inside;
  for (size_t j = 0; j < g->free; j++)
    g->basis[j * g->free + c->count] = inside * g->a[g->index[j]];
}

/* As many rows as there are conditions, each time that which reaches farthest across the others. */
static nadir_status choose_rows(gap *g, bool *enough, nadir_error *error) {
  size_t m = g->free;
  *enough = true;
  for (choice c = {0}; c.count < m && *enough; c.count++) {
    c.best = 0;
    ND_TRY(each_row(g, consider, &c, error));
    *enough = c.best > 0;
    double norm = 0, *unit = g->inverse + c.count * m;
    for (size_t j = 0; j < m; j++)
      g->a[g->index[j]] = g->basis[j * m + c.count];
    if (*enough) norm = part_across(g, 1, c.count);
    for (size_t j = 0; j < m; j++)
      unit[j] = norm > 0 ? g->room[j] / norm : 0;
  }
  return NADIR_OK;
}

static bool invert(gap *g) {
  size_t m = g->free;
  for (size_t k = 0; k < m; k++) {
    memcpy(g->square, g->basis, m * m * sizeof *g->basis);
    memset(g->room, 0, m * sizeof *g->room);
    g->room[k] = 1;
    if (!nd_solve_square(m, g->square, g->room)) return false;
    for (size_t i = 0; i < m; i++)
      g->inverse[i * m + k] = g->room[i];
  }
  return true;
}

/* A bound on the largest |t| of basis t = -p: |X p| / (1 - |1 - X basis|), X near the inverse; infinite
 * where that is not proved. */
static void find_moved(gap *g) {
  size_t m = g->free;
  double most = 0, rest = 0, slack = g->weight_error + 4 * (double)(m + 4) * UNIT;
  g->moved = HUGE_VAL;
  if (!invert(g) || !nd_all_finite(m * m, g->inverse)) return;
  for (size_t i = 0; i < m; i++) {
    double moved = 0, off = 0;
    for (size_t j = 0; j < m; j++) {
      double product = 0, size = 0, x = g->inverse[i * m + j];
      size_t at = g->index[j];
      moved += fabs(x) * (fabs(g->p[at]) + g->error[at]);
      for (size_t k = 0; k < m; k++) {
        double term = g->inverse[i * m + k] * g->basis[k * m + j];
        product += term;
        size += fabs(term);
      }
      off += fabs((i == j) - product) + slack * size;
    }
    most = fmax(most, moved);
    rest = fmax(rest, off);
  }
  if (rest < 0.5) g->moved = most / (1 - rest) * (1 + slack);
}

/* ---- the gap ---- */

/* Of a chosen row u may be moved: its part counts to either side, and so does that of p. */
static double moved_of(const gap *g, size_t i) {
  for (size_t k = 0; k < g->free; k++)
    if (g->chosen[k] == i) return g->moved * g->inside[k];
  return 0;
}

static void add_slack(gap *g, const row_at *row, size_t i, void *context) {
  double *sum = context, size = fabs(row->r) + row->error, moved = moved_of(g, i);
  double above = g->kinked->high - row->u, below = row->u - g->kinked->low;
  double slack = fabs(row->r) <= row->error ? fmax(above, below) : row->r > 0 ? above : below;
  slack = fmax(0, slack) + 4 * UNIT * (fabs(row->u) + fabs(g->kinked->high) + fabs(g->kinked->low));
  *sum += (row->weight * slack + moved) * size;
  for (size_t j = 0; j < g->n && moved > 0; j++)
    g->error[j] += moved * fabs(g->a[j]);
}

static double from_ridge(const gap *g) {
  double sum = 0;
  for (size_t j = 0; j < g->n; j++) {
    double ridge = g->self->ridge ? g->self->ridge[j] : 0, pull = ridge * g->image[j];
    if (!(ridge > 0)) continue;
    double rest = fabs(pull - g->p[j]) + g->error[j] + 8 * UNIT * (fabs(pull) + fabs(g->p[j]));
    sum += rest / ridge * rest / 2;
  }
  return sum;
}

static nadir_status try_gap(gap *g, double *bound, nadir_error *error) {
  bool enough = true;
  double sum = 0, rounding = g->weight_error + 16 * (double)(g->self->face.rows + g->n + 8) * UNIT;
  g->moved = 0;
  *bound = HUGE_VAL;
  ND_TRY(find_pull(g, error));
  if (g->free) ND_TRY(choose_rows(g, &enough, error));
  if (!enough) return NADIR_OK;
  if (g->free) find_moved(g);
  if (!(g->moved < 0.99)) return NADIR_OK; /* with something over for the weights' rounding */
  ND_TRY(each_row(g, add_slack, &sum, error));
  *bound = (sum + from_ridge(g)) * (1 + rounding);
  return NADIR_OK;
}

static double *take(double **rest, size_t count) {
  double *taken = *rest;
  *rest += count;
  return taken;
}

static void lay_out(gap *g, double *memory) {
  size_t n = g->n;
  double **by_parameter[] = {&g->w, &g->image, &g->a, &g->p, &g->error, &g->inside, &g->room};
  for (size_t k = 0; k < ND_COUNT(by_parameter); k++)
    *by_parameter[k] = take(&memory, n);
  g->basis = take(&memory, n * n);
  g->inverse = take(&memory, n * n);
  g->square = take(&memory, n * n);
}

static nadir_status find_gap(gap *g, const double *w, double *bound, nadir_error *error) {
  nd_model_to_table(g->self->model, w, g->w);
  nd_image_in_descent(g->self->model, g->w, g->image);
  for (size_t j = 0; j < g->n; j++)
    if (!(g->self->ridge && g->self->ridge[j] > 0)) g->index[g->free++] = j;
  *bound = HUGE_VAL;
  for (size_t k = 0; k < ND_COUNT(inward) && !isfinite(*bound); k++) {
    g->draw = inward[k];
    ND_TRY(try_gap(g, bound, error));
  }
  return NADIR_OK;
}

nadir_status nd_kink_gap(const nd_table_objective *self, const nd_kinked *kinked, const double *w,
                         const double *u, double *bound, nadir_error *error) {
  size_t n = self->face.problem.size;
  /* the weights' sum was rounded at each row */
  double weight_error = ((self->data->weighted ? (double)self->face.rows : 0) + 8) * UNIT;
  gap g = {.self = self, .kinked = kinked, .u = u, .n = n, .weight_error = weight_error};
  double *memory = nd_new(7 * n + 3 * n * n, sizeof *memory, error);
  size_t *places = nd_new(2 * n, sizeof *places, error);
  nadir_status status = memory && places ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK) {
    lay_out(&g, memory);
    g.index = places;
    g.chosen = places + n;
    status = find_gap(&g, w, bound, error);
  }
  nd_free(memory);
  nd_free(places);
  return status;
}
