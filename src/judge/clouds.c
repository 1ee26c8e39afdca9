/* The stochastic side of a fit, measured and predicted.
 *
 * Wrong way: the share of batch gradients that have a negative dot product with the full gradient
 * at the same point, along a run of plain stochastic descent.
 *
 * Cloud: the iterates that a constant rate ends in. Its radius is the root mean square distance of
 * the tail's iterates, every update, from their mean. Near the minimum with Hessian A and batch
 * gradients of covariance C, one update is w <- w - eta (A w + e), so with independent draws the
 * covariance S of w solves A S + S A - eta A S A = eta C and the radius is sqrt(tr S): it goes with
 * the root of a small rate. Shuffled epochs of n batches cancel noise: the e of one epoch sum to
 * nothing, so two of them have covariance -C/(n-1), and at small rates the radius goes with the
 * rate itself, as the lecture says. In A's eigenbasis (values a_i) both have closed forms; only
 * S_ii are needed for the trace. With q = 1 - eta a, after k updates of an epoch that began with
 * S_0 S_k = q^2k S_0 + eta^2 C_ii [ n/(n-1) sum_{m<k} q^2m - (sum_{m<k} q^m)^2 / (n-1) ],  S_n =
 * S_0.
 *
 * Costs epochs of stochastic descent, and a Hessian. */
#include <string.h>

#include "base/dense.h"
#include "base/divisor.h"
#include "judge/advice.h"

enum {
  BURN_IN = 4,
  MEASURED = 40,
  WRONG_WAY_EPOCHS = 10,
  MOST_BATCHES = 2000,
  MOST_EPOCHS = 4000,
  MOST_POINTS = 400 /* of a cloud that are kept */
};

typedef struct walk {
  nd_objective *objective;
  nd_sampler *sampler;
  nd_sampler *looker; /* each row once, for covariances */
  uint64_t looks;
  nd_pick *picks;              /* of one batch */
  size_t size, batch, batches; /* batches: of an epoch */
  double *w, *gradient, *full, *mean;
  double *values, *vectors, *hessian; /* of A */
} walk;

static void walk_free(walk *x) {
  nd_sampler_free(x->sampler);
  nd_sampler_free(x->looker);
  nd_free(x->picks);
  nd_free(x->w);
  nd_free(x->hessian);
}

static nadir_status walk_new(walk *x, nd_objective *objective, const nadir_settings *settings,
                             size_t batch, nd_row_order order, nadir_error *error) {
  size_t n = objective->problem.size;
  *x = (walk){.objective = objective, .size = n, .batch = batch};
  x->batches = (size_t)((objective->rows + batch - 1) / batch);
  ND_TRY(nd_sampler_new(&x->sampler, objective->block_rows, objective->blocks, order,
                        settings->seed, error));
  ND_TRY(nd_sampler_new(&x->looker, objective->block_rows, objective->blocks, ND_SHUFFLE_BLOCK,
                        settings->seed, error));
  x->picks = nd_new(batch, sizeof *x->picks, error);
  x->w = nd_new(5 * n, sizeof(double), error);
  x->hessian = nd_new(2 * n * n, sizeof(double), error);
  if (!x->picks || !x->w || !x->hessian) return NADIR_NO_MEMORY;
  x->gradient = x->w + n;
  x->full = x->w + 2 * n;
  x->mean = x->w + 3 * n;
  x->values = x->w + 4 * n;
  x->vectors = x->hessian + n * n;
  return NADIR_OK;
}

/* One batch's gradient at w; *got 0 at the end of the epoch. */
static nadir_status gradient_from(walk *x, nd_sampler *sampler, uint64_t epoch, size_t *got,
                                  nadir_error *error) {
  double loss;
  ND_TRY(nd_go_on(x->objective->until, error));
  ND_TRY(nd_sampler_next(sampler, epoch, x->picks, x->batch, got, error));
  if (*got == 0) return NADIR_OK;
  return x->objective->batch(x->objective, x->picks, *got, x->w, &loss, x->gradient, error);
}

static nadir_status next_gradient(walk *x, uint64_t epoch, size_t *got, nadir_error *error) {
  return gradient_from(x, x->sampler, epoch, got, error);
}

static nadir_status one_epoch(walk *x, double rate, uint64_t epoch, nadir_error *error) {
  for (size_t got;;) {
    ND_TRY(next_gradient(x, epoch, &got, error));
    if (got == 0) return NADIR_OK;
    for (size_t i = 0; i < x->size; i++)
      x->w[i] -= rate * x->gradient[i];
  }
}

/* ---- wrong way ---- */

