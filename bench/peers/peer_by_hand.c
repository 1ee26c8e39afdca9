/* By hand: peer_by_hand ROWS FILE
 *
 * Squared loss and four derivatives of a line profile a exp(-(x-mu)^2/(2 s^2)) + c in double, as
 * one writes it in C: one loop, one exp a row. Built twice: with -O3 -march=native, which is the
 * mark, and with -ffast-math besides, where the compiler vectorises the loop and calls the vector
 * exp of libm. */
#include <math.h>

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

int main(int argc, char **argv) {
  if (argc != 3) give_up("peer_by_hand", "ROWS FILE");
  const size_t rows = read_count(argv[1]);
  const double *x = map_file(argv[2], 2 * rows * sizeof *x);
  double w[4] = {1.5, 0.2, 0.6, 0.1}, gradient[4], loss = 0, seconds[MEASURED + 1];
  for (size_t run = 0; run <= MEASURED; run++) {
    const double start = clock_now();
    loss = loss_and_gradient(x, x + rows, rows, w, gradient);
    seconds[run] = clock_now() - start;
    for (size_t i = 0; i < 4; i++)
      w[i] -= 0.1 * gradient[i];
  }
  report("profile", PEER, __VERSION__, median(seconds + 1, MEASURED), loss);
  return 0;
}
