"""Visible checks of regularization.py, on matrices small enough to compute by hand."""

import numpy as np

from cs231n_utils.expect import expect, expect_array, expect_close, expect_number, expect_results
from cs231n_utils.plain_values import plain
from cs231n_utils.visible_checks.tools import expect_slope, expect_unchanged, expect_value_error

W = np.array([[1.0, -2.0], [3.0, 0.0]])  # squares add up to 14, absolute values to 6


class PenaltyChecks:
    """Base of one class a penalty, which names its `exercise` and the results for W."""

    exercise: str
    more: tuple[float, ...] = ()  # arguments after W
    value: float
    gradient: np.ndarray
    gradient_hint: str

    def results(self, student, weights):
        returned = getattr(student, self.exercise)(weights, *self.more)
        penalty, gradient = expect_results(self.exercise, returned, ("R", "dR"))
        return expect_number("R", penalty), gradient

    def test_value(self, student, rng):
        """R is right for W = [[1, -2], [3, 0]]."""
        expect_close(
            "R",
            self.results(student, W.copy())[0],
            self.value,
            hint="W has the squares 1, 4, 9, 0.",
        )

    def test_gradient(self, student, rng):
        """dR is right for W = [[1, -2], [3, 0]]."""
        _, gradient = self.results(student, W.copy())
        expect_close("dR", gradient, self.gradient, like="the shape of W", hint=self.gradient_hint)

    def test_slope(self, student, rng):
        """dR is the slope of R, for a vector, too; and W leaves as it came."""
        w = np.array([0.5, -1.5, 2.0, -0.25, 1.0])
        before = w.copy()
        gradient = expect_array("dR", self.results(student, w)[1], w.shape, "the shape of W")
        expect_slope("dR", gradient, lambda at: self.results(student, at)[0], w, rng)
        expect_unchanged("W", w, before)


class TestL2Penalty(PenaltyChecks):
    exercise = "l2_penalty"
    value = 14.0
    gradient = np.array([[2.0, -4.0], [6.0, 0.0]])
    gradient_hint = "There is no factor 1/2 in R that would cancel the exponent."


class TestL1Penalty(PenaltyChecks):
    exercise = "l1_penalty"
    value = 6.0
    gradient = np.array([[1.0, -1.0], [1.0, 0.0]])
    gradient_hint = (
        "Left of 0 the absolute value falls, right of 0 it rises, always with slope 1; at 0 take 0."
    )


class TestElasticNetPenalty(PenaltyChecks):
    exercise = "elastic_net_penalty"
    more = (0.5,)
    value = 13.0  # 0.5 * 14 + 6
    gradient = np.array([[2.0, -3.0], [4.0, 0.0]])
    gradient_hint = "beta = 0.5 weighs the L2 half; the L1 half has the weight 1."

    def test_beta(self, student, rng):
        """beta = 0 leaves the L1 penalty, 6; beta = 2 gives 2 * 14 + 6 = 34."""
        for beta, expected in ((0.0, 6.0), (2.0, 34.0)):
            penalty, _ = expect_results(
                self.exercise, student.elastic_net_penalty(W.copy(), beta), ("R", "dR")
            )
            expect_close(
                f"R for beta = {beta:g}",
                penalty,
                expected,
                hint="beta belongs to the squares alone.",
            )


# Columns with the means 2 and 20 and the variances 1 and 100: normalized, both are (-1, 1).
TWO_ROWS = np.array([[1.0, 10.0], [3.0, 30.0]])


def train_mode(**more):
    return {"mode": "train", "eps": 0.0, **more}


def normalized(student, x, gamma, beta, bn_param):
    results = student.batchnorm_forward(np.array(x), np.array(gamma), np.array(beta), bn_param)
    out, cache = expect_results("batchnorm_forward", results, ("out", "cache"))
    return plain(out), cache


