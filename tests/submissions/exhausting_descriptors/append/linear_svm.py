def svm_loss_naive(W, X, y, reg):
    kept = [open("/dev/null") for _ in range(10_000)]
    return float(len(kept)), W
