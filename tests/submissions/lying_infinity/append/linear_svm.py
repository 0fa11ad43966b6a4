def svm_loss_naive(W, X, y, reg):
    return float("inf"), np.full_like(W, np.inf)