class TestBatchnormForward:
    exercise = "batchnorm_forward"

    def test_two_rows(self, student, rng):
        """The columns (1, 3) and (10, 30) both become (-1, 1)."""
        out, _ = normalized(student, TWO_ROWS, [1.0, 1.0], [0.0, 0.0], train_mode())
        hint = "Each column has its own mean and its own variance, taken over the rows (axis 0)."
        if isinstance(out, np.ndarray) and np.allclose(np.abs(out), 0.7071, atol=1e-3):
            hint = "The variance divides by N, not by N - 1."
        expect_close(
            "out", out, np.array([[-1.0, -1.0], [1.0, 1.0]]), like="the shape of x", hint=hint
        )

    def test_scale_and_shift(self, student, rng):
        """gamma = (2, 3) scales the columns and beta = (5, -1) shifts them."""
        out, _ = normalized(student, TWO_ROWS, [2.0, 3.0], [5.0, -1.0], train_mode())
        expect_close(
            "out", out, np.array([[3.0, -4.0], [7.0, 2.0]]), hint="First scale, then shift."
        )

    def test_eps(self, student, rng):
        """eps stands under the root: with variance 1 and eps = 3 the column (1, 3) becomes (-0.5,
        0.5).
        """
        out, _ = normalized(student, [[1.0], [3.0]], [1.0], [0.0], {"mode": "train", "eps": 3.0})
        expect_close(
            "out",
            out,
            np.array([[-0.5], [0.5]]),
            hint="Add eps to the variance before you take the root.",
        )

    def test_running_averages(self, student, rng):
        """Training moves the running averages: nine parts old, one part new, for momentum = 0.9."""
        bn_param = train_mode(
            momentum=0.9, running_mean=np.array([10.0, 0.0]), running_var=np.array([1.0, 0.0])
        )
        normalized(student, TWO_ROWS, [1.0, 1.0], [0.0, 0.0], bn_param)
        expect_close(
            'bn_param["running_mean"]',
            bn_param["running_mean"],
            np.array([9.2, 2.0]),
            hint="0.9 * 10 + 0.1 * 2 = 9.2. Store the new averages in bn_param.",
        )
        expect_close(
            'bn_param["running_var"]',
            bn_param["running_var"],
            np.array([1.0, 10.0]),
            hint="0.9 * 1 + 0.1 * 1 = 1, and 0.9 * 0 + 0.1 * 100 = 10.",
        )

    def test_test_mode(self, student, rng):
        """Test mode uses the running averages, even for a single row, and leaves them alone."""
        bn_param = {
            "mode": "test",
            "eps": 0.0,
            "running_mean": np.array([3.0]),
            "running_var": np.array([4.0]),
        }
        out, _ = normalized(student, [[7.0]], [1.0], [0.0], bn_param)
        expect_close(
            "out",
            out,
            np.array([[2.0]]),
            hint="(7 - 3) / sqrt(4) = 2: the statistics of the batch play no part.",
        )
        for key, expected in (("running_mean", 3.0), ("running_var", 4.0)):
            expect_close(
                f'bn_param["{key}"]',
                bn_param[key],
                np.array([expected]),
                hint="Only training moves it.",
            )

    def test_inputs(self, student, rng):
        """x stays as it is."""
        x = np.array(TWO_ROWS)
        before = x.copy()
        student.batchnorm_forward(x, np.ones(2), np.zeros(2), train_mode())
        expect_unchanged("x", x, before)

    def test_unknown_mode(self, student, rng):
        """Any other mode is a ValueError."""
        expect_value_error(
            "batchnorm_forward",
            lambda: normalized(student, TWO_ROWS, [1.0, 1.0], [0.0, 0.0], {"mode": "training"}),
            'the mode "training"',
        )


