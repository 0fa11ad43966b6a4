"""Hidden checks of the numerical gradient, judged by every point at which student code evaluates f.

The values of f are scripted and belong to no function. So there is no gradient that could be found
in another way: the right result follows from the points that were evaluated and their values.
"""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pytest

from grader.checks.expect import expect, expect_array, expect_close, expect_few_calls
from grader.checks.student import ScriptedCallback, Student
from grader.topics.gradient_check import reference

SHAPES = [(3, 2), (2, 1, 2), (1,)]
MAX_CALLS = 500  # of f; the checks need 60 at most
RTOL = 1e-6  # because x + h is rounded, a difference quotient is good to 1e-10
ROUNDING = 1e-12  # x + h - 2h + h differs from x in its last bits, which is no mistake

Entry = int  # the number of an entry of x, in C order


class ScriptedPoints(ScriptedCallback):
    """A function f with scripted values, which keeps every point x + step at which it is called.

    x : an array of the given shape, with entries of both signs, none near 0
    values : the values of f at new points, in their order; by default all are different, so that no
        slope is near 0
    """

    def __init__(
        self, rng: np.random.Generator, shape: tuple[int, ...], values: list[float] | None = None
    ) -> None:
        self.x = rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape)
        self.points: list[np.ndarray] = []
        super().__init__(
            values or rng.permutation(np.linspace(0.5, 1.5, 2 * self.x.size + 1)).tolist()
        )

    def on_call(self, *args: object) -> None:
        expect(
            len(args) == 1,
            f"f is called with {len(args)} arguments; expected one, an array of the shape of x.",
        )
        self.points.append(
            expect_array("the argument of f", args[0], self.x.shape, like="the shape of x")
        )
        expect_few_calls("f", len(self.points), MAX_CALLS)

    def moves(self) -> Iterator[tuple[Entry | None, float, float]]:
        """For each call, in order: the entry that is moved, the step, and the value of f.

        The entry is None for a call at x itself, which is allowed. Raises Mismatch for a call that
        moves several entries at once.
        """
        for point, value in zip(self.points, self.given, strict=True):
            moved = np.flatnonzero(np.abs(point - self.x) > ROUNDING)
            expect(
                len(moved) <= 1,
                f"f is evaluated at a point that differs from x in {len(moved)} entries; expected"
                " one. Is the old value put back before the next entry?",
            )
            k = int(moved[0]) if len(moved) else None
            yield k, 0.0 if k is None else float(point.flat[k] - self.x.flat[k]), value

    def beside_x(self) -> list[tuple[Entry, float, float]]:
        """The moves without the calls at x itself."""
        return [(entry, step, value) for entry, step, value in self.moves() if entry is not None]

    def gradient(self) -> np.ndarray:
        """The numerical gradient, of the shape of x, that follows from the values given: for each
        entry, the slope between the lowest and the highest point.
        """
        found: dict[Entry | None, dict[float, float]] = defaultdict(dict)
        for entry, step, value in self.moves():
            found[entry][step] = value
        slopes: list[float] = []
        for k in range(self.x.size):
            along = {**found[None], **found[k]}
            (low, below), (high, above) = (
                min(along.items(), default=(0, 0)),
                max(along.items(), default=(0, 0)),
            )
            expect(
                high > low,
                f"f is evaluated at {len(along)} places along entry {self.label(k)} of x; expected"
                " two, one on each side of x.",
            )
            slopes.append((above - below) / (high - low))
        gradient: np.ndarray = np.array(slopes).reshape(self.x.shape)
        return gradient

    def label(self, entry: Entry) -> str:
        return f"[{', '.join(str(int(k)) for k in np.unravel_index(entry, self.x.shape))}]"


def expect_restored(args: tuple[object, ...], x: np.ndarray) -> None:
    """Require x to be as it was; `args` are (f, x, ...) as they are after the call."""
    after = args[1]
    expect(
        isinstance(after, np.ndarray)
        and after.shape == x.shape
        and bool(np.all(np.abs(after - x) <= ROUNDING)),
        "x is different afterwards. Put the old value back after each entry.",
    )


def expect_centred(f: ScriptedPoints, h: float, wanted: int) -> None:
    """Require f to be evaluated at `wanted` points beside x, each with one entry moved by h, as
    often up as down.
    """
    steps = [step for _, step, _ in f.beside_x()]
    for side, one_sided in (
        ("above", min(steps, default=0) > 0),
        ("below", max(steps, default=0) < 0),
    ):
        expect(
            not one_sided,
            f"f is evaluated at x and {side} it; a centred difference takes one point on each side"
            " of x.",
        )
    expect(
        len(steps) == wanted,
        f"f is evaluated at {len(steps)} points beside x; expected {wanted}: for each difference"
        " one above x, and one below.",
    )
    for step in steps:
        expect(
            abs(abs(step) - h) <= 1e-3 * h,
            f"x is moved by {step:.3g}; expected {h:g} up and {h:g} down.",
        )
    above = sum(step > 0 for step in steps)
    expect(
        above * 2 == wanted,
        f"{above} of {wanted} evaluations lie above x; a centred difference takes one on each"
        " side.",
    )


