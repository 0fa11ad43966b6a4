def svm_loss_naive(W, X, y, reg):
    return len(str(7 ** 10**9))
