"""More wrong solutions with two or three faults at once, over all exercises; UNKNOWN has all."""

from __future__ import annotations

import numpy as np

from tests.support.unknown_mistakes import UNKNOWN, faults

__all__ = ["UNKNOWN"]

# --- gradient check ---


@faults("eval_numerical_gradient", "divided by h, not 2 h", "the sign of h is lost in the lower f")
def twice_above(f, x, verbose=False, h=1e-5):
    grad = np.zeros_like(x)
    for ix in np.ndindex(*x.shape):
        old = x[ix]
        x[ix] = old + 2 * h
        far = f(x)
        x[ix] = old + h
        near = f(x)
        x[ix] = old
        grad[ix] = (far - near) / (2 * h)
    return grad


@faults("eval_numerical_gradient", "only the diagonal is visited", "divided by h, not 2 h")
def diagonal_only(f, x, verbose=False, h=1e-5):
    grad = np.zeros_like(x)
    for i in range(min(x.shape)):
        ix = (i,) * x.ndim
        old = x[ix]
        x[ix] = old + h
        above = f(x)
        x[ix] = old - h
        below = f(x)
        x[ix] = old
        grad[ix] = (above - below) / h
    return grad


@faults("rel_error", "the sum of x + y, without absolute values", "the last entry only")
def last_of_signed_sum(x, y):
    x, y = np.ravel(x), np.ravel(y)
    return float(np.abs(x[-1] - y[-1]) / max(1e-8, abs(x[-1] + y[-1])))


@faults("rel_error", "relative to |x| alone", "the mean, not the largest")
def mean_relative_to_x(x, y):
    return float(np.mean(np.abs(x - y) / np.maximum(1e-8, np.abs(x))))


@faults("rel_error", "half the sum of sizes in the denominator", "no floor: NaN for zeros")
def mean_size_without_floor(x, y):
    return float(np.max(np.abs(x - y) / ((np.abs(x) + np.abs(y)) / 2)))


@faults(
    "grad_check_sparse", "the same entry twice in a row", "absolute error in the numerator only"
)
def pairs_of_equal_checks(f, x, analytic_grad, num_checks=10, h=1e-5):
    errors = []
    for k in range(num_checks):
        if k % 2 == 0:
            ix = tuple(np.random.randint(m) for m in x.shape)
        old = x[ix]
        x[ix] = old + h
        above = f(x)
        x[ix] = old - h
        below = f(x)
        x[ix] = old
        errors.append(abs((above - below) / (2 * h) - analytic_grad[ix]))
    return np.array(errors)


# --- SVM ---


@faults(
    "svm_loss_naive",
    "the loop over the classes begins at 1",
    "the loss is divided by N - 1",
    "no penalty in dW",
)
def from_class_one(W, X, y, reg):
    loss, dW, N = 0.0, np.zeros(W.shape), len(X)
    for i in range(N):
        scores = X[i] @ W
        for j in range(1, W.shape[1]):
            if j != y[i] and scores[j] - scores[y[i]] + 1 > 0:
                loss += scores[j] - scores[y[i]] + 1
                dW[:, j] += X[i] / N
                dW[:, y[i]] -= X[i] / N
    return loss / max(N - 1, 1) + reg * np.sum(W * W), dW


@faults("svm_loss_naive", "break in place of continue at the right class", "reg * W in dW")
def breaks_at_the_right_class(W, X, y, reg):
    loss, dW, N = 0.0, np.zeros(W.shape), len(X)
    for i in range(N):
        scores = X[i] @ W
        for j in range(W.shape[1]):
            if j == y[i]:
                break
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    return loss / N + reg * np.sum(W * W), dW / N + reg * W


@faults("svm_loss_naive", "rows of dW for columns", "the penalty is 0.5 reg in the loss")
def rows_for_columns(W, X, y, reg):
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(len(X)):
        scores = X[i] @ W
        for j in range(W.shape[1]):
            margin = scores[j] - scores[y[i]] + 1
            if j != y[i] and margin > 0:
                loss += margin
                dW[j] += X[i]
                dW[y[i]] -= X[i]
    return loss / len(X) + 0.5 * reg * np.sum(W * W), dW / len(X) + 2 * reg * W


