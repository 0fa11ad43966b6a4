def svm_loss_naive(W, X, y, reg):
    result = []
    result.append(result)
    return result
