"""Known mistakes in stochastic depth. The backward functions take the reference's cache: the gate."""

from functools import partial

import numpy as np

from grader.checks.misconception import never
from grader.topics.cost import TRIED_OUT
from grader.topics.gradient_check.reference import eval_numerical_gradient


def layer(
    x,
    residual,
    sd_param,
    *,
    gate_shape=lambda shape: (),
    scale=(1.0, None),
    keep=lambda u, p: u < p,
    skip=lambda x, gate: x,
    own_rng=False,
    drop=True,
    branch=lambda residual, x: residual,
):
    """stochastic_depth_forward with one of its parts replaced; scale: factors on the branch in
    (train, test) mode.
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

SD_FORWARD = [
    ("no scaling in test mode", partial(layer, scale=(1.0, lambda p: 1.0)), WHERE_TO_SCALE),
    ("scaling in train mode", partial(layer, scale=(None, lambda p: 1.0)), WHERE_TO_SCALE),
    (
        "a gate for each entry",
        partial(layer, gate_shape=lambda shape: shape),
        (
            "Each entry has a gate of its own: that is dropout. Here the whole layer is kept or"
            " dropped."
        ),
    ),
    (
        "a gate for each example",
        partial(layer, gate_shape=lambda shape: (shape[0], 1)),
        "Each example has a gate of its own. Here there is one for the whole layer.",
    ),
    (
        "probability of dropping",
        partial(layer, keep=lambda u, p: u >= p),
        "The branch is dropped with the survival probability. It survives with it.",
    ),
    (
        "branch never dropped",
        partial(layer, drop=False),
        "Train mode scales the branch as test mode does. Here it is kept or dropped as a whole.",
    ),
    (
        "skip path dropped, too",
        partial(layer, skip=lambda x, gate: gate * x),
        "x vanishes with the branch, or shrinks with it. The skip path always stays.",
    ),
    (
        "generator ignored",
        partial(layer, own_rng=True),
        (
            "The gate does not come from the given rng alone. Draw from that one, and from nothing"
            " else."
        ),
        never,
    ),
    (
        "probability of its own",
        partial(layer, keep=lambda u, p: u < 0.5),
        (
            "The branch survives half of the time, whatever survival_prob is. Compare the draw"
            " with it."
        ),
    ),
    (
        "test mode scales by the loss of the branch",
        partial(layer, scale=(1.0, lambda p: 1 - p)),
        (
            "Test mode scales the branch by the probability that it is dropped. It scales by that"
            " of surviving."
        ),
    ),
    (
        "test mode divides",
        partial(layer, scale=(1.0, lambda p: 1 / p)),
        (
            "Test mode makes the branch larger. In training it is there part of the time: is its"
            " mean larger or smaller?"
        ),
    ),
    (
        "test mode without the branch",
        partial(layer, scale=(1.0, lambda p: 0.0)),
        "Test mode drops the branch. Its mean over many training passes is not 0.",
    ),
    ("scaling in both modes", partial(layer, scale=(None, None)), WHERE_TO_SCALE),
    (
        "no skip path",
        partial(layer, skip=lambda x, gate: 0 * x),
        "x is missing from the result. A residual block adds its branch to x.",
    ),
    (
        "branch subtracted",
        partial(layer, branch=lambda residual, x: -residual),
        "The branch is subtracted. A residual block adds it to x.",
    ),
    (
        "interpolation",
        partial(layer, branch=lambda residual, x: residual - x),
        "The branch takes the place of x. A residual block adds it to x.",
    ),
]


def tried_out(dout, gate):
    x, residual = np.zeros_like(dout), np.zeros_like(dout)  # anywhere: the forward pass is linear
    return (
        eval_numerical_gradient(lambda x: np.sum(dout * (x + gate * residual)), x),
        eval_numerical_gradient(lambda residual: np.sum(dout * (x + gate * residual)), residual),
    )


WHOLE_GRADIENT = "The branch gets the whole gradient. What did the forward pass multiply it by?"

SD_BACKWARD = [
    ("gate forgotten", lambda dout, gate: (dout, dout.copy()), WHOLE_GRADIENT),
    (
        "gate on the skip path",
        lambda dout, gate: (gate * dout, gate * dout),
        "The skip path loses its gradient with the branch. Its factor in the forward pass is 1.",
    ),
    (
        "paths added",
        lambda dout, gate: (dout + gate * dout, gate * dout),
        "dx holds the gradient of the branch, too. Here x and residual are separate inputs.",
    ),
    ("scale of test mode forgotten", lambda dout, gate: (dout, (gate > 0) * dout), WHOLE_GRADIENT),
    (
        "no gradient for the branch",
        lambda dout, gate: (dout, np.zeros_like(dout)),
        (
            "The branch never gets a gradient, so it would never learn. What is it when the gate is"
            " open?"
        ),
    ),
    (
        "gate closed for open",
        lambda dout, gate: (dout, (1 - gate) * dout),
        (
            "The branch gets its gradient when it was dropped. What is gone forwards gets nothing"
            " backwards."
        ),
    ),
    (
        "gradients swapped",
        lambda dout, gate: (gate * dout, dout.copy()),
        "dx and dresidual have changed places. Which of the two paths is always open?",
    ),
    (
        "no gradient for the skip path",
        lambda dout, gate: (np.zeros_like(dout), gate * dout),
        "x gets no gradient. Its path is always open.",
    ),
    (
        "factor of the gate twice",
        lambda dout, gate: (dout, gate**2 * dout),
        "The gradient of the branch has its factor twice. What does the forward pass multiply by?",
    ),
    (
        "divided by the factor",
        lambda dout, gate: (dout, dout / gate if gate else 0 * dout),
        (
            "The gradient of the branch is divided by its factor. The derivative of a product is"
            " the factor itself."
        ),
    ),
    (
        "gradient shared by the paths",
        lambda dout, gate: (dout - gate * dout, gate * dout),
        "The two paths share the gradient between them. Each input of a sum gets all of it.",
    ),
    (
        "gradient of the branch upside down",
        lambda dout, gate: (dout, -gate * dout),
        "dresidual has the wrong sign. The branch is added.",
    ),
    (
        TRIED_OUT,
        tried_out,
        (
            "Each gradient is dout times a factor. Read the factor off the formula; a numerical"
            " gradient is for checking it."
        ),
        never,
    ),
]
