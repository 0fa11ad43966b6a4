"""Wrong solutions with several faults at once, written without a look at the known mistakes.

Each is what a student may hand in for one exercise. `faults` says in words what is wrong, in full,
so that what the student is told can be compared with it. For `best_model.npz` the function takes
trained weights W (D, C) and returns what was saved in their place.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Unknown:
    """A wrong solution of an exercise, and all that is wrong with it."""

    exercise: str
    faults: tuple[str, ...]
    function: Callable

    @property
    def name(self) -> str:
        return f"{self.exercise}: {self.function.__name__}"

    @property
    def source(self) -> str:
        """The lines that the student would have written, without the decorator."""
        source = inspect.getsource(self.function)
        return f"{source[source.index('def ') :]}\n\n{self.exercise} = {self.function.__name__}\n"


UNKNOWN: list[Unknown] = []


def faults(exercise: str, *what: str) -> Callable[[Callable], Callable]:
    """Note a wrong solution, with a description of each of its faults."""

    def note(function: Callable) -> Callable:
        UNKNOWN.append(Unknown(exercise, what, function))
        return function

    return note


# --- 1: gradient check ---


@faults(
    "eval_numerical_gradient",
    "a forward difference, f(x + h) - f(x)",
    "which is divided by 2 h all the same, so that every slope is half of what it should be",
)
def forward_over_two_steps(f, x, verbose=False, h=1e-5):
    fx = f(x)
    grad = np.zeros_like(x)
    for ix in np.ndindex(*x.shape):
        old = x[ix]
        x[ix] = old + h
        grad[ix] = (f(x) - fx) / (2 * h)
        x[ix] = old
    return grad


@faults(
    "eval_numerical_gradient",
    "one index over the first axis, so that a whole row moves at once",
    "x is not put back: it stays h too low",
)
def rows_that_stay_moved(f, x, verbose=False, h=1e-5):
    grad = np.zeros_like(x)
    for i in range(len(x)):
        x[i] += h
        up = f(x)
        x[i] -= 2 * h
        down = f(x)
        grad[i] = (up - down) / (2 * h)
    return grad


@faults(
    "eval_numerical_gradient",
    "f(x - h) - f(x + h): the sign is turned",
    "each entry stays at x + h after its turn",
)
def below_minus_above_and_not_restored(f, x, verbose=False, h=1e-5):
    grad = np.zeros(x.shape)
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        ix = it.multi_index
        x[ix] -= h
        fxmh = f(x)
        x[ix] += 2 * h
        fxph = f(x)
        grad[ix] = (fxmh - fxph) / (2 * h)
        it.iternext()
    return grad


@faults(
    "eval_numerical_gradient",
    "the step is h * |x| where h is meant",
    "but the difference is divided by 2 h",
)
def step_relative_to_the_entry(f, x, verbose=False, h=1e-5):
    grad = np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        step = h * abs(x[ix])
        moved = x.copy()
        moved[ix] = x[ix] + step
        up = f(moved)
        moved[ix] = x[ix] - step
        grad[ix] = (up - f(moved)) / (2 * h)
    return grad


@faults(
    "eval_numerical_gradient",
    "the slopes are added up in all entries of the gradient (grad += ...)",
    "h of the arguments is overwritten by 1e-3",
)
def one_sum_for_all_entries(f, x, verbose=False, h=1e-5):
    h = 1e-3
    grad = np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[ix] = h
        grad += (f(x + e) - f(x - e)) / (2 * h)
    return grad


@faults(
    "eval_numerical_gradient",
    "x[ix] is 0 - h for the lower point, not x[ix] - h",
    "the gradient is flat, not of the shape of x",
)
def lower_point_forgets_x(f, x, verbose=False, h=1e-5):
    flat = x.reshape(-1)
    grad = np.zeros(flat.size)
    for k in range(flat.size):
        old = flat[k]
        flat[k] = old + h
        up = f(x)
        flat[k] = -h
        down = f(x)
        flat[k] = old
        grad[k] = (up - down) / (2 * h)
    return grad


@faults(
    "rel_error",
    "the mean over the entries where the maximum is meant",
    "|x + y| in the denominator where |x| + |y| is meant",
)
def mean_over_the_size_of_the_sum(x, y):
    return np.mean(np.abs(x - y) / np.maximum(1e-8, np.abs(x + y)))


@faults(
    "rel_error",
    "no absolute value in the numerator",
    "1e-8 is added to the denominator in place of a maximum",
)
def signed_difference_and_added_floor(x, y):
    return np.max((x - y) / (np.abs(x) + np.abs(y) + 1e-8))


@faults(
    "rel_error",
    "norms of the whole arrays, not entry by entry",
    "NaN where both are 0",
)
def norms_without_floor(x, y):
    return np.linalg.norm(x - y) / (np.linalg.norm(x) + np.linalg.norm(y))


@faults(
    "rel_error",
    "max(|x|, |y|) in the denominator where |x| + |y| is meant, up to 2 times too large",
    "the floor is 1e-5, not 1e-8",
)
def larger_of_the_two_and_high_floor(x, y):
    return np.max(np.abs(x - y) / np.maximum(1e-5, np.maximum(np.abs(x), np.abs(y))))


@faults(
    "grad_check_sparse",
    "each axis draws its index from the length of the first axis",
    "no floor of 1e-8 under the denominator",
)
def first_length_for_every_axis(f, x, analytic_grad, num_checks=10, h=1e-5):
    errors = []
    for _ in range(num_checks):
        ix = tuple(random.randrange(x.shape[0]) for _ in x.shape)
        old = x[ix]
        x[ix] = old + h
        up = f(x)
        x[ix] = old - h
        down = f(x)
        x[ix] = old
        n = (up - down) / (2 * h)
        errors.append(abs(n - analytic_grad[ix]) / (abs(n) + abs(analytic_grad[ix])))
    return np.array(errors)


@faults(
    "grad_check_sparse",
    "the first entries of x in order, nothing is drawn",
    "the largest of the errors is returned, not all of them",
)
def first_entries_and_their_maximum(f, x, analytic_grad, num_checks=10, h=1e-5):
    worst = 0.0
    for k in range(num_checks):
        e = np.zeros(x.size)
        e[k % x.size] = h
        e = e.reshape(x.shape)
        n = (f(x + e) - f(x - e)) / (2 * h)
        a = analytic_grad.ravel()[k % x.size]
        worst = max(worst, abs(n - a) / max(1e-8, abs(n) + abs(a)))
        print("numerical:", n, "analytic:", a)
    return worst


@faults(
    "grad_check_sparse",
    "a forward difference",
    "absolute errors |n - a|, not relative ones",
)
def forward_and_absolute(f, x, analytic_grad, num_checks=10, h=1e-5):
    errors = np.zeros(num_checks)
    fx = f(x)
    for k in range(num_checks):
        ix = tuple(np.random.randint(m) for m in x.shape)
        x[ix] += h
        n = (f(x) - fx) / h
        x[ix] -= h
        errors[k] = abs(n - analytic_grad[ix])
        print(n, analytic_grad[ix], errors[k])
    return errors


@faults(
    "grad_check_sparse",
    "the index is drawn once, before the loop",
    "x keeps the last step: it is not put back",
)
def one_index_for_all_checks(f, x, analytic_grad, num_checks=10, h=1e-5):
    ix = tuple(np.random.randint(m) for m in x.shape)
    errors = []
    for _ in range(num_checks):
        x[ix] += h
        up = f(x)
        x[ix] -= 2 * h
        down = f(x)
        n, a = (up - down) / (2 * h), analytic_grad[ix]
        errors.append(abs(n - a) / max(1e-8, abs(n) + abs(a)))
        print(f"numerical {n} analytic {a}")
    return np.array(errors)


@faults(
    "grad_check_sparse",
    "prints the errors and returns None",
    "|n + a| in the denominator, not |n| + |a|",
)
def prints_only(f, x, analytic_grad, num_checks=10, h=1e-5):
    for _ in range(num_checks):
        ix = tuple(np.random.randint(m) for m in x.shape)
        old = x[ix]
        x[ix] = old + h
        up = f(x)
        x[ix] = old - h
        down = f(x)
        x[ix] = old
        n = (up - down) / (2 * h)
        print("relative error:", abs(n - analytic_grad[ix]) / abs(n + analytic_grad[ix]))


# --- 2: SVM ---


@faults(
    "svm_loss_naive",
    "the right class is not left out of the loop: the loss is 1 too large",
    "dW is not divided by N",
    "the gradient of the penalty lacks its factor 2",
)
def right_class_in_and_gradient_summed(W, X, y, reg):
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(X.shape[0]):
        scores = X[i].dot(W)
        for j in range(W.shape[1]):
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    return loss / X.shape[0] + reg * np.sum(W * W), dW + reg * W


@faults(
    "svm_loss_naive",
    "the right class's column gets -X[i] once an example, not once a class that pays",
    "the penalty is 1/2 in loss and gradient",
)
def one_subtraction_an_example_and_half_penalty(W, X, y, reg):
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(X.shape[0]):
        scores = X[i].dot(W)
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
        dW[:, y[i]] -= X[i]
    loss = loss / X.shape[0] + 0.5 * reg * np.sum(W * W)
    dW = dW / X.shape[0] + reg * W
    return loss, dW


@faults(
    "svm_loss_naive",
    "the margin's 1 is missing (delta 0)",
    "the gradient of the penalty is missing",
)
def no_margin_and_no_penalty_gradient(W, X, y, reg):
    N, C = X.shape[0], W.shape[1]
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(N):
        scores = X[i] @ W
        for j in range(C):
            if j != y[i]:
                margin = scores[j] - scores[y[i]]
                if margin > 0:
                    loss += margin / N
                    dW[:, j] += X[i] / N
                    dW[:, y[i]] -= X[i] / N
    return loss + reg * np.sum(W**2), dW


@faults(
    "svm_loss_naive",
    "the gradient counts classes that do not pay as well: it stands outside of the if",
    "loss and gradient are divided by N inside the loop over i, so that early examples shrink",
)
def gradient_outside_the_if_divided_in_the_loop(W, X, y, reg):
    N = X.shape[0]
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(N):
        scores = X[i].dot(W)
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin
            dW[:, j] += X[i]
            dW[:, y[i]] -= X[i]
        loss /= N
        dW /= N
    return loss + reg * np.sum(W * W), dW + 2 * reg * W


@faults(
    "svm_loss_naive",
    "the squared hinge, margin ** 2, in the loss",
    "the gradient is that of the plain hinge, with += and -= exchanged",
)
def squared_loss_and_turned_gradient(W, X, y, reg):
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(len(y)):
        scores = X[i].dot(W)
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin**2
                dW[:, j] -= X[i]
                dW[:, y[i]] += X[i]
    return loss / len(y) + reg * np.sum(W * W), dW / len(y) + 2 * reg * W


@faults(
    "svm_loss_naive",
    "the penalty is added once an example, inside the loop, and then not divided by N",
    "sum(|W|) where sum(W**2) is meant",
)
def absolute_penalty_for_each_example(W, X, y, reg):
    N = X.shape[0]
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(N):
        scores = X[i].dot(W)
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin / N
                dW[:, j] += X[i] / N
                dW[:, y[i]] -= X[i] / N
        loss += reg * np.sum(np.abs(W))
        dW += reg * np.sign(W)
    return loss, dW


@faults(
    "svm_loss_naive",
    "only the class with the largest margin pays (Crammer and Singer)",
    "the gradient of the penalty is missing",
)
def largest_margin_only(W, X, y, reg):
    N = X.shape[0]
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(N):
        scores = X[i].dot(W)
        margins = scores - scores[y[i]] + 1
        margins[y[i]] = 0
        j = np.argmax(margins)
        if margins[j] > 0:
            loss += margins[j]
            dW[:, j] += X[i]
            dW[:, y[i]] -= X[i]
    return loss / N + reg * np.sum(W * W), dW / N


@faults(
    "svm_loss_naive",
    "a margin is s_j - s_y - 1: the 1 has the wrong sign",
    "the return stands inside the loop: only the first example counts",
)
def minus_one_and_returned_too_early(W, X, y, reg):
    N = X.shape[0]
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(N):
        scores = X[i].dot(W)
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] - 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
        return loss / N + reg * np.sum(W * W), dW / N + 2 * reg * W


@faults(
    "svm_loss_vectorized",
    "the right class's margin is not set to 0: the loss is 1 too large",
    "the mask is not cleared at the right class before the row sum: one too many there",
)
def right_class_left_in_loss_and_mask(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    margins = np.maximum(0, scores - scores[np.arange(N), y][:, None] + 1)
    mask = (margins > 0).astype(float)
    mask[np.arange(N), y] = -mask.sum(axis=1)
    return margins.sum() / N + reg * np.sum(W * W), X.T.dot(mask) / N + 2 * reg * W


@faults(
    "svm_loss_vectorized",
    "scores[:, y] in place of scores[arange(N), y]: an (N, N) array, averaged to one column",
    "the loss is the mean over all N * C margins",
)
def columns_of_all_labels(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    correct = np.mean(scores[:, y], axis=1, keepdims=True)
    margins = np.maximum(0, scores - correct + 1)
    margins[np.arange(N), y] = 0
    mask = (margins > 0) * 1.0
    mask[np.arange(N), y] -= mask.sum(axis=1)
    return np.mean(margins) + reg * np.sum(W * W), X.T @ mask / N + 2 * reg * W


@faults(
    "svm_loss_vectorized",
    "[:, None] is missing at the scores of the right classes: shapes (N, C) and (N,)",
    "the penalty lacks reg in its gradient",
)
def right_scores_as_a_row(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    margins = np.maximum(0, scores - scores[np.arange(N), y] + 1)
    margins[np.arange(N), y] = 0
    mask = (margins > 0).astype(float)
    mask[np.arange(N), y] -= np.sum(mask, axis=1)
    return np.sum(margins) / N + reg * np.sum(W * W), X.T.dot(mask) / N + 2 * W


@faults(
    "svm_loss_vectorized",
    "the mask holds the margins, not ones: the gradient is weighted by them",
    "dW is not divided by N",
)
def margins_for_ones_and_not_averaged(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    margins = np.maximum(0, scores - scores[np.arange(N), y].reshape(-1, 1) + 1)
    margins[np.arange(N), y] = 0
    loss = np.sum(margins) / N + reg * np.sum(W * W)
    margins[np.arange(N), y] = -np.sum(margins, axis=1)
    return loss, X.T.dot(margins) + 2 * reg * W


@faults(
    "svm_loss_vectorized",
    "the right class gets -1, not minus the number of classes that pay",
    "the whole gradient, penalty included, is divided by N",
)
def minus_one_for_right_class_all_over_n(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    margins = np.maximum(0, scores - scores[np.arange(N), y].reshape(-1, 1) + 1)
    margins[np.arange(N), y] = 0
    mask = (margins > 0).astype(float)
    mask[np.arange(N), y] = -1
    dW = (X.T.dot(mask) + 2 * reg * W) / N
    return np.sum(margins) / N + reg * np.sum(W * W), dW


@faults(
    "svm_loss_vectorized",
    "the last column of W, taken for a bias, is left out of the penalty and of its gradient",
    "the loss is divided by C where N is meant",
)
def last_column_not_penalized_and_over_c(W, X, y, reg):
    N, C = X.shape[0], W.shape[1]
    scores = X.dot(W)
    margins = np.maximum(0, scores - scores[np.arange(N), y].reshape(-1, 1) + 1)
    margins[np.arange(N), y] = 0
    mask = (margins > 0).astype(float)
    mask[np.arange(N), y] = -mask.sum(axis=1)
    dW = X.T.dot(mask) / N
    dW[:, :-1] += 2 * reg * W[:, :-1]
    return np.sum(margins) / C + reg * np.sum(W[:, :-1] ** 2), dW


@faults(
    "svm_loss_vectorized",
    "X is made zero-mean in place: the caller's X changes",
    "the gradient uses margins >= 0 after the maximum: every class counts",
)
def centred_in_place_and_every_class(W, X, y, reg):
    N = X.shape[0]
    X -= X.mean(axis=0)
    scores = X.dot(W)
    margins = np.maximum(0, scores - scores[np.arange(N), y].reshape(-1, 1) + 1)
    margins[np.arange(N), y] = 0
    mask = (margins >= 0).astype(float)
    mask[np.arange(N), y] -= mask.sum(axis=1)
    return np.sum(margins) / N + reg * np.sum(W * W), X.T.dot(mask) / N + 2 * reg * W


@faults(
    "svm_loss_vectorized",
    "maximum(1, ...) where maximum(0, ...) is meant",
    "the gradient is never written: dW stays 0 but for the penalty, which has the sign turned",
)
def clipped_at_one_without_gradient(W, X, y, reg):
    N = X.shape[0]
    dW = np.zeros(W.shape)
    scores = X @ W
    margins = np.maximum(1, scores - scores[np.arange(N), y][:, np.newaxis] + 1)
    margins[np.arange(N), y] = 0
    dW -= 2 * reg * W
    return margins.sum() / N + reg * np.sum(W * W), dW


@faults(
    "svm_loss_vectorized",
    "the mask is X @ W > 0: scores, not margins, decide which classes pay in the gradient",
    "the penalty's gradient is 2 * reg * sum(W), one number for all entries",
)
def scores_decide_and_summed_penalty(W, X, y, reg):
    N = X.shape[0]
    rows = np.arange(N)
    scores = X @ W
    margins = np.maximum(0, scores - scores[rows, y][:, None] + 1)
    margins[rows, y] = 0
    mask = (scores > 0).astype(float)
    mask[rows, y] = 0
    mask[rows, y] = -mask.sum(axis=1)
    return margins.sum() / N + reg * np.sum(W * W), X.T @ mask / N + 2 * reg * np.sum(W)


@faults(
    "svm_loss_vectorized",
    "X @ mask where X.T @ mask is meant: fails unless N equals D",
)
def x_not_transposed(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    margins = np.maximum(0, scores - scores[np.arange(N), y][:, None] + 1)
    margins[np.arange(N), y] = 0
    mask = np.where(margins > 0, 1.0, 0.0)
    mask[np.arange(N), y] = -mask.sum(axis=1)
    return margins.sum() / N + reg * np.sum(W * W), X.dot(mask) / N + 2 * reg * W


# --- 3: softmax ---


@faults(
    "softmax_loss_naive",
    "the smallest score is subtracted, not the largest: exp overflows for large scores",
    "the gradient lacks the - 1 at the right class",
)
def smallest_subtracted_and_no_minus_one(W, X, y, reg):
    N = X.shape[0]
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(N):
        scores = X[i].dot(W)
        scores -= np.min(scores)
        p = np.exp(scores) / np.sum(np.exp(scores))
        loss -= np.log(p[y[i]])
        for j in range(W.shape[1]):
            dW[:, j] += p[j] * X[i]
    return loss / N + reg * np.sum(W * W), dW / N + 2 * reg * W


@faults(
    "softmax_loss_naive",
    "the logarithm of base 10 in the loss",
    "the penalty is the mean of W**2, not its sum, in loss and gradient",
)
def log10_and_mean_penalty(W, X, y, reg):
    N = X.shape[0]
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(N):
        scores = X[i].dot(W)
        scores = scores - np.max(scores)
        exps = np.exp(scores)
        loss += np.log10(np.sum(exps)) - scores[y[i]] / np.log(10)
        for j in range(W.shape[1]):
            dW[:, j] += (exps[j] / exps.sum() - (j == y[i])) * X[i]
    return loss / N + reg * np.mean(W * W), dW / N + 2 * reg * W / W.size


@faults(
    "softmax_loss_naive",
    "the largest score is subtracted in the sum only, not from the right class's score",
    "the loss is divided by the number of classes as well",
)
def shift_in_the_denominator_only(W, X, y, reg):
    N, C = X.shape[0], W.shape[1]
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(N):
        scores = X[i].dot(W)
        total = np.sum(np.exp(scores - np.max(scores)))
        loss += -scores[y[i]] + np.log(total)
        for j in range(C):
            p = np.exp(scores[j] - np.max(scores)) / total
            dW[:, j] += (p - (j == y[i])) * X[i]
    return loss / (N * C) + reg * np.sum(W * W), dW / N + 2 * reg * W


@faults(
    "softmax_loss_naive",
    "the right class is skipped in the loop over the classes, and never gets p - 1",
    "the denominator leaves the right class out as well",
)
def right_class_skipped_as_in_the_svm(W, X, y, reg):
    N, C = X.shape[0], W.shape[1]
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(N):
        scores = X[i].dot(W)
        scores -= scores.max()
        total = 0.0
        for j in range(C):
            if j == y[i]:
                continue
            total += np.exp(scores[j])
        for j in range(C):
            if j == y[i]:
                continue
            dW[:, j] += np.exp(scores[j]) / total * X[i]
        loss += -scores[y[i]] + np.log(total)
    return loss / N + reg * np.sum(W * W), dW / N + 2 * reg * W


@faults(
    "softmax_loss_naive",
    "the sum of the exponentials is not set back to 0 for the next example",
    "the gradient of the data keeps the last example only (= in place of +=)",
)
def total_of_all_examples_so_far(W, X, y, reg):
    N, C = X.shape[0], W.shape[1]
    loss, dW, total = 0.0, np.zeros(W.shape), 0.0
    for i in range(N):
        scores = X[i].dot(W)
        scores -= np.max(scores)
        for j in range(C):
            total += np.exp(scores[j])
        loss -= np.log(np.exp(scores[y[i]]) / total)
        for j in range(C):
            dW[:, j] = (np.exp(scores[j]) / total - (j == y[i])) * X[i]
    return loss / N + reg * np.sum(W * W), dW / N + 2 * reg * W


@faults(
    "softmax_loss_naive",
    "1 is subtracted from the p of every class, not of the right class only",
    "neither loss nor gradient is divided by N",
)
def one_subtracted_from_every_class(W, X, y, reg):
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(X.shape[0]):
        scores = X[i].dot(W)
        scores -= np.max(scores)
        p = np.exp(scores) / np.exp(scores).sum()
        loss += np.log(np.exp(scores).sum()) - scores[y[i]]
        for j in range(W.shape[1]):
            dW[:, j] += (p[j] - 1) * X[i]
    return loss + reg * np.sum(W * W), dW + 2 * reg * W


@faults(
    "softmax_loss_vectorized",
    "the sum of the exponentials runs over all examples (no axis)",
    "the loss takes the mean of all log p, not those of the labels",
)
def one_sum_and_mean_of_all_logs(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    scores -= np.max(scores, axis=1, keepdims=True)
    p = np.exp(scores) / np.sum(np.exp(scores))
    loss = -np.mean(np.log(p))
    p[np.arange(N), y] -= 1
    return loss + reg * np.sum(W * W), X.T.dot(p) / N + 2 * reg * W


@faults(
    "softmax_loss_vectorized",
    "axis 0 for the maximum and the sum: normalised over the examples",
    "the penalty's gradient lacks its factor 2",
)
def normalised_over_examples_and_half_slope(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    scores = scores - np.max(scores, axis=0)
    p = np.exp(scores) / np.sum(np.exp(scores), axis=0)
    loss = -np.sum(np.log(p[np.arange(N), y])) / N + reg * np.sum(W * W)
    p[np.arange(N), y] -= 1
    return loss, X.T.dot(p) / N + reg * W


@faults(
    "softmax_loss_vectorized",
    "the loss is taken after 1 was subtracted from p: -log|p - 1| in place of -log p",
    "and what stands in the logarithm is clipped at 1e-3",
)
def loss_after_the_subtraction(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    scores = scores - scores.max(axis=1, keepdims=True)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    p[np.arange(N), y] -= 1
    loss = -np.mean(np.log(np.clip(np.abs(p[np.arange(N), y]), 1e-3, None)))
    return loss + reg * np.sum(W * W), X.T.dot(p) / N + 2 * reg * W


@faults(
    "softmax_loss_vectorized",
    "the one-hot matrix is built for ten classes",
    "the loss is the squared difference of p and the labels",
)
def ten_classes_and_squared_differences(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    scores = scores - scores.max(axis=1, keepdims=True)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    hot = np.zeros((N, 10))
    hot[np.arange(N), y] = 1
    loss = np.sum((p - hot) ** 2) / N
    return loss + reg * np.sum(W * W), X.T.dot(p - hot) / N + 2 * reg * W


@faults(
    "softmax_loss_vectorized",
    "the mean is taken over N * C entries (np.mean of the one-hot product)",
    "reg is applied to the square root of the sum of squares (the norm)",
)
def mean_of_products_and_norm_penalty(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    scores = scores - scores.max(axis=1, keepdims=True)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    hot = np.eye(W.shape[1])[y]
    norm = np.linalg.norm(W)
    return -np.mean(hot * log_p) + reg * norm, X.T @ (
        np.exp(log_p) - hot
    ) / N + reg * W / np.maximum(norm, 1e-12)


@faults(
    "softmax_loss_vectorized",
    "max(axis=1) and sum(axis=1) without keepdims: shapes (N, C) and (N,)",
)
def keepdims_missing_twice(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    scores = scores - np.max(scores, axis=1)
    p = np.exp(scores) / np.sum(np.exp(scores), axis=1)
    loss = -np.mean(np.log(p[np.arange(N), y]))
    p[np.arange(N), y] -= 1
    return loss + reg * np.sum(W * W), X.T.dot(p) / N + 2 * reg * W


@faults(
    "softmax_loss_vectorized",
    "p[y] -= 1 takes whole rows y, not the entries (i, y_i): IndexError where a label is N or more",
    "the loss is + log p: the sign is turned",
)
def rows_of_the_labels_and_turned_loss(W, X, y, reg):
    N = X.shape[0]
    scores = X.dot(W)
    scores = scores - scores.max(axis=1, keepdims=True)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    loss = np.sum(log_p[np.arange(N), y]) / N
    p = np.exp(log_p)
    p[y] -= 1
    return loss + reg * np.sum(W * W), X.T.dot(p) / N + 2 * reg * W


@faults(
    "softmax_loss_vectorized",
    "no largest score is subtracted: exp overflows",
    "the gradient is turned (labels minus p) and not divided by N",
    "the penalty has a factor 1/2 in the loss only",
)
def three_faults_in_softmax(W, X, y, reg):
    N = X.shape[0]
    e = np.exp(X.dot(W))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(N), y]).mean() + 0.5 * reg * np.sum(W * W)
    p[np.arange(N), y] -= 1
    return loss, -X.T.dot(p) + 2 * reg * W


# --- 4: regularization ---


@faults(
    "l2_penalty",
    "the norm, not its square",
    "the gradient is W, without the factor 2",
)
def norm_and_single_slope(W):
    return np.sqrt(np.sum(W**2)), W.copy()


@faults(
    "l2_penalty",
    "the columns' sums, not one number",
    "the gradient is the sum of 2 W, one number",
)
def one_number_a_column(W):
    return np.sum(W**2, axis=0), np.sum(2 * W)


@faults(
    "l1_penalty",
    "|sum(W)| where sum(|W|) is meant",
    "the gradient is 1 where W is 0",
)
def absolute_value_of_the_sum(W):
    return abs(np.sum(W)), np.where(W >= 0, 1.0, -1.0)


@faults(
    "l1_penalty",
    "the gradient is W / |W|: NaN where W is 0",
    "the mean, not the sum",
)
def mean_and_quotient(W):
    return np.mean(np.abs(W)), W / np.abs(W)


@faults(
    "elastic_net_penalty",
    "beta stands at the absolute values and not at the squares",
    "the gradient of the squares lacks its 2",
)
def beta_at_the_other_half(W, beta):
    return np.sum(W**2 + beta * np.abs(W)), W + beta * np.sign(W)


@faults(
    "elastic_net_penalty",
    "beta and 1 - beta as weights of the halves",
    "the gradient of the absolute values is missing",
)
def mixed_with_one_minus_beta(W, beta):
    R = beta * np.sum(W**2) + (1 - beta) * np.sum(np.abs(W))
    return R, 2 * beta * W


@faults(
    "elastic_net_penalty",
    "(beta * W) ** 2: beta is squared in the value",
    "and |W| counts twice in the gradient",
)
def beta_inside_the_square(W, beta):
    return np.sum((beta * W) ** 2 + np.abs(W)), 2 * beta * W + 2 * np.sign(W)


@faults(
    "batchnorm_forward",
    "mean and variance over axis 1",
    "the running averages are not updated",
)
def statistics_of_rows_and_no_running_average(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
        x_hat = (x - mean) / np.sqrt(var + eps)
        bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
        return gamma * x_hat + beta, (x_hat, gamma, np.sqrt(var + eps))
    if bn_param["mode"] == "test":
        return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None
    raise ValueError(bn_param["mode"])


@faults(
    "batchnorm_forward",
    "momentum weighs the new value, not the old one",
    "the standard deviation, not the variance, goes into the running average",
    "no ValueError for an unknown mode",
)
def momentum_turned_and_running_std(x, gamma, beta, bn_param):
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "train":
        mean, var = np.mean(x, axis=0), np.var(x, axis=0)
        std = np.sqrt(var + eps)
        x_hat = (x - mean) / std
        bn_param["running_mean"] = (1 - m) * running_mean + m * mean
        bn_param["running_var"] = (1 - m) * running_var + m * std
        return gamma * x_hat + beta, (x_hat, gamma, std)
    return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None


@faults(
    "batchnorm_forward",
    "the variance's root is not taken",
    "beta is added before gamma multiplies",
)
def no_root_and_beta_first(x, gamma, beta, bn_param):
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "train":
        mean, var = np.mean(x, axis=0), np.var(x, axis=0)
        x_hat = (x - mean) / (var + eps)
        bn_param["running_mean"] = m * running_mean + (1 - m) * mean
        bn_param["running_var"] = m * running_var + (1 - m) * var
        return gamma * (x_hat + beta), (x_hat, gamma, var + eps)
    if bn_param["mode"] == "test":
        return gamma * ((x - running_mean) / (running_var + eps) + beta), None
    raise ValueError(bn_param["mode"])


@faults(
    "batchnorm_forward",
    "in test mode the running averages are updated, too",
    "and in test mode the batch's own statistics normalise",
)
def one_branch_for_both_modes(x, gamma, beta, bn_param):
    if bn_param["mode"] not in ("train", "test"):
        raise ValueError(bn_param["mode"])
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    mean, var = np.mean(x, axis=0), np.var(x, axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    bn_param["running_mean"] = m * running_mean + (1 - m) * mean
    bn_param["running_var"] = m * running_var + (1 - m) * var
    return gamma * x_hat + beta, (x_hat, gamma, np.sqrt(var + eps))


@faults(
    "batchnorm_forward",
    "the running averages are local variables: bn_param never gets them",
    "eps is 1e-3 whatever bn_param says",
)
def running_averages_kept_to_itself(x, gamma, beta, bn_param):
    eps, m = 1e-3, bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "train":
        mean, var = np.mean(x, axis=0), np.var(x, axis=0)
        running_mean = m * running_mean + (1 - m) * mean
        running_var = m * running_var + (1 - m) * var
        x_hat = (x - mean) / np.sqrt(var + eps)
        return gamma * x_hat + beta, (x_hat, gamma, np.sqrt(var + eps))
    if bn_param["mode"] == "test":
        return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None
    raise ValueError(bn_param["mode"])


@faults(
    "batchnorm_backward",
    "mean and variance are treated as constants: dx = dout * gamma / std",
    "dgamma and dbeta are exchanged",
)
def constants_and_exchanged_sums(dout, cache):
    x_hat, gamma, std = cache
    return dout * gamma / std, dout.sum(axis=0), (dout * x_hat).sum(axis=0)


@faults(
    "batchnorm_backward",
    "gamma is left out of dx",
    "dgamma and dbeta are means, not sums",
)
def gamma_left_out_and_means(dout, cache):
    x_hat, _, std = cache
    dx = (dout - dout.mean(axis=0) - x_hat * (dout * x_hat).mean(axis=0)) / std
    return dx, np.mean(dout * x_hat, axis=0), np.mean(dout, axis=0)


@faults(
    "batchnorm_backward",
    "the variance's share has the wrong sign",
    "dbeta sums over axis 1",
)
def variance_share_added_and_row_sums(dout, cache):
    x_hat, gamma, std = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) + x_hat * (d * x_hat).mean(axis=0)) / std
    return dx, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=1)


@faults(
    "batchnorm_backward",
    "the sums are divided by N twice",
    "dgamma lacks x_hat: it equals dbeta",
)
def over_n_twice_and_gamma_like_beta(dout, cache):
    x_hat, gamma, std = cache
    N = dout.shape[0]
    d = dout * gamma
    dx = (d - d.mean(axis=0) / N - x_hat * (d * x_hat).mean(axis=0) / N) / std
    return dx, np.sum(dout, axis=0), np.sum(dout, axis=0)


@faults(
    "stochastic_depth_forward",
    "the gate falls on the skip path as well",
    "in test mode the branch is not scaled",
)
def gate_on_everything(x, residual, sd_param):
    p = sd_param["survival_prob"]
    if sd_param["mode"] == "train":
        gate = float(sd_param["rng"].random() < p)
        return gate * (x + residual), gate
    if sd_param["mode"] == "test":
        return x + residual, p
    raise ValueError(sd_param["mode"])


@faults(
    "stochastic_depth_forward",
    "a gate for each entry, as in dropout",
    "kept entries are divided by the survival probability",
    "the probability is turned: kept where the draw exceeds it",
)
def inverted_dropout_with_turned_gate(x, residual, sd_param):
    p = sd_param["survival_prob"]
    if sd_param["mode"] == "train":
        mask = (sd_param["rng"].random(x.shape) > p) / max(p, 1e-12)
        return x + mask * residual, mask
    if sd_param["mode"] == "test":
        return x + residual, 1.0
    raise ValueError(sd_param["mode"])


@faults(
    "stochastic_depth_forward",
    "x is changed in place (x += ...)",
    "np.random is drawn from, not sd_param['rng']",
)
def in_place_with_the_global_generator(x, residual, sd_param):
    p = sd_param["survival_prob"]
    if sd_param["mode"] == "train":
        gate = int(np.random.rand() < p)
        x += gate * residual
        return x, gate
    elif sd_param["mode"] == "test":
        x += p * residual
        return x, p
    raise ValueError("mode")


@faults(
    "stochastic_depth_backward",
    "the gate falls on dx, and dresidual passes freely: the two are exchanged",
)
def gate_at_the_skip_path(dout, cache):
    return cache * dout, dout.copy()


@faults(
    "stochastic_depth_backward",
    "dx is the sum of both paths",
    "dresidual is 0 or dout: a survival probability counts as 1",
)
def both_paths_in_dx(dout, cache):
    dresidual = dout if cache else np.zeros_like(dout)
    return dout + dresidual, dresidual


# --- 5: optimization ---


@faults(
    "random_search",
    "the best loss starts at 0 and the comparison is >: the worst is kept",
    "the scale is not used",
)
def worst_of_unscaled_tries(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    best_loss, best_W, history = 0.0, None, []
    for _ in range(num_tries):
        W = rng.standard_normal(shape)
        loss = loss_fn(W)
        history.append(loss)
        if loss > best_loss:
            best_loss, best_W = loss, W
    return best_W, best_loss, history


@faults(
    "random_search",
    "the history holds the best loss so far, not each try's",
    "uniform numbers, not normal ones",
)
def history_of_the_best_and_uniform(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    rng = rng or np.random.default_rng()
    best_loss, best_W, history = float("inf"), None, []
    for _ in range(num_tries):
        W = scale * rng.random(shape)
        loss = loss_fn(W)
        if loss < best_loss:
            best_loss, best_W = loss, W
        history.append(best_loss)
    return best_W, best_loss, history


@faults(
    "random_search",
    "each try is a step from the best W so far, not a fresh draw (random local search)",
    "the loss is evaluated twice a try",
)
def steps_from_the_best(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    best_W = scale * rng.standard_normal(shape)
    best_loss, history = np.inf, []
    for _ in range(num_tries):
        W = best_W + scale * rng.standard_normal(shape)
        history.append(loss_fn(W))
        if loss_fn(W) < best_loss:
            best_loss, best_W = history[-1], W
    return best_W, best_loss, history


@faults(
    "gradient_descent",
    "the step is added: uphill",
    "the caller's W is changed in place",
)
def uphill_in_place(loss_fn, W, learning_rate, num_iters):
    history = []
    for _ in range(num_iters):
        loss, dW = loss_fn(W)
        history.append(loss)
        W += learning_rate * dW
    return W, history


@faults(
    "gradient_descent",
    "the gradient is taken once, before the loop",
    "the history holds the first loss, again and again",
)
def one_gradient_for_all_steps(loss_fn, W, learning_rate, num_iters):
    loss, dW = loss_fn(W)
    history = []
    for _ in range(num_iters):
        history.append(loss)
        W = W - learning_rate * dW
    return W, history


@faults(
    "gradient_descent",
    "the loss is recorded after the step, with a second evaluation",
    "the learning rate decays by 0.95 a step",
)
def recorded_after_a_decaying_step(loss_fn, W, learning_rate, num_iters):
    history = []
    for _ in range(num_iters):
        _, dW = loss_fn(W)
        W = W - learning_rate * dW
        history.append(loss_fn(W)[0])
        learning_rate *= 0.95
    return W, history


@faults(
    "LinearClassifier.train",
    "rows and labels are drawn by two draws: they do not belong together",
    "the step has the wrong sign",
)
def labels_of_other_rows_uphill(
    self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
):
    if self.W is None:
        self.W = 0.001 * np.random.randn(X.shape[1], np.max(y) + 1)
    history = []
    for _ in range(num_iters):
        X_batch = X[np.random.choice(X.shape[0], batch_size)]
        y_batch = y[np.random.choice(X.shape[0], batch_size)]
        loss, grad = self.loss(X_batch, y_batch, reg)
        history.append(loss)
        self.W += learning_rate * grad
    return history


@faults(
    "LinearClassifier.train",
    "all data in each step: no minibatch is drawn",
    "W starts at zeros",
    "self.W is drawn again at each call of train",
)
def full_batch_from_zero(
    self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
):
    self.W = np.zeros((X.shape[1], np.max(y) + 1))
    history = []
    for _ in range(num_iters):
        loss, grad = self.loss(X, y, reg)
        history.append(loss)
        self.W -= learning_rate * grad
    return history


@faults(
    "LinearClassifier.train",
    "drawn without replacement: fails where batch_size exceeds N",
    "reg is multiplied into the step once more (weight decay on top of the loss's own)",
)
def without_replacement_with_weight_decay(
    self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
):
    if self.W is None:
        self.W = 0.001 * np.random.randn(X.shape[1], np.max(y) + 1)
    history = []
    for _ in range(num_iters):
        rows = np.random.choice(X.shape[0], batch_size, replace=False)
        loss, grad = self.loss(X[rows], y[rows], reg)
        history.append(loss)
        self.W -= learning_rate * (grad + 2 * reg * self.W)
    return history


@faults(
    "LinearClassifier.train",
    "the number of classes is the number of different labels in y",
    "the loss is recorded every 100 iterations only",
    "the learning rate shrinks by 0.99 each iteration",
)
def sparse_history_and_decay(
    self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
):
    if self.W is None:
        self.W = 0.001 * np.random.randn(X.shape[1], len(np.unique(y)))
    history = []
    for it in range(num_iters):
        rows = np.random.choice(X.shape[0], batch_size)
        loss, grad = self.loss(X[rows], y[rows], reg)
        if it % 100 == 0:
            history.append(loss)
        self.W = self.W - learning_rate * grad
        learning_rate *= 0.99
    return history


@faults(
    "LinearClassifier.train",
    "one batch is drawn before the loop and used in every iteration",
    "the gradient is divided by the batch size once more",
)
def one_batch_and_divided_again(
    self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
):
    if self.W is None:
        self.W = 0.001 * np.random.randn(X.shape[1], np.max(y) + 1)
    history = []
    rows = np.random.randint(0, X.shape[0], batch_size)
    for _ in range(num_iters):
        loss, grad = self.loss(X[rows], y[rows], reg)
        history.append(loss)
        self.W -= learning_rate * grad / batch_size
    return history


@faults(
    "LinearClassifier.predict",
    "argmax over axis 0: the best row of each class",
)
def best_row_of_each_class(self, X):
    return np.argmax(X.dot(self.W), axis=0)


@faults(
    "LinearClassifier.predict",
    "argmin, not argmax",
    "a column (N, 1), not (N,)",
)
def smallest_score_in_a_column(self, X):
    return np.argmin(X @ self.W, axis=1).reshape(-1, 1)


@faults(
    "LinearClassifier.predict",
    "classes are counted from 1",
    "|scores| decide, not the scores",
)
def absolute_scores_counted_from_one(self, X):
    return np.argmax(np.abs(X @ self.W), axis=1) + 1


@faults(
    "best_model.npz",
    "the weights lie transposed, (C, D)",
)
def saved_transposed(W):
    return W.T


@faults(
    "best_model.npz",
    "the bias row stands first where the data have it last",
    "weights rounded to whole numbers",
)
def bias_first_and_rounded(W):
    return np.round(np.roll(W, 1, axis=0))
