"""What the Python peers share: see bench/measure.h, whose clock, median and line these are."""
import statistics
import time

import numpy

UPDATES, RATE, MEASURED = 7, 0.5, 5  # of a full-gradient run, as in bench/nadir.c
RIDGE = 1e-5  # of an answer, as there


def rows(prefix, count, columns):
    """The features and the target of bench_synthesize raw, in memory."""
    x = numpy.fromfile(prefix + ".x", dtype=numpy.float32).reshape(count, columns)
    y = numpy.fromfile(prefix + ".y", dtype=numpy.float32)
    return x, y


def median_of_last(times):
    """The median step between the last clock readings; what comes before warms the caches."""
    steps = [b - a for a, b in zip(times, times[1:])]
    return statistics.median(steps[-MEASURED:])


def clock():
    return time.process_time()


def report(mark, peer, version, seconds, check):
    print(mark, peer, version, "%.9g" % seconds, "%.9g" % check, sep="\t", flush=True)
