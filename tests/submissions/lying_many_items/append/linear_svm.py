def svm_loss_naive(W, X, y, reg):
    return [[]] * 1_000_000
