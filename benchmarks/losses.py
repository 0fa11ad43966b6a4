"""The reference losses against two matrix products that bound them; SGD against scikit-learn's.

A linear loss must compute X @ W (N, C), and its gradient X.T @ dscores (D, C); all else is the
price of the softmax or of the margins. The digits are those of the notebooks. Both trainers start
from scratch, and the clock is stopped after each epoch while the accuracy on the test set is taken.
scikit-learn's SGDClassifier takes one example a step, in C, with its default learning rates, and a
binary problem for each class; ours takes minibatches, in numpy. So what is compared is the time to
the same test accuracy, not the steps. One BLAS thread for all.

    python -m benchmarks.losses [--rounds 5]
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
import timeit
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from sklearn.linear_model import SGDClassifier  # type: ignore[import-untyped]  # it publishes no types

from benchmarks.measuring import with_one_blas_thread
from cs231n_utils import data
from grader.topics.linear_classifier.reference import LinearClassifier
from grader.topics.linear_svm.reference import svm_loss_vectorized
from grader.topics.softmax.reference import softmax_loss_vectorized

# (N, D, C): a minibatch of the digits and of CIFAR-10, a tenth of CIFAR-10, and many classes.
SIZES = [(200, 65, 10), (200, 3073, 10), (5_000, 3073, 10), (1_000, 1_000, 1_000)]
LOSSES = {"svm": svm_loss_vectorized, "softmax": softmax_loss_vectorized}
TARGETS = (0.90, 0.93, 0.95)  # test accuracy
EPOCHS = 200  # at most
# Ours; REG is SGDClassifier's default, too.
RATES, REG, BATCH = {"svm": 0.1, "softmax": 0.5}, 1e-4, 50


def fastest(functions: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Seconds of each, the least of some rounds in which all take turns."""
    timers = {name: timeit.Timer(function) for name, function in functions.items()}
    counts = {name: timer.autorange()[0] for name, timer in timers.items()}
    times = [
        {name: timer.timeit(counts[name]) / counts[name] for name, timer in timers.items()}
        for _ in range(rounds)
    ]
    return {name: min(each[name] for each in times) for name in functions}


def compare_losses(rounds: int) -> None:
    print(
        f"{'':24}{'X @ W, X.T @ dscores':>22}"
        + "".join(f"{name:>12}{'ratio':>8}" for name in LOSSES)
    )
    print(f"{'N, D, C':24}{'ms':>22}" + f"{'ms':>12}{'':8}" * len(LOSSES))
    for n, d, c in SIZES:
        rng = np.random.default_rng(0)
        W, X, y = rng.standard_normal((d, c)), rng.standard_normal((n, d)), rng.integers(0, c, n)
        dscores = rng.standard_normal((n, c))

        def products(W: np.ndarray = W, X: np.ndarray = X, dscores: np.ndarray = dscores) -> object:
            return X @ W, X.T @ dscores

        times = fastest(
            {
                "products": products,
                **{name: partial(loss, W, X, y, 0.1) for name, loss in LOSSES.items()},
            },
            rounds,
        )
        print(
            f"{f'{n:,}, {d:,}, {c:,}':24}{1e3 * times['products']:22.3f}"
            + "".join(
                f"{1e3 * times[name]:12.3f}{times[name] / times['products']:8.2f}"
                for name in LOSSES
            ),
            flush=True,
        )


def ours(
    name: str, X: np.ndarray, y: np.ndarray, seed: int
) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    """Train for one more epoch at a time; gives the predictor."""
    np.random.seed(seed)
    model = type(
        name,
        (LinearClassifier,),
        {"loss": lambda self, X_batch, y_batch, reg: LOSSES[name](self.W, X_batch, y_batch, reg)},
    )()
    while True:
        model.train(
            X,
            y,
            learning_rate=RATES[name],
            reg=REG,
            num_iters=-(-len(X) // BATCH),
            batch_size=BATCH,
        )
        yield model.predict


def scikit(
    name: str, X: np.ndarray, y: np.ndarray, seed: int
) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    model = SGDClassifier(
        loss={"svm": "hinge", "softmax": "log_loss"}[name], fit_intercept=False, random_state=seed
    )
    rng, classes = np.random.default_rng(seed), np.unique(y)
    while True:
        order = rng.permutation(len(X))
        model.partial_fit(X[order], y[order], classes=classes)
        yield model.predict


def time_to(trainer: Iterator[Callable], X_test: np.ndarray, y_test: np.ndarray) -> list[float]:
    """Seconds of training until the test accuracy first reaches each target; infinity for one that
    it never does.
    """
    taken, reached = 0.0, list[float]()
    for _ in range(EPOCHS):
        start = time.perf_counter()
        predict = next(trainer)
        taken += time.perf_counter() - start
        accuracy = float(np.mean(predict(X_test) == y_test))
        while len(reached) < len(TARGETS) and accuracy >= TARGETS[len(reached)]:
            reached.append(taken)
        if len(reached) == len(TARGETS):
            break
    return reached + [math.inf] * (len(TARGETS) - len(reached))


def compare_training(rounds: int) -> None:
    digits: Any = data.load("digits")
    print(f"\n{'ms to a test accuracy of':36}" + "".join(f"{target:>26.0%}" for target in TARGETS))
    print(
        f"{'on the digits, medians':36}" + f"{'ours':>10}{'scikit':>8}{'ratio':>8}" * len(TARGETS)
    )
    for name in LOSSES:
        columns = []
        for trainer in (ours, scikit):
            times = [
                time_to(
                    trainer(name, digits.X_train, digits.y_train, seed),
                    digits.X_test,
                    digits.y_test,
                )
                for seed in range(rounds)
            ]
            columns.append([statistics.median(column) for column in zip(*times, strict=True)])
        print(
            f"{name:36}"
            + "".join(
                f"{1e3 * mine:10.1f}{1e3 * theirs:8.1f}{mine / theirs:8.2f}"
                for mine, theirs in zip(*columns, strict=True)
            ),
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Losses against two matrix products, SGD against scikit-learn."
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=5,
        metavar="N",
        help="how often each is timed (default: %(default)s)",
    )
    rounds = parser.parse_args().rounds
    warnings.filterwarnings("ignore", category=FutureWarning, module="sklearn")
    compare_losses(rounds)
    compare_training(rounds)


if __name__ == "__main__":
    with_one_blas_thread()
    main()
