/* The losses with kinks, absolute, quantile and hinge, of a linear model or of a formula that is affine
 * in its parameters: a convex program whose minimum is found by Newton's method on a smoothed loss, the
 * smoothing mu driven to 0, with a proof of how near the minimum is.
 *
 * With r_i = c_i - a_i'w each is l(r) = max(high r, low r). The smoothed loss is the largest over
 * low < u < high of u r + mu log((high - u)(u - low)); Newton's step on it is that of the
 * primal-dual method (S. J. Wright 1997, "Primal-dual interior-point methods"; R. Koenker, S.
 * Portnoy 1997, "The Gaussian hare and the Laplacian tortoise"): with r = s - t and s, t > 0
 *   s (high - u) = mu,  t (u - low) = mu,  sum_i omega_i u_i a_i = R w,  R the ridge.
 * The u are dual variables: for any of them that fulfil the last equation
 *   sum omega_i u_i c_i - w'R w / 2
 * is a lower bound of the loss (S. Boyd, L. Vandenberghe 2004, "Convex optimization", section 5.5).
 * At the end the rows on their kink, which have u between its ends, are solved for exactly, so that
 * the answer is that of the vertex to rounding.
 * Costs n^2 N operations an update, some 15 updates, and n + 9 numbers a row of memory. */
#include <string.h>

#include "base/dense.h"
#include "descend/kink_internal.h"

enum { MOST_UPDATES = 60, MOST_ON_KINK = 400 };
static const double near = 0.99;        /* of the way to the end of the positive numbers */
static const double gap_enough = 1e-12; /* relative to the loss, where rounding allows it */
static const double on_kink = 1e-3;     /* of high - low: u is that far from both ends */

/* By row: a (n numbers), c, the weight, then the unknowns. */
typedef struct program {
  size_t rows, n;
  const nd_until *until;
  nd_kinked kinked;
  double *a, *c, *weight, *s, *t, *u, *residual, *theta, *du;
  double *best_u;                              /* where the gap was least */
  double *w, *ridge, *dw, *unit, *bend, *pull; /* by parameter; bend is n x n */
} program;

static const double *row_of(const program *p, size_t i) {
  return p->a + i * p->n;
}

static double dot(size_t n, const double *a, const double *b) {
  double sum = 0;
  for (size_t j = 0; j < n; j++)
    sum += a[j] * b[j];
  return sum;
}

/* ---- which losses ---- */

bool nd_smooth_applies(const nd_objective *objective) {
  if (objective->rows == 0 || objective->l1 != NULL || objective->bounds != NULL || objective->single) return false;
  const nd_table_objective *self = nd_rows_of(objective);
  const nd_model *model = self->model;
  bool linear = (model->is_linear && model->head_count == 1) || self->affine != NULL;
  return self->data->counts.in_memory && linear && model->loss.corner != ND_CORNER_NONE;
}

static void set_slopes(program *p, const nd_loss *loss) {
  p->kinked.is_hinge = loss->corner == ND_CORNER_HINGE;
  switch (loss->corner) {
  case ND_CORNER_TILTED:
    p->kinked.high = loss->parameter, p->kinked.low = loss->parameter - 1;
    return;
  case ND_CORNER_HINGE:
    p->kinked.high = 1, p->kinked.low = 0;
    return;
  case ND_CORNER_EVEN:
  case ND_CORNER_NONE:
    break;
  }
  p->kinked.high = 1, p->kinked.low = -1;
}

/* ---- rows ---- */

void nd_kinked_row(const nd_table_objective *self, const nd_packed *packed, size_t k, double *a,
                   double *y, double *weight) {
  const nd_model *model = self->model;
  const nd_head *head = &model->heads[0];
  *y = nd_packed_number(packed, nd_packed_target(self->data), k);
  double side = model->loss.corner == ND_CORNER_HINGE ? 2 * *y - 1 : 1;
  if (head->intercept != SIZE_MAX) a[head->intercept] = side;
  for (size_t j = 0; j < head->features; j++) {
    size_t at = head->first_feature + j;
    a[head->first_weight + j] = side * nd_prepared_feature(model, packed, at, k);
  }
  *weight = self->scale *
            (self->data->weighted ? nd_packed_number(packed, nd_packed_weight(self->data), k) : 1);
}

