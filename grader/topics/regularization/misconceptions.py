"""Known mistakes in penalties, batch normalization and stochastic depth.

The backward functions take the reference's caches: (x_hat, gamma, std) of batch normalization, the gate of stochastic depth.
"""

from functools import partial

import numpy as np

from grader.hints import Misconception
from grader.topics.regularization import reference

REGULARIZATION, BATCHNORM, DEPTH = "regularization", "batch normalization", "stochastic depth"


def sign_with_one_at_zero(W):
    return np.where(W >= 0, 1.0, -1.0)


L2 = [
    ("factor 1/2", lambda W: (0.5 * np.sum(W**2), W),
     "R and dR are half of what they should be. This penalty has no factor 1/2."),
    ("gradient without its 2", lambda W: (np.sum(W**2), W),
     "dR is half of what it should be. What is the derivative of a square?"),
    ("root of the sum", lambda W: (np.linalg.norm(W), W / np.linalg.norm(W)),
     "R is the length of W. The penalty is its square."),
    ("gradient summed", lambda W: (np.sum(W**2), 2 * np.sum(W)),
     "dR is a single number. It has an entry for each weight."),
    ("one sum a column", lambda W: (np.sum(W**2, axis=0), 2 * W),
     "R is an array of sums. The penalty is one number for all of W."),
]

L1 = [
    ("absolute value as gradient", lambda W: (np.sum(np.abs(W)), np.abs(W)),
     "dR is |W| itself. What is the slope of |w|, left and right of 0?"),
    ("W as gradient", lambda W: (np.sum(np.abs(W)), W.copy()),
     "dR grows with W. The slope of |w| has the same size everywhere: that is why L1 drives weights to 0."),
    ("gradient always 1", lambda W: (np.sum(np.abs(W)), np.ones_like(W)),
     "dR is 1 for negative weights, too. On which side of 0 does |w| fall?"),
    ("absolute value missing", lambda W: (np.sum(W), np.sign(W)),
     "R adds up weights of both signs, and they cancel. Their sizes are asked for."),
    ("slope 1 at zero", lambda W: (np.sum(np.abs(W)), sign_with_one_at_zero(W)),
     "Weights that are 0 get slope 1, and would not stay 0. The kink lies there: take the slope 0."),
    ("0/0 at zero", lambda W: (np.sum(np.abs(W)), W / np.abs(W)),
     "dR is NaN where W is 0. Think of a way to the sign that does not divide by the size."),
]

ELASTIC = [
    ("beta on the other half", lambda W, beta: (np.sum(W**2 + beta * np.abs(W)), 2 * W + beta * np.sign(W)),
     "beta weights the L1 half. It belongs to the squares."),
    ("1 - beta on the L1 half",
     lambda W, beta: (np.sum(beta * W**2 + (1 - beta) * np.abs(W)), 2 * beta * W + (1 - beta) * np.sign(W)),
     "The L1 half has the weight 1 - beta. That is another convention; here its weight is 1."),
    ("beta ignored", lambda W, beta: (np.sum(W**2 + np.abs(W)), 2 * W + np.sign(W)),
     "R does not depend on beta. Which half does it weight?"),
    ("gradient of the squares without its 2", lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), beta * W + np.sign(W)),
     "The L2 half of dR is half of what it should be. What is the derivative of a square?"),
    ("factor 1/2 on the squares", lambda W, beta: (np.sum(0.5 * beta * W**2 + np.abs(W)), beta * W + np.sign(W)),
     "The L2 half has a factor 1/2. The formula has none."),
    ("no L2 half in the gradient", lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), np.sign(W)),
     "dR lacks the gradient of the squares. Every term of R has its own."),
    ("no L1 half in the gradient", lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * beta * W),
     "dR lacks the gradient of |W|. Every term of R has its own."),
    ("W as gradient of the L1 half", lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * beta * W + W),
     "The L1 half of dR grows with W. The slope of |w| has the same size everywhere."),
    ("slope 1 at zero", lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * beta * W + sign_with_one_at_zero(W)),
     "Weights that are 0 get slope 1, and would not stay 0. The kink of |w| lies there: take the slope 0."),
]


