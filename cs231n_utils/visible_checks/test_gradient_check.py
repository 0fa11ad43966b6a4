"""Visible checks of gradient_check.py, on functions whose slopes you know from school."""

import contextlib
import io

import numpy as np

from cs231n_utils.expect import expect, expect_array, expect_close


class TestEvalNumericalGradient:
    exercise = "eval_numerical_gradient"

    def test_squares(self, student, rng):
        """The gradient of the sum of x**2 at (1, -2, 3) is (2, -4, 6)."""
        grad = student.eval_numerical_gradient(lambda x: np.sum(x**2), np.array([1.0, -2.0, 3.0]))
        expect_close(
            "grad",
            grad,
            np.array([2.0, -4.0, 6.0]),
            hint="One slope for each entry of x, in its own place.",
        )

    def test_shape(self, student, rng):
        """A matrix x gets a gradient of its own shape: that of sum(A * x) is A."""
        A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        grad = student.eval_numerical_gradient(lambda x: np.sum(A * x), np.ones((2, 3)))
        expect_close(
            "grad",
            grad,
            A,
            like="the shape of x",
            hint="np.ndindex(x.shape) gives every index of an array of any shape.",
        )

    def test_centred(self, student, rng):
        """It is centred: for x**3 at 2 with the step h = 0.1 the difference quotient is 12.01."""
        grad = student.eval_numerical_gradient(
            lambda x: float(np.sum(x**3)), np.array([2.0]), h=0.1
        )
        slope = expect_array("grad", grad, (1,), "the shape of x")[0]
        hint = "Go h forwards and h backwards from x, and divide by the distance of the two points."
        if abs(slope - 12.61) < 1e-6:
            hint = (
                "12.61 is the forward difference: replace f(x) by f(x - h) and mind the distance of"
                " the two points."
            )
        elif abs(slope - 12.04) < 1e-6:
            hint = "12.04 belongs to the step 0.2. The step is h, however large x is."
        expect_close("grad[0]", slope, 12.01, hint=hint)

    def test_others_stay(self, student, rng):
        """While one entry moves, the others are where they were: x0 * x1 at (2, 5) has the slopes 5
        and 2.
        """
        grad = student.eval_numerical_gradient(lambda x: x[0] * x[1], np.array([2.0, 5.0]), h=0.5)
        expect_close(
            "grad",
            grad,
            np.array([5.0, 2.0]),
            hint="Put each entry back before you go on to the next one.",
        )

    def test_x_stays(self, student, rng):
        """x leaves as it came."""
        x = np.array([0.1, 0.2, 0.3])
        student.eval_numerical_gradient(lambda x: np.sum(x**2), x)
        expect_close(
            "x afterwards",
            x,
            np.array([0.1, 0.2, 0.3]),
            rtol=1e-12,
            hint="Keep the old value and put it back.",
        )

    def test_evaluations(self, student, rng):
        """f is evaluated exactly twice for each entry."""
        calls = []

        def f(x):
            calls.append(1)
            return np.sum(x)

        student.eval_numerical_gradient(f, np.zeros((2, 3)))
        expect(
            len(calls) == 12,
            f"f was evaluated {len(calls)} times for 6 entries; expected 12, two for each entry.",
        )


class TestRelError:
    exercise = "rel_error"

    def test_example(self, student, rng):
        """Between 1 and 3 it is 2 / 4 = 0.5."""
        expect_close(
            "rel_error(1.0, 3.0)", student.rel_error(1.0, 3.0), 0.5, hint="The scale is |x| + |y|."
        )

    def test_equal(self, student, rng):
        """Between equal arrays it is 0."""
        x = np.array([1.0, -2.0, 1e6])
        expect_close("rel_error(x, x)", student.rel_error(x, x.copy()), 0.0)

    def test_opposite(self, student, rng):
        """Between 2 and -2 it is 4 / 4 = 1: sizes count, not signs."""
        expect_close(
            "rel_error(2.0, -2.0)",
            student.rel_error(2.0, -2.0),
            1.0,
            hint="Take absolute values before you add.",
        )

    def test_largest(self, student, rng):
        """Of several entries the largest error counts."""
        error = student.rel_error(
            np.array([[1.0, 1000.0], [3.0, -4.0]]), np.array([[3.0, 1010.0], [3.0, -4.0]])
        )
        expect_close(
            "rel_error of arrays whose entries have the errors 0.5, 0.005, 0 and 0",
            error,
            0.5,
            hint="One number for the whole array: the maximum of the errors of its entries.",
        )

    def test_zeros(self, student, rng):
        """Between 0 and 0 it is 0, not NaN; and between 1e-10 and 0 it is 0.01."""
        with np.errstate(all="ignore"):
            both, tiny = (
                student.rel_error(np.zeros(2), np.zeros(2)),
                student.rel_error(np.array([1e-10]), np.zeros(1)),
            )
        hint = "The denominator is at least 1e-8, so that it is never 0."
        expect(
            not np.isnan(np.asarray(both, dtype=float)).any(),
            f"rel_error of zeros is NaN; expected 0. {hint}",
        )
        expect_close("rel_error of zeros", both, 0.0, hint=hint)
        expect_close("rel_error(1e-10, 0)", tiny, 0.01, hint=hint)


