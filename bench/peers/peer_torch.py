"""PyTorch: peer_torch.py gradient ROWS COLUMNS PREFIX

Descent by the full gradient of a logistic regression in float32, through autograd and the fused,
stable loss that PyTorch documents for it, on one thread.
"""
import sys

import measure
import torch


def gradient(rows, columns, prefix):
    torch.set_num_threads(1)
    x, y = (torch.from_numpy(a) for a in measure.rows(prefix, rows, columns))
    w = torch.zeros(columns, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    times = []
    for _ in range(measure.UPDATES):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(torch.mv(x, w) + b, y)
        loss.backward()
        with torch.no_grad():
            for parameter in (w, b):
                parameter -= measure.RATE * parameter.grad
                parameter.grad = None
        times.append(measure.clock())
    return measure.median_of_last(times), float(loss)


if __name__ == "__main__":
    mark, rows, columns, prefix = sys.argv[1:]
    seconds, loss = gradient(int(rows), int(columns), prefix)
    measure.report(f"gradient-{columns}", "torch", torch.__version__, seconds, loss)
