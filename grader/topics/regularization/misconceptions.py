"""Known mistakes in penalties; those in the two layers are in files of their own."""

import numpy as np

from grader.checks.misconception import REGULARIZATION, Misconception
from grader.topics.regularization.batchnorm_misconceptions import BACKWARD, FORWARD
from grader.topics.regularization.depth_misconceptions import SD_BACKWARD, SD_FORWARD

BATCHNORM, DEPTH = "batch normalization", "stochastic depth"


def sign_with_one_at_zero(W):
    return np.where(W >= 0, 1.0, -1.0)


L2 = [
    (
        "factor 1/2",
        lambda W: (0.5 * np.sum(W**2), W),
        "R and dR are half of what they should be. This penalty has no factor 1/2.",
    ),
    (
        "gradient without its 2",
        lambda W: (np.sum(W**2), W),
        "dR is half of what it should be. What is the derivative of a square?",
    ),
    (
        "root of the sum",
        lambda W: (np.linalg.norm(W), W / np.linalg.norm(W)),
        "R is the length of W. The penalty is its square.",
    ),
    (
        "gradient summed",
        lambda W: (np.sum(W**2), 2 * np.sum(W)),
        "dR is a single number. It has an entry for each weight.",
    ),
    (
        "one sum a column",
        lambda W: (np.sum(W**2, axis=0), 2 * W),
        "R is an array of sums. The penalty is one number for all of W.",
    ),
    (
        "mean of the squares",
        lambda W: (np.mean(W**2), 2 * W / W.size),
        "R is a mean. The penalty is the sum of all squares.",
    ),
    (
        "square of the sum",
        lambda W: (np.sum(W) ** 2, 2 * np.sum(W) * np.ones_like(W)),
        "R is the square of the sum. Each weight is squared first.",
    ),
    (
        "sizes instead of squares",
        lambda W: (np.sum(np.abs(W)), np.sign(W)),
        "R adds up absolute values. That is the L1 penalty; this one takes squares.",
    ),
    (
        "squares as gradient",
        lambda W: (np.sum(W**2), W**2),
        "dR holds the squares themselves. What is the derivative of a square?",
    ),
    (
        "gradient always 2",
        lambda W: (np.sum(W**2), 2 * np.ones_like(W)),
        "dR does not depend on W. What is the derivative of a square?",
    ),
    (
        "gradient of the sizes",
        lambda W: (np.sum(W**2), 2 * np.abs(W)),
        "dR has lost its signs. On which side of 0 does a square fall?",
    ),
    (
        "gradient upside down",
        lambda W: (np.sum(W**2), -2 * W),
        "dR has the wrong sign. Larger weights make R larger.",
    ),
    (
        "R and dR swapped",
        lambda W: (2 * W, np.sum(W**2)),
        "R and dR have changed places. See the order in the docstring.",
    ),
    (
        "squares not summed",
        lambda W: (W**2, 2 * W),
        "R is an array of squares. The penalty is one number for all of W.",
    ),
    (
        "last row left out",
        lambda W: (np.sum(W[:-1] ** 2), np.concatenate([2 * W[:-1], 0 * W[-1:]])),
        "The last row of W is missing from R. Here all weights are penalized.",
    ),
]

