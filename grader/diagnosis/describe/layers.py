"""Sentences about a wrong batch normalization or stochastic depth."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np

from grader.diagnosis.describe.call import DescribedCall
from grader.diagnosis.describe.differences import Case, difference, factor_of, near

SUMS = {
    "N times too small": (
        "Is it a mean over the batch? What several examples add to one number adds up."
    )
}


def batchnorm_forward(call: DescribedCall) -> str:
    x, gamma, beta, bn_param = call.args
    if call.subject in ("running_mean", "running_var"):
        expected_param = copy.deepcopy(bn_param)
        call.reference(x, gamma, beta, expected_param)
        return _running_average(call, expected_param)
    part = call.wrong_part(call.parts(("out",), call.right()))
    if part is None:
        return ""
    known = difference("out", call.cases("out", ("out",), lambda one: {"N": len(one.given["x"])}))
    if known or len(x) < 3:
        return known
    return call.agreed(_columns if bn_param["mode"] == "train" else _test_mode)


def _test_mode(call: DescribedCall) -> str:
    """A sentence on what out is normalized by in test mode; or ""."""
    x, gamma, beta, bn_param = call.args
    part = call.parts(("out",), call.right()).get("out")
    if part is None:
        return ""
    now, _ = call.reference(x, gamma, beta, {**bn_param, "mode": "train"})
    if near(part.found, now):
        return (
            "In test mode out is normalized by mean and variance of this very batch. Which averages"
            " has training left in bn_param?"
        )
    return ""


def _columns(call: DescribedCall) -> str:
    """A sentence on means and spreads of the columns of out in train mode; or ""."""
    x, gamma, beta, bn_param = call.args
    part = call.parts(("out",), call.right()).get("out")
    if part is None:
        return ""
    out = part.found
    if near(out, x):
        return "x comes back as it is. What becomes of the normalized columns?"
    plain = (out - beta) / gamma
    spread = x.std(axis=0) / np.sqrt(x.var(axis=0) + bn_param.get("eps", 1e-5))
    none = np.zeros(x.shape[1])
    if near(plain.mean(axis=0), none):
        straight = near(plain / plain.std(axis=0), (x - x.mean(axis=0)) / x.std(axis=0))
        return (
            "The columns of out have the right mean and the wrong spread. What are they divided by?"
            if straight
            else ""
        )
    if near(plain.std(axis=0), spread):
        return (
            "The columns of out have the right spread and the wrong mean. Is the mean of each"
            " column taken away, and beta added at the end?"
        )
    if near(out.mean(axis=0), none):
        return (
            "Each column of out has mean 0, so beta is not in it, or is taken away again. What"
            " comes after the normalization?"
        )
    return (
        "(out - beta) / gamma should have mean 0 in each column, and yours has not. Over which axis"
        " is the mean taken, and in which order come the steps?"
    )


def _running_average(call: DescribedCall, expected: dict[str, Any]) -> str:
    """A sentence on a wrong running average after the first call, which begins without averages.

    expected : the right bn_param after the call
    """
    key, before = call.subject, call.given["bn_param"]
    if key in before:
        return ""  # a later call: the averages that it began with are the student's own
    bn_param = call.args_after[3] if len(call.args_after) == 4 else None
    after = bn_param.get(key) if isinstance(bn_param, dict) else None
    new = replace(call, result=after).parts((key,), (expected[key],)).get(key)
    if new is None:
        return ""
    if near(new.found * (1 - before.get("momentum", 0.9)), new.expected):
        return (
            f"The first {key} is the batch's own. With nothing kept yet, the old one counts as 0;"
            " is an average taken?"
        )
    return difference(
        f"The first {key}", [Case(new.found, new.expected, {"N": len(call.given["x"])})]
    )


def batchnorm_backward(call: DescribedCall) -> str:
    dout, (x_hat, gamma, std) = call.args
    parts = call.parts(("dx", "dgamma", "dbeta"), call.reference(*call.args))
    part = call.wrong_part(parts)
    if part is None:
        return ""
    found, expected = part.found, part.expected
    known = difference(call.subject, [Case(found, expected, {"N": len(dout)})], SUMS)
    if known or call.subject != "dx" or len(dout) < 3:
        return known
    factors = [factor_of(mine, right) for mine, right in zip(found.T, expected.T, strict=True)]
    if None not in factors:
        own = np.array(factors, dtype=float)
        for words, value in (("gamma", gamma), ("the standard deviation", std)):
            if any(near(own / value**power, (own / value**power)[0]) for power in (1, -1, 2, -2)):
                return (
                    f"Each column of dx is off by a factor made of {words} of that column. How"
                    " often, and where, is it used?"
                )
        return (
            "Each column of dx is off by a factor of its own. Look at gamma and at the standard"
            " deviation."
        )
    largest = np.max(np.abs(found))
    if np.max(np.abs(found.sum(axis=0))) > 1e-3 * largest:
        paths = (
            "path through the mean"
            if near(found - found.mean(axis=0), expected)
            else "paths through mean and variance"
        )
        return (
            "Moving a whole column of x leaves out as it is, so each column of dx adds up to 0;"
            f" yours does not. Look at the {paths}."
        )
    if np.max(np.abs(np.sum(found * x_hat, axis=0))) > 1e-3 * largest:
        return (
            "Each column of dx adds up to 0, as it should. But stretching a column of x hardly"
            " changes out, and your dx says that it does: look at the path through the variance."
        )
    return ""


def stochastic_depth_forward(call: DescribedCall) -> str:
    if call.given["sd_param"]["mode"] != "test":
        return ""  # gates are random; the message says what the check has seen
    return difference("out", call.cases("out", ("out",)))


def stochastic_depth_backward(call: DescribedCall) -> str:
    part = call.wrong_part(call.parts(("dx", "dresidual"), call.reference(*call.args)))
    if part is None:
        return ""
    if call.subject == "dx" and not part.found.any():
        return "dx is 0, and dout is not. The skip path is open whatever the gate is."
    return difference(call.subject, [Case(part.found, part.expected)])