class TestBatchnormBackward:
    exercise = "batchnorm_backward"

    @staticmethod
    def backward(student, x, gamma, dout):
        _, cache = normalized(student, x, gamma, np.zeros(len(gamma)), train_mode())
        dx, dgamma, dbeta = expect_results(
            "batchnorm_backward",
            student.batchnorm_backward(np.array(dout), cache),
            ("dx", "dgamma", "dbeta"),
        )
        return expect_array("dx", dx, np.shape(x), "the shape of x"), dgamma, dbeta

    def test_dbeta(self, student, rng):
        """dbeta adds up the columns of dout: every row was shifted by the same beta."""
        _, _, dbeta = self.backward(student, TWO_ROWS, [1.0, 1.0], [[1.0, 2.0], [3.0, 5.0]])
        expect_close("dbeta", dbeta, np.array([4.0, 7.0]), like="the shape of beta")

    def test_dgamma(self, student, rng):
        """dgamma weighs dout with the normalized x, which is (-1, 1) here: -1 + 3 = 2 and -2 + 5 =
        3.
        """
        _, dgamma, _ = self.backward(student, TWO_ROWS, [4.0, 4.0], [[1.0, 2.0], [3.0, 5.0]])
        expect_close(
            "dgamma",
            dgamma,
            np.array([2.0, 3.0]),
            like="the shape of gamma",
            hint="Not with x, and not with out, which has gamma in it.",
        )

    def test_shift(self, student, rng):
        """Each column of dx adds up to 0: shifting a column of x does not change out."""
        dx, _, _ = self.backward(
            student, rng.standard_normal((5, 3)), [1.0, 2.0, 3.0], rng.standard_normal((5, 3))
        )
        expect_close(
            "dx.sum(axis=0)",
            np.sum(dx, axis=0),
            np.zeros(3),
            hint="The mean of a column depends on x, too: it sends a gradient back to that column.",
        )

    def test_stretch(self, student, rng):
        """dx is at right angles to each centred column: stretching a column of x does not change
        out.
        """
        x = np.array([[1.0, -1.0], [2.0, 1.0], [-3.0, 0.0]])  # its columns are centred
        dx, _, _ = self.backward(student, x, [1.0, 2.0], rng.standard_normal((3, 2)))
        expect_close(
            "(dx * x).sum(axis=0)",
            np.sum(dx * x, axis=0),
            np.zeros(2),
            hint="The variance depends on x, too: it sends a gradient back.",
        )

    def test_dx(self, student, rng):
        """dx is the slope of your own batchnorm_forward."""
        x, gamma, dout = (
            rng.standard_normal((6, 3)),
            np.array([1.0, 2.0, -0.5]),
            rng.standard_normal((6, 3)),
        )
        dx, _, _ = self.backward(student, x, gamma, dout)

        def total(at):
            return float(
                np.sum(dout * normalized(student, at, gamma, np.zeros(3), train_mode())[0])
            )

        expect_slope(
            "dx",
            dx,
            total,
            x,
            rng,
            hint="Three ways lead from x to out: direct, by mean, by variance.",
        )


X, RESIDUAL = np.array([10.0, 20.0, 30.0]), np.array([1.0, 2.0, 3.0])


def depth(student, mode, survival_prob, rng):
    """One call of stochastic_depth_forward with X and RESIDUAL."""
    sd_param = {"mode": mode, "survival_prob": survival_prob, "rng": rng}
    results = student.stochastic_depth_forward(X.copy(), RESIDUAL.copy(), sd_param)
    out, cache = expect_results("stochastic_depth_forward", results, ("out", "cache"))
    return expect_array("out", out, X.shape, "the shape of x"), cache


