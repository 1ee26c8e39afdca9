"""scikit-learn: peer_sklearn.py gradient|epoch ROWS COLUMNS PREFIX
                 peer_sklearn.py answer ROWS COLUMNS PREFIX LOSS
                 peer_sklearn.py fit ROWS COLUMNS FILE.fits

gradient: the loss and gradient that LogisticRegression hands to its solvers (the class is private,
and there is no public way to one gradient alone). epoch: SGDClassifier, one row an update, shuffled,
constant rate, no penalty; three epochs less one, so that checking and copying do not count.
SGDClassifier works in double before version 1.3: it is given doubles, so that it converts nothing.
answer: LogisticRegression by each of its solvers, LIBLINEAR among them, on a hundredth of the rows, on a
tenth and on all, with ever more iterations until the loss of all rows is LOSS: the time of the fit that
first is, and of nothing before it, as if the right number and part had been known.
fit: the whole of it, from a FITS table read by fitsio; prints nothing, for the process itself is measured.
"""
import sys

import measure
import numpy
import sklearn
from sklearn.linear_model import LogisticRegression, SGDClassifier

STOCHASTIC_RATE = 0.01  # as in bench/nadir.c


def gradient(rows, columns, prefix):
    from sklearn._loss.loss import HalfBinomialLoss
    from sklearn.linear_model._linear_loss import LinearModelLoss

    x, y = measure.rows(prefix, rows, columns)
    objective = LinearModelLoss(base_loss=HalfBinomialLoss(), fit_intercept=True)
    w = numpy.zeros(columns + 1, numpy.float32)
    times = []
    for _ in range(measure.UPDATES):
        loss, slope = objective.loss_gradient(w, x, y, n_threads=1)
        w -= numpy.float32(measure.RATE / rows) * slope.astype(numpy.float32)
        times.append(measure.clock())
    return measure.median_of_last(times), float(loss) / rows


def epochs(count, x, y):
    model = SGDClassifier(loss="log_loss", penalty=None, learning_rate="constant",
                          eta0=STOCHASTIC_RATE, max_iter=count, tol=None, shuffle=True,
                          random_state=1)
    start = measure.clock()
    model.fit(x, y)
    return measure.clock() - start, model


def epoch(rows, columns, prefix):
    x, y = measure.rows(prefix, rows, columns)
    x = x.astype(numpy.float64)
    one, _ = epochs(1, x, y)
    three, model = epochs(3, x, y)
    z = model.decision_function(x)
    return (three - one) / 2, float(numpy.mean(numpy.logaddexp(0, z) - y * z))


SOLVERS = ["lbfgs", "newton-cg", "newton-cholesky", "liblinear", "saga"]


def loss_of(model, x, y):
    z = model.decision_function(x)
    return float(numpy.mean(numpy.logaddexp(0, z) - y * z)) + measure.RIDGE / 2 * float((model.coef_ ** 2).sum())


def arrive(solver, x, y, wanted):
    """The least time of a fit that arrives, and its loss; None where none does."""
    import warnings

    warnings.simplefilter("ignore")
    best = None
    for part in (100, 10, 1):
        some, target = numpy.ascontiguousarray(x[::part]), numpy.ascontiguousarray(y[::part])
        for iterations in (2, 3, 5, 8, 12, 20, 32, 50, 80, 120):
            model = LogisticRegression(C=1 / (measure.RIDGE * len(target)), solver=solver, tol=1e-12, max_iter=iterations)
            start = measure.clock()
            model.fit(some, target)
            seconds = measure.clock() - start
            if best is not None and seconds > best[0]:
                break
            loss = loss_of(model, x, y)
            if loss <= wanted:
                best = seconds, loss
                break
    return best


def answer(rows, columns, prefix, wanted):
    x, y = measure.rows(prefix, rows, columns)
    for solver in SOLVERS:
        try:
            found = arrive(solver, x, y, wanted)
        except (TypeError, ValueError):
            continue  # a solver that this version does not have
        if found:
            measure.report(f"answer-{columns}", f"sklearn {solver}", sklearn.__version__, *found)


def fit(rows, columns, path):
    import fitsio

    data = fitsio.read(path, ext=1)
    x = numpy.empty((rows, columns - 1), numpy.float32)
    for i in range(columns - 1):
        x[:, i] = data[f"c{i + 1}"]
    LogisticRegression(C=1 / (measure.RIDGE * rows)).fit(x, data[f"c{columns}"] > 0)


if __name__ == "__main__":
    mark, rows, columns, prefix = sys.argv[1:5]
    if mark == "fit":
        sys.exit(fit(int(rows), int(columns), prefix))
    if mark == "answer":
        sys.exit(answer(int(rows), int(columns), prefix, float(sys.argv[5])))
    measured = (gradient if mark == "gradient" else epoch)(int(rows), int(columns), prefix)
    measure.report(f"{mark}-{columns}", "sklearn", sklearn.__version__, *measured)
