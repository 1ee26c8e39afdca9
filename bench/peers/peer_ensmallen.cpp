// ensmallen: peer_ensmallen gradient|epoch ROWS COLUMNS PREFIX
//
// A separable function over an Armadillo matrix of float32, a row of the table a column of the
// matrix, as ensmallen's manual lays out such functions: Shuffle, NumFunctions,
// EvaluateWithGradient of a batch. gradient: all rows as one batch. epoch: StandardSGD, one row an
// update.
//
// Where ensmallen's headers are not to be had (Debian 12 has no package of them) the epoch is this
// file's own loop of the same work, an evaluation and a step by the gradient for each row, and the
// peer calls itself armadillo.
#include <armadillo>
#include <cmath>
#if __has_include(<ensmallen.hpp>)
#include <ensmallen.hpp>
#define PEER "ensmallen"
#else
#define PEER "armadillo"
#endif

#include <cstring>
#include <string>

#include "../measure.h"

class Logistic {
public:
  Logistic(arma::fmat features, arma::frowvec target)
      : x(std::move(features)), y(std::move(target)) {}

  size_t NumFunctions() const {
    return x.n_cols;
  }

  void Shuffle() {
    const arma::uvec order = arma::shuffle(arma::regspace<arma::uvec>(0, x.n_cols - 1));
    x = x.cols(order).eval();
    y = y.cols(order).eval();
  }

  float EvaluateWithGradient(const arma::fmat &w, const size_t begin, arma::fmat &gradient,
                             const size_t count) {
    const float b = w(0, x.n_rows);
    const auto features = x.cols(begin, begin + count - 1);
    const auto target = y.subvec(begin, begin + count - 1);
    const arma::frowvec z = w.head_cols(x.n_rows) * features + b;
    const arma::frowvec r = 1 / (1 + arma::exp(-z)) - target;
    gradient.head_cols(x.n_rows) = r * features.t();
    gradient(0, x.n_rows) = arma::accu(r);
    return arma::accu(arma::log1p(arma::exp(-arma::abs(z))) + arma::clamp(z, 0.0f, 1e30f) -
                      target % z);
  }

  float Evaluate(const arma::fmat &w, const size_t begin, const size_t count) {
    arma::fmat unused(w.n_rows, w.n_cols);
    return EvaluateWithGradient(w, begin, unused, count);
  }

private:
  arma::fmat x;
  arma::frowvec y;
};

constexpr float FullRate = 0.5f, StochasticRate = 0.01f; // as in bench/nadir.c
constexpr size_t Updates = 7;

static double gradient(Logistic &f, arma::fmat &w, double &loss) {
  const auto rows = static_cast<float>(f.NumFunctions());
  arma::fmat slope(w.n_rows, w.n_cols);
  double times[Updates], steps[MEASURED];
  for (double &t : times) {
    loss = static_cast<double>(f.EvaluateWithGradient(w, 0, slope, f.NumFunctions()) / rows);
    w -= FullRate / rows * slope;
    t = clock_now();
  }
  for (size_t i = 0; i < MEASURED; i++)
    steps[i] = times[Updates - i - 1] - times[Updates - i - 2];
  return median(steps, MEASURED);
}

static void descend(Logistic &f, arma::fmat &w) {
#if __has_include(<ensmallen.hpp>)
  ens::StandardSGD sgd(StochasticRate, 1, f.NumFunctions(), -1, false);
  sgd.Optimize(f, w);
#else
  arma::fmat slope(w.n_rows, w.n_cols);
  double total = 0;
  for (size_t i = 0; i < f.NumFunctions(); i++) {
    total += static_cast<double>(f.EvaluateWithGradient(w, i, slope, 1));
    w -= StochasticRate * slope;
  }
  if (!std::isfinite(total)) give_up("ensmallen", "the loss is not finite");
#endif
}

// ensmallen shuffles between epochs; its one epoch here is without, which is in its favour.
static double epoch(Logistic &f, arma::fmat &w, double &loss) {
  const double start = clock_now();
  descend(f, w);
  const double seconds = clock_now() - start;
  arma::fmat slope(w.n_rows, w.n_cols);
  loss = static_cast<double>(f.EvaluateWithGradient(w, 0, slope, f.NumFunctions())) /
         static_cast<double>(f.NumFunctions());
  return seconds;
}

static std::string version() {
#if __has_include(<ensmallen.hpp>)
  return std::to_string(ENS_VERSION_MAJOR) + "." + std::to_string(ENS_VERSION_MINOR) + "." +
         std::to_string(ENS_VERSION_PATCH);
#else
  return std::to_string(ARMA_VERSION_MAJOR) + "." + std::to_string(ARMA_VERSION_MINOR) + "." +
         std::to_string(ARMA_VERSION_PATCH);
#endif
}

int main(int argc, char **argv) {
  if (argc != 5) give_up("peer_ensmallen", "gradient|epoch ROWS COLUMNS PREFIX");
  const size_t rows = read_count(argv[2]), columns = read_count(argv[3]);
  const std::string prefix = argv[4], mark = argv[1];
  const auto *x =
      static_cast<const float *>(map_file((prefix + ".x").c_str(), rows * columns * sizeof(float)));
  const auto *y =
      static_cast<const float *>(map_file((prefix + ".y").c_str(), rows * sizeof(float)));
  Logistic f(arma::fmat(x, columns, rows), arma::frowvec(y, rows));
  arma::fmat w(1, columns + 1, arma::fill::zeros);
  double loss = 0;
  const double seconds = mark == "gradient" ? gradient(f, w, loss) : epoch(f, w, loss);
  report((mark + "-" + argv[3]).c_str(), PEER, version().c_str(), seconds, loss);
  return 0;
}
