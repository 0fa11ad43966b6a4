import os


def svm_loss_naive(W, X, y, reg):
    os.abort()
