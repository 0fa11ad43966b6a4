import numpy as np


def margins(scores, y):
    rows = np.arange(len(y))
    found = np.maximum(0, scores - scores[rows, y][:, None] + 1)
    found[rows, y] = 0
    return found