# --- batchnorm_forward ---

def normalize(x, gamma, beta, bn_param, *, axis=0, ddof=0, spread=lambda var, eps: np.sqrt(var + eps), use_batch=("train",),
              store=("train",), momentum=lambda m: m, average_of=lambda var: var, remember=True, affine=True,
              fixed_eps=None):
    """batchnorm_forward with one of its parts replaced."""
    mode, eps = bn_param["mode"], fixed_eps or bn_param.get("eps", 1e-5)
    m = momentum(bn_param.get("momentum", 0.9))
    zeros = np.zeros(x.shape[1])
    running_mean, running_var = ((bn_param.get(key, zeros) if remember or mode == "test" else zeros)
                                 for key in ("running_mean", "running_var"))
    mean, var = x.mean(axis=axis, keepdims=axis == 1), x.var(axis=axis, ddof=ddof, keepdims=axis == 1)
    if mode in store:
        bn_param["running_mean"] = m * running_mean + (1 - m) * mean
        bn_param["running_var"] = m * running_var + (1 - m) * average_of(var)
    if mode not in use_batch:
        mean, var = running_mean, running_var
    std = spread(var, eps)
    x_hat = (x - mean) / std
    return (gamma * x_hat + beta if affine else x_hat), (x_hat, gamma, std)