L1 = [
    (
        "absolute value as gradient",
        lambda W: (np.sum(np.abs(W)), np.abs(W)),
        "dR is |W| itself. What is the slope of |w|, left and right of 0?",
    ),
    (
        "W as gradient",
        lambda W: (np.sum(np.abs(W)), W.copy()),
        (
            "dR grows with W. The slope of |w| has the same size everywhere: that is why L1 drives"
            " weights to 0."
        ),
    ),
    (
        "gradient always 1",
        lambda W: (np.sum(np.abs(W)), np.ones_like(W)),
        "dR is 1 for negative weights, too. On which side of 0 does |w| fall?",
    ),
    (
        "absolute value missing",
        lambda W: (np.sum(W), np.sign(W)),
        "R adds up weights of both signs, and they cancel. Their sizes are asked for.",
    ),
    (
        "slope 1 at zero",
        lambda W: (np.sum(np.abs(W)), sign_with_one_at_zero(W)),
        (
            "Weights that are 0 get slope 1, and would not stay 0. The kink lies there: take the"
            " slope 0."
        ),
    ),
    (
        "0/0 at zero",
        lambda W: (np.sum(np.abs(W)), W / np.abs(W)),
        "dR is NaN where W is 0. Think of a way to the sign that does not divide by the size.",
    ),
    (
        "squares instead of sizes",
        lambda W: (np.sum(W**2), 2 * W),
        "R adds up squares. That is the L2 penalty; this one takes absolute values.",
    ),
    (
        "mean of the sizes",
        lambda W: (np.mean(np.abs(W)), np.sign(W) / W.size),
        "R is a mean. The penalty is the sum of all absolute values.",
    ),
    (
        "size of the sum",
        lambda W: (np.abs(np.sum(W)), np.sign(W)),
        (
            "R is the absolute value of the sum, and weights of both signs cancel. Take the sizes"
            " first."
        ),
    ),
    (
        "factor 1/2",
        lambda W: (0.5 * np.sum(np.abs(W)), 0.5 * np.sign(W)),
        "R and dR are half of what they should be. This penalty has no factor.",
    ),
    (
        "gradient upside down",
        lambda W: (np.sum(np.abs(W)), -np.sign(W)),
        "dR has the wrong sign. On which side of 0 does |w| fall?",
    ),
    (
        "gradient summed",
        lambda W: (np.sum(np.abs(W)), np.sum(np.sign(W))),
        "dR is a single number. It has an entry for each weight.",
    ),
    (
        "one sum a column",
        lambda W: (np.sum(np.abs(W), axis=0), np.sign(W)),
        "R is an array of sums. The penalty is one number for all of W.",
    ),
    (
        "largest size",
        lambda W: (np.max(np.abs(W)), np.sign(W)),
        "R is the largest absolute value. The penalty is their sum.",
    ),
    (
        "gradient of positive weights only",
        lambda W: (np.sum(np.abs(W)), (W > 0).astype(float)),
        "dR is 0 for negative weights. On which side of 0 does |w| fall?",
    ),
    (
        "slope -1 at zero",
        lambda W: (np.sum(np.abs(W)), np.where(W > 0, 1.0, -1.0)),
        (
            "Weights that are 0 get slope -1, and would not stay 0. The kink lies there: take the"
            " slope 0."
        ),
    ),
    (
        "R and dR swapped",
        lambda W: (np.sign(W), np.sum(np.abs(W))),
        "R and dR have changed places. See the order in the docstring.",
    ),
]