class TestGradCheckSparse:
    exercise = "grad_check_sparse"

    @staticmethod
    def errors(student, f, x, analytic_grad, **options):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            errors = student.grad_check_sparse(f, x, analytic_grad, **options)
        return errors, printed.getvalue()

    def test_shape(self, student, rng):
        """It returns num_checks errors."""
        errors, _ = self.errors(student, np.sum, np.zeros((4, 3)), np.ones((4, 3)), num_checks=7)
        expect_array("errors", errors, (7,), "one for each of num_checks")

    def test_right_gradient(self, student, rng):
        """A right gradient has errors near 0."""
        x = rng.uniform(1.0, 2.0, (4, 3))
        errors, _ = self.errors(student, lambda x: np.sum(x**3), x, 3 * x**2)
        worst = expect_array("errors", errors, (10,), "one for each of num_checks").max()
        expect(
            worst < 1e-6,
            f"For a right gradient the largest error is {worst:.3g}; expected below 1e-6. Are the"
            " slope and the entry of analytic_grad taken at the same index, and is the difference"
            " centred?",
        )

    def test_doubled_gradient(self, student, rng):
        """A gradient that is twice too large has the error |n - 2n| / (|n| + |2n|) = 1/3
        everywhere.
        """
        x = rng.uniform(1.0, 2.0, (4, 3))
        errors, _ = self.errors(student, lambda x: np.sum(x**2), x, 4 * x, num_checks=5)
        expect_close(
            "errors",
            errors,
            np.full(5, 1 / 3),
            hint="The scale is the sum of both sizes, not their maximum or mean.",
        )

    def test_zero(self, student, rng):
        """Where slope and gradient are both 0, the error is 0, not NaN."""
        errors, _ = self.errors(student, lambda x: 1.0, np.ones(3), np.zeros(3), num_checks=4)
        expect_close(
            "errors",
            errors,
            np.zeros(4),
            hint="The denominator is at least 1e-8, so that it is never 0.",
        )

    def test_random_places(self, student, rng):
        """It looks at random places of x, and x leaves as it came."""
        x = rng.uniform(1.0, 2.0, (6, 5))
        before = x.copy()
        places: list[list[int]] = []

        def f(x):
            places[-1] += np.flatnonzero(np.abs(x - before) > 1e-7).tolist()
            return np.sum(x)

        for _ in range(2):
            places.append([])
            self.errors(student, f, x, np.ones((6, 5)), num_checks=20)
        touched = set(places[0])
        expect(
            len(touched) >= 5,
            f"20 checks of an array of 30 entries looked at {len(touched)} different places;"
            " expected many more. Draw a new random index for each check.",
        )
        expect(
            places[0] != places[1],
            "Two calls looked at the same places, in the same order; expected others each time. Is"
            " a seed set inside the function?",
        )
        expect_close(
            "x afterwards", x, before, rtol=1e-12, hint="Keep the old value and put it back."
        )

    def test_prints(self, student, rng):
        """It prints a line for each comparison."""
        _, printed = self.errors(student, np.sum, np.zeros(4), np.ones(4), num_checks=3)
        found = len([line for line in printed.splitlines() if line.strip()])
        expect(
            found >= 3,
            f"{found} lines were printed for num_checks=3; expected one for each comparison.",
        )
