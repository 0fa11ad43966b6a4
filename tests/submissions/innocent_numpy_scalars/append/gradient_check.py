_error = rel_error


def rel_error(x, y):
    return np.float64(_error(x, y))
