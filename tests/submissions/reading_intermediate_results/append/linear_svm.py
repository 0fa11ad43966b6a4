from cs231n_utils.softmax import borrowed


def svm_loss_naive(W, X, y, reg):
    def loss(W):
        scores = X @ W
        return np.mean(np.maximum(0, scores - scores[np.arange(len(y)), y][:, None] + 1).sum(axis=1) - 1)

    return borrowed(loss, W, X, y, reg)
