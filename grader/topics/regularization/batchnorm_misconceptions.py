"""Known mistakes in batch normalization. The backward functions take the reference's cache: (x_hat,
gamma, std).
"""

from functools import partial

import numpy as np

from grader.checks.misconception import never
from grader.topics.cost import TRIED_OUT
from grader.topics.gradient_check.reference import eval_numerical_gradient
from grader.topics.regularization import reference

# --- batchnorm_forward ---


def scaled(x_hat, gamma, beta):
    return gamma * x_hat + beta


def normalize(
    x,
    gamma,
    beta,
    bn_param,
    *,
    axis=0,
    ddof=0,
    spread=lambda var, eps: np.sqrt(var + eps),
    use_batch=("train",),
    store=("train",),
    momentum=lambda m: m,
    average_of=lambda var, n: var,
    remember=True,
    output=scaled,
    fixed_eps=None,
    first_var=0.0,
    centre=lambda x, mean: x - mean,
    average=lambda m, old, new: m * old + (1 - m) * new,
):
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


def one_mean(x, gamma, beta, bn_param):
    flat = x.reshape(-1, 1)
    out, _ = normalize(flat, np.ones(1), np.zeros(1), dict(bn_param))
    return gamma * out.reshape(x.shape) + beta, None


FULL_WEIGHT = (
    "The new batch enters the running averages with its full weight. How much is left for it, if"
    " the old average keeps momentum?"
)

FORWARD = [
    (
        "batch statistics in test mode",
        partial(normalize, use_batch=("train", "test")),
        (
            "Test mode normalizes by the batch it is given. A prediction must not depend on its"
            " neighbours in the batch."
        ),
    ),
    (
        "running averages not updated",
        partial(normalize, store=()),
        "The running averages never change. Where would test mode get them from?",
    ),
    (
        "running averages updated in test mode",
        partial(normalize, store=("train", "test")),
        "Test mode changes the running averages. Test data must leave no trace.",
    ),
    (
        "running averages start over",
        partial(normalize, remember=False),
        "Every call starts its running averages from 0. bn_param remembers those of the last call.",
    ),
    (
        "momentum swapped",
        partial(normalize, momentum=lambda m: 1 - m),
        "The new batch has the weight of the old average. Momentum is what is kept.",
    ),
    (
        "momentum of its own",
        partial(normalize, momentum=lambda m: 0.9),
        (
            "The running averages do not follow the momentum in bn_param. Which keys are optional,"
            " and what are they for?"
        ),
    ),
    (
        "running standard deviation",
        partial(normalize, average_of=lambda var, n: np.sqrt(var)),
        "running_var averages the standard deviation. It is asked for the variance.",
    ),
    (
        "eps outside the root",
        partial(normalize, spread=lambda var, eps: np.sqrt(var) + eps),
        "eps is added to the standard deviation. In the formula it stands under the root.",
    ),
    (
        "eps of its own",
        partial(normalize, fixed_eps=1e-5),
        (
            "The result does not follow the eps in bn_param. Which keys are optional, and what are"
            " they for?"
        ),
    ),
    (
        "eps left out",
        partial(normalize, spread=lambda var, eps: np.sqrt(var)),
        "eps is missing under the root. What happens to a column without any spread?",
    ),
    (
        "divided by the variance",
        partial(normalize, spread=lambda var, eps: var + eps),
        "The columns are divided by their variance. What gives them standard deviation 1?",
    ),
    (
        "variance with N - 1",
        partial(normalize, ddof=1),
        "The variance divides by N - 1. Batch normalization divides by N.",
    ),
    (
        "wrong axis",
        partial(normalize, axis=1),
        (
            "Each example is normalized over its features. Mean and variance belong to a column,"
            " over the examples."
        ),
    ),
    (
        "gamma and beta left out",
        partial(normalize, output=lambda x_hat, gamma, beta: x_hat),
        "The normalized columns come back as they are. What do gamma and beta do to them?",
    ),
    (
        "gamma left out",
        partial(normalize, output=lambda x_hat, gamma, beta: x_hat + beta),
        "The result does not depend on gamma. What does it multiply?",
    ),
    (
        "beta left out",
        partial(normalize, output=lambda x_hat, gamma, beta: gamma * x_hat),
        "The result does not depend on beta. Where is it added?",
    ),
    (
        "gamma and beta swapped",
        partial(normalize, output=lambda x_hat, gamma, beta: beta * x_hat + gamma),
        "gamma and beta have changed places. Which one scales, and which one shifts?",
    ),
    (
        "beta scaled, too",
        partial(normalize, output=lambda x_hat, gamma, beta: gamma * (x_hat + beta)),
        "beta is multiplied by gamma, too. The shift comes last.",
    ),
    (
        "mean not subtracted",
        partial(normalize, centre=lambda x, mean: x),
        "The columns keep their mean. What has mean 0 after normalization?",
    ),
    (
        "not divided",
        partial(normalize, spread=lambda var, eps: np.ones_like(var)),
        "The columns are centred, and keep their spread. What gives them standard deviation 1?",
    ),
    (
        "one mean for all columns",
        one_mean,
        "All columns share one mean and one variance. Each column has its own.",
    ),
    (
        "running averages in train mode",
        partial(normalize, use_batch=()),
        "Train mode normalizes by the running averages. It uses the batch's own mean and variance.",
    ),
    (
        "running averages overwritten",
        partial(normalize, average=lambda m, old, new: new),
        FULL_WEIGHT,
    ),
    (
        "running averages added up",
        partial(normalize, average=lambda m, old, new: m * old + new),
        FULL_WEIGHT,
    ),
    (
        "running variance starts at 1",
        partial(normalize, first_var=1.0),
        "The first running variance is averaged with 1. Without a call before, it starts from 0.",
    ),
    (
        "running variance with N - 1",
        partial(normalize, average_of=lambda var, n: var * n / max(n - 1, 1)),
        "running_var averages the variance with N - 1. This one divides by N, as in the batch.",
    ),
]