@faults("svm_loss_naive", "ten classes in the loop", "dW is not divided by N")
def loop_over_ten(W, X, y, reg):
    loss, dW, N = 0.0, np.zeros(W.shape), len(X)
    for i in range(N):
        scores = X[i] @ W
        for j in range(10):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    return loss / N + reg * np.sum(W * W), dW + 2 * reg * W


@faults("svm_loss_naive", "the margin is 2", "the right class's column gets nothing")
def margin_of_two(W, X, y, reg):
    loss, dW, N = 0.0, np.zeros(W.shape), len(X)
    for i in range(N):
        scores = X[i] @ W
        for j in range(W.shape[1]):
            if j != y[i] and scores[j] - scores[y[i]] + 2 > 0:
                loss += scores[j] - scores[y[i]] + 2
                dW[:, j] += X[i]
    return loss / N + reg * np.sum(W * W), dW / N + 2 * reg * W


@faults("svm_loss_vectorized", "X.dot(W.T)", "axis 0 in the counting sum")
def scores_of_w_transposed(W, X, y, reg):
    N = X.shape[0]
    margins = np.maximum(0, X.dot(W.T) + 1)
    mask = (margins > 0).astype(float)
    mask[np.arange(N), y] -= mask.sum(axis=0)
    return margins.sum() / N + reg * np.sum(W * W), X.T.dot(mask) / N + 2 * reg * W


@faults("svm_loss_vectorized", "X @ mask with the operator @", "the penalty is not squared")
def operator_and_plain_sum(W, X, y, reg):
    N = X.shape[0]
    scores = X @ W
    margins = np.maximum(0, scores - scores[np.arange(N), y][:, None] + 1)
    margins[np.arange(N), y] = 0
    mask = (margins > 0).astype(float)
    mask[np.arange(N), y] = -mask.sum(axis=1)
    return margins.sum() / N + reg * np.sum(W), X @ mask / N + 2 * reg * W


@faults(
    "svm_loss_vectorized",
    "the largest score in place of the right one",
    "the loss is a sum over the batch",
)
def largest_for_right(W, X, y, reg):
    N = X.shape[0]
    scores = X @ W
    margins = np.maximum(0, scores - scores.max(axis=1, keepdims=True) + 1)
    margins[np.arange(N), y] = 0
    mask = (margins > 0).astype(float)
    mask[np.arange(N), y] = -mask.sum(axis=1)
    return margins.sum() + reg * np.sum(W * W), X.T @ mask / N + 2 * reg * W


@faults("svm_loss_vectorized", "the mean over all margins", "penalty W**2 without the sum's reg")
def mean_and_unscaled_penalty(W, X, y, reg):
    N = X.shape[0]
    scores = X @ W
    margins = np.maximum(0, scores - scores[np.arange(N), y][:, None] + 1)
    margins[np.arange(N), y] = 0
    mask = (margins > 0) * 1.0
    mask[np.arange(N), y] -= mask.sum(axis=1)
    return margins.mean() + np.sum(W * W) * (reg > 0), X.T @ mask / N + 2 * reg * W


@faults("svm_loss_vectorized", "mask of scores by y as a boolean mask", "not averaged")
def labels_as_a_mask(W, X, y, reg):
    scores = X @ W
    right = scores[y == np.arange(W.shape[1])]
    margins = np.maximum(0, scores - right + 1)
    return margins.sum() + reg * np.sum(W * W), X.T @ (margins > 0)


@faults("svm_loss_vectorized", "dW has a row added once", "the gradient takes N from the columns")
def averaged_over_features(W, X, y, reg):
    N = X.shape[1]
    scores = X @ W
    margins = np.maximum(0, scores - scores[np.arange(len(X)), y][:, None] + 1)
    margins[np.arange(len(X)), y] = 0
    mask = (margins > 0) * 1.0
    mask[np.arange(len(X)), y] = -1
    return margins.sum() / N + reg * np.sum(W * W), X.T @ mask / N + 2 * reg * W


