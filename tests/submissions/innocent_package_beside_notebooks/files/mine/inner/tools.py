import numpy as np


def absolute(W):
    return np.abs(W).sum(), np.sign(W)
