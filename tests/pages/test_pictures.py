"""The pictures of the feedback page: what they show, that words say the same, and that no hidden
number is in them.
"""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from grader.checks.expect import Mismatch, expect_close, picture_of
from grader.pages import pictures, student_page
from grader.report import Check, ErrorMap, LossCurve, Report
from tests.support.local_student import REFERENCE, grade_locally, solution

RIGHT = np.array([[1.0, -2.0, 3.0], [-4.0, 5.0, 0.0]])


def picture(found, expected, label="dW"):
    """What is drawn when a check finds this."""
    with pytest.raises(Mismatch) as failure:
        expect_close(label, found, expected)
    return picture_of(failure.value, [])


# --- which entries are wrong, and how ---


@pytest.mark.parametrize(
    "found, rows",
    [
        (5 * RIGHT, ("+++", "++.")),
        (RIGHT / 2, ("---", "--.")),
        (-RIGHT, ("xxx", "xx.")),
        (0 * RIGHT, ("000", "00.")),
        (RIGHT + np.array([[0, 0, 1], [0, 0, -1]]), ("..+", "..+")),
        (RIGHT + np.array([[0, 0, -1], [0, -9, 0]]), ("..-", ".x.")),
    ],
)
def test_a_map_tells_for_each_entry_how_it_is_wrong(found, rows):
    assert picture(found, RIGHT) == ErrorMap("dW", rows)


def test_an_array_of_one_dimension_is_one_row():
    assert picture(np.array([1.0, 0.0, -3.0]), np.array([1.0, 2.0, 3.0]), "dgamma") == ErrorMap(
        "dgamma", (".0x",)
    )


@pytest.mark.parametrize(
    "found, expected",
    [
        (1.0, 2.0),
        (np.zeros((2, 3)), np.ones((3, 2))),  # of another shape
        (np.full((2, 2), np.nan), np.ones((2, 2))),
        (np.array([0, 1]), np.array([0, 2])),  # labels are neither large nor small
        (np.zeros((1, 1, 2)), np.ones((1, 1, 2))),
        (np.zeros((13, 2)), np.ones((13, 2))),
    ],
)
def test_there_is_no_map_of_other_things(found, expected):
    assert picture(found, expected) is None


@pytest.mark.parametrize(
    "label, rows, says",
    [
        ("dW", ("++", "++"), "None of the 4 entries is right; all are wrong in the same way."),
        ("dW", ("++", "+x"), "None of the 4 entries is right; they are wrong in different ways."),
        (
            "dW(reg=0.3) - dW(reg=0)",
            ("...", "...", "000"),
            "6 of 9 entries are right. Wrong are all entries of feature 2, and no others.",
        ),
        (
            "dW",
            ("+..-", "x..-"),
            "4 of 8 entries are right. Wrong are all entries of classes 0 and 3, and no others.",
        ),
        (
            "dW",
            ("-.++", "x.--"),
            "2 of 8 entries are right. Right are all entries of class 1, and no others.",
        ),
        (
            "dx",
            ("..", ".+", "..", ".."),
            "7 of 8 entries are right. What is wrong stands in feature 1.",
        ),
        (
            "dx",
            (".+", "+.", "..", ".."),
            "6 of 8 entries are right. What is wrong stands in examples 0 and 1.",
        ),
        ("dR", ("+.", ".+"), "2 of 4 entries are right."),
        ("grad", (".+.",), "2 of 3 entries are right. What is wrong stands in entry 1."),
        ("dW", ("+",), "Its only entry is wrong."),
    ],
)
def test_words_say_where_a_map_is_wrong(label, rows, says):
    assert pictures.sentence(ErrorMap(label, rows)) == says


def test_words_count_each_way_to_be_wrong():
    assert [
        (sign, meaning)
        for _, sign, meaning in pictures.legend(ErrorMap("dW", ("+-x0..", "+x....")))
    ] == [
        ("+", "2 are too far from 0"),
        ("−", "1 is too close to 0"),
        ("×", "2 have the opposite sign"),
        ("0", "1 is 0 and should not be"),
        ("·", "6 are right"),
    ]