/* The share among the batches of one epoch (at most MOST_BATCHES of them) at w. */
static nadir_status share_uphill(walk *x, uint64_t epoch, double *share, nadir_error *error) {
  double loss;
  size_t got, uphill = 0, seen = 0;
  const nadir_problem *problem = &x->objective->problem;
  ND_TRY(problem->gradient(problem->context, x->w, &loss, x->full, error));
  for (; seen < MOST_BATCHES; seen++) {
    ND_TRY(next_gradient(x, epoch, &got, error));
    if (got == 0) break;
    uphill += nd_dot(x->size, x->gradient, x->full) < 0;
  }
  *share = seen ? (double)uphill / (double)seen : (double)NAN;
  return NADIR_OK;
}

static nadir_status find_wrong_way(walk *x, const double *start, double rate,
                                   nadir_batch_noise *noise, nadir_error *error) {
  memcpy(x->w, start, x->size * sizeof *x->w);
  noise->uphill = nd_new(WRONG_WAY_EPOCHS + 1, sizeof *noise->uphill, error);
  if (!noise->uphill) return NADIR_NO_MEMORY;
  for (uint64_t epoch = 0; epoch <= WRONG_WAY_EPOCHS; epoch++) {
    /* looked at with the batches of another epoch, so that looking does not disturb the descent's
     * order */
    ND_TRY(share_uphill(x, epoch + MOST_EPOCHS, &noise->uphill[epoch], error));
    noise->epochs = epoch + 1;
    if (epoch < WRONG_WAY_EPOCHS) ND_TRY(one_epoch(x, rate, epoch, error));
    if (!nd_all_finite(x->size, x->w)) break;
  }
  return NADIR_OK;
}

/* ---- prediction ---- */

static nadir_status find_spectrum(walk *x, const double *at, nadir_error *error) {
  const nadir_problem *problem = &x->objective->problem;
  ND_TRY(problem->hessian(problem->context, at, x->hessian, error));
  return nd_eigen(x->size, x->hessian, x->values, x->vectors, x->objective->until, error);
}

/* The diagonal, in the eigenbasis, of the covariance of batch gradients at w: of batches that hold
 * each row at most once, as in shuffled epochs. With rows drawn independently it is (N-1)/(N-B)
 * times that. */
static nadir_status find_covariance(walk *x, const double *at, bool drawn, double *covariance,
                                    nadir_error *error) {
  const nadir_problem *problem = &x->objective->problem;
  double loss;
  size_t got, seen = 0;
  uint64_t epoch = x->looks++; /* a new one, so that it begins at its first row */
  memcpy(x->w, at, x->size * sizeof *x->w);
  memset(covariance, 0, x->size * sizeof *covariance);
  ND_TRY(problem->gradient(problem->context, at, &loss, x->full, error));
  for (; seen < MOST_BATCHES; seen++) {
    ND_TRY(gradient_from(x, x->looker, epoch, &got, error));
    if (got == 0) break;
    for (size_t i = 0; i < x->size; i++)
      x->gradient[i] -= x->full[i];
    for (size_t i = 0; i < x->size; i++) {
      double part = nd_dot(x->size, x->vectors + i * x->size, x->gradient);
      covariance[i] += part * part;
    }
  }
  double rows = (double)x->objective->rows,
         more = drawn ? (rows - 1) / (rows - (double)x->batch) : 1;
  for (size_t i = 0; i < x->size && seen; i++)
    covariance[i] *= more / (double)seen;
  return NADIR_OK;
}

static double drawn_variance(double rate, double a, double c) {
  return rate * c / (2 * a - rate * a * a);
}

/* The mean of S_1 .. S_n of the recursion in the head. */
static double shuffled_variance(double rate, double a, double c, size_t n) {
  if (n < 2) return 0;
  double q = 1 - rate * a, power = 1, sum = 0, squares = 0, last = 0;
  for (size_t k = 0; k < n; k++) {
    sum += power;
    squares += power * power;
    power *= q;
  }
  double noise = rate * rate * c, each = (double)n / (double)(n - 1), less = 1 / (double)(n - 1);
  last = noise * (each * squares - less * sum * sum);
  double first = last / (1 - power * power), mean = 0; /* S_0 = S_n */
  sum = squares = 0;
  power = 1;
  for (size_t k = 0; k < n; k++) {
    sum += power;
    squares += power * power;
    power *= q;
    mean += power * power * first + noise * (each * squares - less * sum * sum);
  }
  return mean / (double)n;
}

