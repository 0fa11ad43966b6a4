def svm_loss_naive(W, X, y, reg):
    return True, np.ones(W.shape, bool)
