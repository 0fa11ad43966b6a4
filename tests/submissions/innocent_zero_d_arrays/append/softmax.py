_before = dict(globals())


def _zero_d(name):
    def function(*args):
        value, gradient = _before[name](*args)
        return np.asarray(value), gradient

    return function


softmax_loss_naive, softmax_loss_vectorized = _zero_d("softmax_loss_naive"), _zero_d("softmax_loss_vectorized")
