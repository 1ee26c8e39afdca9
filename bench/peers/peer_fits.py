"""astropy or fitsio: peer_fits.py LIBRARY FILE

Reads every column of the first table into arrays in the order of bytes of the machine.
"""
import importlib
import statistics
import sys

import measure
import numpy


def read_astropy(path):
    from astropy.io import fits
    with fits.open(path, memmap=True) as file:
        data = file[1].data
        return [numpy.asarray(data[name]).astype(numpy.float32) for name in data.names]


def read_fitsio(path):
    import fitsio
    data = fitsio.read(path, ext=1)
    return [numpy.ascontiguousarray(data[name], dtype=numpy.float32) for name in data.dtype.names]


if __name__ == "__main__":
    library, path = sys.argv[1:]
    read = {"astropy": read_astropy, "fitsio": read_fitsio}[library]
    times = []
    for _ in range(3):
        start = measure.clock()
        columns = read(path)
        times.append(measure.clock() - start)
    rows = len(columns[0])
    cells = numpy.concatenate(columns)[-(rows * len(columns) // 10):]
    measure.report("fits", library, importlib.import_module(library).__version__, statistics.median(times),
                   float(cells.mean(dtype=numpy.float64)))
