_before = dict(globals())


def _zero_d(name):
    def function(*args):
        value, gradient = _before[name](*args)
        return np.asarray(value), gradient

    return function


l2_penalty, l1_penalty = _zero_d("l2_penalty"), _zero_d("l1_penalty")
