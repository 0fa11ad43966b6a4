"""Known mistakes in batch normalization.

Everywhere here x, x_hat, dout and dx have shape (N, D); gamma, beta, std and their gradients (D,).
The backward functions take the reference's cache: (x_hat, gamma, std).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from grader.checks.misconception import Misconception, never
from grader.topics.cost import TRIED_OUT
from grader.topics.gradient_check.reference import eval_numerical_gradient
from grader.topics.regularization import reference

Cache = tuple[np.ndarray, np.ndarray, np.ndarray]  # x_hat (N, D), gamma (D,), std (D,)
Gradients = tuple[np.ndarray, np.ndarray, np.ndarray]  # dx (N, D), dgamma (D,), dbeta (D,)

# --- batchnorm_forward ---


def scaled(x_hat: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    out: np.ndarray = gamma * x_hat + beta
    return out


def normalize(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    bn_param: dict[str, Any],
    *,
    axis: int = 0,
    ddof: int = 0,
    spread: Callable[[np.ndarray, float], np.ndarray] = lambda var, eps: np.sqrt(var + eps),
    use_batch: Sequence[str] = ("train",),
    store: Sequence[str] = ("train",),
    momentum: Callable[[float], float] = lambda m: m,
    average_of: Callable[[np.ndarray, int], np.ndarray] = lambda var, n: var,
    remember: bool = True,
    output: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray] = scaled,
    fixed_eps: float | None = None,
    first_var: float = 0.0,
    centre: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda x, mean: x - mean,
    average: Callable[[float, np.ndarray, np.ndarray], np.ndarray] = lambda m, old, new: (
        m * old + (1 - m) * new
    ),
) -> tuple[np.ndarray, Cache]:
    """batchnorm_forward with one of its parts replaced."""
    mode, eps = bn_param["mode"], fixed_eps or bn_param.get("eps", 1e-5)
    m = momentum(bn_param.get("momentum", 0.9))
    known = bn_param if remember or mode == "test" else {}
    running_mean = known.get("running_mean", np.zeros(x.shape[1]))
    running_var = known.get("running_var", np.full(x.shape[1], first_var))
    mean, var = (
        x.mean(axis=axis, keepdims=axis == 1),
        x.var(axis=axis, ddof=ddof, keepdims=axis == 1),
    )
    if mode in store:
        bn_param["running_mean"] = average(m, running_mean, mean)
        bn_param["running_var"] = average(m, running_var, average_of(var, len(x)))
    if mode not in use_batch:
        mean, var = running_mean, running_var
    std = spread(var, eps)
    x_hat = centre(x, mean) / std
    return output(x_hat, gamma, beta), (x_hat, gamma, std)


def one_mean(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, bn_param: dict[str, Any]
) -> tuple[np.ndarray, None]:
    flat = x.reshape(-1, 1)
    out, _ = normalize(flat, np.ones(1), np.zeros(1), dict(bn_param))
    return gamma * out.reshape(x.shape) + beta, None


FULL_WEIGHT = (
    "The new batch enters the running averages with its full weight. How much is left for it, if"
    " the old average keeps momentum?"
)

forward_mistake = partial(
    Misconception, exercise="batchnorm_forward", concept="batch normalization"
)

FORWARD = [
    forward_mistake(
        name="batch statistics in test mode",
        wrong=partial(normalize, use_batch=("train", "test")),
        hint=(
            "Test mode normalizes by the batch it is given. "
            "A prediction must not depend on its neighbours in the batch."
        ),
    ),
    forward_mistake(
        name="running averages not updated",
        wrong=partial(normalize, store=()),
        hint="The running averages never change. Where would test mode get them from?",
    ),
    forward_mistake(
        name="running averages updated in test mode",
        wrong=partial(normalize, store=("train", "test")),
        hint="Test mode changes the running averages. Test data must leave no trace.",
    ),
    forward_mistake(
        name="running averages start over",
        wrong=partial(normalize, remember=False),
        hint=(
            "Every call starts its running averages from 0. "
            "bn_param remembers those of the last call."
        ),
    ),
    forward_mistake(
        name="momentum swapped",
        wrong=partial(normalize, momentum=lambda m: 1 - m),
        hint="The new batch has the weight of the old average. Momentum is what is kept.",
    ),
    forward_mistake(
        name="momentum of its own",
        wrong=partial(normalize, momentum=lambda m: 0.9),
        hint=(
            "The running averages do not follow the momentum in bn_param. "
            "Which keys are optional, and what are they for?"
        ),
    ),
    forward_mistake(
        name="running standard deviation",
        wrong=partial(normalize, average_of=lambda var, n: np.sqrt(var)),
        hint="running_var averages the standard deviation. It is asked for the variance.",
    ),
    forward_mistake(
        name="eps outside the root",
        wrong=partial(normalize, spread=lambda var, eps: np.sqrt(var) + eps),
        hint="eps is added to the standard deviation. In the formula it stands under the root.",
    ),
    forward_mistake(
        name="eps of its own",
        wrong=partial(normalize, fixed_eps=1e-5),
        hint=(
            "The result does not follow the eps in bn_param. "
            "Which keys are optional, and what are they for?"
        ),
    ),
    forward_mistake(
        name="eps left out",
        wrong=partial(normalize, spread=lambda var, eps: np.sqrt(var)),
        hint="eps is missing under the root. What happens to a column without any spread?",
    ),
    forward_mistake(
        name="divided by the variance",
        wrong=partial(normalize, spread=lambda var, eps: var + eps),
        hint="The columns are divided by their variance. What gives them standard deviation 1?",
    ),
    forward_mistake(
        name="variance with N - 1",
        wrong=partial(normalize, ddof=1),
        hint="The variance divides by N - 1. Batch normalization divides by N.",
    ),
    forward_mistake(
        name="wrong axis",
        wrong=partial(normalize, axis=1),
        hint=(
            "Each example is normalized over its features. "
            "Mean and variance belong to a column, over the examples."
        ),
    ),
    forward_mistake(
        name="gamma and beta left out",
        wrong=partial(normalize, output=lambda x_hat, gamma, beta: x_hat),
        hint="The normalized columns come back as they are. What do gamma and beta do to them?",
    ),
    forward_mistake(
        name="gamma left out",
        wrong=partial(normalize, output=lambda x_hat, gamma, beta: x_hat + beta),
        hint="The result does not depend on gamma. What does it multiply?",
    ),
    forward_mistake(
        name="beta left out",
        wrong=partial(normalize, output=lambda x_hat, gamma, beta: gamma * x_hat),
        hint="The result does not depend on beta. Where is it added?",
    ),
    forward_mistake(
        name="gamma and beta swapped",
        wrong=partial(normalize, output=lambda x_hat, gamma, beta: beta * x_hat + gamma),
        hint="gamma and beta have changed places. Which one scales, and which one shifts?",
    ),
    forward_mistake(
        name="beta scaled, too",
        wrong=partial(normalize, output=lambda x_hat, gamma, beta: gamma * (x_hat + beta)),
        hint="beta is multiplied by gamma, too. The shift comes last.",
    ),
    forward_mistake(
        name="mean not subtracted",
        wrong=partial(normalize, centre=lambda x, mean: x),
        hint="The columns keep their mean. What has mean 0 after normalization?",
    ),
    forward_mistake(
        name="not divided",
        wrong=partial(normalize, spread=lambda var, eps: np.ones_like(var)),
        hint=(
            "The columns are centred, and keep their spread. What gives them standard deviation 1?"
        ),
    ),
    forward_mistake(
        name="one mean for all columns",
        wrong=one_mean,
        hint="All columns share one mean and one variance. Each column has its own.",
    ),
    forward_mistake(
        name="running averages in train mode",
        wrong=partial(normalize, use_batch=()),
        hint=(
            "Train mode normalizes by the running averages. "
            "It uses the batch's own mean and variance."
        ),
    ),
    forward_mistake(
        name="running averages overwritten",
        wrong=partial(normalize, average=lambda m, old, new: new),
        hint=FULL_WEIGHT,
    ),
    forward_mistake(
        name="running averages added up",
        wrong=partial(normalize, average=lambda m, old, new: m * old + new),
        hint=FULL_WEIGHT,
    ),
    forward_mistake(
        name="running variance starts at 1",
        wrong=partial(normalize, first_var=1.0),
        hint=(
            "The first running variance is averaged with 1. "
            "Without a call before, it starts from 0."
        ),
    ),
    forward_mistake(
        name="running variance with N - 1",
        wrong=partial(normalize, average_of=lambda var, n: var * n / max(n - 1, 1)),
        hint=(
            "running_var averages the variance with N - 1. This one divides by N, as in the batch."
        ),
    ),
]


# --- batchnorm_backward: what a mistake leaves alone comes from the reference ---


def constant_statistics(dout: np.ndarray, cache: Cache) -> Gradients:
    _, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    _, gamma, std = cache
    return dout * gamma / std, dgamma, dbeta


def constant_variance(dout: np.ndarray, cache: Cache) -> Gradients:
    _, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    _, gamma, std = cache
    return gamma * (dout - dout.mean(axis=0)) / std, dgamma, dbeta


def constant_mean(dout: np.ndarray, cache: Cache) -> Gradients:
    _, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    x_hat, gamma, std = cache
    return gamma * (dout - x_hat * np.mean(dout * x_hat, axis=0)) / std, dgamma, dbeta


def gamma_forgotten(dout: np.ndarray, cache: Cache) -> Gradients:
    dx, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    return dx / cache[1], dgamma, dbeta


def means_not_taken(dout: np.ndarray, cache: Cache) -> Gradients:
    _, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    x_hat, gamma, std = cache
    return gamma * (dout - dbeta - x_hat * dgamma) / std, dgamma, dbeta


def averaged(dout: np.ndarray, cache: Cache) -> Gradients:
    dx, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    return dx, dgamma / len(dout), dbeta / len(dout)


def x_hat_forgotten(dout: np.ndarray, cache: Cache) -> Gradients:
    dx, _, dbeta = reference.batchnorm_backward(dout, cache)
    return dx, dbeta.copy(), dbeta


def swapped(dout: np.ndarray, cache: Cache) -> Gradients:
    dx, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    return dx, dbeta, dgamma


def not_summed(dout: np.ndarray, cache: Cache) -> Gradients:
    dx, _, _ = reference.batchnorm_backward(dout, cache)
    return dx, dout * cache[0], dout


def changed_dx(
    change: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray],
) -> Callable[[np.ndarray, Cache], Gradients]:
    """batchnorm_backward with another dx.

    change : takes dx_hat, the gradient with respect to x_hat, then x_hat and std; returns dx
    """

    def wrong(dout: np.ndarray, cache: Cache) -> Gradients:
        _, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
        x_hat, gamma, std = cache
        return change(dout * gamma, x_hat, std), dgamma, dbeta

    return wrong


def through_both(dx_hat: np.ndarray, x_hat: np.ndarray) -> np.ndarray:
    """The right dx before its division by std: it goes through the mean and the variance."""
    part: np.ndarray = dx_hat - dx_hat.mean(axis=0) - x_hat * np.mean(dx_hat * x_hat, axis=0)
    return part


def only_dgamma_averaged(dout: np.ndarray, cache: Cache) -> Gradients:
    dx, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    return dx, dgamma / len(dout), dbeta


def only_dbeta_averaged(dout: np.ndarray, cache: Cache) -> Gradients:
    dx, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    return dx, dgamma, dbeta / len(dout)


def gamma_in_dgamma(dout: np.ndarray, cache: Cache) -> Gradients:
    dx, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    return dx, dgamma * cache[1], dbeta


def over_features(dout: np.ndarray, cache: Cache) -> Gradients:
    dx, _, _ = reference.batchnorm_backward(dout, cache)
    return dx, np.sum(dout * cache[0], axis=1), dout.sum(axis=1)


def one_number_each(dout: np.ndarray, cache: Cache) -> Gradients:
    dx, _, _ = reference.batchnorm_backward(dout, cache)
    return dx, np.sum(dout * cache[0]), np.sum(dout)


def tried_out(dout: np.ndarray, cache: Cache) -> Gradients:
    _, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    x_hat, gamma, std = cache
    x = x_hat * std  # its mean is not known, and makes no difference to dx
    eps = std**2 - x.var(axis=0)

    def upper(x: np.ndarray) -> float:
        normalized = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
        return float(np.sum(dout * gamma * normalized))

    return eval_numerical_gradient(upper, x, h=1e-3), dgamma, dbeta


backward_mistake = partial(
    Misconception, exercise="batchnorm_backward", concept="batch normalization"
)

BACKWARD = [
    backward_mistake(
        name="std forgotten in dx",
        wrong=changed_dx(lambda dx_hat, x_hat, std: through_both(dx_hat, x_hat)),
        hint=(
            "dx lacks the division by the standard deviation. What does the forward pass divide by?"
        ),
    ),
    backward_mistake(
        name="variance for std in dx",
        wrong=changed_dx(lambda dx_hat, x_hat, std: through_both(dx_hat, x_hat) / std**2),
        hint="dx is divided by the variance. The forward pass divides by its root.",
    ),
    backward_mistake(
        name="multiplied by std in dx",
        wrong=changed_dx(lambda dx_hat, x_hat, std: through_both(dx_hat, x_hat) * std),
        hint="dx is multiplied by the standard deviation. The derivative of x / s is 1 / s.",
    ),
    backward_mistake(
        name="dx averaged",
        wrong=changed_dx(
            lambda dx_hat, x_hat, std: through_both(dx_hat, x_hat) / std / len(dx_hat)
        ),
        hint="dx is N times too small. Is it divided by the number of examples once too often?",
    ),
    backward_mistake(
        name="mean added in dx",
        wrong=changed_dx(
            lambda dx_hat, x_hat, std: (
                (dx_hat + dx_hat.mean(axis=0) - x_hat * np.mean(dx_hat * x_hat, axis=0)) / std
            )
        ),
        hint=(
            "The part of dx that comes through the mean has the wrong sign. "
            "The mean is subtracted in the forward pass."
        ),
    ),
    backward_mistake(
        name="variance added in dx",
        wrong=changed_dx(
            lambda dx_hat, x_hat, std: (
                (dx_hat - dx_hat.mean(axis=0) + x_hat * np.mean(dx_hat * x_hat, axis=0)) / std
            )
        ),
        hint=(
            "The part of dx that comes through the variance has the wrong sign. "
            "A larger variance makes x_hat smaller."
        ),
    ),
    backward_mistake(
        name="variance twice in dx",
        wrong=changed_dx(
            lambda dx_hat, x_hat, std: (
                (dx_hat - dx_hat.mean(axis=0) - 2 * x_hat * np.mean(dx_hat * x_hat, axis=0)) / std
            )
        ),
        hint=(
            "The part of dx that comes through the variance is twice too large. "
            "What is the derivative of a root?"
        ),
    ),
    backward_mistake(
        name="gradient handed on",
        wrong=changed_dx(lambda dx_hat, x_hat, std: dx_hat),
        hint="dx is dout times gamma. Normalization has a derivative, too.",
    ),
    backward_mistake(
        name="dgamma averaged",
        wrong=only_dgamma_averaged,
        hint=(
            "dgamma is a mean over the batch. "
            "Contributions of several examples to one number add up."
        ),
    ),
    backward_mistake(
        name="dbeta averaged",
        wrong=only_dbeta_averaged,
        hint=(
            "dbeta is a mean over the batch. "
            "Contributions of several examples to one number add up."
        ),
    ),
    backward_mistake(
        name="gamma in dgamma",
        wrong=gamma_in_dgamma,
        hint="dgamma is multiplied by gamma. What does gamma itself multiply in the forward pass?",
    ),
    backward_mistake(
        name="sums over the features",
        wrong=over_features,
        hint=(
            "dgamma and dbeta have an entry for each example. "
            "They are sums over the examples, one for each column."
        ),
    ),
    backward_mistake(
        name="one number for all columns",
        wrong=one_number_each,
        hint="dgamma and dbeta are single numbers. Each column has its own.",
    ),
    backward_mistake(
        name="mean and variance constant",
        wrong=constant_statistics,
        hint=(
            "dx treats the batch's mean and variance as constants. "
            "Both change when an entry of x does."
        ),
    ),
    backward_mistake(
        name="variance constant",
        wrong=constant_variance,
        hint="dx treats the batch's variance as a constant. It changes when an entry of x does.",
    ),
    backward_mistake(
        name="mean constant",
        wrong=constant_mean,
        hint="dx treats the batch's mean as a constant. It changes when an entry of x does.",
    ),
    backward_mistake(
        name="gamma forgotten in dx",
        wrong=gamma_forgotten,
        hint="dx does not depend on gamma. What does the forward pass multiply by?",
    ),
    backward_mistake(
        name="sums for means in dx",
        wrong=means_not_taken,
        hint="dx subtracts sums over the batch. The mean of the batch divides by N.",
    ),
    backward_mistake(
        name="dgamma and dbeta averaged",
        wrong=averaged,
        hint=(
            "dgamma and dbeta are means over the batch. "
            "Contributions of several examples to one number add up."
        ),
    ),
    backward_mistake(
        name="dgamma without x_hat",
        wrong=x_hat_forgotten,
        hint="dgamma equals dbeta. What does gamma multiply in the forward pass?",
    ),
    backward_mistake(
        name="dgamma and dbeta swapped",
        wrong=swapped,
        hint="dgamma and dbeta have changed places. See the order in the docstring.",
    ),
    backward_mistake(
        name="dgamma and dbeta not summed",
        wrong=not_summed,
        hint=(
            "dgamma and dbeta have a row for each example. They have the shapes of gamma and beta."
        ),
    ),
    backward_mistake(
        name=TRIED_OUT,
        wrong=tried_out,
        hint=(
            "Derive dx on paper, and compute it from dout and "
            "the cache; a numerical gradient is for checking it."
        ),
        matches=never,
    ),
]
