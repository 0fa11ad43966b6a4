"""Known mistakes that every linear loss shares: loss (W, X, y, reg) -> (loss, dW).

Each is a change to a right loss, so that the SVM and the softmax loss, naive and vectorized, have
it from one place. Everywhere here W has shape (D, C), X (N, D), y (N,), and dW the shape of W.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from grader.checks.misconception import (
    REGULARIZATION,
    Call,
    Misconception,
    Raised,
    never,
    raised,
)
from grader.topics.cost import TRIED_OUT
from grader.topics.gradient_check.reference import eval_numerical_gradient

AVERAGE, GRADIENT, SCORES = "average over the batch", "gradient of the loss", "scores"

LossAndGradient = tuple[float, np.ndarray]
Loss = Callable[[np.ndarray, np.ndarray, np.ndarray, float], LossAndGradient]
# Takes a right loss before W, X, y and reg; a wrong loss may return anything.
WrongLoss = Callable[[Loss, np.ndarray, np.ndarray, np.ndarray, float], Any]
# The losses (N,) of the examples, and the gradient (N, C) of each with respect to its scores.
PerExample = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class SharedMistake:
    """A mistake that can be made in several losses; `made_in` gives the misconception of one.

    wrong : makes the mistake in the right loss that it is given
    matches : as that of a misconception, with the right loss as first argument
    """

    name: str
    wrong: WrongLoss
    hint: str
    concept: str
    matches: Callable[[Loss, Call], bool] | None = None

    def made_in(self, exercise: str, right: Loss) -> Misconception:
        return Misconception(
            exercise=exercise,
            name=self.name,
            wrong=partial(self.wrong, right),
            hint=self.hint,
            concept=self.concept,
            matches=self.matches and partial(self.matches, right),
        )


def misconceptions_in(
    exercise: str, right: Loss, own: Sequence[SharedMistake]
) -> list[Misconception]:
    """The mistakes that every linear loss shares, then its own, all made in this right loss."""
    right = _remembering(right)
    return [mistake.made_in(exercise, right) for mistake in (*PENALTIES, *CHANGES, *WHOLE, *own)]


def _remembering(right: Loss) -> Loss:
    """The same loss, which remembers its last result: all mistakes that begin with it are tried on
    one problem, and it is computed once.
    """
    last: tuple[object, LossAndGradient] | None = None

    def remembered(W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float) -> LossAndGradient:
        nonlocal last
        key = (W.shape, X.shape, W.tobytes(), X.tobytes(), y.tobytes(), reg)
        if last is None or key != last[0]:
            last = key, right(W, X, y, reg)
        loss, dW = last[1]
        return loss, dW.copy()

    return remembered


def from_scores(data: Callable[[np.ndarray, np.ndarray], PerExample]) -> WrongLoss:
    """A loss with the right average and penalty around `data`.

    data : takes the scores (N, C) and y; returns the losses (N,) and their gradients (N, C)
    """

    def wrong(
        right: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float
    ) -> LossAndGradient:
        losses, dscores = data(X @ W, y)
        return np.mean(losses) + reg * _squares(W), X.T @ dscores / len(X) + 2 * reg * W

    return wrong


def _squares(W: np.ndarray) -> Any:
    return np.sum(W**2)


# --- the penalty: the data loss and its gradient are right ---


def with_penalty(
    penalty: Callable[[np.ndarray, float, int], tuple[Any, Any]],
) -> WrongLoss:
    """The right data loss with another penalty.

    penalty : takes W, reg and N; returns what to add to the loss and to dW
    """

    def wrong(right: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float) -> Any:
        loss, dW = right(W, X, y, 0.0)
        extra_loss, extra_dW = penalty(W, reg, len(X))
        return loss + extra_loss, dW + extra_dW

    return wrong


def _without_bias(W: np.ndarray, reg: float, n: int) -> LossAndGradient:
    inner = W.copy()
    inner[-1] = 0
    return reg * _squares(inner), 2 * reg * inner


penalty_mistake = partial(SharedMistake, concept=REGULARIZATION)

PENALTIES = [
    penalty_mistake(
        name="penalty gradient without its 2",
        wrong=with_penalty(lambda W, reg, n: (reg * _squares(W), reg * W)),
        hint=(
            "The gradient of the penalty is half of what it should be. "
            "What is the derivative of a square?"
        ),
    ),
    penalty_mistake(
        name="penalty gradient with a quarter of its size",
        wrong=with_penalty(lambda W, reg, n: (reg * _squares(W), 0.5 * reg * W)),
        hint=(
            "The gradient of the penalty is a quarter of what it should be. "
            "Does it belong to the penalty in your loss?"
        ),
    ),
    penalty_mistake(
        name="factor 1/2 on the penalty",
        wrong=with_penalty(lambda W, reg, n: (0.5 * reg * _squares(W), reg * W)),
        hint=(
            "Loss and gradient have a penalty with a factor 1/2. "
            "The assignment's penalty has none: see the docstring."
        ),
    ),
    penalty_mistake(
        name="factor 1/2 on the penalty's loss only",
        wrong=with_penalty(lambda W, reg, n: (0.5 * reg * _squares(W), 2 * reg * W)),
        hint=(
            "The penalty in the loss is half of what it should be. "
            "This one has no factor 1/2: see the docstring."
        ),
    ),
    penalty_mistake(
        name="no penalty in the gradient",
        wrong=with_penalty(lambda W, reg, n: (reg * _squares(W), 0)),
        hint=(
            "The loss has the penalty, the gradient does not. "
            "Every term of the loss has its own gradient."
        ),
    ),
    penalty_mistake(
        name="no penalty in the loss",
        wrong=with_penalty(lambda W, reg, n: (0, 2 * reg * W)),
        hint=(
            "The gradient has the penalty, the loss does not. "
            "Which term of the loss does that gradient belong to?"
        ),
    ),
    penalty_mistake(
        name="no penalty at all",
        wrong=with_penalty(lambda W, reg, n: (0, 0)),
        hint=(
            "The result does not depend on reg. "
            "The second term of the loss, and its gradient, are missing."
        ),
    ),
    penalty_mistake(
        name="penalty without reg",
        wrong=with_penalty(lambda W, reg, n: (_squares(W), 2 * reg * W)),
        hint=(
            "The whole sum of squares is in the loss, whatever reg is. How is the penalty weighted?"
        ),
    ),
    penalty_mistake(
        name="penalty and its gradient without reg",
        wrong=with_penalty(lambda W, reg, n: (_squares(W), 2 * W)),
        hint=(
            "The penalty is added with full weight, whatever reg is. "
            "How is it weighted in the formula?"
        ),
    ),
    penalty_mistake(
        name="penalty gradient summed to one number",
        wrong=with_penalty(lambda W, reg, n: (reg * _squares(W), reg * np.sum(W))),
        hint=(
            "The penalty adds the same number to all entries of dW. "
            "Its gradient has an entry of its own for each weight."
        ),
    ),
    penalty_mistake(
        name="bias left out of the penalty",
        wrong=with_penalty(_without_bias),
        hint=(
            "The last row of W is missing from the penalty. "
            "In this assignment all of W is penalized, the bias too."
        ),
    ),
    penalty_mistake(
        name="penalty divided by N",
        wrong=with_penalty(lambda W, reg, n: (reg * _squares(W) / n, 2 * reg * W / n)),
        hint=(
            "The penalty is N times too small. Only the data loss is an average over the examples."
        ),
    ),
    penalty_mistake(
        name="penalty gradient subtracted",
        wrong=with_penalty(lambda W, reg, n: (reg * _squares(W), -2 * reg * W)),
        hint="The gradient of the penalty has the wrong sign. Larger weights make the loss larger.",
    ),
    penalty_mistake(
        name="absolute values in the penalty",
        wrong=with_penalty(lambda W, reg, n: (reg * np.sum(np.abs(W)), reg * np.sign(W))),
        hint="The penalty is the sum of absolute values. This loss takes the L2 penalty: squares.",
    ),
    penalty_mistake(
        name="penalty gradient without reg",
        wrong=with_penalty(lambda W, reg, n: (reg * _squares(W), 2 * W)),
        hint=(
            "The gradient of the penalty has its full weight, whatever reg is. "
            "The factor of a term is in its gradient, too."
        ),
    ),
    penalty_mistake(
        name="penalty gradient divided by N",
        wrong=with_penalty(lambda W, reg, n: (reg * _squares(W), 2 * reg * W / n)),
        hint=(
            "The gradient of the penalty is N times too small, the penalty in the loss is right. "
            "Is it added before the average?"
        ),
    ),
    penalty_mistake(
        name="penalty in the loss divided by N",
        wrong=with_penalty(lambda W, reg, n: (reg * _squares(W) / n, 2 * reg * W)),
        hint=(
            "The penalty in the loss is N times too small, its gradient is right. "
            "Is it added before the average?"
        ),
    ),
    penalty_mistake(
        name="penalty once for each example",
        wrong=with_penalty(lambda W, reg, n: (n * reg * _squares(W), 2 * n * reg * W)),
        hint=(
            "The penalty is N times too large. It belongs to the weights, and not to each example."
        ),
    ),
    penalty_mistake(
        name="penalty gradient with the bias left out",
        wrong=with_penalty(lambda W, reg, n: (reg * _squares(W), _without_bias(W, reg, n)[1])),
        hint=(
            "The last row of W is in the penalty, and not in its gradient. "
            "In this assignment all of W is penalized."
        ),
    ),
    penalty_mistake(
        name="penalty with the square of the sum",
        wrong=with_penalty(lambda W, reg, n: (reg * np.sum(W) ** 2, 2 * reg * W)),
        hint="The penalty in the loss is the square of the sum of W. Each weight is squared first.",
    ),
    penalty_mistake(
        name="length of W as penalty",
        wrong=with_penalty(lambda W, reg, n: (reg * np.sqrt(_squares(W)), 2 * reg * W)),
        hint="The penalty in the loss is the length of W. The sum of squares has no root.",
    ),
    penalty_mistake(
        name="mean of squares as penalty",
        wrong=with_penalty(lambda W, reg, n: (reg * np.mean(W**2), 2 * reg * W / W.size)),
        hint="The penalty is the mean of the squares. It is their sum.",
    ),
    penalty_mistake(
        name="squares in the penalty gradient",
        wrong=with_penalty(lambda W, reg, n: (reg * _squares(W), 2 * reg * W**2)),
        hint="The gradient of the penalty holds squares. What is the derivative of a square?",
    ),
    penalty_mistake(
        name="penalty subtracted",
        wrong=with_penalty(lambda W, reg, n: (-reg * _squares(W), -2 * reg * W)),
        hint="The penalty makes the loss smaller. Large weights should cost something.",
    ),
    penalty_mistake(
        name="reg squared",
        wrong=with_penalty(lambda W, reg, n: (reg**2 * _squares(W), 2 * reg**2 * W)),
        hint="The penalty is weighted by the square of reg. Is it multiplied in at two places?",
    ),
]


# --- the data loss and its gradient: the penalty is right ---


def with_change(change: Callable[[Any, Any, int], tuple[Any, Any]]) -> WrongLoss:
    """The right loss with another data loss.

    change : takes the right data loss, its gradient (D, C) and N; returns both, changed
    """

    def wrong(right: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float) -> Any:
        loss, dW = change(*right(W, X, y, 0.0), len(X))
        return loss + reg * _squares(W), dW + 2 * reg * W

    return wrong


NO_DATA_GRADIENT = "The data loss adds nothing to dW. Which entries of dW does each example change?"

CHANGES = [
    SharedMistake(
        name="loss not averaged",
        wrong=with_change(lambda loss, dW, n: (loss * n, dW)),
        hint=(
            "The data loss is N times too large: a sum over the examples. "
            "What turns a sum into an average?"
        ),
        concept=AVERAGE,
    ),
    SharedMistake(
        name="gradient not averaged",
        wrong=with_change(lambda loss, dW, n: (loss, dW * n)),
        hint=(
            "The loss is an average, the gradient is N times too large. "
            "What happens to the loss must happen to its gradient."
        ),
        concept=AVERAGE,
    ),
    SharedMistake(
        name="nothing averaged",
        wrong=with_change(lambda loss, dW, n: (loss * n, dW * n)),
        hint=(
            "Loss and gradient are N times too large. L is the mean over the examples, not the sum."
        ),
        concept=AVERAGE,
    ),
    SharedMistake(
        name="gradient averaged twice",
        wrong=with_change(lambda loss, dW, n: (loss, dW / n)),
        hint=(
            "The gradient is N times too small. "
            "Is it divided by the number of examples at two places?"
        ),
        concept=AVERAGE,
    ),
    SharedMistake(
        name="loss averaged twice",
        wrong=with_change(lambda loss, dW, n: (loss / n, dW)),
        hint=(
            "The data loss is N times too small. "
            "Is it divided by the number of examples at two places?"
        ),
        concept=AVERAGE,
    ),
    SharedMistake(
        name="everything averaged twice",
        wrong=with_change(lambda loss, dW, n: (loss / n, dW / n)),
        hint=(
            "Loss and gradient are N times too small. "
            "Are they divided by the number of examples at two places?"
        ),
        concept=AVERAGE,
    ),
    SharedMistake(
        name="gradient twice",
        wrong=with_change(lambda loss, dW, n: (loss, 2 * dW)),
        hint="The gradient of the data loss is twice too large. Is every example added twice?",
        concept=GRADIENT,
    ),
    SharedMistake(
        name="gradient upside down",
        wrong=with_change(lambda loss, dW, n: (loss, -dW)),
        hint=(
            "The gradient of the data loss has the wrong sign: it points downhill. "
            "Check it numerically at a single entry."
        ),
        concept=GRADIENT,
    ),
    SharedMistake(
        name="only the penalty's gradient",
        wrong=with_change(lambda loss, dW, n: (loss, 0 * dW)),
        hint=NO_DATA_GRADIENT,
        concept=GRADIENT,
    ),
]


# --- the rest: each makes its mistake in the right loss that it is given ---


def _zero_gradient(
    right: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float
) -> LossAndGradient:
    return right(W, X, y, reg)[0], np.zeros_like(W)


def _transposed(
    right: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float
) -> LossAndGradient:
    loss, dW = right(W, X, y, reg)
    return loss, dW.T


def _classes_from_labels(
    right: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float
) -> LossAndGradient:
    seen = np.max(y) + 1
    loss, dW = right(W[:, :seen], X, y, 0.0)
    grown = np.pad(dW, [(0, 0), (0, W.shape[1] - seen)])
    return loss + reg * _squares(W), grown + 2 * reg * W


def _overwrites_weights(
    right: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float
) -> LossAndGradient:
    loss, dW = right(W, X, y, 0.0)
    loss += reg * _squares(W)
    W *= 2 * reg
    dW += W
    return loss, dW


def divided_by(count: Callable[[np.ndarray, np.ndarray], int]) -> WrongLoss:
    """Divides the data loss and its gradient not by N but by count(W, X)."""

    def wrong(
        right: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float
    ) -> LossAndGradient:
        loss, dW = right(W, X, y, 0.0)
        factor = len(X) / count(W, X)
        return factor * loss + reg * _squares(W), factor * dW + 2 * reg * W

    return wrong


def _first_example(
    right: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float
) -> LossAndGradient:
    return right(W, X[:1], y[:1], reg)


def _last_left_out(
    right: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float
) -> LossAndGradient:
    if len(X) == 1:
        return reg * _squares(W), 2 * reg * W
    part = (len(X) - 1) / len(X)
    loss, dW = right(W, X[:-1], y[:-1], 0.0)
    return part * loss + reg * _squares(W), part * dW + 2 * reg * W


def _losses(right: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float) -> Any:
    _, dW = right(W, X, y, reg)
    each = [right(W, X[i : i + 1], y[i : i + 1], 0.0)[0] for i in range(min(len(X), 50))]
    return np.resize(each, len(X)) + reg * _squares(W), dW


def _label_to_the_left(
    right: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float
) -> LossAndGradient:
    return right(W, X, (y - 1) % W.shape[1], reg)


def _squeezed(
    right: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float
) -> LossAndGradient:
    return right(np.squeeze(W), np.squeeze(X), y, reg)


def _lost_axes(right: Loss, call: Call) -> bool:
    """Whether the call raised what arrays without their axes of length 1 raise, with @ or with dot.

    The text of that exception names sizes or axes, and other checks have shown before that batches
    of any other size raise nothing.
    """
    W, X, y, reg = call.args
    return isinstance(call.result, Raised) and call.result in (
        raised(partial(_squeezed, right), W, X, y, reg),
        raised(np.dot, np.squeeze(X), np.squeeze(W)),
    )


def _tried_out(
    right: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray, reg: float
) -> LossAndGradient:
    def loss(W: np.ndarray) -> float:
        return right(W, X, y, reg)[0]

    return loss(W), eval_numerical_gradient(loss, W)


WHOLE = [
    SharedMistake(
        name="divided by the number of features",
        wrong=divided_by(lambda W, X: X.shape[1]),
        hint=(
            "The sum over the examples is divided by the number of features. "
            "Which axis of X counts the examples?"
        ),
        concept=AVERAGE,
    ),
    SharedMistake(
        name="divided by the number of classes",
        wrong=divided_by(lambda W, X: W.shape[1]),
        hint=(
            "The sum over the examples is divided by the number of classes. "
            "The average is over the examples."
        ),
        concept=AVERAGE,
    ),
    SharedMistake(
        name="divided by N - 1",
        wrong=divided_by(lambda W, X: len(X) - 1),
        hint="The sum over the examples is divided by N - 1. How many examples are there?",
        concept=AVERAGE,
    ),
    SharedMistake(
        name="first example only",
        wrong=_first_example,
        hint="The result is that of the first example. Does the function end inside the loop?",
        concept=AVERAGE,
    ),
    SharedMistake(
        name="last example left out",
        wrong=_last_left_out,
        hint="The last example adds nothing. Where does the loop end?",
        concept=AVERAGE,
    ),
    SharedMistake(
        name="a loss for each example",
        wrong=_losses,
        hint=(
            "The loss is an array, with an entry for each example. "
            "One number is asked for: their average."
        ),
        concept=AVERAGE,
    ),
    SharedMistake(
        name="labels counted from 1",
        wrong=_label_to_the_left,
        hint=(
            "The right class is looked up one column too far to the left. "
            "Labels count from 0, as columns do."
        ),
        concept=SCORES,
    ),
    SharedMistake(
        name="results swapped",
        wrong=lambda right, W, X, y, reg: right(W, X, y, reg)[::-1],
        hint="The gradient comes first, then the loss. See the order in the docstring.",
        concept=GRADIENT,
    ),
    SharedMistake(
        name="loss alone",
        wrong=lambda right, W, X, y, reg: right(W, X, y, reg)[0],
        hint="Only the loss comes back. The gradient is asked for, too.",
        concept=GRADIENT,
    ),
    SharedMistake(
        name="gradient flattened",
        wrong=lambda right, W, X, y, reg: (right(W, X, y, reg)[0], right(W, X, y, reg)[1].ravel()),
        hint="dW is a flat array. It has the shape of W.",
        concept=GRADIENT,
    ),
    SharedMistake(
        name="gradient left at zero",
        wrong=_zero_gradient,
        hint=NO_DATA_GRADIENT,
        concept=GRADIENT,
    ),
    SharedMistake(
        name="gradient transposed",
        wrong=_transposed,
        hint="dW is transposed. It has the shape of W: features by classes.",
        concept=GRADIENT,
    ),
    SharedMistake(
        name="classes counted from the labels",
        wrong=_classes_from_labels,
        hint=(
            "Classes that no label of the batch names are left out. "
            "The number of classes is in the shape of W."
        ),
        concept=SCORES,
    ),
    SharedMistake(
        name="W overwritten",
        wrong=_overwrites_weights,
        hint=(
            "The result is right, but W is not what it was. "
            "An operation such as *= changes the array of the caller."
        ),
        concept=SCORES,
    ),
    SharedMistake(
        name="arrays squeezed",
        wrong=_squeezed,
        hint="Axes of length 1 get lost. A matrix of one row or one column is still a matrix.",
        concept=SCORES,
        matches=_lost_axes,
    ),
    SharedMistake(
        name=TRIED_OUT,
        wrong=_tried_out,
        hint=(
            "Derive the gradient on paper, and compute it from the scores; "
            "a numerical gradient is for checking it."
        ),
        concept=GRADIENT,
        matches=lambda right, call: never(call),
    ),
]