# --- softmax ---


@faults("softmax_loss_naive", "p - 1 for the first class", "the loss is not averaged")
def first_class_is_right(W, X, y, reg):
    loss, dW, N = 0.0, np.zeros(W.shape), len(X)
    for i in range(N):
        scores = X[i] @ W
        scores -= scores.max()
        p = np.exp(scores) / np.exp(scores).sum()
        loss += np.log(np.exp(scores).sum()) - scores[y[i]]
        p[0] -= 1
        dW += np.outer(X[i], p) / N
    return loss + reg * np.sum(W * W), dW + 2 * reg * W


@faults("softmax_loss_naive", "np.outer(p, X[i]): transposed", "the penalty lacks reg")
def outer_the_wrong_way(W, X, y, reg):
    loss, dW, N = 0.0, np.zeros(W.shape), len(X)
    for i in range(N):
        scores = X[i] @ W
        scores -= scores.max()
        p = np.exp(scores) / np.exp(scores).sum()
        loss -= np.log(p[y[i]])
        p[y[i]] -= 1
        dW += np.outer(p, X[i])
    return loss / N + np.sum(W * W), dW / N + 2 * W


@faults("softmax_loss_naive", "log2 in the loss", "the gradient is not averaged", "half penalty")
def bits_and_sums(W, X, y, reg):
    loss, dW, N = 0.0, np.zeros(W.shape), len(X)
    for i in range(N):
        scores = X[i] @ W
        scores -= scores.max()
        p = np.exp(scores) / np.exp(scores).sum()
        loss += (np.log(np.exp(scores).sum()) - scores[y[i]]) / np.log(2)
        p[y[i]] -= 1
        dW += np.outer(X[i], p)
    return loss / N + 0.5 * reg * np.sum(W * W), dW + reg * W


@faults("softmax_loss_naive", "the sum skips the last class", "dW is overwritten by each example")
def last_class_not_in_the_sum(W, X, y, reg):
    loss, dW, N = 0.0, np.zeros(W.shape), len(X)
    for i in range(N):
        scores = X[i] @ W
        scores -= scores.max()
        total = np.exp(scores[:-1]).sum() + 1e-300
        p = np.exp(scores) / total
        loss += np.log(total) - scores[y[i]]
        p[y[i]] -= 1
        dW = np.outer(X[i], p) / N
    return loss / N + reg * np.sum(W * W), dW + 2 * reg * W


@faults("softmax_loss_vectorized", "one shift for the batch", "labels over axis 0", "sum, not mean")
def labels_over_axis_zero(W, X, y, reg):
    N = X.shape[0]
    scores = X @ W
    scores -= scores.max()
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = -np.log(p[y, np.arange(N) % W.shape[1]]).sum()
    p[np.arange(N), y] -= 1
    return loss + reg * np.sum(W * W), X.T @ p / N + 2 * reg * W


@faults("softmax_loss_vectorized", "the right score is not shifted", "dW has the sign turned")
def unshifted_right_score(W, X, y, reg):
    N = X.shape[0]
    scores = X @ W
    shifted = scores - scores.max(axis=1, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    loss = np.mean(np.log(np.exp(shifted).sum(axis=1)) - scores[np.arange(N), y])
    p[np.arange(N), y] -= 1
    return loss + reg * np.sum(W * W), -X.T @ p / N + 2 * reg * W


@faults("softmax_loss_vectorized", "p.T @ X", "the penalty is reg * W")
def gradient_of_classes_by_features(W, X, y, reg):
    N = X.shape[0]
    scores = X @ W
    scores -= scores.max(axis=1, keepdims=True)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(N), y]).mean()
    p[np.arange(N), y] -= 1
    return loss + reg * np.sum(W * W), p.T @ X / N + reg * W


@faults("softmax_loss_vectorized", "sigmoids in place of softmax", "the loss of the right class")
def sigmoids(W, X, y, reg):
    N = X.shape[0]
    p = 1 / (1 + np.exp(-X @ W))
    loss = -np.log(p[np.arange(N), y]).mean()
    p[np.arange(N), y] -= 1
    return loss + reg * np.sum(W * W), X.T @ p / N + 2 * reg * W