static double predict(const walk *x, double rate, const double *covariance, bool drawn) {
  double trace = 0;
  for (size_t i = 0; i < x->size; i++) {
    double a = x->values[i];
    if (!(a > 0) || !(rate * a < 2)) return (double)NAN;
    trace += drawn ? drawn_variance(rate, a, covariance[i])
                   : shuffled_variance(rate, a, covariance[i], x->batches);
  }
  return sqrt(trace);
}

/* ---- measurement ---- */

/* Sums of deviations from the start of the tail, so that a small cloud far from 0 keeps its digits.
 */
typedef struct cloud {
  const double *center;
  double *sum, distance; /* distance: summed squares */
  uint64_t count, stride; /* every so many iterates one is kept */
  nadir_cloud *keeps;     /* them; NULL: none are */
} cloud;

/* Without a divisor in common with the batches of an epoch, so that iterates from all over epochs are kept. */
static uint64_t choose_stride(uint64_t iterates, uint64_t batches) {
  uint64_t stride = iterates / MOST_POINTS + 1;
  while (nd_greatest_divisor(stride, batches) != 1)
    stride++;
  return stride;
}

static void keep_point(const walk *x, cloud *c) {
  nadir_cloud *to = c->keeps;
  if (!to || c->count % c->stride != 0 || to->points == MOST_POINTS) return;
  for (size_t i = 0; i < 2; i++)
    to->point[2 * to->points + i] = x->w[i] - c->center[i];
  to->points++;
}

static nadir_status measure_tail(walk *x, double rate, uint64_t first, uint64_t epochs, cloud *c,
                                 nadir_error *error) {
  for (uint64_t epoch = first; epoch < first + epochs; epoch++)
    for (size_t got;;) {
      ND_TRY(next_gradient(x, epoch, &got, error));
      if (got == 0) break;
      for (size_t i = 0; i < x->size; i++) {
        x->w[i] -= rate * x->gradient[i];
        double off = x->w[i] - c->center[i];
        c->sum[i] += off;
        c->distance += off * off;
      }
      keep_point(x, c);
      c->count++;
    }
  return NADIR_OK;
}

/* Epochs for the slowest direction to forget its start: exp(-rate a n epochs) under 1e-4. */
static uint64_t epochs_to_forget(const walk *x, double rate) {
  double slowest = rate * fmax(x->values[0], 1e-12) * (double)x->batches;
  return (uint64_t)fmin(MOST_EPOCHS / 4, fmax(BURN_IN, ceil(10 / slowest)));
}

/* A rounding below 0 is 0; what has diverged is NaN. */
static double root_mean(double square) {
  return isfinite(square) ? sqrt(fmax(0, square)) : (double)NAN;
}

static void drop_points(nadir_cloud *of) {
  nd_free(of->point);
  of->point = NULL;
  of->points = 0;
}

static nadir_status measure_cloud(walk *x, const double *minimum, double rate, nadir_cloud *result,
                                  nadir_error *error) {
  cloud c = {.center = minimum, .sum = nd_new(x->size, sizeof(double), error)};
  if (!c.sum) return NADIR_NO_MEMORY;
  uint64_t forget = epochs_to_forget(x, rate),
           tail = forget * MEASURED > MOST_EPOCHS ? MOST_EPOCHS : forget * MEASURED;
  nadir_status status = NADIR_OK;
  c.stride = choose_stride(tail * x->batches, x->batches);
  if (x->size == 2) {
    result->point = nd_new(2 * MOST_POINTS, sizeof *result->point, error);
    if (!result->point) status = NADIR_NO_MEMORY;
    c.keeps = result;
  }
  memcpy(x->w, minimum, x->size * sizeof *x->w);
  for (uint64_t epoch = 0; status == NADIR_OK && epoch < forget; epoch++)
    status = one_epoch(x, rate, epoch, error);
  if (status == NADIR_OK) status = measure_tail(x, rate, forget, tail, &c, error);
  double shift = 0, count = (double)c.count;
  for (size_t i = 0; i < x->size; i++) {
    x->mean[i] = minimum[i] + c.sum[i] / count;
    shift += c.sum[i] / count * (c.sum[i] / count);
  }
  result->rate = rate;
  result->radius = root_mean(c.distance / count - shift);
  result->about_minimum = root_mean(c.distance / count);
  for (size_t i = 0; i < 2 && c.keeps; i++)
    result->mean[i] = c.sum[i] / count;
  if (isnan(result->radius)) drop_points(result);
  nd_free(c.sum);
  return status;
}