# --- batchnorm_backward: the rest of the result is the reference's ---


def constant_statistics(dout, cache):
    _, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    _, gamma, std = cache
    return dout * gamma / std, dgamma, dbeta


def constant_variance(dout, cache):
    _, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    _, gamma, std = cache
    return gamma * (dout - dout.mean(axis=0)) / std, dgamma, dbeta


def constant_mean(dout, cache):
    _, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    x_hat, gamma, std = cache
    return gamma * (dout - x_hat * np.mean(dout * x_hat, axis=0)) / std, dgamma, dbeta


def gamma_forgotten(dout, cache):
    dx, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    return dx / cache[1], dgamma, dbeta


def means_not_taken(dout, cache):
    _, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    x_hat, gamma, std = cache
    return gamma * (dout - dbeta - x_hat * dgamma) / std, dgamma, dbeta


def averaged(dout, cache):
    dx, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    return dx, dgamma / len(dout), dbeta / len(dout)


def x_hat_forgotten(dout, cache):
    dx, _, dbeta = reference.batchnorm_backward(dout, cache)
    return dx, dbeta.copy(), dbeta


def swapped(dout, cache):
    dx, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    return dx, dbeta, dgamma


def not_summed(dout, cache):
    dx, _, _ = reference.batchnorm_backward(dout, cache)
    return dx, dout * cache[0], dout


def changed_dx(change):
    """batchnorm_backward with another dx, from (dx_hat, x_hat, std)."""

    def wrong(dout, cache):
        _, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
        x_hat, gamma, std = cache
        return change(dout * gamma, x_hat, std), dgamma, dbeta

    return wrong


def through_both(dx_hat, x_hat):
    """The part of dx that the standard deviation divides."""
    return dx_hat - dx_hat.mean(axis=0) - x_hat * np.mean(dx_hat * x_hat, axis=0)


def only_dgamma_averaged(dout, cache):
    dx, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    return dx, dgamma / len(dout), dbeta


def only_dbeta_averaged(dout, cache):
    dx, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    return dx, dgamma, dbeta / len(dout)


def gamma_in_dgamma(dout, cache):
    dx, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    return dx, dgamma * cache[1], dbeta


def over_features(dout, cache):
    dx, _, _ = reference.batchnorm_backward(dout, cache)
    return dx, np.sum(dout * cache[0], axis=1), dout.sum(axis=1)


def one_number_each(dout, cache):
    dx, _, _ = reference.batchnorm_backward(dout, cache)
    return dx, np.sum(dout * cache[0]), np.sum(dout)


def tried_out(dout, cache):
    _, dgamma, dbeta = reference.batchnorm_backward(dout, cache)
    x_hat, gamma, std = cache
    x = x_hat * std  # but for its mean, which makes no difference
    eps = std**2 - x.var(axis=0)

    def upper(x):
        return np.sum(dout * gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps))

    return eval_numerical_gradient(upper, x, h=1e-3), dgamma, dbeta