@pytest.mark.parametrize(
    "rows", [("+-x0.", ".....", "+.+.+"), (".0x",), ("+", "."), ("." * 11 + "x",) * 12]
)
def test_a_map_shows_each_entry_by_its_sign_and_not_by_colour_alone(rows):
    drawing = ElementTree.fromstring(pictures.svg(ErrorMap("dW", rows)))
    signs = [text for text in drawing.iter("text") if "sign" in text.get("class", "")]
    assert [
        "".join({"−": "-", "×": "x", "·": "."}.get(sign, sign) for sign in text.text)
        for text in signs
    ] == list(rows)
    assert all(len(text.get("x").split()) == len(text.text) for text in signs)
    squares = {path.get("class"): path.get("d").count("M") for path in drawing.iter("path")}
    assert squares == {
        css: int(meaning.split()[0]) for css, _, meaning in pictures.legend(ErrorMap("dW", rows))
    }
    assert drawing.get("aria-label") == "Map of dW"


def test_a_label_is_text():
    source = pictures.svg(ErrorMap("<script>\"'&", (".+",)))
    assert (
        "<script" not in source
        and ElementTree.fromstring(source).get("aria-label") == "Map of <script>\"'&"
    )


# --- how the losses went ---


def test_a_curve_holds_the_losses_to_a_few_digits():
    assert picture_of(Mismatch("wrong"), [2.0, 1.00004, 1.23456789, 0.5]) == LossCurve(
        (2.0, 1.0, 1.235, 0.5), 4
    )


def test_a_curve_ends_where_it_is_long_enough_or_leaves_the_numbers():
    assert picture_of(Mismatch("wrong"), [float(k) for k in range(500)]) == LossCurve(
        tuple(map(float, range(50))), 500
    )
    assert picture_of(Mismatch("wrong"), [1.0, 2.0, 3.0, 4.0, np.inf, 6.0]) == LossCurve(
        (1.0, 2.0, 3.0, 4.0), 6
    )
    assert picture_of(Mismatch("wrong"), [1.0, 2.0, np.nan, 4.0, 5.0]) is None


@pytest.mark.parametrize(
    "losses, calls, says",
    [
        (
            (4.0, 3.0, 2.5, 2.0),
            4,
            (
                "The 4 losses that your code asked for, in order: 4 at first, 2 at last. They fall"
                " in every step."
            ),
        ),
        ((1.0, 2.0, 4.0, 9e9), 4, "They rise in every step. Steps downhill make them fall."),
        ((4.0, 4.0, 2.5, 2.0), 4, "They never rise."),
        ((4.0, 5.0, 2.5, 2.0), 4, "They rise in 1 of 3 steps."),
        (
            (7.0,) * 50,
            500,
            (
                "The first 50 of 500 losses that your code asked for, in order: 7 at first, 7 at"
                " last. They stay the same. Nothing seems to move."
            ),
        ),
        ((0.0,) * 4, 4, "They stay the same. Nothing seems to move."),
    ],
)
def test_words_say_how_a_curve_goes(losses, calls, says):
    curve = LossCurve(losses, calls)
    assert pictures.sentence(curve).endswith(says)
    drawing = ElementTree.fromstring(pictures.svg(curve))
    line, dots = (
        next(path.get("d") for path in drawing.iter("path") if path.get("class") == css)
        for css in ("line", "dots")
    )
    points = [tuple(map(float, point.split())) for point in line[1:].split("L")]
    assert len(points) == dots.count("M") == len(losses)
    assert all(0 <= x <= 360 and 0 <= y <= 170 for x, y in points)
    heights = [-y for _, y in points]
    assert np.all(np.diff(heights) * np.diff(losses) >= 0), "up where the loss grows"