static void fill_row(program *p, const nd_table_objective *self, const nd_packed *packed,
                     size_t k) {
  const nd_scaling *target = &self->model->target_scaling;
  double y;
  nd_kinked_row(self, packed, k, p->a + p->rows * p->n, &y, &p->weight[p->rows]);
  p->c[p->rows] = p->kinked.is_hinge ? 1 : (y - target->center) / target->width;
  if (p->weight[p->rows] > 0) p->rows++;
}

/* A formula: the derivatives of f, and what f is where all parameters are 0. */
static void fill_affine(program *p, const nd_table_objective *self, const nd_packed *packed,
                        double *const *out) {
  const nd_data *data = self->data;
  for (size_t k = 0; k < packed->rows; k++) {
    double y = nd_packed_number(packed, nd_packed_target(data), k),
           side = p->kinked.is_hinge ? 2 * y - 1 : 1;
    for (size_t j = 0; j < p->n; j++)
      p->a[p->rows * p->n + self->model->free_index[j]] = side * out[j][k];
    p->c[p->rows] = (p->kinked.is_hinge ? 1 : y) - side * out[p->n][k];
    double weight = data->weighted ? nd_packed_number(packed, nd_packed_weight(data), k) : 1;
    p->weight[p->rows] = self->scale * weight;
    if (p->weight[p->rows] > 0) p->rows++;
  }
}

static nadir_status fill_formula(program *p, const nd_table_objective *self, nadir_error *error) {
  nd_row_program *rows;
  const nd_packed *packed;
  ND_TRY(nd_row_program_new(&rows, self, self->affine, p->n + 1, p->w, error));
  nadir_status status = NADIR_OK;
  for (size_t b = 0; b < self->data->blocks && status == NADIR_OK; b++) {
    status = nd_go_on(self->face.until, error);
    if (status == NADIR_OK) status = nd_data_raw(self->data, b, 0, &packed, error);
    if (status == NADIR_OK) fill_affine(p, self, packed, nd_row_program_run(rows, packed));
  }
  nd_row_program_free(rows);
  return status;
}

/* Columns of any units are brought to about 1, by a power of two; w_j is then in units of 1/unit_j. */
static void choose_units(program *p) {
  for (size_t j = 0; j < p->n; j++) {
    double largest = 0;
    int exponent = 0;
    for (size_t i = 0; i < p->rows; i++)
      largest = fmax(largest, fabs(row_of(p, i)[j]));
    if (largest > 0 && isfinite(largest)) frexp(largest, &exponent);
    p->unit[j] = ldexp(1, exponent);
    for (size_t i = 0; i < p->rows; i++)
      p->a[i * p->n + j] /= p->unit[j];
    p->w[j] *= p->unit[j];
    p->ridge[j] /= p->unit[j] * p->unit[j];
  }
}

static nadir_status fill_heads(program *p, const nd_table_objective *self, nadir_error *error) {
  const nd_packed *packed;
  for (size_t b = 0; b < self->data->blocks; b++) {
    ND_TRY(nd_go_on(self->face.until, error));
    ND_TRY(nd_data_raw(self->data, b, 0, &packed, error));
    for (size_t k = 0; k < packed->rows; k++)
      fill_row(p, self, packed, k);
  }
  return NADIR_OK;
}

/* ---- the loss and its lower bound ---- */

static double loss_at(const program *p, const double *w) {
  double sum = 0;
  for (size_t j = 0; j < p->n; j++)
    sum += p->ridge[j] * w[j] * w[j] / 2;
  for (size_t i = 0; i < p->rows; i++) {
    double r = p->c[i] - dot(p->n, row_of(p, i), w);
    sum += p->weight[i] * fmax(p->kinked.high * r, p->kinked.low * r);
  }
  return sum;
}

/* What the dual variables leave unbalanced, R w - sum omega u a, in `pull`. */
static void find_pull(const program *p) {
  for (size_t j = 0; j < p->n; j++)
    p->pull[j] = p->ridge[j] * p->w[j];
  for (size_t i = 0; i < p->rows; i++)
    for (size_t j = 0; j < p->n; j++)
      p->pull[j] -= p->weight[i] * p->u[i] * row_of(p, i)[j];
}

/* Loss less the lower bound, as far as rounding lets it be seen (kink_gap.c proves it for heads). What
 * is unbalanced counts by the way that w may still have to go, for which twice its size is taken. */