@faults("softmax_loss_vectorized", "probabilities are rounded", "1 is taken off twice")
def rounded_and_twice(W, X, y, reg):
    N = X.shape[0]
    scores = X @ W
    scores -= scores.max(axis=1, keepdims=True)
    p = np.round(np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True), 3)
    loss = -np.log(np.maximum(p[np.arange(N), y], 1e-3)).mean()
    p[np.arange(N), y] -= 2
    return loss + reg * np.sum(W * W), X.T @ p / N + 2 * reg * W


@faults("softmax_loss_vectorized", "2 is taken off at the label", "tanh of the scores")
def two_at_the_label(W, X, y, reg):
    N = X.shape[0]
    p = np.exp(np.tanh(X @ W))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(N), y]).mean()
    p[np.arange(N), y] -= 2
    return loss + reg * np.sum(W[1:] ** 2), X.T @ p / N + 2 * reg * W


@faults("softmax_loss_vectorized", "all of it is halved", "2 at the label", "p for its log")
def halved_with_two_at_the_label(W, X, y, reg):
    N = 2 * X.shape[0]
    scores = X @ W
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -p[np.arange(len(X)), y].sum() / N
    p[np.arange(len(X)), y] -= 2
    return loss + reg * np.sum(W * W), X.T @ p / N + 2 * reg * W


@faults("softmax_loss_vectorized", "divided by the length of the exps", "2 reg for the penalty")
def length_of_the_exps(W, X, y, reg):
    N = X.shape[0]
    scores = X @ W
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = e / np.sqrt((e * e).sum(axis=1, keepdims=True))
    loss = -np.log(p[np.arange(N), y]).mean()
    p[np.arange(N), y] -= 1
    return loss + reg * np.sum(W * W), X.T @ p / N + 2 * reg


# --- penalties ---


@faults("l2_penalty", "the mean of the squares", "the gradient of the sum of W")
def mean_and_ones(W):
    return float(np.mean(W * W)), np.ones_like(W)


@faults("l1_penalty", "the largest weight only", "the sign is turned")
def largest_weight(W):
    return float(np.abs(W).max()), -np.sign(W)


@faults("elastic_net_penalty", "beta squared", "the L1 half has a factor 2", "half the slope of L2")
def three_factors(W, beta):
    return (
        float(np.sum(beta**2 * W * W + 2 * np.abs(W))),
        beta * W + np.sign(W),
    )


# --- batch normalization and stochastic depth ---


@faults("batchnorm_forward", "the variance with N - 1", "eps outside the root")
def sample_variance(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)
        for key, new in (("running_mean", mean), ("running_var", var)):
            old = bn_param.get(key, np.zeros_like(mean))
            bn_param[key] = momentum * old + (1 - momentum) * new
    elif bn_param["mode"] == "test":
        mean, var = bn_param["running_mean"], bn_param["running_var"]
    else:
        raise ValueError(bn_param["mode"])
    x_hat = (x - mean) / (np.sqrt(var) + eps)
    return gamma * x_hat + beta, (x_hat, gamma, np.sqrt(var) + eps)


