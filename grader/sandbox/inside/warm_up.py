"""What the zygote does once before it forks: it answers made-up requests, as each box will answer
the grader's.

Python adapts its code to the types that it meets, and NumPy remembers which loop it has found for
them. A box would do both again, in memory that the kernel must first copy for it. Done here, all
boxes share the result: 0.7 ms less CPU time for a submission, and 15 ms more for the zygote's
start. No box sees any other trace of it. Runs inside the sandbox, on code of ours alone: standard
library and numpy only.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import module_state
import numpy as np
import to_box
import wire
import worker

_TIMES = 10  # Python adapts what has run eight times


def warm_up() -> None:
    module = types.ModuleType(f"{worker.PACKAGE}.made_up")
    vars(module)["function"] = _function
    sys.modules[module.__name__] = module
    try:
        Server().serve()
    except _NoMoreRequests:
        del sys.modules[module.__name__]


class _NoMoreRequests(Exception):
    """All made-up requests were answered."""


class Server(worker.Server):
    """Answers made-up requests, and sends the answers nowhere."""

    def __init__(self) -> None:
        super().__init__(fd=-1, folder="/there is no such folder")
        self.start = module_state.State(folders=())
        self._frames = _frames()

    def _read(self, count: int) -> bytes:
        for frame in self._frames:
            return frame
        raise _NoMoreRequests

    def _write(self, frame: bytes) -> None:
        pass


def _frames() -> Iterator[bytes]:
    W, X = np.cos(np.arange(20.0)).reshape(5, 4), np.sin(np.arange(30.0)).reshape(6, 5)
    y = np.arange(6) % 4
    loss, scripts = to_box.Callback(0), [(0, [(0.5, W), (0.25, W)])]
    name = ("made_up", "function")
    requests = [
        ("call", *name, (W, X, y), {"reg": 0.1, "loss": loss}, {"echo": True, "scripts": scripts}),
        ("call", *name, (W, X, y), {}, {"keep": 1}),
        ("calls", *name, [(W, X, y)] * 3, {}),
        ("calls", *name, [(W, X, y)] * wire.MANY, {}),
    ]
    for seed in range(_TIMES):
        yield to_box.frame(seed, (True, [(seed, request) for request in requests]))


def _function(
    W: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    reg: float = 0.1,
    loss: Callable[..., Any] | None = None,
) -> tuple[float, np.ndarray]:
    """What solutions do with NumPy, on the types that they are given. The result means nothing."""
    rows, scores = np.arange(len(y)), X.dot(W)
    shifted = X @ W - np.max(scores, axis=1, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    data_loss = -np.mean(np.log(p[rows, y])) + reg * np.sum(W * W) + np.sum(np.abs(W))
    p[rows, y] -= 1
    margins = np.maximum(0, scores - scores[rows, y][:, np.newaxis] + 1)
    margins[rows, y] = 0
    mask = (margins > 0).astype(float)
    mask[rows, y] = -mask.sum(axis=1)
    dW = X.T.dot(mask + p) / len(y) + 2 * reg * W + np.sign(W) - W**2
    hat = (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + 1e-5)
    data_loss += np.mean(np.argmax(scores, axis=1) == y) + np.linalg.norm(hat)
    dW += np.zeros_like(W) + np.random.randn(*W.shape) * np.random.rand() + np.random.choice(6, 4)
    if loss is not None:
        loss(W), loss(W + 1)
    return float(data_loss), dW
