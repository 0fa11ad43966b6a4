import numpy as np


def square(W):
    return np.sum(W * W)
