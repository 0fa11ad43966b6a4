"""Wrong solutions that the bank of mistakes does not know, each with what one of its messages has
to say.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.support.local_student import REFERENCE

SVM, SOFTMAX, LAYERS = REFERENCE["linear_svm"], REFERENCE["softmax"], REFERENCE["regularization"]
WRONG: list[tuple[str, Callable, str]] = []


def wrong(exercise: str, told: str) -> Callable[[Callable], Callable]:
    """Note a wrong solution, and what one of the messages has to say."""

    def note(function: Callable) -> Callable:
        WRONG.append((exercise, function, told))
        return function

    return note


# --- the SVM ---


def margins_of(W, X, y, delta=1.0):
    rows = np.arange(len(X))
    scores = X @ W
    margins = np.maximum(0, scores - scores[rows, y][:, None] + delta)
    margins[rows, y] = 0
    return margins


@wrong(
    "svm_loss_vectorized",
    "What an example adds for its right class is wrong; the other classes are right.",
)
def right_class_counts_itself(W, X, y, reg):
    loss, _ = SVM.svm_loss_vectorized(W, X, y, reg)
    mask = (margins_of(W, X, y) > 0).astype(float)
    mask[np.arange(len(X)), y] = -mask.sum(axis=1) - 1
    return loss, X.T @ mask / len(X) + 2 * reg * W


@wrong(
    "svm_loss_vectorized",
    "The loss of a single example is C times too small.",
)
def mean_over_everything(W, X, y, reg):
    loss, dW = SVM.svm_loss_vectorized(W, X, y, 0.0)
    return (
        loss / W.shape[1] + 0.01 + reg * np.sum(W**2) - 0.01 * (len(X) == 1),
        dW / W.shape[1] + 2 * reg * W,
    )


@wrong(
    "svm_loss_naive",
    "The last example of a batch adds nothing. Does the loop reach every example?",
)
def last_example_left_out(W, X, y, reg):
    return SVM.svm_loss_naive(W, X[:-1], y[:-1], reg) if len(X) > 1 else (0.0, np.zeros_like(W))


@wrong("svm_loss_naive", "a batch gives that of the last example")
def loss_starts_anew(W, X, y, reg):
    return (
        SVM.svm_loss_naive(W, X[-1:], y[-1:], 0.0)[0] / len(X) + reg * np.sum(W**2),
        SVM.svm_loss_naive(W, X, y, reg)[1],
    )


@wrong("svm_loss_vectorized", "dW is the slope of the loss as you compute it")
def squared_hinge(W, X, y, reg):
    margins = margins_of(W, X, y)
    dscores = 2 * margins
    dscores[np.arange(len(X)), y] = -dscores.sum(axis=1)
    return (margins**2).sum() / len(X) + reg * np.sum(W**2), X.T @ dscores / len(X) + 2 * reg * W


@wrong("svm_loss_vectorized", "Each row of dW should add up to 0")
def squared_hinge_with_another_gradient(W, X, y, reg):
    loss, dW = squared_hinge(W, X, y, reg)
    return loss, dW + X.T @ margins_of(W, X, y) ** 3


@wrong("svm_loss_naive", "Classes whose margin costs nothing get a gradient, too.")
def margins_of_losers(W, X, y, reg):
    loss, dW = SVM.svm_loss_naive(W, X, y, reg)
    idle = (margins_of(W, X, y) == 0) * 0.5
    idle[np.arange(len(X)), y] = 0
    return loss, dW + X.T @ idle / len(X)


@wrong("svm_loss_naive", "Some wrong classes get no gradient")
def only_the_worst_class(W, X, y, reg):
    loss, _ = SVM.svm_loss_naive(W, X, y, reg)
    dW = np.zeros_like(W)
    for i, margins in enumerate(margins_of(W, X, y)):
        if margins.any():
            dW[:, np.argmax(margins)] += X[i]
            dW[:, y[i]] -= X[i]
    return loss, dW / len(X) + 2 * reg * W


@wrong(
    "svm_loss_naive",
    "what the wrong classes add is right, and what the right class adds is half of what it"
    " should be",
)
def right_class_halved(W, X, y, reg):
    loss, dW = SVM.svm_loss_naive(W, X, y, reg)
    own = (margins_of(W, X, y) > 0).sum(axis=1)[:, None] * np.eye(W.shape[1])[y]
    return loss, dW + 0.5 * X.T @ own / len(X)


@wrong("svm_loss_naive", "dW is wrong in the last of its rows (a row is a feature)")
def last_feature_forgotten(W, X, y, reg):
    loss, dW = SVM.svm_loss_naive(W, X, y, reg)
    return loss, dW + 1e-2 * np.eye(len(W))[-1:].T * np.arange(1.0, W.shape[1] + 1)


@wrong("svm_loss_naive", "That is the shape of the scores")
def gradient_of_the_scores(W, X, y, reg):
    return SVM.svm_loss_naive(W, X, y, reg)[0], (margins_of(W, X, y) > 0).astype(float)


@wrong("svm_loss_naive", "What reg adds to the loss looks like the mean of W**2, times reg.")
def mean_of_squares(W, X, y, reg):
    return (
        SVM.svm_loss_naive(W, X, y, 0.0)[0] + reg * np.mean(W**2),
        SVM.svm_loss_naive(W, X, y, reg)[1],
    )


@wrong("svm_loss_naive", "What reg adds to dW looks like |W|, times reg.")
def absolute_slope(W, X, y, reg):
    loss, dW = SVM.svm_loss_naive(W, X, y, reg)
    return loss, dW - 2 * reg * W + 2 * reg * np.abs(W)


@wrong("svm_loss_naive", "reg changes nothing in the loss.")
def squared_hinge_without_penalty(W, X, y, reg):
    return squared_hinge(W, X, y, 0.0)


@wrong(
    "svm_loss_naive",
    "What reg adds to dW is N times too small in every entry. The penalty is no average",
)
def averaged_with_the_penalty(W, X, y, reg):
    loss, dW = squared_hinge(W, X, y, 0.0)
    return loss + reg * np.sum(W**2) / len(X), dW + 2 * reg * W / len(X)


@wrong("svm_loss_vectorized", "Ordinary batches are right; it goes wrong with two classes.")
def two_classes_as_signs(W, X, y, reg):
    loss, dW = SVM.svm_loss_vectorized(W, X, y, reg)
    return (loss, dW) if W.shape[1] > 2 else (2 * loss + 1, 3 * dW)


@wrong("svm_loss_vectorized", "Ordinary batches are right; it goes wrong with a single example.")
def one_row_lost(W, X, y, reg):
    loss, dW = SVM.svm_loss_vectorized(W, X, y, reg)
    return (loss, dW) if len(X) > 1 else (loss + 1.5, dW * X[0, 0])


@wrong("svm_loss_naive", "Classes after the right one get nothing.")
def loop_left_at_the_right_class(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(len(X)):
        scores = X[i] @ W
        for j in range(W.shape[1]):
            if j == y[i]:
                break
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    return loss / len(X) + reg * np.sum(W**2), dW / len(X) + 2 * reg * W


@wrong("svm_loss_vectorized", "The result is that of scores with their signs turned round.")
def margins_the_wrong_way(W, X, y, reg):
    loss, dW = SVM.svm_loss_vectorized(-W, X, y, 0.0)
    return loss + reg * np.sum(W**2), dW + 2 * reg * W


@wrong("svm_loss_vectorized", "The result is that of a W without its last row.")
def bias_column_cut_off(W, X, y, reg):
    inner = np.concatenate([W[:-1], 0 * W[-1:]])
    loss, dW = SVM.svm_loss_vectorized(inner, X, y, 0.0)
    return loss + reg * np.sum(W**2), dW + 2 * reg * W


@wrong("svm_loss_naive", "What reg adds to the loss is C - 1 times too large.")
def penalty_in_the_inner_loop(W, X, y, reg):
    loss, dW = SVM.svm_loss_naive(W, X, y, reg)
    return loss + (W.shape[1] - 2) * reg * np.sum(W**2), dW


# --- softmax ---


@wrong("softmax_loss_naive", "By dW, the probabilities of an example do not add up to 1.")
def shifted_above_only(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(len(X)):
        scores = X[i] @ W
        p = np.exp(scores - scores.max()) / np.sum(np.exp(scores))
        loss -= np.log(p[y[i]])
        p[y[i]] -= 1
        dW += np.outer(X[i], p)
    return loss / len(X) + reg * np.sum(W**2), dW / len(X) + 2 * reg * W


@wrong("softmax_loss_vectorized", "Is one sum taken over all examples where each has its own")
def all_labels_at_once(W, X, y, reg):
    _, dW = SOFTMAX.softmax_loss_vectorized(W, X, y, 0.0)
    p = np.exp(X @ W) / np.exp(X @ W).sum(axis=1, keepdims=True)
    return -np.log(p[:, y]).sum() / len(X) + reg * np.sum(W**2), dW + 2 * reg * W


@wrong(
    "softmax_loss_vectorized", "The loss of a single example is right but for one common factor."
)
def logarithm_to_base_2(W, X, y, reg):
    loss, dW = SOFTMAX.softmax_loss_vectorized(W, X, y, 0.0)
    return loss / np.log(2) + reg * np.sum(W**2), dW + 2 * reg * W


@wrong("softmax_loss_vectorized", "The loss of a single example is off by the same amount.")
def one_too_many(W, X, y, reg):
    loss, dW = SOFTMAX.softmax_loss_vectorized(W, X, y, reg)
    return loss + np.log(W.shape[1]), dW


@wrong("softmax_loss_naive", "The loss of a single example is right to about 2 digits")
def small_number_beside_every_probability(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(len(X)):
        scores = X[i] @ W
        p = np.exp(scores) / np.exp(scores).sum()
        loss -= np.log(p[y[i]] + 1e-3)
        p[y[i]] -= 1
        dW += np.outer(X[i], p)
    return loss / len(X) + reg * np.sum(W**2), dW / len(X) + 2 * reg * W


@wrong("softmax_loss_naive", "dW is right to about 3 digits")
def small_number_in_the_sum(W, X, y, reg):
    loss, dW = SOFTMAX.softmax_loss_naive(W, X, y, 0.0)
    return loss + reg * np.sum(W**2), dW + 1e-4 * np.abs(dW) + 2 * reg * W


@wrong(
    "softmax_loss_vectorized",
    "With ordinary scores the result is right; with scores as large as these",
)
def scores_cut_off(W, X, y, reg):
    scores = np.clip(X @ W, -500, 500)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    rows = np.arange(len(X))
    dscores = p - np.eye(W.shape[1])[y]
    return -np.log(p[rows, y]).mean() + reg * np.sum(W**2), X.T @ dscores / len(X) + 2 * reg * W


@wrong(
    "softmax_loss_vectorized",
    "the probabilities add is right, and what the 1 of each right class adds is N times too large",
)
def one_taken_away_before_the_average(W, X, y, reg):
    loss, dW = SOFTMAX.softmax_loss_vectorized(W, X, y, reg)
    return loss, dW - X.T @ np.eye(W.shape[1])[y] * (1 - 1 / len(X))


# --- gradient check ---


@wrong(
    "eval_numerical_gradient",
    "f is evaluated at x and above it; a centred difference takes one point on each side of x.",
)
def forward_difference(f, x, verbose=False, h=1e-5):
    return np.array([(f(x + h * e.reshape(x.shape)) - f(x)) / h for e in np.eye(x.size)]).reshape(
        x.shape
    )


@wrong(
    "eval_numerical_gradient",
    "f is evaluated at x and below it; a centred difference takes one point on each side of x.",
)
def backward_difference(f, x, verbose=False, h=1e-5):
    return np.array([(f(x) - f(x - h * e.reshape(x.shape))) / h for e in np.eye(x.size)]).reshape(
        x.shape
    )


@wrong("eval_numerical_gradient", "x is moved by 3e-05; expected 1e-05 up and 1e-05 down.")
def further_up_than_down(f, x, verbose=False, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + 3 * step) - f(x - step)) / (4 * h) for step in steps]).reshape(x.shape)


@wrong("eval_numerical_gradient", "grad is right but for one common factor in every entry.")
def divided_by_a_constant(f, x, verbose=False, h=1e-5):
    return REFERENCE["gradient_check"].eval_numerical_gradient(f, x, verbose, h) / 3


@wrong(
    "eval_numerical_gradient",
    "f is evaluated at a point that differs from x in 2 entries; expected one.",
)
def row_by_row(f, x, verbose=False, h=1e-5):
    grad = np.zeros_like(x)
    for i in range(len(x)):
        old = x[i].copy()
        x[i] = old + h
        above = f(x)
        x[i] = old - h
        grad[i] = (above - f(x)) / (2 * h)
        x[i] = old
    return grad


@wrong("rel_error", "It looks like the smallest relative error")
def smallest_error(x, y):
    return np.min(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))


# --- regularization ---


@wrong("l2_penalty", "dR is the slope of R as you compute it")
def fourth_powers(W):
    return np.sum(W**4), 4 * W**3


@wrong("l2_penalty", "W is changed by the function, before its slope is taken.")
def squared_in_place(W):
    W *= W
    return W.sum(), 2 * W


@wrong("l1_penalty", "It is wrong just where W is negative.")
def slopes_above_zero(W):
    return np.sum(np.abs(W)), (W > 0) * 1.0


@wrong("elastic_net_penalty", "In dR, the L2 half is 2 times too large and the L1 half is right.")
def four_instead_of_two(W, beta):
    return np.sum(beta * W**2 + np.abs(W)), 4 * beta * W + np.sign(W)


@wrong("batchnorm_forward", "The columns of out have the right spread and the wrong mean.")
def shift_before_scale(x, gamma, beta, bn_param):
    out, cache = LAYERS.batchnorm_forward(x, gamma, beta, bn_param)
    return gamma * ((out - beta) / gamma + beta), cache


@wrong("batchnorm_forward", "The columns of out have the right mean and the wrong spread.")
def divided_by_the_range(x, gamma, beta, bn_param):
    return gamma * (x - x.mean(axis=0)) / (np.ptp(x, axis=0) + 1e-5) + beta, None


@wrong("batchnorm_forward", "N / (N - 1) times too large in every entry.")
def unbiased_running_variance(x, gamma, beta, bn_param):
    out, cache = LAYERS.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train" and len(x) > 1:
        bn_param["running_var"] = bn_param["running_var"] * len(x) / (len(x) - 1)
    return out, cache


@wrong("batchnorm_forward", "The first running_mean is the batch's own.")
def last_batch_only(x, gamma, beta, bn_param):
    out, cache = LAYERS.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        bn_param["running_mean"], bn_param["running_var"] = x.mean(axis=0), x.var(axis=0)
    return out, cache


@wrong("batchnorm_backward", "Each column of dx is off by a factor made of gamma of that column.")
def gamma_twice(dout, cache):
    dx, dgamma, dbeta = LAYERS.batchnorm_backward(dout, cache)
    return dx * cache[1], dgamma, dbeta


@wrong("batchnorm_backward", "look at the path through the variance")
def wrong_power(dout, cache):
    dx, dgamma, dbeta = LAYERS.batchnorm_backward(dout, cache)
    x_hat, gamma, std = cache
    return dx + 0.5 * x_hat * np.mean(dout * gamma * x_hat, axis=0) / std, dgamma, dbeta


@wrong("batchnorm_backward", "Look at the path through the mean.")
def half_of_the_mean(dout, cache):
    dx, dgamma, dbeta = LAYERS.batchnorm_backward(dout, cache)
    return dx + 0.5 * np.mean(dout * cache[1], axis=0) / cache[2], dgamma, dbeta


@wrong("stochastic_depth_backward", "dresidual is half of what it should be in every entry.")
def shared_between_the_paths(dout, gate):
    return dout, 0.5 * gate * dout


# --- descent ---


def stepped(step: Callable) -> Callable:
    def descent(loss_fn, W, learning_rate, num_iters):
        history = []
        for _ in range(num_iters):
            loss, dW = loss_fn(W)
            history.append(loss)
            W = step(W, dW, learning_rate)
        return W, history

    return descent


WRONG += [
    (
        "gradient_descent",
        stepped(lambda W, dW, rate: W + rate * dW),
        "but has the wrong sign in every entry",
    ),
    ("gradient_descent", stepped(lambda W, dW, rate: W - dW), "The step is the whole gradient."),
    ("gradient_descent", stepped(lambda W, dW, rate: -rate * dW), "The step itself comes back"),
    (
        "gradient_descent",
        stepped(lambda W, dW, rate: W - 2 * rate * dW),
        "The step away from W is 2 times too large",
    ),
]
