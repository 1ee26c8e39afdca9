"""pandas: peer_pandas.py MARK FILE

read_csv with its C engine, the type of the columns given, which spares it guessing.
"""
import statistics
import sys

import measure
import numpy
import pandas

if __name__ == "__main__":
    mark, path = sys.argv[1:]
    times = []
    for _ in range(3):
        start = measure.clock()
        table = pandas.read_csv(path, engine="c", dtype=numpy.float64)
        times.append(measure.clock() - start)
    measure.report(mark, "pandas", pandas.__version__, statistics.median(times),
                   float(table.iloc[:, -1].mean()))
