/* The generalised Lomb-Scargle periodogram (M. Zechmeister, M. Kürster 2009): at each frequency the least squares of
 * a sinusoid with a constant. With weights of sum 1 and values of mean 0, their equations 4 to 15 without the shift
 * tau:
 *
 *     power = (SS YC^2 + CC YS^2 - 2 CS YC YS) / (YY (CC SS - CS^2))
 *
 * The sums are taken exactly, not interpolated: over frequencies one step apart the cosine and the sine of a row
 * turn by the same angle, so that they cost one rotation. They begin anew every STRETCH frequencies, so that rounding grows
 * to some 1e-14 only. Costs 18 operations for each row and frequency, by lanes of rows; memory of some numbers a
 * row. Each frequency is summed by one thread, in the order of the rows. */
#include "rows/spectrum.h"

#include <math.h>
#include <string.h>

#include "base/dense.h"

enum {
  LANES = 4,
  STRETCH = 128,
  TILE = 256,
  LEAST_ROWS = 5,
  LEAST_FREQUENCIES = 5,
  MOST_FREQUENCIES = 10000000
};
enum { BEYOND_EVEN = 5 };
static const double TURN = 6.283185307179586;

typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));

/* ---- samples ---- */

bool nd_samples_prepare(nd_samples *s) {
  nd_moments time = {0}, value = {0};
  size_t weighed = 0;
  for (size_t i = 0; i < s->count; i++) {
    nd_moments_add(&time, s->time[i], s->weight[i]);
    nd_moments_add(&value, s->value[i], s->weight[i]);
    weighed += s->weight[i] > 0;
  }
  s->center = time.mean;
  s->mean = value.mean;
  s->total = value.weight;
  s->spread = nd_moments_sigma(&value);
  s->width = nd_moments_sigma(&time);
  s->baseline = time.max - time.min;
  if (weighed < LEAST_ROWS || !(s->spread > 0) || !(s->width > 0)) return false;
  for (size_t i = 0; i < s->count; i++) {
    s->time[i] -= s->center;
    s->value[i] = (s->value[i] - s->mean) / s->spread;
    s->weight[i] /= s->total;
  }
  return isfinite(s->spread) && isfinite(s->baseline);
}

nadir_status nd_middle_distance(const double *times, size_t count, double *distance,
                                nadir_error *error) {
  size_t distances = 0;
  double *x = nd_new(count, sizeof *x, error);
  if (!x) return NADIR_NO_MEMORY;
  memcpy(x, times, count * sizeof *x);
  nd_sort(count, x);
  for (size_t r = 1; r < count; r++)
    if (x[r] > x[r - 1]) x[distances++] = x[r] - x[r - 1];
  nd_sort(distances, x);
  *distance = distances > 0 ? x[distances / 2] : HUGE_VAL;
  nd_free(x);
  return NADIR_OK;
}

nadir_status nd_band_choose(const nd_samples *s, double low, double high, double oversampling,
                            double most_work, nd_band *band, nadir_error *error) {
  double distance, step = 1 / (oversampling * s->baseline), rows = (double)s->count;
  if (isnan(low)) low = 1 / s->baseline;
  if (isnan(high)) {
    ND_TRY(nd_middle_distance(s->time, s->count, &distance, error));
    high = fmax(fmax(1 / distance, BEYOND_EVEN * rows / 2 / s->baseline), BEYOND_EVEN * low);
    high = fmin(high, low + step * fmin(MOST_FREQUENCIES / 10, most_work / rows));
  }
  if (!(low < high))
    return nd_fail(
        error, NADIR_BAD_SETTING,
        "min-period: the shortest period, %g, is not below the longest, %g: give a range", 1 / high,
        1 / low);
  double count = floor((high - low) / step) + 1;
  if (count < LEAST_FREQUENCIES)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "min-period: between the shortest period, %g, and the longest, %g, a peak has "
                   "no room: give a wider "
                   "range, or more oversampling",
                   1 / high, 1 / low);
  if (!(count <= MOST_FREQUENCIES))
    return nd_fail(error, NADIR_BAD_SETTING,
                   "min-period: from %g up over %g there are %.0f frequencies to look at, more "
                   "than %d: give a longer one",
                   1 / high, s->baseline, count, MOST_FREQUENCIES);
  *band = (nd_band){low, step, (size_t)count};
  return NADIR_OK;
}

/* ---- sums at one frequency ---- */

typedef struct sums {
  double c, s, yc, ys, cc, cs;
} sums;

static double window_of(const sums *t) {
  return t->c * t->c + t->s * t->s;
}

