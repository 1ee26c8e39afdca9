"""numpy: peer_numpy.py gradient ROWS COLUMNS PREFIX

Descent by the full gradient of a logistic regression in float32: two products of matrix and vector
by BLAS, the rest in whole-array operations that write into arrays made beforehand. The features
are row by row, or column by column where NADIR_BENCH_ORDER=F: bench/run measures both and the
faster one counts.
"""
import os
import sys

import measure
import numpy


def gradient(rows, columns, prefix, order):
    x, y = measure.rows(prefix, rows, columns)
    x = numpy.asarray(x, order=order)
    w, b = numpy.zeros(columns, numpy.float32), numpy.float32(0)
    z, p = numpy.empty(rows, numpy.float32), numpy.empty(rows, numpy.float32)
    times = []
    for _ in range(measure.UPDATES):
        numpy.dot(x, w, out=z)
        z += b
        # softplus(z) = max(z, 0) + log1p(exp(-|z|)); its derivative is 1 / (1 + exp(-z))
        numpy.abs(z, out=p)
        numpy.negative(p, out=p)
        numpy.exp(p, out=p)
        numpy.log1p(p, out=p)
        loss = (numpy.maximum(z, 0).sum(dtype=numpy.float64) + p.sum(dtype=numpy.float64)
                - float(numpy.dot(y, z))) / rows
        numpy.negative(z, out=p)
        numpy.exp(p, out=p)
        p += 1
        numpy.reciprocal(p, out=p)
        p -= y
        w -= numpy.float32(measure.RATE / rows) * numpy.dot(p, x)
        b -= numpy.float32(measure.RATE / rows) * p.sum()
        times.append(measure.clock())
    return measure.median_of_last(times), loss


if __name__ == "__main__":
    mark, rows, columns, prefix = sys.argv[1:]
    order = os.environ.get("NADIR_BENCH_ORDER", "C")
    seconds, loss = gradient(int(rows), int(columns), prefix, order)
    name = "numpy" if order == "C" else "numpy, by columns"
    measure.report(f"gradient-{columns}", name, numpy.__version__, seconds, loss)
