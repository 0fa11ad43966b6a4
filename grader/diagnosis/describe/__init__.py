"""Describe a wrong result that no known mistake explains, in one or two sentences.

The sentences are computed from the numbers. The last call of the check that failed is compared with
the reference. The student's function is called a few times more, in the sandbox, and what is said
must be true of a second problem of another size, too. Only what is certain is said, nothing is said
of parts that are right, and no sentence holds a number of an answer.

    call.py          the call that is described, and further calls
    differences.py   what two arrays tell about each other: a common factor, one wrong row
    losses.py        linear losses
    added_penalty.py what reg adds to a linear loss
    examples.py      linear losses, from batches of one example
    gradients.py     numerical gradients, relative errors, penalties, descents
    layers.py        batch normalization and stochastic depth
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np

from grader import topics
from grader.checks.misconception import Raised
from grader.checks.student import Student
from grader.diagnosis.describe import gradients, layers, losses
from grader.diagnosis.describe.call import DescribedCall

DESCRIBERS: dict[str, Callable[[DescribedCall], str]] = {
    "eval_numerical_gradient": gradients.numerical_gradient,
    "rel_error": gradients.relative_error,
    "svm_loss_naive": losses.linear_loss,
    "svm_loss_vectorized": losses.linear_loss,
    "softmax_loss_naive": losses.linear_loss,
    "softmax_loss_vectorized": losses.linear_loss,
    "l2_penalty": gradients.penalty,
    "l1_penalty": gradients.penalty,
    "elastic_net_penalty": gradients.penalty,
    "batchnorm_forward": layers.batchnorm_forward,
    "batchnorm_backward": layers.batchnorm_backward,
    "stochastic_depth_forward": layers.stochastic_depth_forward,
    "stochastic_depth_backward": layers.stochastic_depth_backward,
    "gradient_descent": gradients.gradient_descent,
}


def describe(subject: str, student: Student) -> str:
    """What is certain about the student's last call, which is wrong; "" if nothing is.

    subject : the value that the failed check is about, such as "dW"; "" if it is about no single
        value
    """
    call = student.last_call
    if call is None or call.name not in DESCRIBERS:
        return ""
    if isinstance(call.result, Raised):
        return ""  # the message holds the exception, and advice about it
    given = inspect.signature(topics.reference(call.name)).bind(*call.args, **call.kwargs).arguments
    with np.errstate(all="ignore"):  # the numbers are a student's
        return DESCRIBERS[call.name](
            DescribedCall(call.name, subject, given, call.result, call.args_after, student)
        )