class TestEvalNumericalGradient:
    exercise = "eval_numerical_gradient"
    points = {"shapes": 1, "value": 2, "centred": 1, "restored": 1, "step": 1}

    @pytest.mark.parametrize("shape", [(2,), (2, 1)])
    def test_shapes(
        self, student: Student, rng: np.random.Generator, shape: tuple[int, ...]
    ) -> None:
        """Returns an array of the shape of x."""
        f = ScriptedPoints(rng, shape)
        expect_array("grad", student.eval_numerical_gradient(f, f.x), shape, like="the shape of x")

    @pytest.mark.needs("shapes")
    @pytest.mark.parametrize("shape", SHAPES)
    def test_value(
        self, student: Student, rng: np.random.Generator, shape: tuple[int, ...]
    ) -> None:
        """The gradient follows from the values of f, for arrays of any shape."""
        f = ScriptedPoints(rng, shape)
        grad = expect_array("grad", student.eval_numerical_gradient(f, f.x), shape)
        expected = f.gradient()
        doubled = np.allclose(grad, 2 * expected, rtol=1e-3)
        expect_close(
            "grad",
            grad,
            expected,
            rtol=RTOL,
            explained=doubled,
            hint=(
                "It is twice too large: how far apart are the two points?"
                if doubled
                else "Take one entry by hand, with f(x) = x**2."
            ),
        )

    @pytest.mark.needs("shapes")
    def test_centred(self, student: Student, rng: np.random.Generator) -> None:
        """Takes centred differences: f above and below x, twice an entry."""
        f = ScriptedPoints(rng, (1, 2))
        student.eval_numerical_gradient(f, f.x)
        expect_centred(f, 1e-5, 4)

    @pytest.mark.needs("shapes")
    def test_restored(self, student: Student, rng: np.random.Generator) -> None:
        """x leaves as it came."""
        f = ScriptedPoints(rng, (1, 2))
        after = student.call("eval_numerical_gradient", f, f.x, echo=True).args
        expect(len(f.points) > 0, "f is never called.")
        expect_restored(after, f.x)

    @pytest.mark.needs("value", "centred")
    @pytest.mark.parametrize("h", [1e-3, 0.25])
    def test_step(self, student: Student, rng: np.random.Generator, h: float) -> None:
        """The step h is the one that was asked for."""
        f = ScriptedPoints(rng, (1,))
        grad = student.eval_numerical_gradient(f, f.x, False, h)
        expect_centred(f, h, 2)
        expect_close("grad", grad, f.gradient(), rtol=RTOL, hint=f"With h={h}.")


class TestRelError:
    exercise = "rel_error"
    points = {"value": 1, "zero": 1}

    def test_value(self, student: Student, rng: np.random.Generator) -> None:
        """The largest relative error, for numbers and for arrays of any shape."""
        pairs: list[tuple[float | np.ndarray, float | np.ndarray]] = []
        for shape in [(), *SHAPES]:
            # No entry is near 0, which is another check.
            x = np.asarray(rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape))
            if not shape:
                x = -np.abs(x)  # an error without absolute values is negative, whatever is drawn
            y = np.asarray(x + 0.1 * rng.standard_normal(shape))
            if x.size > 1:  # the largest entry has the smallest error
                x.flat[0], y.flat[0] = 4.0, 4.01
            for other in (-3 * x, y):
                pairs.append((x, other) if shape else (float(x), float(other)))
        for k, (pair, outcome) in enumerate(
            zip(pairs, student.calls("rel_error", pairs), strict=True)
        ):
            expect_close(
                "error",
                outcome.result,
                float(reference.rel_error(*pair)),
                rtol=RTOL,
                hint="With y = -3 * x." if k % 2 == 0 else "",
            )

    @pytest.mark.needs("value")
    def test_zero(self, student: Student, rng: np.random.Generator) -> None:
        """Entries that are both 0 have error 0, and tiny ones are measured against 1e-8."""
        x = rng.uniform(0.5, 1.5, 4) * rng.choice([-1, 1], 4)
        x[1] = 0.0
        y = x + 1e-6  # a much smaller error than 0.01
        y[1] = 1e-10  # has the error 1e-10 / max(1e-8, 1e-10) = 0.01
        same, tiny = student.calls("rel_error", [(x, x.copy()), (x, y)])
        expect_close("error", same.result, 0.0, hint="Divide by at least 1e-8.")
        expect_close("error", tiny.result, 0.01, rtol=1e-6, hint="Divide by max(1e-8, |x| + |y|).")


