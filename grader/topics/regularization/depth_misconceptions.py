"""Known mistakes in stochastic depth.

x, residual, dout and their gradients have the same shape, any one. The backward functions take the
reference's cache, which is the gate: the factor that the forward pass has put on the branch.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from grader.checks.misconception import Misconception, never
from grader.topics.cost import TRIED_OUT
from grader.topics.gradient_check.reference import eval_numerical_gradient


def layer(
    x: np.ndarray,
    residual: np.ndarray,
    sd_param: dict[str, Any],
    *,
    gate_shape: Callable[[tuple[int, ...]], tuple[int, ...]] = lambda shape: (),
    scale: tuple[float | None, Callable[[float], float] | None] = (1.0, None),
    keep: Callable[[Any, float], Any] = lambda u, p: u < p,
    skip: Callable[[np.ndarray, Any], np.ndarray] = lambda x, gate: x,
    own_rng: bool = False,
    drop: bool = True,
    branch: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda residual, x: residual,
) -> tuple[np.ndarray, Any]:
    """stochastic_depth_forward with one of its parts replaced.

    gate_shape : takes the shape of x; returns the shape of the gate, () for one number
    scale : the factor on a branch that is kept in train mode (None for 1 / survival_prob), and a
        function from survival_prob to the factor in test mode (None for survival_prob itself)
    keep : takes the uniform draw and survival_prob; returns whether the branch is kept
    skip : takes x and the gate; returns what the skip path adds
    own_rng : whether the gate comes from another generator than the given one
    drop : whether the branch is ever dropped in train mode
    branch : takes residual and x; returns what the gate multiplies
    """
    p = sd_param["survival_prob"]
    if sd_param["mode"] == "train" and drop:
        rng = np.random.default_rng() if own_rng else sd_param["rng"]
        gate = keep(rng.random(gate_shape(x.shape)), p) * (scale[0] or 1 / max(p, 1e-12))
    else:
        gate = p if scale[1] is None else scale[1](p)
    return skip(x, gate) + gate * branch(residual, x), gate


WHERE_TO_SCALE = (
    "The scaling belongs to test mode, and only there. In training the branch is there part of the"
    " time, which test mode has to make up for."
)

forward_mistake = partial(
    Misconception, exercise="stochastic_depth_forward", concept="stochastic depth"
)

SD_FORWARD = [
    forward_mistake(
        name="no scaling in test mode",
        wrong=partial(layer, scale=(1.0, lambda p: 1.0)),
        hint=WHERE_TO_SCALE,
    ),
    forward_mistake(
        name="scaling in train mode",
        wrong=partial(layer, scale=(None, lambda p: 1.0)),
        hint=WHERE_TO_SCALE,
    ),
    forward_mistake(
        name="a gate for each entry",
        wrong=partial(layer, gate_shape=lambda shape: shape),
        hint=(
            "Each entry has a gate of its own: that is dropout. "
            "Here the whole layer is kept or dropped."
        ),
    ),
    forward_mistake(
        name="a gate for each example",
        wrong=partial(layer, gate_shape=lambda shape: (shape[0], 1)),
        hint="Each example has a gate of its own. Here there is one for the whole layer.",
    ),
    forward_mistake(
        name="probability of dropping",
        wrong=partial(layer, keep=lambda u, p: u >= p),
        hint="The branch is dropped with the survival probability. It survives with it.",
    ),
    forward_mistake(
        name="branch never dropped",
        wrong=partial(layer, drop=False),
        hint=(
            "Train mode scales the branch as test mode does. Here it is kept or dropped as a whole."
        ),
    ),
    forward_mistake(
        name="skip path dropped, too",
        wrong=partial(layer, skip=lambda x, gate: gate * x),
        hint="x vanishes with the branch, or shrinks with it. The skip path always stays.",
    ),
    forward_mistake(
        name="generator ignored",
        wrong=partial(layer, own_rng=True),
        hint=(
            "The gate does not come from the given rng alone. "
            "Draw from that one, and from nothing else."
        ),
        matches=never,
    ),
    forward_mistake(
        name="probability of its own",
        wrong=partial(layer, keep=lambda u, p: u < 0.5),
        hint=(
            "The branch survives half of the time, whatever survival_prob is. "
            "Compare the draw with it."
        ),
    ),
    forward_mistake(
        name="test mode scales by the loss of the branch",
        wrong=partial(layer, scale=(1.0, lambda p: 1 - p)),
        hint=(
            "Test mode scales the branch by the probability that it is dropped. "
            "It scales by that of surviving."
        ),
    ),
    forward_mistake(
        name="test mode divides",
        wrong=partial(layer, scale=(1.0, lambda p: 1 / p)),
        hint=(
            "Test mode makes the branch larger. "
            "In training it is there part of the time: is its mean larger or smaller?"
        ),
    ),
    forward_mistake(
        name="test mode without the branch",
        wrong=partial(layer, scale=(1.0, lambda p: 0.0)),
        hint="Test mode drops the branch. Its mean over many training passes is not 0.",
    ),
    forward_mistake(
        name="scaling in both modes",
        wrong=partial(layer, scale=(None, None)),
        hint=WHERE_TO_SCALE,
    ),
    forward_mistake(
        name="no skip path",
        wrong=partial(layer, skip=lambda x, gate: 0 * x),
        hint="x is missing from the result. A residual block adds its branch to x.",
    ),
    forward_mistake(
        name="branch subtracted",
        wrong=partial(layer, branch=lambda residual, x: -residual),
        hint="The branch is subtracted. A residual block adds it to x.",
    ),
    forward_mistake(
        name="interpolation",
        wrong=partial(layer, branch=lambda residual, x: residual - x),
        hint="The branch takes the place of x. A residual block adds it to x.",
    ),
]


def tried_out(dout: np.ndarray, gate: float) -> tuple[np.ndarray, np.ndarray]:
    # The forward pass is linear, so its gradient is the same at any point.
    x, residual = np.zeros_like(dout), np.zeros_like(dout)
    return (
        eval_numerical_gradient(lambda x: np.sum(dout * (x + gate * residual)), x),
        eval_numerical_gradient(lambda residual: np.sum(dout * (x + gate * residual)), residual),
    )


WHOLE_GRADIENT = "The branch gets the whole gradient. What did the forward pass multiply it by?"

backward_mistake = partial(
    Misconception, exercise="stochastic_depth_backward", concept="stochastic depth"
)

SD_BACKWARD = [
    backward_mistake(
        name="gate forgotten",
        wrong=lambda dout, gate: (dout, dout.copy()),
        hint=WHOLE_GRADIENT,
    ),
    backward_mistake(
        name="gate on the skip path",
        wrong=lambda dout, gate: (gate * dout, gate * dout),
        hint=(
            "The skip path loses its gradient with the branch. Its factor in the forward pass is 1."
        ),
    ),
    backward_mistake(
        name="paths added",
        wrong=lambda dout, gate: (dout + gate * dout, gate * dout),
        hint="dx holds the gradient of the branch, too. Here x and residual are separate inputs.",
    ),
    backward_mistake(
        name="scale of test mode forgotten",
        wrong=lambda dout, gate: (dout, (gate > 0) * dout),
        hint=WHOLE_GRADIENT,
    ),
    backward_mistake(
        name="no gradient for the branch",
        wrong=lambda dout, gate: (dout, np.zeros_like(dout)),
        hint=(
            "The branch never gets a gradient, so it would never learn. "
            "What is it when the gate is open?"
        ),
    ),
    backward_mistake(
        name="gate closed for open",
        wrong=lambda dout, gate: (dout, (1 - gate) * dout),
        hint=(
            "The branch gets its gradient when it was dropped. "
            "What is gone forwards gets nothing backwards."
        ),
    ),
    backward_mistake(
        name="gradients swapped",
        wrong=lambda dout, gate: (gate * dout, dout.copy()),
        hint="dx and dresidual have changed places. Which of the two paths is always open?",
    ),
    backward_mistake(
        name="no gradient for the skip path",
        wrong=lambda dout, gate: (np.zeros_like(dout), gate * dout),
        hint="x gets no gradient. Its path is always open.",
    ),
    backward_mistake(
        name="factor of the gate twice",
        wrong=lambda dout, gate: (dout, gate**2 * dout),
        hint=(
            "The gradient of the branch has its factor twice. "
            "What does the forward pass multiply by?"
        ),
    ),
    backward_mistake(
        name="divided by the factor",
        wrong=lambda dout, gate: (dout, dout / gate if gate else 0 * dout),
        hint=(
            "The gradient of the branch is divided by its factor. "
            "The derivative of a product is the factor itself."
        ),
    ),
    backward_mistake(
        name="gradient shared by the paths",
        wrong=lambda dout, gate: (dout - gate * dout, gate * dout),
        hint="The two paths share the gradient between them. Each input of a sum gets all of it.",
    ),
    backward_mistake(
        name="gradient of the branch upside down",
        wrong=lambda dout, gate: (dout, -gate * dout),
        hint="dresidual has the wrong sign. The branch is added.",
    ),
    backward_mistake(
        name=TRIED_OUT,
        wrong=tried_out,
        hint=(
            "Each gradient is dout times a factor. "
            "Read the factor off the formula; a numerical gradient is for checking it."
        ),
        matches=never,
    ),
]
