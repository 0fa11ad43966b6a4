"""Penalties on the weights, batch normalization, stochastic depth. You write this file
(4_regularization.ipynb).
"""

import numpy as np  # noqa: F401  (yours to use)


def l2_penalty(W):
    """L2 penalty R = sum(W**2), without a factor 1/2, and its gradient.

    Parameters
    ----------
    W : float ndarray of any shape; not modified

    Returns
    -------
    R : float
    dR : float ndarray of the shape of W

    Source: Hoerl and Kennard (1970).
    """
    raise NotImplementedError("l2_penalty: write me (4_regularization.ipynb, part 1)")


def l1_penalty(W):
    """L1 penalty R = sum(|W|) and its subgradient, which is 0 where W is 0.

    Parameters
    ----------
    W : float ndarray of any shape; not modified

    Returns
    -------
    R : float
    dR : float ndarray of the shape of W

    Source: Tibshirani (1996).
    """
    raise NotImplementedError("l1_penalty: write me (4_regularization.ipynb, part 2)")


def elastic_net_penalty(W, beta):
    """Elastic net penalty R = sum(beta * W**2 + |W|) and its subgradient (that of |W| is 0 where W
    is 0).

    Parameters
    ----------
    W : float ndarray of any shape; not modified
    beta : float >= 0, the weight of the L2 half

    Returns
    -------
    R : float
    dR : float ndarray of the shape of W

    Source: Zou and Hastie (2005).
    """
    raise NotImplementedError("elastic_net_penalty: write me (4_regularization.ipynb, part 3)")


def batchnorm_forward(x, gamma, beta, bn_param):
    """Batch normalization, forward.

    mode "train":  out = gamma * (x - mean) / sqrt(var + eps) + beta, with the mean and the (biased,
    1/N) variance of each column of x; and the running averages in bn_param are replaced by
        running_mean = momentum * running_mean + (1 - momentum) * mean,    running_var likewise.
    mode "test":   the same formula with running_mean and running_var instead of the batch's;
    bn_param stays as it is.

    Parameters
    ----------
    x : float ndarray of shape (N, D); not modified
    gamma, beta : float ndarrays of shape (D,), scale and shift
    bn_param : dict with the keys
        mode : "train" or "test"; anything else is a ValueError
        eps : float, default 1e-5
        momentum : float, default 0.9
        running_mean, running_var : ndarrays of shape (D,), default zeros

    Returns
    -------
    out : float ndarray of shape (N, D)
    cache : whatever batchnorm_backward needs (train mode)

    Source: Ioffe and Szegedy (2015).
    """
    raise NotImplementedError("batchnorm_forward: write me (4_regularization.ipynb, part 5)")


def batchnorm_backward(dout, cache):
    """Batch normalization, backward, in train mode: mean and variance depend on x, too.

    Parameters
    ----------
    dout : float ndarray of shape (N, D), gradient of some loss with respect to out
    cache : as batchnorm_forward returned it

    Returns
    -------
    dx : float ndarray of shape (N, D)
    dgamma, dbeta : float ndarrays of shape (D,)

    Source: Ioffe and Szegedy (2015).
    """
    raise NotImplementedError("batchnorm_backward: write me (4_regularization.ipynb, part 6)")


def stochastic_depth_forward(x, residual, sd_param):
    """Stochastic depth, forward: in training a whole residual branch is kept or dropped; the skip
    path x stays.

    mode "train":  out = x + b * residual, one gate b for the whole layer: 1 with probability
    survival_prob, else 0, drawn from sd_param["rng"] anew at each call.
    mode "test":   out = x + survival_prob * residual.

    Parameters
    ----------
    x : float ndarray of any shape, the skip path; not modified
    residual : float ndarray of the shape of x, the output of the layer; not modified
    sd_param : dict with the keys
        mode : "train" or "test"; anything else is a ValueError
        survival_prob : float in [0, 1]
        rng : numpy.random.Generator, used in train mode

    Returns
    -------
    out : float ndarray of the shape of x
    cache : whatever stochastic_depth_backward needs

    Source: Huang et al. (2016).
    """
    raise NotImplementedError("stochastic_depth_forward: write me (4_regularization.ipynb, part 7)")


def stochastic_depth_backward(dout, cache):
    """Stochastic depth, backward, for either mode.

    Parameters
    ----------
    dout : float ndarray of the shape of out, gradient of some loss with respect to out
    cache : as stochastic_depth_forward returned it

    Returns
    -------
    dx : float ndarray of the shape of x
    dresidual : float ndarray of the shape of residual

    Source: Huang et al. (2016).
    """
    raise NotImplementedError(
        "stochastic_depth_backward: write me (4_regularization.ipynb, part 7)"
    )