/* The slope of log radius against log rate, by least squares. */
static double exponent_of(const nadir_cloud *clouds, size_t count) {
  double x = 0, y = 0, xx = 0, xy = 0, n = 0;
  for (size_t i = 0; i < count; i++) {
    if (!(clouds[i].radius > 0) || !isfinite(clouds[i].radius)) continue;
    double a = log(clouds[i].rate), b = log(clouds[i].radius);
    x += a, y += b, xx += a * a, xy += a * b, n += 1;
  }
  return n < 2 ? (double)NAN : (n * xy - x * y) / (n * xx - x * x);
}

static nadir_status find_clouds(walk *x, const double *minimum, const double *rates, size_t count,
                                bool drawn, nadir_cloud *clouds, nadir_error *error) {
  double *covariance = nd_new(x->size, sizeof(double), error);
  if (!covariance) return NADIR_NO_MEMORY;
  nadir_status status = find_spectrum(x, minimum, error);
  for (size_t i = 0; status == NADIR_OK && i < count; i++) {
    status = measure_cloud(x, minimum, rates[i], &clouds[i], error);
    bool rests = nd_all_finite(x->size, x->mean);
    if (status == NADIR_OK && rests) status = find_covariance(x, x->mean, drawn, covariance, error);
    clouds[i].predicted = rests ? predict(x, rates[i], covariance, drawn) : (double)NAN;
  }
  nd_free(covariance);
  return status;
}

static nadir_status one_kind(nd_objective *objective, const nadir_settings *settings, size_t batch,
                             nd_row_order order, const double *minimum, const double *rates,
                             size_t count, nadir_clouds *clouds, nadir_error *error) {
  walk x;
  clouds->cloud = nd_new(count, sizeof *clouds->cloud, error);
  if (!clouds->cloud) return NADIR_NO_MEMORY;
  clouds->count = count;
  nadir_status status = walk_new(&x, objective, settings, batch, order, error);
  if (status == NADIR_OK)
    status = find_clouds(&x, minimum, rates, count, order == ND_SHUFFLE_DRAW, clouds->cloud, error);
  clouds->exponent = exponent_of(clouds->cloud, count);
  walk_free(&x);
  return status;
}

static nadir_status refuse(const nd_objective *objective, size_t batch, nadir_error *error) {
  if (!objective->batch || !objective->problem.hessian)
    return nd_fail(error, NADIR_BAD_FORMULA,
                   "noise: it needs the rows of a table and a loss with second derivatives");
  if (batch == 0 || batch >= objective->rows)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "batch: with all rows in a batch there is no noise: set batch to 1, or to fewer "
                   "than %llu rows",
                   (unsigned long long)objective->rows);
  return NADIR_OK;
}

static nadir_status name_directions(const nd_objective *objective, nadir_batch_noise *noise,
                                    nadir_error *error) {
  for (size_t i = 0; i < 2; i++) {
    noise->parameter[i] = nd_copy_text(objective->names[i], strlen(objective->names[i]), error);
    if (!noise->parameter[i]) return NADIR_NO_MEMORY;
  }
  return NADIR_OK;
}

nadir_status nd_noise_measure(nd_objective *objective, const nadir_settings *settings, size_t batch,
                              const double *start, const double *minimum, const double *rates,
                              size_t count, nadir_batch_noise *noise, nadir_error *error) {
  walk x;
  bool drawn = settings->shuffle == ND_SHUFFLE_DRAW;
  nd_row_order shuffled = drawn ? ND_SHUFFLE_FULL : settings->shuffle;
  *noise = (nadir_batch_noise){.batch = batch};
  ND_TRY(refuse(objective, batch, error));
  nadir_status status = walk_new(&x, objective, settings, batch, settings->shuffle, error);
  if (status == NADIR_OK) status = find_wrong_way(&x, start, rates[0], noise, error);
  walk_free(&x);
  if (status == NADIR_OK)
    status = one_kind(objective, settings, batch, shuffled, minimum, rates, count, &noise->shuffled,
                      error);
  if (status == NADIR_OK)
    status = one_kind(objective, settings, batch, ND_SHUFFLE_DRAW, minimum, rates, count,
                      &noise->drawn, error);
  if (status == NADIR_OK && objective->problem.size == 2)
    status = name_directions(objective, noise, error);
  if (status != NADIR_OK) nd_noise_clear(noise);
  return status;
}

static void clouds_clear(nadir_clouds *clouds) {
  for (size_t i = 0; i < clouds->count; i++)
    drop_points(&clouds->cloud[i]);
  nd_free(clouds->cloud);
}

void nd_noise_clear(nadir_batch_noise *noise) {
  nd_free(noise->uphill);
  clouds_clear(&noise->shuffled);
  clouds_clear(&noise->drawn);
  for (size_t i = 0; i < 2; i++)
    nd_free(noise->parameter[i]);
  *noise = (nadir_batch_noise){0};
}