class TestGradCheckSparse:
    exercise = "grad_check_sparse"
    points = {"right": 1, "wrong": 1, "centred": 1, "random": 1}

    def errors(
        self, student: Student, f: ScriptedPoints, analytic: np.ndarray, num_checks: int
    ) -> np.ndarray:
        result = student.grad_check_sparse(f, f.x, analytic, num_checks)
        return expect_array("errors", result, (num_checks,), like="one for each of num_checks")

    def differences(self, f: ScriptedPoints, num_checks: int) -> list[tuple[Entry, float]]:
        """For each of num_checks checks, in order: its entry, and the slope that follows from the
        values given there.
        """
        beside = f.beside_x()
        expect(
            len(beside) == 2 * num_checks,
            f"f is evaluated at {len(beside)} points beside x for num_checks={num_checks}; "
            f"expected {2 * num_checks}, twice a check.",
        )
        found = []
        for (entry, one, f_one), (other_entry, other, f_other) in zip(
            beside[::2], beside[1::2], strict=True
        ):
            expect(
                entry == other_entry and one != other,
                "the two points of a check do not lie on both sides of x in one entry.",
            )
            found.append((entry, (f_one - f_other) / (one - other)))
        return found

    def expect_errors(self, errors: np.ndarray, f: ScriptedPoints, analytic: np.ndarray) -> None:
        """Require the relative errors (num_checks,) of the slopes, in the order of the checks."""
        expected = [
            float(reference.rel_error(slope, analytic.flat[entry]))
            for entry, slope in self.differences(f, len(errors))
        ]
        expect_close(
            "errors",
            errors,
            np.array(expected),
            rtol=1e-5,
            hint="In the order in which the entries are drawn.",
        )

    def test_right(self, student: Student, rng: np.random.Generator) -> None:
        """Gives num_checks relative errors, which are near 0 where the gradient is right."""
        slope, h = float(rng.uniform(0.5, 1.5)), 1e-5
        # Values for a function that evaluates above x first, and then below.
        f = ScriptedPoints(rng, (4, 3), [1 + slope * h, 1 - slope * h] * 4)
        analytic = np.full((4, 3), slope)
        self.expect_errors(self.errors(student, f, analytic, 4), f, analytic)

    @pytest.mark.needs("right")
    def test_wrong(self, student: Student, rng: np.random.Generator) -> None:
        """A wrong gradient gives its relative errors, and tiny numbers are measured against
        1e-8.
        """
        # Of the size of the slopes, which are large because the scripted values jump about. Where
        # the signs differ the error is 1. Of a few entries so many may have that error that the
        # rest is in order of size; of 24 out of 80 hardly ever (1e-6).
        f = ScriptedPoints(rng, (10, 8))
        analytic = rng.uniform(1e3, 1e5, (10, 8)) * rng.choice([-1, 1], (10, 8))
        self.expect_errors(self.errors(student, f, analytic, 24), f, analytic)
        # The error is 1e-10 / max(1e-8, 1e-10) = 0.01.
        flat, tiny = ScriptedPoints(rng, (1,), [1.0] * 3), np.array([1e-10])
        expect_close(
            "errors",
            student.grad_check_sparse(flat, flat.x, tiny),
            np.full(10, 0.01),
            like="10 checks by default",
            hint="Where both gradients are tiny, divide by 1e-8.",
        )

    def test_centred(self, student: Student, rng: np.random.Generator) -> None:
        """Takes centred differences, one entry at a time, and x leaves as it came."""
        f = ScriptedPoints(rng, (3, 2))
        after = student.call("grad_check_sparse", f, f.x, np.ones((3, 2)), 3, echo=True).args
        expect_centred(f, 1e-5, 6)
        expect_restored(after, f.x)

    @pytest.mark.needs("right")
    def test_random(self, student: Student, rng: np.random.Generator) -> None:
        """The entries are drawn at random from all of x, and others at each call."""
        draws, seed = 28, int(rng.integers(2**62))

        def drawn() -> list[Entry]:
            # The arguments are the same each time, so that only a draw can make a difference.
            f = ScriptedPoints(np.random.default_rng(seed), (1, 2))
            self.errors(student, f, np.ones((1, 2)), draws)
            return [entry for entry, _ in self.differences(f, draws)]

        one, other = drawn(), drawn()
        # 28 draws miss one of 2 entries with probability 7e-9. With probability 2e-7 they come in
        # order or in turn, or two calls draw the same.
        expect(
            len(set(one)) == 2,
            f"{draws} checks look at {len(set(one))} of 2 entries; expected both of them to be"
            " drawn.",
        )
        in_turn = [draws // 2 * turn for turn in ([0, 1], [1, 0])]
        expect(
            one not in (sorted(one), sorted(one, reverse=True), *in_turn),
            "the entries are checked in order; expected them to be drawn at random.",
        )
        expect(
            one != other,
            "two calls check the same entries, in the same order. Draw them at random at each call:"
            " is there a fixed pattern, or a seed that is set inside the function?",
        )
