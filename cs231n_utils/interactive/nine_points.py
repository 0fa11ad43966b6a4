"""Nine points of three classes in the plane, and what a loss says about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cs231n_utils.interactive.scores import LossFunction, hinge_terms, probabilities

# As characters, the markers of the three classes.
SIGNS = ("●", "■", "▲")
# Three points of each of the classes 0, 1 and 2; the 1 in the last column makes a bias of W[2].
POINTS = np.array(
    [
        [0.6, 1.3, 1.0],
        [1.4, 0.7, 1.0],
        [0.2, 0.4, 1.0],
        [-1.2, 0.9, 1.0],
        [-0.6, 0.1, 1.0],
        [-1.5, -0.3, 1.0],
        [0.9, -0.5, 1.0],
        [0.1, -1.3, 1.0],
        [-0.4, -0.8, 1.0],
    ]
)
LABELS = np.repeat(np.arange(3), 3)


@dataclass(frozen=True)
class Look:
    """What the student's loss says about nine points.

    scores : (N, C)
    parts : (N, C), what each class adds to the hinge loss, or how probable it is
    each : (N,), the loss of each point alone
    loss, of_points : with the penalty, and without it
    """

    scores: np.ndarray
    parts: np.ndarray
    each: np.ndarray
    loss: float
    of_points: float

    @property
    def right(self) -> int:
        """How many points lie in the region of their own class."""
        return int(np.sum(self.scores.argmax(axis=1) == LABELS))


def look(name: str, loss: LossFunction, W: np.ndarray, reg: float) -> Look:
    """Ask the loss, "SVM" or "softmax", about all points and about each alone."""
    total = loss(W.copy(), POINTS.copy(), LABELS.copy(), reg)[0]
    of_points = loss(W.copy(), POINTS.copy(), LABELS.copy(), 0.0)[0]
    scores = POINTS @ W
    each = [
        loss(W.copy(), POINTS[i : i + 1].copy(), LABELS[i : i + 1].copy(), 0.0)[0]
        for i in range(len(POINTS))
    ]
    parts = [
        hinge_terms(loss, row, int(label)) if name == "SVM" else probabilities(loss, row)
        for row, label in zip(scores, LABELS, strict=True)
    ]
    return Look(
        scores,
        np.array(parts),
        np.array(each, dtype=float),
        float(total),
        float(of_points),
    )


def in_words(name: str, seen: Look, steps: int) -> str:
    """What the picture shows, in two sentences."""
    after = f" after {steps} step{'s' * (steps != 1)}" if steps > 0 else ""
    return (
        f"{name} loss{after}: {seen.loss:.3f} = {seen.of_points:.3f} from the points +"
        f" {seen.loss - seen.of_points:.3f} from the penalty. {seen.right} of {len(LABELS)} points"
        " lie where the score of their own class is the largest; the others have a ring."
    )


def table(name: str, seen: Look) -> str:
    """Scores, parts and loss of each point, as HTML; the numbers of the right class are bold."""
    part = "adds" if name == "SVM" else "probability"
    head = "".join(
        f'<th scope="col">{word} {sign}</th>' for word in ("score", part) for sign in SIGNS
    )
    rows = []
    for i, label in enumerate(LABELS):
        cells = [
            f"<b>{value:.2f}</b>" if k == label else f"{value:.2f}"
            for row in (seen.scores[i], seen.parts[i])
            for k, value in enumerate(row)
        ]
        x, y = POINTS[i, :2]
        rows.append(
            f'<tr><th scope="row">{SIGNS[label]} ({x:g}, {y:g})</th>'
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + f"<td>{seen.each[i]:.2f}</td></tr>"
        )
    return (
        "<table><caption>Each point: its scores, "
        + ("what each class adds to its loss" if name == "SVM" else "the probability of each class")
        + f', and its loss</caption><thead><tr><th scope="col">point</th>{head}'
        f'<th scope="col">loss</th></tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )
