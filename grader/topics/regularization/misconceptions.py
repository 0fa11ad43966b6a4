"""Known mistakes in penalties; those in the two layers are in files of their own.

A wrong penalty takes W, of any shape, and beta if it is the elastic net; it returns (R, dR).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from grader.checks.misconception import REGULARIZATION, Misconception
from grader.topics.regularization.batchnorm_misconceptions import BACKWARD, FORWARD
from grader.topics.regularization.depth_misconceptions import SD_BACKWARD, SD_FORWARD


def sign_with_one_at_zero(W: np.ndarray) -> np.ndarray:
    return np.where(W >= 0, 1.0, -1.0)


l2_mistake = partial(Misconception, exercise="l2_penalty", concept=REGULARIZATION)

L2 = [
    l2_mistake(
        name="factor 1/2",
        wrong=lambda W: (0.5 * np.sum(W**2), W),
        hint="R and dR are half of what they should be. This penalty has no factor 1/2.",
    ),
    l2_mistake(
        name="gradient without its 2",
        wrong=lambda W: (np.sum(W**2), W),
        hint="dR is half of what it should be. What is the derivative of a square?",
    ),
    l2_mistake(
        name="root of the sum",
        wrong=lambda W: (np.linalg.norm(W), W / np.linalg.norm(W)),
        hint="R is the length of W. The penalty is its square.",
    ),
    l2_mistake(
        name="gradient summed",
        wrong=lambda W: (np.sum(W**2), 2 * np.sum(W)),
        hint="dR is a single number. It has an entry for each weight.",
    ),
    l2_mistake(
        name="one sum a column",
        wrong=lambda W: (np.sum(W**2, axis=0), 2 * W),
        hint="R is an array of sums. The penalty is one number for all of W.",
    ),
    l2_mistake(
        name="mean of the squares",
        wrong=lambda W: (np.mean(W**2), 2 * W / W.size),
        hint="R is a mean. The penalty is the sum of all squares.",
    ),
    l2_mistake(
        name="square of the sum",
        wrong=lambda W: (np.sum(W) ** 2, 2 * np.sum(W) * np.ones_like(W)),
        hint="R is the square of the sum. Each weight is squared first.",
    ),
    l2_mistake(
        name="sizes instead of squares",
        wrong=lambda W: (np.sum(np.abs(W)), np.sign(W)),
        hint="R adds up absolute values. That is the L1 penalty; this one takes squares.",
    ),
    l2_mistake(
        name="squares as gradient",
        wrong=lambda W: (np.sum(W**2), W**2),
        hint="dR holds the squares themselves. What is the derivative of a square?",
    ),
    l2_mistake(
        name="gradient always 2",
        wrong=lambda W: (np.sum(W**2), 2 * np.ones_like(W)),
        hint="dR does not depend on W. What is the derivative of a square?",
    ),
    l2_mistake(
        name="gradient of the sizes",
        wrong=lambda W: (np.sum(W**2), 2 * np.abs(W)),
        hint="dR has lost its signs. On which side of 0 does a square fall?",
    ),
    l2_mistake(
        name="gradient upside down",
        wrong=lambda W: (np.sum(W**2), -2 * W),
        hint="dR has the wrong sign. Larger weights make R larger.",
    ),
    l2_mistake(
        name="R and dR swapped",
        wrong=lambda W: (2 * W, np.sum(W**2)),
        hint="R and dR have changed places. See the order in the docstring.",
    ),
    l2_mistake(
        name="squares not summed",
        wrong=lambda W: (W**2, 2 * W),
        hint="R is an array of squares. The penalty is one number for all of W.",
    ),
    l2_mistake(
        name="last row left out",
        wrong=lambda W: (np.sum(W[:-1] ** 2), np.concatenate([2 * W[:-1], 0 * W[-1:]])),
        hint="The last row of W is missing from R. Here all weights are penalized.",
    ),
]

l1_mistake = partial(Misconception, exercise="l1_penalty", concept=REGULARIZATION)

L1 = [
    l1_mistake(
        name="absolute value as gradient",
        wrong=lambda W: (np.sum(np.abs(W)), np.abs(W)),
        hint="dR is |W| itself. What is the slope of |w|, left and right of 0?",
    ),
    l1_mistake(
        name="W as gradient",
        wrong=lambda W: (np.sum(np.abs(W)), W.copy()),
        hint=(
            "dR grows with W. "
            "The slope of |w| has the same size everywhere: that is why L1 drives weights to 0."
        ),
    ),
    l1_mistake(
        name="gradient always 1",
        wrong=lambda W: (np.sum(np.abs(W)), np.ones_like(W)),
        hint="dR is 1 for negative weights, too. On which side of 0 does |w| fall?",
    ),
    l1_mistake(
        name="absolute value missing",
        wrong=lambda W: (np.sum(W), np.sign(W)),
        hint="R adds up weights of both signs, and they cancel. Their sizes are asked for.",
    ),
    l1_mistake(
        name="slope 1 at zero",
        wrong=lambda W: (np.sum(np.abs(W)), sign_with_one_at_zero(W)),
        hint=(
            "Weights that are 0 get slope 1, and would not stay 0. "
            "The kink lies there: take the slope 0."
        ),
    ),
    l1_mistake(
        name="0/0 at zero",
        wrong=lambda W: (np.sum(np.abs(W)), W / np.abs(W)),
        hint="dR is NaN where W is 0. Think of a way to the sign that does not divide by the size.",
    ),
    l1_mistake(
        name="squares instead of sizes",
        wrong=lambda W: (np.sum(W**2), 2 * W),
        hint="R adds up squares. That is the L2 penalty; this one takes absolute values.",
    ),
    l1_mistake(
        name="mean of the sizes",
        wrong=lambda W: (np.mean(np.abs(W)), np.sign(W) / W.size),
        hint="R is a mean. The penalty is the sum of all absolute values.",
    ),
    l1_mistake(
        name="size of the sum",
        wrong=lambda W: (np.abs(np.sum(W)), np.sign(W)),
        hint=(
            "R is the absolute value of the sum, and weights of both signs cancel. "
            "Take the sizes first."
        ),
    ),
    l1_mistake(
        name="factor 1/2",
        wrong=lambda W: (0.5 * np.sum(np.abs(W)), 0.5 * np.sign(W)),
        hint="R and dR are half of what they should be. This penalty has no factor.",
    ),
    l1_mistake(
        name="gradient upside down",
        wrong=lambda W: (np.sum(np.abs(W)), -np.sign(W)),
        hint="dR has the wrong sign. On which side of 0 does |w| fall?",
    ),
    l1_mistake(
        name="gradient summed",
        wrong=lambda W: (np.sum(np.abs(W)), np.sum(np.sign(W))),
        hint="dR is a single number. It has an entry for each weight.",
    ),
    l1_mistake(
        name="one sum a column",
        wrong=lambda W: (np.sum(np.abs(W), axis=0), np.sign(W)),
        hint="R is an array of sums. The penalty is one number for all of W.",
    ),
    l1_mistake(
        name="largest size",
        wrong=lambda W: (np.max(np.abs(W)), np.sign(W)),
        hint="R is the largest absolute value. The penalty is their sum.",
    ),
    l1_mistake(
        name="gradient of positive weights only",
        wrong=lambda W: (np.sum(np.abs(W)), (W > 0).astype(float)),
        hint="dR is 0 for negative weights. On which side of 0 does |w| fall?",
    ),
    l1_mistake(
        name="slope -1 at zero",
        wrong=lambda W: (np.sum(np.abs(W)), np.where(W > 0, 1.0, -1.0)),
        hint=(
            "Weights that are 0 get slope -1, and would not stay 0. "
            "The kink lies there: take the slope 0."
        ),
    ),
    l1_mistake(
        name="R and dR swapped",
        wrong=lambda W: (np.sign(W), np.sum(np.abs(W))),
        hint="R and dR have changed places. See the order in the docstring.",
    ),
]

elastic_mistake = partial(Misconception, exercise="elastic_net_penalty", concept=REGULARIZATION)

ELASTIC = [
    elastic_mistake(
        name="beta on the other half",
        wrong=lambda W, beta: (np.sum(W**2 + beta * np.abs(W)), 2 * W + beta * np.sign(W)),
        hint="beta weights the L1 half. It belongs to the squares.",
    ),
    elastic_mistake(
        name="1 - beta on the L1 half",
        wrong=lambda W, beta: (
            np.sum(beta * W**2 + (1 - beta) * np.abs(W)),
            2 * beta * W + (1 - beta) * np.sign(W),
        ),
        hint=(
            "The L1 half has the weight 1 - beta. That is another convention; here its weight is 1."
        ),
    ),
    elastic_mistake(
        name="beta ignored",
        wrong=lambda W, beta: (np.sum(W**2 + np.abs(W)), 2 * W + np.sign(W)),
        hint="R does not depend on beta. Which half does it weight?",
    ),
    elastic_mistake(
        name="gradient of the squares without its 2",
        wrong=lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), beta * W + np.sign(W)),
        hint="The L2 half of dR is half of what it should be. What is the derivative of a square?",
    ),
    elastic_mistake(
        name="factor 1/2 on the squares",
        wrong=lambda W, beta: (np.sum(0.5 * beta * W**2 + np.abs(W)), beta * W + np.sign(W)),
        hint="The L2 half has a factor 1/2. The formula has none.",
    ),
    elastic_mistake(
        name="no L2 half in the gradient",
        wrong=lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), np.sign(W)),
        hint="dR lacks the gradient of the squares. Every term of R has its own.",
    ),
    elastic_mistake(
        name="no L1 half in the gradient",
        wrong=lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * beta * W),
        hint="dR lacks the gradient of |W|. Every term of R has its own.",
    ),
    elastic_mistake(
        name="W as gradient of the L1 half",
        wrong=lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * beta * W + W),
        hint="The L1 half of dR grows with W. The slope of |w| has the same size everywhere.",
    ),
    elastic_mistake(
        name="slope 1 at zero",
        wrong=lambda W, beta: (
            np.sum(beta * W**2 + np.abs(W)),
            2 * beta * W + sign_with_one_at_zero(W),
        ),
        hint=(
            "Weights that are 0 get slope 1, and would not stay 0. "
            "The kink of |w| lies there: take the slope 0."
        ),
    ),
    elastic_mistake(
        name="beta on both halves",
        wrong=lambda W, beta: (beta * np.sum(W**2 + np.abs(W)), beta * (2 * W + np.sign(W))),
        hint="beta weights both halves. It belongs to the squares only.",
    ),
    elastic_mistake(
        name="1 - beta on the squares",
        wrong=lambda W, beta: (
            np.sum((1 - beta) * W**2 + beta * np.abs(W)),
            2 * (1 - beta) * W + beta * np.sign(W),
        ),
        hint=(
            "beta weights the L1 half, and 1 - beta the squares. "
            "That is another convention; here beta weights the squares."
        ),
    ),
    elastic_mistake(
        name="beta squared",
        wrong=lambda W, beta: (np.sum((beta * W) ** 2 + np.abs(W)), 2 * beta**2 * W + np.sign(W)),
        hint="beta is squared, too. It stands outside of the square.",
    ),
    elastic_mistake(
        name="beta missing from R",
        wrong=lambda W, beta: (np.sum(W**2 + np.abs(W)), 2 * beta * W + np.sign(W)),
        hint="R does not depend on beta, and dR does. Which half of R does it weight?",
    ),
    elastic_mistake(
        name="beta missing from the gradient",
        wrong=lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * W + np.sign(W)),
        hint="dR does not depend on beta, and R does. A factor of a term is in its gradient, too.",
    ),
    elastic_mistake(
        name="no L2 half",
        wrong=lambda W, beta: (np.sum(np.abs(W)), np.sign(W)),
        hint="The squares are missing. The elastic net is both penalties together.",
    ),
    elastic_mistake(
        name="no L1 half",
        wrong=lambda W, beta: (beta * np.sum(W**2), 2 * beta * W),
        hint="The absolute values are missing. The elastic net is both penalties together.",
    ),
    elastic_mistake(
        name="sizes as gradient of the L1 half",
        wrong=lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * beta * W + np.abs(W)),
        hint="The L1 half of dR is |W| itself. What is the slope of |w|, left and right of 0?",
    ),
    elastic_mistake(
        name="gradient of the L1 half always 1",
        wrong=lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * beta * W + 1),
        hint="The L1 half of dR is 1 for negative weights, too. On which side of 0 does |w| fall?",
    ),
    elastic_mistake(
        name="0/0 at zero",
        wrong=lambda W, beta: (np.sum(beta * W**2 + np.abs(W)), 2 * beta * W + W / np.abs(W)),
        hint="dR is NaN where W is 0. Think of a way to the sign that does not divide by the size.",
    ),
    elastic_mistake(
        name="absolute value missing",
        wrong=lambda W, beta: (np.sum(beta * W**2 + W), 2 * beta * W + np.sign(W)),
        hint=(
            "The L1 half of R adds up weights of both signs, and they cancel. "
            "Their sizes are asked for."
        ),
    ),
    elastic_mistake(
        name="mean of the terms",
        wrong=lambda W, beta: (
            np.mean(beta * W**2 + np.abs(W)),
            (2 * beta * W + np.sign(W)) / W.size,
        ),
        hint="R is a mean. The penalty is the sum over all weights.",
    ),
]

MISCONCEPTIONS = [*L2, *L1, *ELASTIC, *FORWARD, *BACKWARD, *SD_FORWARD, *SD_BACKWARD]
