"""Hidden checks of the numerical gradient: judged on every point at which student code asks for f."""

import numpy as np
import pytest

from grader.expect import expect, expect_array, expect_close
from grader.student import Cubic, Known, Told
from grader.topics.gradient_check import reference

SHAPES = [(3, 2), (2, 1, 2), (1,)]
MAX_CALLS = 500  # of f; the checks need 200 at most
RTOL = 1e-6  # centred differences with h = 1e-5 are good to 1e-8 and better on these functions
ROUNDING = 1e-12  # x + h - 2h + h is x but for its last bit, and nobody's mistake


class Points:
    """Every x at which student code asks for f; x itself has a positive sum, and no entry near 0."""

    def __init__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> None:
        self.x = rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape)
        self.x *= np.sign(np.sum(self.x))
        self.points: list[np.ndarray] = []

    def judge(self, *args: object) -> None:
        expect(len(args) == 1, f"f is called with {len(args)} arguments; expected one, an array of the shape of x.")
        self.points.append(expect_array("the argument of f", args[0], self.x.shape, like="the shape of x"))
        expect(len(self.points) <= MAX_CALLS, f"f is called more than {MAX_CALLS} times. Is there a loop that never ends?")


class Probe(Points, Known):
    """A function of which the gradient is known.

    No slope is near 0, where relative errors mean nothing: the sum of x is positive, and so are all slopes. With sign=0,
    f is flat.
    """

    def __init__(self, rng: np.random.Generator, shape: tuple[int, ...], sign: int = 1) -> None:
        Points.__init__(self, rng, shape)
        Known.__init__(self, Cubic(rng.uniform(0.5, 1.5, shape), sign))

    def gradient(self) -> np.ndarray:
        return self.cubic.gradient(self.x)


class Blind(Points, Told):
    """For checks that look at the points alone: the numbers that it gives mean nothing, and so are told beforehand."""

    def __init__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> None:
        Points.__init__(self, rng, shape)
        Told.__init__(self, rng.uniform(0.5, 1.5, 2 * self.x.size + 1).tolist())


def changed_entries(point: np.ndarray, x: np.ndarray) -> list[tuple[int, ...]]:
    return [tuple(map(int, ix)) for ix in np.argwhere(np.abs(point - x) > ROUNDING)]


def expect_restored(args: tuple, x: np.ndarray) -> None:
    """args are (f, x, ...) as they are after the call."""
    after = args[1] if len(args) > 1 else None
    expect(isinstance(after, np.ndarray) and after.shape == x.shape and not changed_entries(after, x),
           "x is different afterwards. Put the old value back after each entry.")


def expect_centred(probe: Points, h: float) -> None:
    """Every point of the probe differs from x in one entry, by h, and as often upwards as downwards."""
    for point in probe.points:
        changed = changed_entries(point, probe.x)
        expect(len(changed) <= 1, f"f is evaluated at a point that differs from x in {len(changed)} entries; expected one. "
                                  "Is the old value put back before the next entry?")
        expect(len(changed) == 1, "f is evaluated at x itself; a centred difference asks only for points beside x.")
        step = float((point - probe.x)[changed[0]])
        expect(abs(abs(step) - h) <= 1e-3 * h, f"x is moved by {step:.3g}; expected {h:g} up and {h:g} down.")
    sides = [np.sum(point - probe.x) > 0 for point in probe.points]
    expect(sum(sides) * 2 == len(sides), f"{sum(sides)} of {len(sides)} evaluations lie above x; a centred difference takes "
                                         "one on each side.")


class TestEvalNumericalGradient:
    exercise = "eval_numerical_gradient"
    points = {"shapes": 1, "value": 2, "centred": 1, "restored": 1, "step": 1}

    @pytest.mark.parametrize("shape", [(2,), (2, 1)])
    def test_shapes(self, student, rng, shape):
        """Returns an array of the shape of x."""
        probe = Blind(rng, shape)
        expect_array("grad", student.eval_numerical_gradient(probe, probe.x), shape, like="the shape of x")

    @pytest.mark.needs("shapes")
    @pytest.mark.parametrize("shape", SHAPES)
    def test_value(self, student, rng, shape):
        """The gradient is right for arrays of any shape."""
        probe = Probe(rng, shape)
        grad = expect_array("grad", student.eval_numerical_gradient(probe, probe.x), shape)
        expected = probe.gradient()
        doubled = np.allclose(grad, 2 * expected, rtol=1e-3)
        expect_close("grad", grad, expected, rtol=RTOL, hint="It is twice too large: how far apart are the two points?" if doubled
                     else "Take one entry by hand, with f(x) = x**2.")

    @pytest.mark.needs("shapes")
    def test_centred(self, student, rng):
        """Takes centred differences: f above and below x, twice an entry."""
        probe = Blind(rng, (1, 2))
        student.eval_numerical_gradient(probe, probe.x)
        expect(len(probe.points) == 4, f"f is evaluated {len(probe.points)} times for 2 entries; expected 4, twice an entry.")
        expect_centred(probe, 1e-5)

    @pytest.mark.needs("shapes")
    def test_restored(self, student, rng):
        """x leaves as it came."""
        probe = Blind(rng, (1, 2))
        after = student.call("eval_numerical_gradient", probe, probe.x, echo=True).args
        expect(len(probe.points) > 0, "f is never called.")
        expect_restored(after, probe.x)

    @pytest.mark.needs("value")
    @pytest.mark.parametrize("h", [1e-3, 0.25])
    def test_step(self, student, rng, h):
        """The step h is the one that was asked for."""
        probe = Probe(rng, (1,))
        grad = student.eval_numerical_gradient(probe, probe.x, False, h)
        expect_centred(probe, h)
        # Of a cubic, the centred difference is the derivative plus h**2 times the cubic's coefficient, exactly.
        expect_close("grad", grad, probe.gradient() + probe.cubic.weights * h**2, rtol=RTOL, hint=f"With h={h}.")


