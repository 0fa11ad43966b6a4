def svm_loss_naive(W, X, y, reg):
    return 0.0, np.empty((0, 2**31 - 1))
