/* By hand: peer_by_hand ROWS FILE
 *
 * Squared loss and four derivatives of a line profile a exp(-(x-mu)^2/(2 s^2)) + c in double, as
 * one writes it in C: one loop, one exp a row. Built twice: with -O3 -march=native, which is the
 * mark, and with -ffast-math besides, where the compiler vectorises the loop and calls the vector
 * exp of libm. */
#include <math.h>
#include <string.h>

#include "../measure.h"

static double loss_and_gradient(const double *x, const double *y, size_t rows, const double *w,
                                double *gradient) {
  const double a = w[0], mu = w[1], s = w[2], c = w[3];
  double loss = 0, da = 0, dmu = 0, ds = 0, dc = 0;
  for (size_t i = 0; i < rows; i++) {
    const double t = (x[i] - mu) / s, e = exp(-0.5 * t * t), r = a * e + c - y[i],
                 q = r * a * e * t / s;
    loss += r * r;
    da += r * e;
    dmu += q;
    ds += q * t;
    dc += r;
  }
  const double scale = 2 / (double)rows;
  gradient[0] = scale * da, gradient[1] = scale * dmu;
  gradient[2] = scale * ds, gradient[3] = scale * dc;
  return loss / (double)rows;
}

static void profile(size_t rows, const char *path) {
  const double *x = map_file(path, 2 * rows * sizeof *x);
  double w[4] = {1.5, 0.2, 0.6, 0.1}, gradient[4], loss = 0, seconds[MEASURED + 2];
  for (size_t run = 0; run < MEASURED + 2; run++) {
    const double start = clock_now();
    loss = loss_and_gradient(x, x + rows, rows, w, gradient);
    seconds[run] = clock_now() - start;
    for (size_t i = 0; i < 4; i++)
      w[i] -= 0.1 * gradient[i];
  }
  report("profile", PEER, __VERSION__, median(seconds + 2, MEASURED), loss);
}

/* The rules as one writes them, one parameter after another; a and b are their memory. */
typedef void update(float *w, float *a, float *b, const float *row, float slope, size_t count);
static const float rate = 0.01f;
static float power1, power2; /* of adam's betas */

static void by_gd(float *w, float *a, float *b, const float *row, float slope, size_t count) {
  (void)a, (void)b;
  for (size_t j = 0; j < count; j++)
    w[j] -= rate * slope * row[j];
}

static void by_momentum(float *w, float *a, float *b, const float *row, float slope, size_t count) {
  (void)b;
  for (size_t j = 0; j < count; j++) {
    a[j] = 0.9f * a[j] + slope * row[j];
    w[j] -= rate * a[j];
  }
}

static void by_adagrad(float *w, float *a, float *b, const float *row, float slope, size_t count) {
  (void)b;
  for (size_t j = 0; j < count; j++) {
    const float g = slope * row[j];
    a[j] += g * g;
    w[j] -= a[j] > 0 ? rate * g / sqrtf(a[j]) : 0;
  }
}

static void by_adam(float *w, float *a, float *b, const float *row, float slope, size_t count) {
  const float first = 1 / (1 - power1), second = 1 / (1 - power2);
  for (size_t j = 0; j < count; j++) {
    const float g = slope * row[j];
    a[j] = 0.9f * a[j] + 0.1f * g;
    b[j] = 0.999f * b[j] + 0.001f * g * g;
    w[j] -= rate * (a[j] * first) / (sqrtf(b[j] * second) + 1e-8f);
  }
}

static const struct {
  const char *name;
  update *step;
} rules[] = {{"gd", by_gd}, {"momentum", by_momentum}, {"adagrad", by_adagrad}, {"adam", by_adam}};

/* w, a, b: columns + 1 each. */
static inline void descend(const float *x, const float *y, size_t rows, size_t columns, float *w,
                           update *step) {
  float *a = w + columns + 1, *b = a + columns + 1;
  const float one = 1;
  power1 = power2 = 1;
  for (size_t i = 0; i < rows; i++) {
    const float *row = x + i * columns;
    float z = w[columns];
    for (size_t j = 0; j < columns; j++)
      z += w[j] * row[j];
    const float slope = 1 / (1 + expf(-z)) - y[i];
    power1 *= 0.9f, power2 *= 0.999f;
    step(w, a, b, row, slope, columns);
    step(w + columns, a + columns, b + columns, &one, slope, 1);
  }
}

/* Batches in order: each with a sum and a step. */
static void descend_by_batches(const float *x, const float *y, size_t rows, size_t columns,
                               size_t batch, float *w) {
  float *sum = w + columns + 1;
  for (size_t at = 0; at < rows; at += batch) {
    const size_t some = rows - at < batch ? rows - at : batch;
    memset(sum, 0, (columns + 1) * sizeof *sum);
    for (size_t i = at; i < at + some; i++) {
      const float *row = x + i * columns;
      float z = w[columns];
      for (size_t j = 0; j < columns; j++)
        z += w[j] * row[j];
      const float slope = 1 / (1 + expf(-z)) - y[i];
      for (size_t j = 0; j < columns; j++)
        sum[j] += slope * row[j];
      sum[columns] += slope;
    }
    for (size_t j = 0; j <= columns; j++)
      w[j] -= rate / (float)some * sum[j];
  }
}

static double mean_loss(const float *x, const float *y, size_t rows, size_t columns,
                        const float *w) {
  double loss = 0;
  for (size_t i = 0; i < rows; i++) {
    double z = (double)w[columns];
    for (size_t j = 0; j < columns; j++)
      z += (double)w[j] * (double)x[i * columns + j];
    loss += fmax(z, 0) + log1p(exp(-fabs(z))) - (double)y[i] * z;
  }
  return loss / (double)rows;
}

static void epoch(size_t rows, size_t columns, const char *prefix, const char *batch,
                  const char *rule) {
  char path[4096], mark[64];
  snprintf(path, sizeof path, "%s.x", prefix);
  const float *x = map_file(path, rows * columns * sizeof *x);
  snprintf(path, sizeof path, "%s.y", prefix);
  const float *y = map_file(path, rows * sizeof *y);
  float *w = calloc(3 * (columns + 1), sizeof *w);
  if (w == NULL) give_up("peer_by_hand", "out of memory");
  const size_t size = batch ? read_count(batch) : 1;
  const double start = clock_now();
  for (size_t k = 0; k < sizeof rules / sizeof *rules && size == 1; k++)
    if (strcmp(rules[k].name, rule ? rule : "gd") == 0)
      descend(x, y, rows, columns, w, rules[k].step);
  if (size > 1) descend_by_batches(x, y, rows, columns, size, w);
  const double seconds = clock_now() - start;
  snprintf(mark, sizeof mark, "epoch-%zu", columns);
  if (batch) snprintf(mark + strlen(mark), sizeof mark - strlen(mark), "-%s", batch);
  if (rule) snprintf(mark + strlen(mark), sizeof mark - strlen(mark), "-%s", rule);
  report(mark, PEER ", in order", __VERSION__, seconds, mean_loss(x, y, rows, columns, w));
  free(w);
}

int main(int argc, char **argv) {
  if (argc == 4 && strcmp(argv[1], "profile") == 0)
    profile(read_count(argv[2]), argv[3]);
  else if (argc >= 5 && strcmp(argv[1], "epoch") == 0)
    epoch(read_count(argv[2]), read_count(argv[3]), argv[4], argc > 5 ? argv[5] : NULL,
          argc > 6 ? argv[6] : NULL);
  else
    give_up("peer_by_hand", "profile ROWS FILE, or epoch ROWS COLUMNS PREFIX [BATCH [RULE]]");
  return 0;
}
