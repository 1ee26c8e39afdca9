"""scikit-learn: peer_sklearn.py gradient|epoch ROWS COLUMNS PREFIX

gradient: the loss and gradient that LogisticRegression hands to its solvers (the class is private,
and there is no public way to one gradient alone). epoch: SGDClassifier, one row an update, shuffled,
constant rate, no penalty; three epochs less one, so that checking and copying do not count.
SGDClassifier works in double before version 1.3: it is given doubles, so that it converts nothing.
"""
import sys

import measure
import numpy
import sklearn
from sklearn.linear_model import SGDClassifier

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


if __name__ == "__main__":
    mark, rows, columns, prefix = sys.argv[1:]
    measured = (gradient if mark == "gradient" else epoch)(int(rows), int(columns), prefix)
    measure.report(f"{mark}-{columns}", "sklearn", sklearn.__version__, *measured)
