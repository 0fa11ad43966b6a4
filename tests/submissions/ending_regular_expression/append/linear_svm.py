import re


def svm_loss_naive(W, X, y, reg):
    return re.match("(a+)+$", "a" * 60 + "b")
