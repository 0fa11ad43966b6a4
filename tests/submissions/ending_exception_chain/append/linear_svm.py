def svm_loss_naive(W, X, y, reg):
    error = ValueError("the last of many")
    for k in range(10_000):
        cause = ValueError(k)
        cause.__cause__ = error.__cause__
        error.__cause__ = cause
    cause.__context__ = error
    raise error
