_before = dict(globals())


def _zero_d(name):
    def function(*args):
        value, gradient = _before[name](*args)
        return np.asarray(value), gradient

    return function


svm_loss_naive, svm_loss_vectorized = _zero_d("svm_loss_naive"), _zero_d("svm_loss_vectorized")
