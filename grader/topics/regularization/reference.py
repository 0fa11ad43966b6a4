"""Reference solution; a student who hands in this file gets full points."""

from typing import Any

import numpy as np


def l2_penalty(W: np.ndarray) -> tuple[float, np.ndarray]:
    return np.sum(W * W), 2 * W


def l1_penalty(W: np.ndarray) -> tuple[float, np.ndarray]:
    return np.sum(np.abs(W)), np.sign(W)


def elastic_net_penalty(W: np.ndarray, beta: float) -> tuple[float, np.ndarray]:
    return np.sum(beta * W * W + np.abs(W)), 2 * beta * W + np.sign(W)


def batchnorm_forward(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, bn_param: dict[str, Any]
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray] | None]:
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1], dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1], dtype=x.dtype))
    if mode == "test":
        return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None
    if mode != "train":
        raise ValueError(f"batchnorm_forward: mode is {mode!r}; expected 'train' or 'test'")
    mean, var = x.mean(axis=0), x.var(axis=0)  # (D,), (D,)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std  # (N, D)
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    return gamma * x_hat + beta, (x_hat, gamma, std)


def batchnorm_backward(
    dout: np.ndarray, cache: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x_hat, gamma, std = cache
    dgamma, dbeta = np.sum(dout * x_hat, axis=0), dout.sum(axis=0)  # (D,), (D,)
    dx_hat = dout * gamma  # (N, D)
    dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * np.mean(dx_hat * x_hat, axis=0)) / std
    return dx, dgamma, dbeta


def stochastic_depth_forward(
    x: np.ndarray, residual: np.ndarray, sd_param: dict[str, Any]
) -> tuple[np.ndarray, float]:
    mode, survival_prob = sd_param["mode"], sd_param["survival_prob"]
    if mode == "train":
        gate = float(sd_param["rng"].random() < survival_prob)
    elif mode == "test":
        gate = survival_prob
    else:
        raise ValueError(f"stochastic_depth_forward: mode is {mode!r}; expected 'train' or 'test'")
    return x + gate * residual, gate


def stochastic_depth_backward(dout: np.ndarray, cache: float) -> tuple[np.ndarray, np.ndarray]:
    return dout, cache * dout