static double gap_at(const program *p) {
  double bound = 0, unbalanced = 0;
  find_pull(p);
  for (size_t i = 0; i < p->rows; i++)
    bound += p->weight[i] * p->u[i] * p->c[i];
  for (size_t j = 0; j < p->n; j++) {
    bound -= p->ridge[j] * p->w[j] * p->w[j] / 2;
    unbalanced += 2 * fabs(p->pull[j] * p->w[j]);
  }
  return loss_at(p, p->w) - bound + unbalanced;
}

/* ---- an update ---- */

static double mean_product(const program *p) {
  double sum = 0, weight = 0;
  for (size_t i = 0; i < p->rows; i++) {
    sum +=
        p->weight[i] * (p->s[i] * (p->kinked.high - p->u[i]) + p->t[i] * (p->u[i] - p->kinked.low));
    weight += 2 * p->weight[i];
  }
  return sum / weight;
}

/* bend <- R + A' W / theta A */
static void find_bend(program *p) {
  size_t n = p->n;
  memset(p->bend, 0, n * n * sizeof *p->bend);
  for (size_t i = 0; i < p->rows; i++) {
    const double *a = row_of(p, i);
    p->theta[i] = p->s[i] / (p->kinked.high - p->u[i]) + p->t[i] / (p->u[i] - p->kinked.low);
    for (size_t j = 0; j < n; j++) {
      double part = p->weight[i] / p->theta[i] * a[j];
      for (size_t k = 0; k <= j; k++)
        p->bend[j * n + k] += part * a[k];
    }
  }
  for (size_t j = 0; j < n; j++) {
    p->bend[j * n + j] += p->ridge[j];
    for (size_t k = 0; k < j; k++)
      p->bend[k * n + j] = p->bend[j * n + k];
  }
}

/* The step towards the smoothing mu: dw, then du. */
static nadir_status find_step(program *p, double mu, bool *definite, nadir_error *error) {
  find_pull(p);
  for (size_t j = 0; j < p->n; j++)
    p->dw[j] = -p->pull[j];
  for (size_t i = 0; i < p->rows; i++) {
    const double *a = row_of(p, i);
    p->residual[i] = p->c[i] - dot(p->n, a, p->w) - mu / (p->kinked.high - p->u[i]) +
                     mu / (p->u[i] - p->kinked.low);
    double part = p->weight[i] * p->residual[i] / p->theta[i];
    for (size_t j = 0; j < p->n; j++)
      p->dw[j] += part * a[j];
  }
  ND_TRY(nd_solve_definite(p->n, p->bend, p->dw, definite, p->until, error));
  for (size_t i = 0; i < p->rows; i++)
    p->du[i] = (p->residual[i] - dot(p->n, row_of(p, i), p->dw)) / p->theta[i];
  return NADIR_OK;
}

static double step_of_s(const program *p, size_t i, double mu) {
  return (mu + p->s[i] * p->du[i]) / (p->kinked.high - p->u[i]) - p->s[i];
}

static double step_of_t(const program *p, size_t i, double mu) {
  return (mu - p->t[i] * p->du[i]) / (p->u[i] - p->kinked.low) - p->t[i];
}

static double room(double share, double at, double by) {
  return by < 0 ? fmin(share, -at / by) : share;
}

/* The share of the step that keeps all of s, t, high - u, u - low positive. */
static double longest(const program *p, double mu) {
  double share = 1 / near;
  for (size_t i = 0; i < p->rows; i++) {
    share = room(share, p->s[i], step_of_s(p, i, mu));
    share = room(share, p->t[i], step_of_t(p, i, mu));
    share = room(share, p->kinked.high - p->u[i], -p->du[i]);
    share = room(share, p->u[i] - p->kinked.low, p->du[i]);
  }
  return near * share;
}

static void take_step(program *p, double share, double mu) {
  for (size_t j = 0; j < p->n; j++)
    p->w[j] += share * p->dw[j];
  for (size_t i = 0; i < p->rows; i++) {
    double s = step_of_s(p, i, mu), t = step_of_t(p, i, mu);
    p->s[i] += share * s;
    p->t[i] += share * t;
    p->u[i] += share * p->du[i];
  }
}

/* How far mu can fall at once is tried by a step to mu = 0 (S. Mehrotra 1992). */
static nadir_status update(program *p, bool *moved, nadir_error *error) {
  double mu = mean_product(p);
  *moved = false;
  find_bend(p);
  ND_TRY(find_step(p, 0, moved, error));
  if (!*moved) return NADIR_OK;
  double left = 1 - longest(p, 0);
  mu *= fmax(left * left * left, 1e-6);
  ND_TRY(find_step(p, mu, moved, error));
  double share = longest(p, mu);
  *moved = *moved && nd_all_finite(p->n, p->dw) && share > 0;
  if (*moved) take_step(p, share, mu);
  return NADIR_OK;
}

