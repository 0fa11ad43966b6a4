_naive = svm_loss_naive


def svm_loss_naive(weights, data, labels, strength=0.0, *, verbose=False, **kwargs):
    return _naive(weights, data, labels, strength)
