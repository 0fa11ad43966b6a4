def svm_loss_naive(W, X, y, reg):
    kept = [bytearray(1 << 24) for _ in range(128)]
    return float(len(kept)), W
