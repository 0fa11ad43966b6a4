def svm_loss_naive(W, X, y, reg):
    return 0, np.zeros(W.shape, int)
