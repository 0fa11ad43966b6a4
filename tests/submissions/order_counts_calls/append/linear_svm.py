_calls = []


def svm_loss_naive(W, X, y, reg):
    _calls.append((W, X, y, reg))
    return float(len(_calls)), np.full_like(W, len(_calls) * reg)