static void begin(program *p) {
  double mean = 0;
  for (size_t i = 0; i < p->rows; i++) {
    p->residual[i] = p->c[i] - dot(p->n, row_of(p, i), p->w);
    mean += fabs(p->residual[i]) / (double)p->rows;
  }
  for (size_t i = 0; i < p->rows; i++) {
    double apart = mean > 0 ? mean / 10 : 1;
    p->s[i] = fmax(p->residual[i], 0) + apart;
    p->t[i] = fmax(-p->residual[i], 0) + apart;
    p->u[i] = (p->kinked.low + p->kinked.high) / 2;
  }
}

/* ---- the vertex ---- */

bool nd_solve_square(size_t n, double *a, double *right) {
  for (size_t k = 0; k < n; k++) {
    size_t best = k;
    for (size_t i = k + 1; i < n; i++)
      if (fabs(a[i * n + k]) > fabs(a[best * n + k])) best = i;
    if (!(fabs(a[best * n + k]) > 0)) return false;
    for (size_t j = 0; j < n && best != k; j++) {
      double swap = a[k * n + j];
      a[k * n + j] = a[best * n + j], a[best * n + j] = swap;
    }
    double swap = right[k];
    right[k] = right[best], right[best] = swap;
    for (size_t i = k + 1; i < n; i++) {
      double share = a[i * n + k] / a[k * n + k];
      for (size_t j = k; j < n; j++)
        a[i * n + j] -= share * a[k * n + j];
      right[i] -= share * right[k];
    }
  }
  for (size_t k = n; k-- > 0;) {
    for (size_t j = k + 1; j < n; j++)
      right[k] -= a[k * n + j] * right[j];
    right[k] /= a[k * n + k];
  }
  return true;
}

static bool is_on_kink(const program *p, size_t i) {
  double apart = on_kink * (p->kinked.high - p->kinked.low);
  return p->kinked.high - p->u[i] > apart && p->u[i] - p->kinked.low > apart;
}

/* R w + sum_B a z = sum of the others, whose u is at its end; a'w - soft (z - the last z) = c on B:
 * unknown are w and z = -omega u of B. Soft lets more rows meet in one point than there are
 * parameters, and takes nothing from the answer where z no longer moves. */
static void fill_square(const program *p, size_t size, double soft, const double *last,
                        double *square, double *right) {
  size_t at = p->n;
  memset(square, 0, size * size * sizeof *square);
  memset(right, 0, size * sizeof *right);
  for (size_t j = 0; j < p->n; j++)
    square[j * size + j] = p->ridge[j];
  for (size_t i = 0; i < p->rows; i++) {
    const double *a = row_of(p, i);
    bool kinked = is_on_kink(p, i);
    double u = p->u[i] - p->kinked.low > p->kinked.high - p->u[i] ? p->kinked.high : p->kinked.low;
    for (size_t j = 0; j < p->n; j++) {
      if (kinked) square[at * size + j] = square[j * size + at] = a[j];
      if (!kinked) right[j] += p->weight[i] * u * a[j];
    }
    if (!kinked) continue;
    square[at * size + at] = -soft;
    right[at] = p->c[i] - soft * last[at];
    at++;
  }
}

static double softness(const program *p) {
  double c = 0, weight = 0;
  for (size_t i = 0; i < p->rows; i++) {
    c = fmax(c, fabs(p->c[i]));
    weight = fmax(weight, p->weight[i]);
  }
  return 1e-9 * c / weight;
}

static void try_vertex(program *p, size_t size, double *square, double *right, double *last) {
  double soft = softness(p);
  for (int k = 0; k < 4; k++) {
    fill_square(p, size, soft, last, square, right);
    if (!nd_solve_square(size, square, right) || !nd_all_finite(size, right)) return;
    memcpy(last, right, size * sizeof *last);
  }
  if (loss_at(p, right) <= loss_at(p, p->w)) memcpy(p->w, right, p->n * sizeof *p->w);
}

