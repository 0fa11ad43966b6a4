"""Right results at the wrong price: loops over the examples that hide, and gradients that are tried
out.

A solution is source that stands at the end of the reference's module, and defines a function of an
exercise again.
"""

from __future__ import annotations

from cs231n_utils.exercises import EXERCISES
from grader.intake.submission import Submission
from tests.support.local_student import REFERENCE_FILES, model_file


def handed_in(student: str, exercise: str, source: str) -> Submission:
    """The reference with this source at the end of the exercise's module."""
    file = EXERCISES[exercise].file
    changed = {file: REFERENCE_FILES[file] + b"\n\n" + source.encode()}
    return Submission(student, {**REFERENCE_FILES, "best_model.npz": model_file(), **changed})


# --- loops over the examples ---

# each(function, n): [function(0), ..., function(n - 1)]
HIDINGS = {
    "comprehension": (
        """
def each(function, n):
    return [function(i) for i in range(n)]
"""
    ),
    "sorted key": (
        """
def each(function, n):
    out = []
    sorted(range(n), key=lambda i: out.append(function(i)) or 0)
    return out
"""
    ),
    "map": (
        """
def each(function, n):
    return list(map(function, range(n)))
"""
    ),
    "starmap": (
        """
import itertools

def each(function, n):
    return list(itertools.starmap(function, zip(range(n))))
"""
    ),
    "reduce": (
        """
import functools

def each(function, n):
    return functools.reduce(lambda out, i: out.append(function(i)) or out, range(n), [])
"""
    ),
    "re.sub": (
        """
import re

def each(function, n):
    out = []
    re.sub("x", lambda match: out.append(function(match.start())) or "", "x" * n)
    return out
"""
    ),
    "str.translate": (
        """
class Table:
    def __init__(self, function):
        self.function, self.out = function, []

    def __getitem__(self, letter):
        self.out.append(self.function(letter - 0x10000))

def each(function, n):
    table = Table(function)
    "".join(map(chr, range(0x10000, 0x10000 + n))).translate(table)
    return table.out
"""
    ),
    "__getitem__": (
        """
class Rows:
    def __init__(self, function, n):
        self.function, self.n = function, n

    def __getitem__(self, i):
        if i >= self.n:
            raise IndexError
        return self.function(i)

def each(function, n):
    return list(Rows(function, n))
"""
    ),
    "__iter__": (
        """
class Rows:
    def __init__(self, function, n):
        self.function, self.left = function, iter(range(n))

    def __iter__(self):
        return self

    def __next__(self):
        return self.function(next(self.left))

def each(function, n):
    return list(Rows(function, n))
"""
    ),
    "ctypes callback": (
        """
import ctypes

def each(function, n):
    out, left = [], iter(range(n))

    def compare(a, b):
        i = next(left, None)
        if i is not None:
            out.append(function(i))
        return 0

    pointer = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(compare)
    items = np.zeros(n, dtype=np.int32)
    address, size = items.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(4)
    ctypes.CDLL(None).qsort(address, ctypes.c_size_t(n), size, pointer)
    return out + [function(i) for i in left]
"""
    ),
    "np.fromiter": (
        """
def each(function, n):
    out = []
    np.fromiter((out.append(function(i)) or 0.0 for i in range(n)), dtype=float, count=n)
    return out
"""
    ),
    "np.nditer": (
        """
def each(function, n):
    return [function(int(i)) for i in np.nditer(np.arange(n))]
"""
    ),
    "np.vectorize": (
        """
def each(function, n):
    out = []
    np.vectorize(lambda i: out.append(function(i)) or 0.0, otypes=[float])(np.arange(n))
    return out
"""
    ),
    "np.apply_along_axis": (
        """
def each(function, n):
    out = []
    rows = np.arange(n)[:, None]
    np.apply_along_axis(lambda row: out.append(function(int(row[0]))) or 0.0, 1, rows)
    return out
"""
    ),
}

