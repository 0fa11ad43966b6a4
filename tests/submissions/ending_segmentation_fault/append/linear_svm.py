import ctypes


def svm_loss_naive(W, X, y, reg):
    ctypes.string_at(0)
