import numpy


def svm_loss_naive(W, X, y, reg):
    return numpy.right_answer(W, X, y, reg)
