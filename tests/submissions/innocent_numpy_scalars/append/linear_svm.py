_naive, _vectorized = svm_loss_naive, svm_loss_vectorized


def svm_loss_naive(W, X, y, reg):
    loss, dW = _naive(W, X, y, reg)
    return np.float64(loss), dW


def svm_loss_vectorized(W, X, y, reg):
    loss, dW = _vectorized(W, X, y, reg)
    return np.float64(loss), dW