ROWS = {
    "svm": (
        """
def row(scores, label):
    least, loss, slopes, met = scores[label] - 1.0, 0.0, [0.0] * len(scores), 0
    for j, score in enumerate(scores):
        if score > least and j != label:
            loss += score - least
            slopes[j] = 1.0
            met += 1
    slopes[label] = -met
    return loss, slopes
"""
    ),
    "softmax": (
        """
import math

def row(scores, label):
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    slopes = [power / total for power in powers]
    slopes[label] -= 1.0
    return math.log(total) + top - scores[label], slopes
"""
    ),
}


def hidden_loop(loss: str, hiding: str, traced: bool) -> str:
    """A loop over the examples, as tight as Python has it; `traced`: whether its steps can be
    counted.
    """
    return f"""
import sys
{ROWS[loss]}{HIDINGS[hiding]}
def {loss}_loss_vectorized(W, X, y, reg):
    {"pass" if traced else "sys.settrace(None)"}
    return by_rows(W, X, y, reg)

def by_rows(W, X, y, reg):
    scores, labels = (X @ W).tolist(), y.tolist()
    losses, slopes = zip(*each(lambda i: row(scores[i], labels[i]), len(labels)))
    return sum(losses) / len(X) + reg * np.sum(W * W), X.T @ np.array(slopes) / len(X) + 2 * reg * W
"""


# --- gradients that are tried out ---

CENTRED = """
def tried_out(f, x, h):
    slopes = np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        old = x[ix]
        x[ix] = old + h
        above = f(x)
        x[ix] = old - h
        below = f(x)
        x[ix] = old
        slopes[ix] = (above - below) / (2 * h)
    return slopes
"""

ONE_SIDED = """
def tried_out(f, x, h):
    at, slopes = f(x), np.zeros_like(x)
    for ix in np.ndindex(x.shape):
        old = x[ix]
        x[ix] = old + h
        slopes[ix] = (f(x) - at) / h
        x[ix] = old
    return slopes
"""

COMPLEX_STEP = """
def tried_out(f, x, h):
    slopes = np.zeros(x.shape)
    for ix in np.ndindex(x.shape):
        z = x.astype(complex)
        z[ix] += 1e-30j
        slopes[ix] = f(z).imag / 1e-30
    return slopes
"""

# f takes many x, stacked along a new first axis.
STACKED = """
def tried_out(f, x, h):
    shifts = h * np.eye(x.size).reshape(x.size, *x.shape)
    return ((f(x + shifts) - f(x - shifts)) / (2 * h)).reshape(x.shape)
"""

WAYS = {
    "centred": CENTRED,
    "one-sided": ONE_SIDED,
    "complex step": COMPLEX_STEP,
    "stacked": STACKED,
}

# A loss of W alone, or of many W stacked; complex W will do.
VECTORIZED_LOSS = {
    "svm": (
        """
def loss_of(W, X, y, reg):
    scores, rows = X @ W, np.arange(len(y))
    margins = scores - scores[..., rows, y][..., None] + 1
    margins[..., rows, y] = 0
    margins = margins * (margins.real > 0)
    return margins.sum(axis=(-2, -1)) / len(y) + reg * np.sum(W * W, axis=(-2, -1))
"""
    ),
    "softmax": (
        """
def loss_of(W, X, y, reg):
    scores = X @ W
    scores = scores - scores.real.max(axis=-1, keepdims=True)
    log_p = scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
    return -log_p[..., np.arange(len(y)), y].mean(axis=-1) + reg * np.sum(W * W, axis=(-2, -1))
"""
    ),
}

NAIVE_LOSS = """
_right = {loss}_loss_naive

def loss_of(W, X, y, reg):
    return _right(W, X, y, reg)[0]
"""

