def svm_loss_naive(W, X, y, reg):
    return float("nan"), np.full_like(W, np.nan)
