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

static void descend(const float *x, const float *y, size_t rows, size_t columns, float *w) {
  const float rate = 0.01f;
  for (size_t i = 0; i < rows; i++) {
    const float *row = x + i * columns;
    float z = w[columns];
    for (size_t j = 0; j < columns; j++)
      z += w[j] * row[j];
    const float r = rate * (1 / (1 + expf(-z)) - y[i]);
    for (size_t j = 0; j < columns; j++)
      w[j] -= r * row[j];
    w[columns] -= r;
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

static void epoch(size_t rows, size_t columns, const char *prefix) {
  char path[4096], mark[32];
  snprintf(path, sizeof path, "%s.x", prefix);
  const float *x = map_file(path, rows * columns * sizeof *x);
  snprintf(path, sizeof path, "%s.y", prefix);
  const float *y = map_file(path, rows * sizeof *y);
  float *w = calloc(columns + 1, sizeof *w);
  if (w == NULL) give_up("peer_by_hand", "out of memory");
  const double start = clock_now();
  descend(x, y, rows, columns, w);
  const double seconds = clock_now() - start;
  snprintf(mark, sizeof mark, "epoch-%zu", columns);
  report(mark, PEER ", in order", __VERSION__, seconds, mean_loss(x, y, rows, columns, w));
  free(w);
}

int main(int argc, char **argv) {
  if (argc == 4 && strcmp(argv[1], "profile") == 0)
    profile(read_count(argv[2]), argv[3]);
  else if (argc == 5 && strcmp(argv[1], "epoch") == 0)
    epoch(read_count(argv[2]), read_count(argv[3]), argv[4]);
  else
    give_up("peer_by_hand", "profile ROWS FILE, or epoch ROWS COLUMNS PREFIX");
  return 0;
}