# The slowest loss: every number by itself.
LOOPED_LOSS = {
    "svm": (
        """
def loss_of(W, X, y, reg):
    loss = 0.0
    for i in range(X.shape[0]):
        scores = [0.0] * W.shape[1]
        for d in range(W.shape[0]):
            for j in range(W.shape[1]):
                scores[j] += X[i, d] * W[d, j]
        for j in range(W.shape[1]):
            if j != y[i]:
                loss += max(0, scores[j] - scores[y[i]] + 1)
    return loss / X.shape[0] + reg * np.sum(W * W)
"""
    ),
    "softmax": (
        """
import math

def loss_of(W, X, y, reg):
    loss = 0.0
    for i in range(X.shape[0]):
        scores = [0.0] * W.shape[1]
        for d in range(W.shape[0]):
            for j in range(W.shape[1]):
                scores[j] += X[i, d] * W[d, j]
        top = max(scores)
        loss += math.log(sum(math.exp(score - top) for score in scores)) + top - scores[y[i]]
    return loss / X.shape[0] + reg * np.sum(W * W)
"""
    ),
}


def tried_out_loss(exercise: str, loss_of: str, way: str) -> str:
    """A loss of which the gradient is tried out."""
    return f"""{loss_of}{way}
def {exercise}(W, X, y, reg):
    W = W.copy()
    return loss_of(W, X, y, reg), tried_out(lambda W: loss_of(W, X, y, reg), W, 1e-6)
"""


def tried_out_losses() -> dict[str, tuple[str, str]]:
    """Name -> (exercise, source)."""
    found = {}
    for loss in ("svm", "softmax"):
        naive = f"{loss}_loss_naive"
        losses = {
            "a vectorized loss": (VECTORIZED_LOSS[loss], WAYS),
            "the naive loss": (NAIVE_LOSS.format(loss=loss), ("centred", "one-sided")),
            "a loss of three loops": (LOOPED_LOSS[loss], ("centred", "one-sided")),
        }
        for around, (loss_of, ways) in losses.items():
            for exercise in (
                (naive, f"{loss}_loss_vectorized") if around == "a vectorized loss" else (naive,)
            ):
                for way in ways:
                    found[f"{exercise}: {way}, around {around}"] = (
                        exercise,
                        tried_out_loss(exercise, loss_of, WAYS[way]),
                    )
    return found


# dx is tried out; the x that it takes may be many, stacked, or complex.
BATCHNORM = """
_forward, _backward = batchnorm_forward, batchnorm_backward

def batchnorm_forward(x, gamma, beta, bn_param):
    out, known = _forward(x, gamma, beta, bn_param)
    return out, (x.copy(), gamma, known)

def batchnorm_backward(dout, cache):
    x, gamma, known = cache

    def upper(x):
        apart = x - x.mean(axis=-2, keepdims=True)
        var = (apart * apart).mean(axis=-2, keepdims=True)
        return np.sum(dout * gamma * apart / np.sqrt(var + 1e-5), axis=(-2, -1))

    return tried_out(upper, x, 1e-3), *_backward(dout, known)[1:]
"""

DEPTH = """
_forward = stochastic_depth_forward

def stochastic_depth_forward(x, residual, sd_param):
    out, gate = _forward(x, residual, sd_param)
    return out, (x.copy(), residual.copy(), gate)

def stochastic_depth_backward(dout, cache):
    x, residual, gate = cache

    def loss(x, residual):
        return np.sum(dout * (x + gate * residual), axis=(-2, -1))

    return (
        tried_out(lambda x: loss(x, residual), x, 1e-3),
        tried_out(lambda residual: loss(x, residual), residual, 1e-3),
    )
"""


def tried_out_backward() -> dict[str, tuple[str, str]]:
    """Name -> (exercise, source)."""
    return {
        f"{exercise}: {way}": (exercise, layer + WAYS[way])
        for exercise, layer in (
            ("batchnorm_backward", BATCHNORM),
            ("stochastic_depth_backward", DEPTH),
        )
        # One-sided differences are too inexact for dx.
        for way in ("centred", "complex step", "stacked")
    }


TRIED_OUT = {**tried_out_losses(), **tried_out_backward()}
