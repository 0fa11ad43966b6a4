_naive, _vectorized = softmax_loss_naive, softmax_loss_vectorized


def softmax_loss_naive(W, X, y, reg):
    loss, dW = _naive(W, X, y, reg)
    dW.flags.writeable = False
    return loss, dW


def softmax_loss_vectorized(W, X, y, reg):
    loss, dW = _vectorized(W, X, y, reg)
    return loss, dW.astype(">f8")