BACKWARD = [
    (
        "std forgotten in dx",
        changed_dx(lambda dx_hat, x_hat, std: through_both(dx_hat, x_hat)),
        "dx lacks the division by the standard deviation. What does the forward pass divide by?",
    ),
    (
        "variance for std in dx",
        changed_dx(lambda dx_hat, x_hat, std: through_both(dx_hat, x_hat) / std**2),
        "dx is divided by the variance. The forward pass divides by its root.",
    ),
    (
        "multiplied by std in dx",
        changed_dx(lambda dx_hat, x_hat, std: through_both(dx_hat, x_hat) * std),
        "dx is multiplied by the standard deviation. The derivative of x / s is 1 / s.",
    ),
    (
        "dx averaged",
        changed_dx(lambda dx_hat, x_hat, std: through_both(dx_hat, x_hat) / std / len(dx_hat)),
        "dx is N times too small. Is it divided by the number of examples once too often?",
    ),
    (
        "mean added in dx",
        changed_dx(
            lambda dx_hat, x_hat, std: (
                (dx_hat + dx_hat.mean(axis=0) - x_hat * np.mean(dx_hat * x_hat, axis=0)) / std
            )
        ),
        (
            "The part of dx that comes through the mean has the wrong sign. The mean is subtracted"
            " in the forward pass."
        ),
    ),
    (
        "variance added in dx",
        changed_dx(
            lambda dx_hat, x_hat, std: (
                (dx_hat - dx_hat.mean(axis=0) + x_hat * np.mean(dx_hat * x_hat, axis=0)) / std
            )
        ),
        (
            "The part of dx that comes through the variance has the wrong sign. A larger variance"
            " makes x_hat smaller."
        ),
    ),
    (
        "variance twice in dx",
        changed_dx(
            lambda dx_hat, x_hat, std: (
                (dx_hat - dx_hat.mean(axis=0) - 2 * x_hat * np.mean(dx_hat * x_hat, axis=0)) / std
            )
        ),
        (
            "The part of dx that comes through the variance is twice too large. What is the"
            " derivative of a root?"
        ),
    ),
    (
        "gradient handed on",
        changed_dx(lambda dx_hat, x_hat, std: dx_hat),
        "dx is dout times gamma. Normalization has a derivative, too.",
    ),
    (
        "dgamma averaged",
        only_dgamma_averaged,
        "dgamma is a mean over the batch. Contributions of several examples to one number add up.",
    ),
    (
        "dbeta averaged",
        only_dbeta_averaged,
        "dbeta is a mean over the batch. Contributions of several examples to one number add up.",
    ),
    (
        "gamma in dgamma",
        gamma_in_dgamma,
        "dgamma is multiplied by gamma. What does gamma itself multiply in the forward pass?",
    ),
    (
        "sums over the features",
        over_features,
        (
            "dgamma and dbeta have an entry for each example. They are sums over the examples, one"
            " for each column."
        ),
    ),
    (
        "one number for all columns",
        one_number_each,
        "dgamma and dbeta are single numbers. Each column has its own.",
    ),
    (
        "mean and variance constant",
        constant_statistics,
        (
            "dx treats the batch's mean and variance as constants. Both change when an entry of x"
            " does."
        ),
    ),
    (
        "variance constant",
        constant_variance,
        "dx treats the batch's variance as a constant. It changes when an entry of x does.",
    ),
    (
        "mean constant",
        constant_mean,
        "dx treats the batch's mean as a constant. It changes when an entry of x does.",
    ),
    (
        "gamma forgotten in dx",
        gamma_forgotten,
        "dx does not depend on gamma. What does the forward pass multiply by?",
    ),
    (
        "sums for means in dx",
        means_not_taken,
        "dx subtracts sums over the batch. The mean of the batch divides by N.",
    ),
    (
        "dgamma and dbeta averaged",
        averaged,
        (
            "dgamma and dbeta are means over the batch. Contributions of several examples to one"
            " number add up."
        ),
    ),
    (
        "dgamma without x_hat",
        x_hat_forgotten,
        "dgamma equals dbeta. What does gamma multiply in the forward pass?",
    ),
    (
        "dgamma and dbeta swapped",
        swapped,
        "dgamma and dbeta have changed places. See the order in the docstring.",
    ),
    (
        "dgamma and dbeta not summed",
        not_summed,
        "dgamma and dbeta have a row for each example. They have the shapes of gamma and beta.",
    ),
    (
        TRIED_OUT,
        tried_out,
        (
            "Derive dx on paper, and compute it from dout and the cache; a numerical gradient is"
            " for checking it."
        ),
        never,
    ),
]
