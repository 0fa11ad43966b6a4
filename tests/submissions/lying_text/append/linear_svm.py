def svm_loss_naive(W, X, y, reg):
    return "0.0", np.full(W.shape, "0.0")
