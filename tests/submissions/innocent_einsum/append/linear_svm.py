def svm_loss_vectorized(W, X, y, reg):
    N, rows = len(y), np.arange(len(y))
    scores = np.einsum("nd,dc->nc", X, W)
    margins = np.clip(scores - np.take_along_axis(scores, y[:, None], 1) + 1, 0, None)
    margins[rows, y] = 0
    dscores = np.where(margins > 0, 1.0, 0.0)
    np.add.at(dscores, (rows, y), -dscores.sum(axis=1))
    return np.einsum("nc->", margins) / N + reg * np.einsum("dc,dc->", W, W), np.einsum("nd,nc->dc", X, dscores) / N + 2 * reg * W