FORWARD = [
    ("batch statistics in test mode", partial(normalize, use_batch=("train", "test")),
     "Test mode normalizes by the batch it is given. A prediction must not depend on its neighbours in the batch."),
    ("running averages not updated", partial(normalize, store=()),
     "The running averages never change. Where would test mode get them from?"),
    ("running averages updated in test mode", partial(normalize, store=("train", "test")),
     "Test mode changes the running averages. Test data must leave no trace."),
    ("running averages start over", partial(normalize, remember=False),
     "Every call starts its running averages from 0. bn_param remembers those of the last call."),
    ("momentum swapped", partial(normalize, momentum=lambda m: 1 - m),
     "The new batch has the weight of the old average. Momentum is what is kept."),
    ("momentum of its own", partial(normalize, momentum=lambda m: 0.9),
     "The running averages do not follow the momentum in bn_param. Which keys are optional, and what are they for?"),
    ("running standard deviation", partial(normalize, average_of=np.sqrt),
     "running_var averages the standard deviation. It is asked for the variance."),
    ("eps outside the root", partial(normalize, spread=lambda var, eps: np.sqrt(var) + eps),
     "eps is added to the standard deviation. In the formula it stands under the root."),
    ("eps of its own", partial(normalize, fixed_eps=1e-5),
     "The result does not follow the eps in bn_param. Which keys are optional, and what are they for?"),
    ("eps left out", partial(normalize, spread=lambda var, eps: np.sqrt(var)),
     "eps is missing under the root. What happens to a column without any spread?"),
    ("divided by the variance", partial(normalize, spread=lambda var, eps: var + eps),
     "The columns are divided by their variance. What gives them standard deviation 1?"),
    ("variance with N - 1", partial(normalize, ddof=1),
     "The variance divides by N - 1. Batch normalization divides by N."),
    ("wrong axis", partial(normalize, axis=1),
     "Each example is normalized over its features. Mean and variance belong to a column, over the examples."),
    ("gamma and beta left out", partial(normalize, affine=False),
     "The normalized columns come back as they are. What do gamma and beta do to them?"),
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


BACKWARD = [
    ("mean and variance constant", constant_statistics,
     "dx treats the batch's mean and variance as constants. Both change when an entry of x does."),
    ("variance constant", constant_variance,
     "dx treats the batch's variance as a constant. It changes when an entry of x does."),
    ("mean constant", constant_mean,
     "dx treats the batch's mean as a constant. It changes when an entry of x does."),
    ("gamma forgotten in dx", gamma_forgotten,
     "dx does not depend on gamma. What does the forward pass multiply by?"),
    ("sums for means in dx", means_not_taken,
     "dx subtracts sums over the batch. The mean of the batch divides by N."),
    ("dgamma and dbeta averaged", averaged,
     "dgamma and dbeta are means over the batch. Contributions of several examples to one number add up."),
    ("dgamma without x_hat", x_hat_forgotten,
     "dgamma equals dbeta. What does gamma multiply in the forward pass?"),
    ("dgamma and dbeta swapped", swapped,
     "dgamma and dbeta have changed places. See the order in the docstring."),
    ("dgamma and dbeta not summed", not_summed,
     "dgamma and dbeta have a row for each example. They have the shapes of gamma and beta."),
]


# --- stochastic depth ---

def layer(x, residual, sd_param, *, gate_shape=lambda shape: (), scale=(1.0, None), keep=lambda u, p: u < p, skip=True,
          own_rng=False, drop=True):
    """stochastic_depth_forward with one of its parts replaced; scale: factors on the branch in (train, test) mode."""
    p = sd_param["survival_prob"]
    if sd_param["mode"] == "train" and drop:
        rng = np.random.default_rng() if own_rng else sd_param["rng"]
        gate = keep(rng.random(gate_shape(x.shape)), p) * (scale[0] or 1 / max(p, 1e-12))
    else:
        gate = p if scale[1] is None else scale[1]
    return (x if skip else gate * x) + gate * residual, gate


WHERE_TO_SCALE = ("The scaling belongs to test mode, and only there. In training the branch is there part of the time, "
                  "which test mode has to make up for.")

SD_FORWARD = [
    ("no scaling in test mode", partial(layer, scale=(1.0, 1.0)),
     WHERE_TO_SCALE),
    ("scaling in train mode", partial(layer, scale=(None, 1.0)),
     WHERE_TO_SCALE),
    ("a gate for each entry", partial(layer, gate_shape=lambda shape: shape),
     "Each entry has a gate of its own: that is dropout. Here the whole layer is kept or dropped."),
    ("a gate for each example", partial(layer, gate_shape=lambda shape: (shape[0], 1)),
     "Each example has a gate of its own. Here there is one for the whole layer."),
    ("probability of dropping", partial(layer, keep=lambda u, p: u >= p),
     "The branch is dropped with the survival probability. It survives with it."),
    ("branch never dropped", partial(layer, drop=False),
     "Train mode scales the branch as test mode does. Here it is kept or dropped as a whole."),
    ("skip path dropped, too", partial(layer, skip=False),
     "x vanishes with the branch, or shrinks with it. The skip path always stays."),
    ("generator ignored", partial(layer, own_rng=True),
     "The gate does not come from the given rng. With it, a run can be repeated exactly."),
]

WHOLE_GRADIENT = "The branch gets the whole gradient. What did the forward pass multiply it by?"

SD_BACKWARD = [
    ("gate forgotten", lambda dout, gate: (dout, dout.copy()),
     WHOLE_GRADIENT),
    ("gate on the skip path", lambda dout, gate: (gate * dout, gate * dout),
     "The skip path loses its gradient with the branch. Its factor in the forward pass is 1."),
    ("paths added", lambda dout, gate: (dout + gate * dout, gate * dout),
     "dx holds the gradient of the branch, too. Here x and residual are separate inputs."),
    ("scale of test mode forgotten", lambda dout, gate: (dout, (gate > 0) * dout),
     WHOLE_GRADIENT),
    ("no gradient for the branch", lambda dout, gate: (dout, np.zeros_like(dout)),
     "The branch never gets a gradient, so it would never learn. What is it when the gate is open?"),
]

MISCONCEPTIONS: list[Misconception] = [
    Misconception(exercise, *row, idea)
    for exercise, rows, idea in [
        ("l2_penalty", L2, REGULARIZATION), ("l1_penalty", L1, REGULARIZATION), ("elastic_net_penalty", ELASTIC, REGULARIZATION),
        ("batchnorm_forward", FORWARD, BATCHNORM), ("batchnorm_backward", BACKWARD, BATCHNORM),
        ("stochastic_depth_forward", SD_FORWARD, DEPTH), ("stochastic_depth_backward", SD_BACKWARD, DEPTH)]
    for row in rows
]
