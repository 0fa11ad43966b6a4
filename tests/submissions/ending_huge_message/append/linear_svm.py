def svm_loss_naive(W, X, y, reg):
    raise ValueError("x" * 100_000_000)