ELASTIC = [
    (
        "beta on the other half",
        lambda W, beta: (np.sum(W**2 + beta * np.abs(W)), 2 * W + beta * np.sign(W)),
        "beta weights the L1 half. It belongs to the squares.",
    ),
    (
        "1 - beta on the L1 half",
        lambda W, beta: (
            np.sum(beta * W**2 + (1 - beta) * np.abs(W)),
            2 * beta * W + (1 - beta) * np.sign(W),
        ),
        "The L1 half has the weight 1 - beta. That is another convention; here its weight is 1.",
    ),
    (
        "beta ignored",
        lambda W, beta: (np.sum(W**2 + np.abs(W)), 2 * W + np.sign(W)),
        "R does not depend on beta. Which half does it weight?",
    ),
    (
        "gradient of the squares without its 2",
        lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), beta * W + np.sign(W)),
        "The L2 half of dR is half of what it should be. What is the derivative of a square?",
    ),
    (
        "factor 1/2 on the squares",
        lambda W, beta: (np.sum(0.5 * beta * W**2 + np.abs(W)), beta * W + np.sign(W)),
        "The L2 half has a factor 1/2. The formula has none.",
    ),
    (
        "no L2 half in the gradient",
        lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), np.sign(W)),
        "dR lacks the gradient of the squares. Every term of R has its own.",
    ),
    (
        "no L1 half in the gradient",
        lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * beta * W),
        "dR lacks the gradient of |W|. Every term of R has its own.",
    ),
    (
        "W as gradient of the L1 half",
        lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * beta * W + W),
        "The L1 half of dR grows with W. The slope of |w| has the same size everywhere.",
    ),
    (
        "slope 1 at zero",
        lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * beta * W + sign_with_one_at_zero(W)),
        (
            "Weights that are 0 get slope 1, and would not stay 0. The kink of |w| lies there: take"
            " the slope 0."
        ),
    ),
    (
        "beta on both halves",
        lambda W, beta: (beta * np.sum(W**2 + np.abs(W)), beta * (2 * W + np.sign(W))),
        "beta weights both halves. It belongs to the squares only.",
    ),
    (
        "1 - beta on the squares",
        lambda W, beta: (
            np.sum((1 - beta) * W**2 + beta * np.abs(W)),
            2 * (1 - beta) * W + beta * np.sign(W),
        ),
        (
            "beta weights the L1 half, and 1 - beta the squares. That is another convention; here"
            " beta weights the squares."
        ),
    ),
    (
        "beta squared",
        lambda W, beta: (np.sum((beta * W) ** 2 + np.abs(W)), 2 * beta**2 * W + np.sign(W)),
        "beta is squared, too. It stands outside of the square.",
    ),
    (
        "beta missing from R",
        lambda W, beta: (np.sum(W**2 + np.abs(W)), 2 * beta * W + np.sign(W)),
        "R does not depend on beta, and dR does. Which half of R does it weight?",
    ),
    (
        "beta missing from the gradient",
        lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * W + np.sign(W)),
        "dR does not depend on beta, and R does. A factor of a term is in its gradient, too.",
    ),
    (
        "no L2 half",
        lambda W, beta: (np.sum(np.abs(W)), np.sign(W)),
        "The squares are missing. The elastic net is both penalties together.",
    ),
    (
        "no L1 half",
        lambda W, beta: (beta * np.sum(W**2), 2 * beta * W),
        "The absolute values are missing. The elastic net is both penalties together.",
    ),
    (
        "sizes as gradient of the L1 half",
        lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * beta * W + np.abs(W)),
        "The L1 half of dR is |W| itself. What is the slope of |w|, left and right of 0?",
    ),
    (
        "gradient of the L1 half always 1",
        lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * beta * W + 1),
        "The L1 half of dR is 1 for negative weights, too. On which side of 0 does |w| fall?",
    ),
    (
        "0/0 at zero",
        lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * beta * W + W / np.abs(W)),
        "dR is NaN where W is 0. Think of a way to the sign that does not divide by the size.",
    ),
    (
        "absolute value missing",
        lambda W, beta: (np.sum(beta * W**2 + W), 2 * beta * W + np.sign(W)),
        (
            "The L1 half of R adds up weights of both signs, and they cancel. Their sizes are asked"
            " for."
        ),
    ),
    (
        "mean of the terms",
        lambda W, beta: (np.mean(beta * W**2 + np.abs(W)), (2 * beta * W + np.sign(W)) / W.size),
        "R is a mean. The penalty is the sum over all weights.",
    ),
]

MISCONCEPTIONS: list[Misconception] = [
    Misconception(exercise, *row[:3], idea, *row[3:])
    for exercise, rows, idea in [
        ("l2_penalty", L2, REGULARIZATION),
        ("l1_penalty", L1, REGULARIZATION),
        ("elastic_net_penalty", ELASTIC, REGULARIZATION),
        ("batchnorm_forward", FORWARD, BATCHNORM),
        ("batchnorm_backward", BACKWARD, BATCHNORM),
        ("stochastic_depth_forward", SD_FORWARD, DEPTH),
        ("stochastic_depth_backward", SD_BACKWARD, DEPTH),
    ]
    for row in rows
]