static nadir_status to_vertex(program *p, nadir_error *error) {
  size_t size = p->n;
  for (size_t i = 0; i < p->rows; i++)
    size += is_on_kink(p, i);
  if (size == p->n || size > p->n + MOST_ON_KINK) return NADIR_OK;
  double *square = nd_new(size * (size + 2), sizeof *square, error);
  if (square == NULL) return NADIR_NO_MEMORY;
  try_vertex(p, size, square, square + size * size, square + size * (size + 1));
  nd_free(square);
  return NADIR_OK;
}

/* ---- the whole way ---- */

static nadir_status descend(program *p, uint64_t most, const nd_until *until, nd_smooth *result,
                            nadir_error *error) {
  bool moved = p->rows > 0;
  double best = INFINITY;
  begin(p);
  memcpy(result->w, p->w, p->n * sizeof *p->w);
  memcpy(p->best_u, p->u, p->rows * sizeof *p->u);
  while (moved && result->updates < most && best > gap_enough * loss_at(p, p->w) &&
         !nd_is_over(until)) {
    ND_TRY(update(p, &moved, error));
    double gap = gap_at(p);
    if (!moved || !(gap < best || best > 1e-6 * loss_at(p, p->w))) break;
    best = gap;
    result->updates++;
    memcpy(result->w, p->w, p->n * sizeof *p->w);
    memcpy(p->best_u, p->u, p->rows * sizeof *p->u);
  }
  memcpy(p->w, result->w, p->n * sizeof *p->w);
  result->gap = best;
  ND_TRY(to_vertex(p, error));
  memcpy(result->w, p->w, p->n * sizeof *p->w);
  return NADIR_OK;
}

static double *take(double **rest, size_t count) {
  double *taken = *rest;
  *rest += count;
  return taken;
}

static void lay_out(program *p, size_t rows, double *rest) {
  double **by_row[] = {&p->c,        &p->weight, &p->s,  &p->t,     &p->u,
                       &p->residual, &p->theta,  &p->du, &p->best_u};
  double **by_parameter[] = {&p->w, &p->ridge, &p->dw, &p->pull, &p->unit};
  p->a = take(&rest, rows * p->n);
  for (size_t k = 0; k < ND_COUNT(by_row); k++)
    *by_row[k] = take(&rest, rows);
  for (size_t k = 0; k < ND_COUNT(by_parameter); k++)
    *by_parameter[k] = take(&rest, p->n);
  p->bend = take(&rest, p->n * p->n);
}

/* Numbers in the one block: (n + 9) a row, and n (n + 5). */
static bool memory_needed(size_t rows, size_t n, size_t *count) {
  size_t square;
  return nd_add(n, 9, count) && nd_multiply(*count, rows, count) && nd_add(n, 5, &square) &&
         nd_multiply(square, n, &square) && nd_add(*count, square, count);
}

nadir_status nd_smooth_descend(const nd_objective *objective, const double *start, uint64_t most,
                               const nd_until *until, nd_smooth *result, nadir_error *error) {
  const nd_table_objective *self = nd_rows_of(objective);
  size_t n = objective->problem.size, rows = (size_t)objective->rows + 1, count;
  program p = {.n = n, .until = until};
  *result = (nd_smooth){.duality_gap = (double)NAN, .w = nd_new(n, sizeof(double), error)};
  if (!memory_needed(rows, n, &count)) count = SIZE_MAX; /* nd_new says so */
  double *memory = result->w ? nd_new(count, sizeof *memory, error) : NULL;
  nadir_status status = memory ? NADIR_OK : NADIR_NO_MEMORY;
  if (memory) {
    lay_out(&p, rows, memory);
    set_slopes(&p, &self->model->loss);
    memcpy(p.w, start, n * sizeof *p.w);
    if (self->ridge) memcpy(p.ridge, self->ridge, n * sizeof *p.ridge);
    status = self->affine ? fill_formula(&p, self, error) : fill_heads(&p, self, error);
    if (self->affine) choose_units(&p);
  }
  if (status == NADIR_OK)
    status = descend(&p, most && most < MOST_UPDATES ? most : MOST_UPDATES, until, result, error);
  for (size_t j = 0; self->affine && status == NADIR_OK && j < n; j++)
    result->w[j] /= p.unit[j];
  if (status == NADIR_OK && !self->affine)
    status = nd_kink_gap(self, &p.kinked, result->w, p.best_u, &result->duality_gap, error);
  nd_free(memory);
  if (status != NADIR_OK) nd_smooth_clear(result);
  return status;
}

void nd_smooth_clear(nd_smooth *result) {
  nd_free(result->w);
  result->w = NULL;
}