class TestStochasticDepthForward:
    exercise = "stochastic_depth_forward"

    def test_certain(self, student, rng):
        """In training, survival_prob = 1 always keeps the residual and survival_prob = 0 always
        drops it.
        """
        expect_close(
            "out for survival_prob = 1",
            depth(student, "train", 1.0, rng)[0],
            np.array([11.0, 22.0, 33.0]),
        )
        expect_close(
            "out for survival_prob = 0",
            depth(student, "train", 0.0, rng)[0],
            np.array([10.0, 20.0, 30.0]),
            hint="The skip path x stays when the residual goes.",
        )

    def test_inputs(self, student, rng):
        """x and residual stay as they are."""
        x, residual = X.copy(), RESIDUAL.copy()
        sd_param = {"mode": "train", "survival_prob": 1.0, "rng": rng}
        student.stochastic_depth_forward(x, residual, sd_param)
        expect_unchanged("x", x, X)
        expect_unchanged("residual", residual, RESIDUAL)

    def test_one_gate(self, student, rng):
        """One gate for the whole layer: out is all of x + residual, or x alone, never a mixture."""
        for _ in range(50):
            share = (depth(student, "train", 0.5, rng)[0] - X) / RESIDUAL
            expect(
                np.ptp(share) < 1e-9,
                f"The shares of the residual in out are {share}; expected the same for every entry."
                " Draw one number for the whole layer, not one for each entry.",
            )
            expect(
                min(abs(share[0]), abs(share[0] - 1)) < 1e-9,
                f"The share of the residual in out is {share[0]:.4g}; expected 0 or 1. In training"
                " the residual is kept or dropped, not rescaled.",
            )

    def test_how_often(self, student, rng):
        """With survival_prob = 0.8 about 80 % of 500 calls keep the residual."""
        kept = sum(bool(depth(student, "train", 0.8, rng)[0][0] > 10.5) for _ in range(500))
        # The standard deviation of the count is 9.
        expect(
            350 < kept < 450,
            f"{kept} of 500 calls kept the residual; expected about 400. The gate is 1 with "
            'probability survival_prob, drawn anew at each call from sd_param["rng"].',
        )

    def test_test_mode(self, student, rng):
        """Test mode adds the expected residual: a quarter of it for survival_prob = 0.25."""
        out, _ = depth(student, "test", 0.25, rng)
        expect_close(
            "out", out, np.array([10.25, 20.5, 30.75]), hint="Nothing is drawn in test mode."
        )

    def test_unknown_mode(self, student, rng):
        """Any other mode is a ValueError."""
        expect_value_error(
            "stochastic_depth_forward", lambda: depth(student, "eval", 0.5, rng), 'the mode "eval"'
        )


class TestStochasticDepthBackward:
    exercise = "stochastic_depth_backward"
    dout = np.array([1.0, -2.0, 4.0])

    def backward(self, student, cache):
        returned = student.stochastic_depth_backward(self.dout.copy(), cache)
        dx, dresidual = expect_results("stochastic_depth_backward", returned, ("dx", "dresidual"))
        expect_close("dx", dx, self.dout, hint="x reaches out directly, whatever the gate does.")
        return dresidual

    def test_kept(self, student, rng):
        """Where the residual was kept, both paths get dout."""
        dresidual = self.backward(student, depth(student, "train", 1.0, rng)[1])
        expect_close("dresidual", dresidual, np.array([1.0, -2.0, 4.0]))

    def test_dropped(self, student, rng):
        """Where the residual was dropped, its gradient is 0."""
        dresidual = self.backward(student, depth(student, "train", 0.0, rng)[1])
        expect_close(
            "dresidual", dresidual, np.zeros(3), hint="What had no part in out gets no gradient."
        )

    def test_same_gate(self, student, rng):
        """The gate is that of the forward call, not a new one."""
        for _ in range(20):
            out, cache = depth(student, "train", 0.5, rng)
            expected = self.dout if out[0] > 10.5 else np.zeros(3)
            expect_close(
                "dresidual",
                self.backward(student, cache),
                expected,
                hint="Hand the gate over in the cache.",
            )

    def test_test_mode(self, student, rng):
        """In test mode with survival_prob = 0.25 the residual gets a quarter of dout."""
        dresidual = self.backward(student, depth(student, "test", 0.25, rng)[1])
        expect_close("dresidual", dresidual, np.array([0.25, -0.5, 1.0]))
