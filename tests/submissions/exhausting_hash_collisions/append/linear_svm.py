def svm_loss_naive(W, X, y, reg):
    prime = 2**61 - 1
    return len({k * prime: k for k in range(1_000_000)})