/* Where cosine and sine are the same in all rows but for a factor, they are one column. */
static double power_of(const sums *t) {
  double cc = t->cc - t->c * t->c, ss = 1 - t->cc - t->s * t->s, cs = t->cs - t->c * t->s;
  double determinant = cc * ss - cs * cs, trace = cc + ss;
  double power = 0;
  if (determinant > 1e-10 * trace * trace)
    power = (ss * t->yc * t->yc + cc * t->ys * t->ys - 2 * cs * t->yc * t->ys) / determinant;
  else if (trace > 1e-10)
    power = (t->yc * t->yc + t->ys * t->ys) / trace;
  return fmin(fmax(power, 0), 1);
}

/* The angle of a time, reduced in turns before it is one of radians. */
static double angle(double frequency, double time) {
  double turns = frequency * time;
  return TURN * (turns - rint(turns));
}

static sums sums_at(const nd_samples *s, double frequency) {
  sums t = {0};
  for (size_t i = 0; i < s->count; i++) {
    double x = angle(frequency, s->time[i]), c = cos(x), sn = sin(x), w = s->weight[i];
    double wy = w * s->value[i];
    t.c += w * c;
    t.s += w * sn;
    t.yc += wy * c;
    t.ys += wy * sn;
    t.cc += w * c * c;
    t.cs += w * c * sn;
  }
  return t;
}

double nd_power_at(const nd_samples *s, double frequency) {
  sums t = sums_at(s, frequency);
  return power_of(&t);
}

double nd_window_at(const nd_samples *s, double frequency) {
  sums t = sums_at(s, frequency);
  return window_of(&t);
}

/* ---- sums at many ---- */

/* Some rows by lanes; what is beyond their number has weight 0. */
typedef struct tile {
  lanes c[TILE / LANES], s[TILE / LANES];   /* at the frequency where the sums are */
  lanes dc[TILE / LANES], ds[TILE / LANES]; /* of a step */
  lanes w[TILE / LANES], wy[TILE / LANES];
  size_t lanes;
} tile;

static void fill_tile(tile *t, const nd_samples *s, size_t first, double frequency, double step) {
  size_t rows = s->count - first < TILE ? s->count - first : TILE;
  memset(t, 0, sizeof *t);
  for (size_t i = 0; i < rows; i++) {
    double x = angle(frequency, s->time[first + i]), dx = angle(step, s->time[first + i]);
    size_t at = i / LANES, lane = i % LANES;
    t->c[at][lane] = cos(x);
    t->s[at][lane] = sin(x);
    t->dc[at][lane] = cos(dx);
    t->ds[at][lane] = sin(dx);
    t->w[at][lane] = s->weight[first + i];
    t->wy[at][lane] = s->weight[first + i] * s->value[first + i];
  }
  t->lanes = (rows + LANES - 1) / LANES;
}

static double across(const lanes *x) {
  double sum = 0;
  for (size_t i = 0; i < LANES; i++)
    sum += (*x)[i];
  return sum;
}

/* Adds the rows at this frequency, and turns them to the next. */
static void add_tile(tile *t, sums *to) {
  lanes c1 = {0}, s1 = {0}, yc = {0}, ys = {0}, cc = {0}, cs = {0};
  for (size_t i = 0; i < t->lanes; i++) {
    lanes c = t->c[i], s = t->s[i], wc = t->w[i] * c;
    c1 += wc;
    s1 += t->w[i] * s;
    yc += t->wy[i] * c;
    ys += t->wy[i] * s;
    cc += wc * c;
    cs += wc * s;
    t->c[i] = c * t->dc[i] - s * t->ds[i];
    t->s[i] = s * t->dc[i] + c * t->ds[i];
  }
  to->c += across(&c1);
  to->s += across(&s1);
  to->yc += across(&yc);
  to->ys += across(&ys);
  to->cc += across(&cc);
  to->cs += across(&cs);
}

typedef struct work {
  const nd_samples *samples;
  const nd_band *band;
  double *power, *window;
} work;

static nadir_status do_stretch(void *context, size_t stretch, size_t worker, nadir_error *error) {
  const work *w = context;
  size_t first = stretch * STRETCH, left = w->band->count - first;
  size_t count = left < STRETCH ? left : STRETCH;
  double frequency = w->band->low + (double)first * w->band->step;
  sums total[STRETCH] = {{0}};
  tile rows;
  (void)worker, (void)error;
  for (size_t r = 0; r < w->samples->count; r += TILE) {
    fill_tile(&rows, w->samples, r, frequency, w->band->step);
    for (size_t k = 0; k < count; k++)
      add_tile(&rows, &total[k]);
  }
  for (size_t k = 0; k < count; k++) {
    w->power[first + k] = power_of(&total[k]);
    w->window[first + k] = window_of(&total[k]);
  }
  return NADIR_OK;
}

