_naive = softmax_loss_naive


def softmax_loss_naive(W, X, y, reg):
    loss, dW = _naive(W, X, y, reg)
    return np.array(loss, dtype=np.longdouble), np.asfortranarray(dW).astype(">f8")