# --- from grading to the page ---


def checks(exercise: str, wrong) -> dict[str, Check]:
    (report,) = grade_locally([solution("ann", {exercise: wrong})], [exercise])
    return {check.name: check for check in report.exercise(exercise).checks}


def overwritten(W, X, y, reg):
    """Right but for the gradient of the last class, which is lost."""
    loss, dW = REFERENCE["softmax"].softmax_loss_naive(W, X, y, reg)
    dW[:, -1] = 0
    return loss, dW


def uphill(loss_fn, W, learning_rate, num_iters):
    history = []
    for _ in range(num_iters):
        loss, grad = loss_fn(W)
        history.append(loss)
        W = W + learning_rate * grad
    return W, history


def train_uphill(
    self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False
):
    self.W = np.zeros((X.shape[1], int(y.max()) + 1)) if self.W is None else self.W
    history = []
    for _ in range(num_iters):
        batch = np.random.choice(len(X), batch_size)
        loss, grad = self.loss(X[batch], y[batch], reg)
        history.append(loss)
        self.W = self.W + learning_rate * grad
    return history


def test_a_wrong_gradient_comes_with_its_map():
    found = checks("softmax_loss_naive", overwritten)
    assert found["gradient"].picture == ErrorMap("dW", ("...0",) * 5)
    assert found["loss"].picture is None, "a right result has nothing to show"


@pytest.mark.parametrize(
    "exercise, wrong", [("gradient_descent", uphill), ("LinearClassifier.train", train_uphill)]
)
def test_a_wrong_training_comes_with_its_curve(exercise, wrong):
    curve = checks(exercise, wrong)["steps"].picture
    assert isinstance(curve, LossCurve) and curve.losses[-1] > curve.losses[0]


def test_a_curve_belongs_to_its_own_exercise():
    (report,) = grade_locally(
        [
            solution(
                "ann",
                {
                    "LinearClassifier.train": train_uphill,
                    "LinearClassifier.predict": lambda self, X: np.zeros(len(X), dtype=int),
                },
            )
        ],
        ["LinearClassifier.train", "LinearClassifier.predict"],
    )
    assert report.exercise("LinearClassifier.predict").checks[0].picture is None


def test_neither_page_nor_report_holds_a_number_of_a_hidden_answer(monkeypatch):
    known: list[float] = []

    def spied(W, X, y, reg, answer=REFERENCE["softmax"].softmax_loss_naive):
        loss, dW = answer(W, X, y, reg)
        known.extend([loss, *dW.flat])
        return loss, dW

    from grader.topics.softmax import test_softmax as hidden

    monkeypatch.setattr(hidden.TestSoftmaxLossNaive, "reference", staticmethod(spied))
    (report,) = grade_locally(
        [solution("ann", {"softmax_loss_naive": overwritten})], ["softmax_loss_naive"]
    )
    assert report.exercise("softmax_loss_naive").points < 11 and len(known) > 20
    text = student_page.student_page(report) + str(report.to_dict())
    hidden_numbers = {
        f"{abs(number):{form}}"
        for number in known
        for form in (".4f", ".6g", ".17g")
        if abs(number) > 1e-3
    }
    assert not hidden_numbers & set(re.findall(r"\d+\.\d+(?:e-?\d+)?", text))


def test_reports_keep_pictures_and_read_those_from_before_there_were_any():
    (report,) = grade_locally(
        [solution("ann", {"gradient_descent": uphill, "softmax_loss_naive": overwritten})],
        ["softmax_loss_naive", "gradient_descent"],
    )
    data = report.to_dict()
    assert Report.from_dict(data) == report
    for exercise in data["exercises"]:
        for check in exercise["checks"]:
            failure = check.pop("failure")
            check["detail"] = failure["detail"] if failure else ""
            del check["picture"]
    assert [
        check.picture
        for exercise in Report.from_dict(data).exercises
        for check in exercise.checks
        if check.picture
    ] == []