class TestRelError:
    exercise = "rel_error"
    points = {"value": 1, "zero": 1}

    def test_value(self, student, rng):
        """The largest relative error, for numbers and for arrays of any shape."""
        pairs = []
        for shape in [(), *SHAPES]:
            x = np.asarray(rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape))  # none near 0: that is another check
            y = x + 0.1 * rng.standard_normal(shape)
            if x.size > 1:  # the largest entry has the smallest error
                x.flat[0], y.flat[0] = 4.0, 4.01
            x, y = (float(x), float(y)) if shape == () else (x, y)
            pairs += [(x, -3 * x), (x, y)]
        for k, (pair, outcome) in enumerate(zip(pairs, student.calls("rel_error", pairs), strict=True)):
            expect_close("error", outcome.result, float(reference.rel_error(*pair)), rtol=RTOL,
                         hint="With y = -3 * x." if k % 2 == 0 else "")

    @pytest.mark.needs("value")
    def test_zero(self, student, rng):
        """Entries that are both 0 have error 0, and tiny ones are measured against 1e-8."""
        x = rng.uniform(0.5, 1.5, 4) * rng.choice([-1, 1], 4)
        x[1] = 0.0
        y = x + 1e-6  # of a much smaller error than 0.01
        y[1] = 1e-10  # against max(1e-8, 1e-10): 0.01
        same, tiny = student.calls("rel_error", [(x, x.copy()), (x, y)])
        expect_close("error", same.result, 0.0, hint="Divide by at least 1e-8.")
        expect_close("error", tiny.result, 0.01, rtol=1e-6, hint="Divide by max(1e-8, |x| + |y|).")


class TestGradCheckSparse:
    exercise = "grad_check_sparse"
    points = {"right": 1, "wrong": 1, "centred": 1, "random": 1}
    checks = 4

    def errors(self, student, probe: Points, analytic: np.ndarray, num_checks: int = checks) -> np.ndarray:
        result = student.grad_check_sparse(probe, probe.x, analytic, num_checks)
        return expect_array("errors", result, (num_checks,), like="one for each of num_checks")

    def entries(self, probe: Points, num_checks: int) -> list[tuple[int, ...]]:
        """The entries that were checked, in order, told from the points that were asked for."""
        expect(len(probe.points) == 2 * num_checks, f"f is evaluated {len(probe.points)} times for num_checks={num_checks}; "
                                                    f"expected {2 * num_checks}, twice a check.")
        changed = [changed_entries(point, probe.x) for point in probe.points[::2]]
        expect(all(len(entries) == 1 for entries in changed), "f is evaluated at points that do not differ from x in one entry.")
        return [entries[0] for entries in changed]

    def test_right(self, student, rng):
        """A right gradient gives num_checks errors near 0."""
        probe = Probe(rng, (4, 3))
        worst = float(self.errors(student, probe, probe.gradient()).max())
        expect(abs(worst) < RTOL, f"errors reach {worst:.3g} for a right gradient; expected less than {RTOL:g}.")

    @pytest.mark.needs("right")
    def test_wrong(self, student, rng):
        """A wrong gradient gives its relative errors, and tiny numbers are measured against 1e-8."""
        probe = Blind(rng, (4, 3))
        analytic = rng.uniform(1e3, 1e5, (4, 3)) * rng.choice([-1, 1], (4, 3))  # slopes of a function that jumps about
        errors = expect_array("errors", student.grad_check_sparse(probe, probe.x, analytic), (10,), like="10 checks by default")
        expected = []
        for k, ix in enumerate(self.entries(probe, 10)):
            (one, f_one), (other, f_other) = zip(probe.points[2 * k:2 * k + 2], probe.given[2 * k:2 * k + 2], strict=True)
            expect(one[ix] != other[ix], "f is evaluated twice at the same point; a centred difference takes one on each side.")
            slope = (f_one - f_other) / (one[ix] - other[ix])
            expected.append(abs(slope - analytic[ix]) / (abs(slope) + abs(analytic[ix])))
        expect_close("errors", errors, np.array(expected), rtol=1e-5, hint="In the order in which the entries are drawn.")
        flat, tiny = Probe(rng, (1,), sign=0), np.array([1e-10])  # against max(1e-8, 1e-10): 0.01
        expect_close("errors", self.errors(student, flat, tiny, 1), np.array([0.01]),
                     hint="Where both gradients are tiny, divide by 1e-8.")

    def test_centred(self, student, rng):
        """Takes centred differences, one entry at a time, and x leaves as it came."""
        probe = Blind(rng, (3, 2))
        after = student.call("grad_check_sparse", probe, probe.x, np.ones((3, 2)), 3, echo=True).args
        expect(len(probe.points) == 6, f"f is evaluated {len(probe.points)} times for num_checks=3; expected 6, twice a check.")
        expect_centred(probe, 1e-5)
        expect_restored(after, probe.x)

    @pytest.mark.needs("right")
    def test_random(self, student, rng):
        """The entries are drawn at random from all of x."""
        probe = Blind(rng, (1, 2))
        draws = 28
        self.errors(student, probe, np.ones((1, 2)), draws)
        drawn = self.entries(probe, draws)
        # 28 draws miss one of 2 entries with probability 7e-9; they come in order, or in turn, with 1e-7.
        expect(len(set(drawn)) == 2, f"{draws} checks look at {len(set(drawn))} of 2 entries; expected both of them to be drawn.")
        expect(drawn != sorted(drawn) and drawn != draws // 2 * sorted(set(drawn)),
               "the entries are checked in order; expected them to be drawn at random.")