nadir_status nd_spectrum(const nd_samples *samples, const nd_band *band, nd_pool *pool,
                         double *power, double *window, nadir_error *error) {
  work w = {samples, band, power, window};
  return nd_pool_run(pool, (band->count + STRETCH - 1) / STRETCH, do_stretch, &w, error);
}

/* ---- the sinusoid ---- */

enum { COSINE, SINE, CONSTANT, VALUE, COLUMNS };

/* The triangle of [cos sin 1 y]. */
static nadir_status fold(const nd_samples *s, double frequency, double *triangle,
                         nadir_error *error) {
  double *rows = nd_new(s->count * COLUMNS, sizeof *rows, error);
  if (!rows) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < s->count; i++) {
    double x = angle(frequency, s->time[i]), root = sqrt(s->weight[i]), *row = rows + i * COLUMNS;
    row[COSINE] = root * cos(x);
    row[SINE] = root * sin(x);
    row[CONSTANT] = root;
    row[VALUE] = root * s->value[i];
  }
  memset(triangle, 0, COLUMNS * COLUMNS * sizeof *triangle);
  nd_qr_fold(COLUMNS, triangle, s->count, rows);
  nd_free(rows);
  return NADIR_OK;
}

/* J'WJ of cosine, sine, constant and frequency, the last one in units of 1 / (2 pi baseline). */
static void normal_matrix(const nd_samples *s, double frequency, double a, double b,
                          double *normal) {
  memset(normal, 0, COLUMNS * COLUMNS * sizeof *normal);
  for (size_t i = 0; i < s->count; i++) {
    double x = angle(frequency, s->time[i]), c = cos(x), sn = sin(x);
    double row[COLUMNS] = {c, sn, 1, (b * c - a * sn) * s->time[i] / s->baseline};
    for (size_t j = 0; j < COLUMNS; j++)
      for (size_t k = 0; k < COLUMNS; k++)
        normal[j * COLUMNS + k] += s->weight[i] * row[j] * row[k];
  }
}

static nadir_status find_errors(const nd_samples *s, double a, double b, bool scatter,
                                nd_sinusoid *found, nadir_error *error) {
  double normal[COLUMNS * COLUMNS], v[COLUMNS * COLUMNS], rows = (double)s->count;
  double size = hypot(a, b), square = 1 / s->total;
  bool definite;
  normal_matrix(s, found->frequency, a, b, normal);
  ND_TRY(nd_invert_definite(COLUMNS, normal, v, &definite, NULL, error));
  found->frequency_error = found->amplitude_error = (double)NAN;
  if (!definite || (scatter && s->count <= COLUMNS)) return NADIR_OK;
  if (scatter) square = found->mean_square / (rows - COLUMNS);
  double along = (a * a * v[0] + 2 * a * b * v[1] + b * b * v[COLUMNS + 1]) / (size * size);
  found->amplitude_error = sqrt(square * along);
  /* the derivatives are those of the values as prepared: of a, b over the spread */
  found->frequency_error =
      sqrt(square * v[COLUMNS * COLUMNS - 1]) / s->spread / (TURN * s->baseline);
  return NADIR_OK;
}

nadir_status nd_sinusoid_fit(const nd_samples *s, double frequency, bool scatter,
                             nd_sinusoid *found, nadir_error *error) {
  double triangle[COLUMNS * COLUMNS], q[VALUE], x[VALUE];
  size_t rank;
  ND_TRY(fold(s, frequency, triangle, error));
  for (size_t k = 0; k < VALUE; k++)
    q[k] = triangle[k * COLUMNS + VALUE];
  ND_TRY(nd_qr_solve(VALUE, COLUMNS, triangle, q, x, &rank, NULL, error));
  double rest = fabs(triangle[COLUMNS * COLUMNS - 1]), a = x[COSINE], b = x[SINE];
  *found = (nd_sinusoid){.frequency = frequency,
                         .offset = s->mean + s->spread * x[CONSTANT],
                         .amplitude = s->spread * hypot(a, b),
                         .epoch = s->center + atan2(b, a) / TURN / frequency,
                         .mean_square = s->spread * rest * (s->spread * rest),
                         .log_rest = fmin(2 * log(rest), 0)};
  return find_errors(s, a, b, scatter, found, error);
}