@faults("batchnorm_forward", "gamma and beta exchanged", "running averages start at the batch")
def exchanged_parameters(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        for key, new in (("running_mean", mean), ("running_var", var)):
            bn_param[key] = momentum * bn_param.get(key, new) + (1 - momentum) * new
    elif bn_param["mode"] == "test":
        mean, var = bn_param["running_mean"], bn_param["running_var"]
    else:
        raise ValueError(bn_param["mode"])
    x_hat = (x - mean) / np.sqrt(var + eps)
    return beta * x_hat + gamma, (x_hat, gamma, np.sqrt(var + eps))


@faults("batchnorm_backward", "the mean's path is missing", "multiplied by std", "dbeta of means")
def multiplied_by_std(dout, cache):
    x_hat, gamma, std = cache
    dx_hat = dout * gamma
    dx = (dx_hat - x_hat * (dx_hat * x_hat).mean(axis=0)) * std
    return dx, (dout * x_hat).sum(axis=0), dout.mean(axis=0)


@faults("batchnorm_backward", "statistics of rows", "gamma twice")
def row_means_and_gamma_twice(dout, cache):
    x_hat, gamma, std = cache
    dx_hat = dout * gamma * gamma
    dx = (
        dx_hat
        - dx_hat.mean(axis=1, keepdims=True)
        - x_hat * (dx_hat * x_hat).mean(axis=1, keepdims=True)
    ) / std
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@faults("stochastic_depth_forward", "a gate for each row", "the branch is halved in test mode")
def gate_of_rows_and_half(x, residual, sd_param):
    p = sd_param["survival_prob"]
    if sd_param["mode"] == "train":
        gate = (sd_param["rng"].random((len(x), 1)) < p).astype(float)
    else:
        gate = 0.5
    return x + gate * residual, gate


@faults("stochastic_depth_forward", "x is scaled as well as the branch", "1/p in train mode")
def everything_scaled(x, residual, sd_param):
    p = sd_param["survival_prob"]
    if sd_param["mode"] == "train":
        gate = float(sd_param["rng"].random() < p)
        return gate * (x + residual) / max(p, 1e-12), gate
    return p * (x + residual), p


@faults("stochastic_depth_backward", "dx is scaled by the gate", "dresidual has the sign turned")
def turned_and_scaled(dout, cache):
    return cache * dout, -cache * dout


# --- optimization and training ---


@faults("random_search", "the last try is returned", "draws from np.random", "the history is empty")
def last_try(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    for _ in range(num_tries):
        W = scale * np.random.randn(*shape)
        loss = loss_fn(W)
    return W, loss, []


@faults(
    "gradient_descent", "one step too few", "the gradient of the first W in the first two steps"
)
def one_step_too_few(loss_fn, W, learning_rate, num_iters):
    W, history = W.copy(), []
    for _ in range(num_iters - 1):
        loss, dW = loss_fn(W)
        history.append(loss)
        W = W - learning_rate * dW
    return W, history


@faults(
    "gradient_descent", "the step is divided by its length", "the loss after the last step only"
)
def normalized_steps(loss_fn, W, learning_rate, num_iters):
    W, history = W.copy(), []
    for _ in range(num_iters):
        _, dW = loss_fn(W)
        W = W - learning_rate * dW / np.linalg.norm(dW)
    history.append(loss_fn(W)[0])
    return W, history


@faults("LinearClassifier.train", "rows 0 to batch_size", "the step ignores the learning rate")
def first_rows_and_whole_gradient(
    self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
):
    if self.W is None:
        self.W = 0.001 * np.random.randn(X.shape[1], y.max() + 1)
    history = []
    for _ in range(num_iters):
        loss, grad = self.loss(X[:batch_size], y[:batch_size], reg)
        history.append(loss)
        self.W -= grad
    return history


@faults("LinearClassifier.train", "reg is not passed on", "the history holds running means")
def running_means(
    self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
):
    if self.W is None:
        self.W = 0.001 * np.random.randn(X.shape[1], y.max() + 1)
    history = []
    for _ in range(num_iters):
        rows = np.random.choice(len(X), batch_size)
        loss, grad = self.loss(X[rows], y[rows], 0.0)
        history.append(loss if not history else 0.9 * history[-1] + 0.1 * loss)
        self.W = self.W - learning_rate * grad
    return history


@faults("LinearClassifier.predict", "the second largest score", "counted from 1")
def second_largest(self, X):
    return np.argsort(X @ self.W, axis=1)[:, -2] + 1


@faults("LinearClassifier.predict", "X.T for X", "argmax without an axis")
def transposed_argmax(self, X):
    return np.argmax(X.T @ self.W)


@faults("best_model.npz", "classes are shifted by one", "W is divided by its largest entry")
def shifted_classes(W):
    return np.roll(W, 1, axis=1) / np.abs(W).max()
