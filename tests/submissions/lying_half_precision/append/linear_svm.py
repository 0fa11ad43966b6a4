_right = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    loss, dW = _right(W, X, y, reg)
    return float(np.float16(loss)), dW.astype(np.float16)
