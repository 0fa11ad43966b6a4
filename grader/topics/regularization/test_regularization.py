"""Hidden checks of penalties, batch normalization and stochastic depth."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from grader.checks.expect import Mismatch, expect, expect_array, expect_close, expect_results
from grader.checks.misconception import Call
from grader.checks.student import (
    CallResult,
    FollowsFrom,
    Handle,
    PartialCredit,
    Rng,
    Student,
    StudentFault,
    StudentRaised,
)
from grader.faults import kind_of
from grader.topics.cost import expect_analytic
from grader.topics.regularization import reference

# float32 has 7 digits, and a few additions and multiplications lead from the inputs to the results.
RTOL = 1e-5
SHAPES = [(5, 4), (1, 3), (6, 1), (7,)]
# A backward pass of thousands of inputs may take the time of so many rounds of a Python loop.
ROUNDS = 128_000


def weights(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Weights of this shape and of both signs, none near 0."""
    W: np.ndarray = rng.uniform(0.3, 2.0, shape) * rng.choice([-1, 1], shape)
    return W


def with_zeros(rng: np.random.Generator) -> np.ndarray:
    """Weights (5, 4) of which about half are 0, the first one always."""
    W = weights(rng, (5, 4))
    W[rng.random((5, 4)) < 0.5] = 0.0
    W[0, 0] = 0.0
    return W


class PenaltyChecks:
    """Checks of a penalty (W, *extra) -> (R, dR); dR has the shape of W, which may be any.

    A subclass gives the name of the exercise, the right penalty, and the arguments beside W.
    """

    exercise: str
    reference: Callable[..., tuple[float, np.ndarray]]
    extra: tuple[float, ...] = ()

    def evaluate(
        self, student: Student, *weights: np.ndarray, echo: bool = False
    ) -> Iterator[tuple[Any, ...]]:
        """(R, dR, W as the function left it) for each W; the last is None without `echo`."""
        for outcome in student.calls(self.exercise, [(W, *self.extra) for W in weights], echo=echo):
            yield (
                *expect_results("the function", outcome.result, ("R", "dR")),
                (outcome.args[0] if outcome.args else None),
            )

    def test_value(self, student: Student, rng: np.random.Generator) -> None:
        """The penalty R is right."""
        given = [weights(rng, shape) for shape in SHAPES]
        given[0] *= -np.sign(given[0].sum())  # a negative sum, which is not the size of the sum
        for W, (R, _, _) in zip(given, self.evaluate(student, *given), strict=True):
            expect_close("R", R, float(self.reference(W, *self.extra)[0]), rtol=RTOL)

    def test_gradient(self, student: Student, rng: np.random.Generator) -> None:
        """The gradient dR is right, and W is left as it was."""
        given = [weights(rng, shape) for shape in SHAPES]
        for W, (_, dR, after) in zip(given, self.evaluate(student, *given, echo=True), strict=True):
            expect_close(
                "dR", dR, self.reference(W, *self.extra)[1], rtol=RTOL, like="the shape of W"
            )
            expect(
                isinstance(after, np.ndarray) and np.array_equal(after, W),
                "W is changed by the function.",
            )


class SubgradientChecks(PenaltyChecks):
    """Checks of a penalty that, besides, has a kink at 0."""

    @pytest.mark.needs("gradient")
    def test_zero(self, student: Student, rng: np.random.Generator) -> None:
        """Where W is 0, the subgradient of |W| is 0."""
        W = with_zeros(rng)
        ((_, dR, _),) = self.evaluate(student, W)
        expect_close(
            "dR",
            dR,
            self.reference(W, *self.extra)[1],
            rtol=RTOL,
            like="the shape of W",
            hint="Where W is 0, the slope of |W| is taken as 0.",
        )


class TestL2Penalty(PenaltyChecks):
    exercise = "l2_penalty"
    points = {"value": 0.5, "gradient": 0.5}
    reference = staticmethod(reference.l2_penalty)


class TestL1Penalty(SubgradientChecks):
    exercise = "l1_penalty"
    points = {"value": 0.5, "gradient": 1, "zero": 0.5}
    reference = staticmethod(reference.l1_penalty)


class TestElasticNetPenalty(SubgradientChecks):
    exercise = "elastic_net_penalty"
    points = {"value": 1, "gradient": 1, "zero": 1}
    reference = staticmethod(reference.elastic_net_penalty)
    extra = (0.3,)


def expect_refusal(student: Student, name: str, *args: object) -> None:
    """Require a ValueError for an unknown mode; without it, only a fifth of the points is lost."""
    try:
        student.call(name, *args)
    except StudentRaised as fault:
        if "ValueError" in fault.bases:
            return
    student.last_call = None  # no result is wrong, so hints have nothing to explain
    raise PartialCredit(
        0.8,
        'mode "rest" raises no ValueError; expected one for every mode but "train" and "test". '
        "Compare with both of them.",
    )


def note_for_hints(
    student: Student, name: str, dout: np.ndarray, cache: object, outcome: CallResult
) -> None:
    """Give hints a cache that they can read, in place of the handle of the sandbox's cache."""
    student.last_call, student.other_calls = Call(name, (dout, cache), {}, outcome.result), []


# --- batch normalization ---

BATCHES = [(6, 4), (9, 1), (1, 3)]  # sizes (N, D)

ForwardArgs = tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]  # x, gamma, beta, bn_param
Cache = tuple[np.ndarray, np.ndarray, np.ndarray]  # x_hat (N, D), gamma (D,), std (D,)
Gradients = tuple[Any, ...]  # dx (N, D), dgamma (D,), dbeta (D,); of a student, perhaps anything


def activations(
    rng: np.random.Generator, n: int, d: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x (N, D) with columns of very different scales, gamma (D,) and beta (D,)."""
    x = rng.standard_normal((n, d)) * rng.uniform(0.5, 3.0, d) + rng.uniform(-3, 3, d)
    return x, rng.uniform(0.5, 2.0, d), rng.uniform(-1, 1, d)


def forward(
    student: Student, *many: ForwardArgs
) -> Iterator[tuple[object, Handle, tuple[object, ...]]]:
    """(out, cache, args afterwards) of batchnorm_forward for each (x, gamma, beta, bn_param); the
    cache stays in the sandbox.
    """
    for outcome in student.calls("batchnorm_forward", many, keep=1, echo=True):
        out, cache = expect_results("the function", outcome.result, ("out", "cache"))
        yield out, cache, outcome.args


def bn_param_after(args: tuple[object, ...]) -> dict[str, Any]:
    """bn_param as the function left it, from the args afterwards."""
    after = args[3] if len(args) == 4 else None
    if not isinstance(after, dict):
        raise Mismatch("bn_param is not a dictionary any more.")
    return after


def right_cache(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> Cache:
    """The reference's cache of a forward pass in train mode."""
    _, cache = reference.batchnorm_forward(x, gamma, beta, {"mode": "train"})
    assert cache is not None  # it is None in test mode only
    return cache


class TestBatchnormForward:
    exercise = "batchnorm_forward"
    points = {"train": 1, "running": 1, "test": 1}

    def test_train(self, student: Student, rng: np.random.Generator) -> None:
        """Train mode normalizes each column by the batch's own mean and variance."""
        many: list[ForwardArgs] = [
            (*activations(rng, *size), {"mode": "train", **more})
            for size in BATCHES
            for more in ({}, {"eps": 0.3})
        ]
        for x, *_ in many:
            x[:, 0] *= 0.01  # so narrow a column that the default of eps matters
        outs = forward(student, *many)
        for (x, gamma, beta, bn_param), (out, _, args) in zip(many, outs, strict=True):
            expected, _ = reference.batchnorm_forward(x, gamma, beta, dict(bn_param))
            expect_close(
                "out",
                out,
                expected,
                rtol=RTOL,
                like="the shape of x",
                hint="With N={}, D={}.".format(*x.shape),
            )
            after = args[0] if args else None
            expect(
                isinstance(after, np.ndarray) and np.array_equal(after, x),
                "x is changed by the function.",
            )

    @pytest.mark.parametrize("given", [{}, {"momentum": 0.4}])
    def test_running(
        self, student: Student, rng: np.random.Generator, given: dict[str, float]
    ) -> None:
        """Train mode updates running_mean and running_var, call after call."""
        bn_param: dict[str, Any] = {"mode": "train", **given}
        expected = dict(bn_param)
        for call in (1, 2):
            x, gamma, beta = activations(rng, 6, 4)
            _, _, args = next(forward(student, (x, gamma, beta, bn_param)))
            bn_param = bn_param_after(args)
            reference.batchnorm_forward(x, gamma, beta, expected)
            for key in ("running_mean", "running_var"):
                expect(key in bn_param, f"bn_param has no {key} after a call in train mode.")
                expect_close(
                    f'bn_param["{key}"]',
                    bn_param[key],
                    expected[key],
                    rtol=RTOL,
                    subject=key,
                    hint=f"After call {call} in train mode.",
                )

    def test_test(self, student: Student, rng: np.random.Generator) -> None:
        """Test mode normalizes by the running averages, and leaves them as they are."""
        x, gamma, beta = activations(rng, 6, 4)
        bn_param: dict[str, Any] = {
            "mode": "test",
            "running_mean": rng.uniform(-2, 2, 4),
            "running_var": rng.uniform(0.5, 3, 4),
            "eps": 0.1,
        }
        out, _, args = next(forward(student, (x, gamma, beta, bn_param)))
        expected, _ = reference.batchnorm_forward(x, gamma, beta, dict(bn_param))
        expect_close("out", out, expected, rtol=RTOL, like="the shape of x")
        after = bn_param_after(args)
        for key in ("running_mean", "running_var"):
            same = isinstance(after.get(key), np.ndarray) and np.array_equal(
                after[key], bn_param[key]
            )
            expect(same, f'bn_param["{key}"] is changed in test mode.')
        expect_refusal(student, "batchnorm_forward", x, gamma, beta, {**bn_param, "mode": "rest"})


# dx is a small difference of terms that are about 0.01 here; for two examples only eps keeps it
# from being 0.
DX_ATOL = 1e-6

# The size (N, D) for the cost of dx. Loops take the time of 25,000 rounds, a matrix of derivatives
# for each column that of 60,000, and a dx that is tried out that of a million and more.
MANY_ROWS = (400, 10)


class TestBatchnormBackward:
    exercise = "batchnorm_backward"
    points = {"dx": 1, "dgamma": 1, "dbeta": 1, "analytic": 1}

    def passed_forward(
        self, student: Student, rng: np.random.Generator, *sizes: tuple[int, int]
    ) -> tuple[list[ForwardArgs], list[Handle], list[np.ndarray]]:
        """For each size (N, D): what batchnorm_forward was given, the cache that it has left, and a
        dout of shape (N, D).
        """
        many: list[ForwardArgs] = [(*activations(rng, *size), {"mode": "train"}) for size in sizes]
        for x, *_ in many:
            # Each column has the deviation 100, beside which eps hardly matters: the checks of the
            # forward pass judge where it stands.
            x += (100 / x.std(axis=0) - 1) * (x - x.mean(axis=0))
        try:
            caches = [cache for _, cache, _ in forward(student, *many)]
        except AssertionError as error:
            raise StudentFault(
                "needs the cache of batchnorm_forward, which does not work yet: "
                f"batchnorm_forward: {error}",
                kind_of(error),
            ) from None
        return many, caches, [rng.standard_normal(x.shape) for x, *_ in many]

    def gradients(
        self, student: Student, rng: np.random.Generator, *sizes: tuple[int, int]
    ) -> Iterator[tuple[Gradients, Gradients]]:
        """The student's and the right (dx, dgamma, dbeta) for each size (N, D)."""
        many, caches, douts = self.passed_forward(student, rng, *sizes)
        results = student.calls("batchnorm_backward", zip(douts, caches, strict=True))
        for (x, gamma, beta, _), dout, outcome in zip(many, douts, results, strict=True):
            known = right_cache(x, gamma, beta)
            note_for_hints(student, "batchnorm_backward", dout, known, outcome)
            yield (
                expect_results("the function", outcome.result, ("dx", "dgamma", "dbeta")),
                reference.batchnorm_backward(dout, known),
            )

    def test_dx(self, student: Student, rng: np.random.Generator) -> None:
        """dx is right: the batch's mean and variance depend on x, too."""
        for found, expected in self.gradients(student, rng, (6, 4), (9, 1), (2, 3)):
            expect_close(
                "dx",
                found[0],
                expected[0],
                rtol=RTOL,
                atol=DX_ATOL,
                like="the shape of dout",
                hint="With N={}, D={}.".format(*expected[0].shape),
            )

    def test_dgamma(self, student: Student, rng: np.random.Generator) -> None:
        """dgamma is right."""
        ((found, expected),) = self.gradients(student, rng, (6, 4))
        expect_close("dgamma", found[1], expected[1], rtol=RTOL, like="the shape of gamma")

    def test_dbeta(self, student: Student, rng: np.random.Generator) -> None:
        """dbeta is right."""
        ((found, expected),) = self.gradients(student, rng, (6, 4))
        expect_close("dbeta", found[2], expected[2], rtol=RTOL, like="the shape of beta")

    @pytest.mark.needs("dx")
    def test_analytic(self, student: Student, rng: np.random.Generator) -> None:
        """dx is derived, and not tried out input by input."""

        def attempt(*, cpu_limit: float, timed: bool = False) -> CallResult:
            ((x, gamma, beta, _),), (cache,), (dout,) = self.passed_forward(student, rng, MANY_ROWS)
            outcome = student.call(
                "batchnorm_backward", dout, cache, cpu_limit=cpu_limit, timed=timed
            )
            known = right_cache(x, gamma, beta)
            note_for_hints(student, "batchnorm_backward", dout, known, outcome)
            dx, *_ = expect_results("the function", outcome.result, ("dx", "dgamma", "dbeta"))
            expect_close(
                "dx",
                dx,
                reference.batchnorm_backward(dout, known)[0],
                rtol=RTOL,
                atol=DX_ATOL,
                like="the shape of dout",
                hint="With N={}, D={}.".format(*dout.shape),
            )
            return outcome

        expect_analytic("dx", "input", attempt, ROUNDS)


# --- stochastic depth ---

DRAWS = 22  # draws of a gate that is open half of the time
GATE_DIGITS = 5  # digits of a factor that follows from out, which may be float32
GATE_ATOL = 10.0**-GATE_DIGITS


def layer(
    rng: np.random.Generator, shape: tuple[int, int] = (3, 4)
) -> tuple[np.ndarray, np.ndarray]:
    """x and residual, both of this shape, without entries near 0."""
    return weights(rng, shape), weights(rng, shape)


def gate_of(out: object, x: np.ndarray, residual: np.ndarray) -> bool:
    """Whether the branch was kept; raises Mismatch if out is neither x nor x + residual."""
    found = expect_array("out", out, x.shape, like="the shape of x")
    if (exact := found.tobytes()) in (x.tobytes(), (x + residual).tobytes()):  # the usual case
        return exact != x.tobytes()
    gates = (found - x) / residual
    gate = gates.flat[0] > 0.5
    if np.max(np.abs(gates - gate)) < GATE_ATOL:
        return bool(gate)
    hint = gate_hint(found, x, residual)
    raise Mismatch(f"out in train mode is neither x nor x + residual. {hint}".rstrip(), "out")


def gate_hint(out: np.ndarray, x: np.ndarray, residual: np.ndarray) -> str:
    """What out is instead of x + gate * residual with one gate; "" if that is not certain."""
    gates = (out - x) / residual
    if np.ptp(gates) <= GATE_ATOL:
        return f"The branch is scaled by {gates.flat[0]:.3g} in train mode."
    if not out.any():
        return "out is 0 everywhere: x is lost where the branch is dropped."
    share = out.flat[0] / (x + residual).flat[0]
    if np.allclose(out, share * (x + residual), rtol=0, atol=GATE_ATOL):
        return "out is a multiple of x + residual: the gate is on x as well."
    branch = out / residual
    if np.ptp(branch) <= GATE_ATOL:
        return "out is the branch alone: x is missing."
    # A gate for each entry, or for each row, is closed or has one value.
    values = np.unique(np.round(gates, GATE_DIGITS - 1))
    if len(values) == 2 and np.abs(values).min() < GATE_ATOL:
        return "The gate differs between entries; there is one gate for the whole layer."
    return ""


def factor_of(out: object, x: np.ndarray, residual: np.ndarray) -> float:
    """The factor that the forward pass has put on the branch, be it right or wrong."""
    found = expect_array("out", out, x.shape, like="the shape of x")
    factors = (found - x) / residual
    expect(
        float(np.ptp(factors)) < GATE_ATOL,
        f"out is not x plus a multiple of the branch. {gate_hint(found, x, residual)}".rstrip(),
    )
    return float(np.round(factors.flat[0], GATE_DIGITS))


def sd_forward(
    student: Student, inputs: list[tuple[np.ndarray, np.ndarray, dict[str, Any]]]
) -> Iterator[tuple[Any, ...]]:
    """(out, cache) for each (x, residual, sd_param); the cache stays in the sandbox."""
    for outcome in student.calls("stochastic_depth_forward", inputs, keep=1):
        yield expect_results("the function", outcome.result, ("out", "cache"))


class TestStochasticDepthForward:
    exercise = "stochastic_depth_forward"
    points = {"train": 1, "test": 1}

    def test_train(self, student: Student, rng: np.random.Generator) -> None:
        """Train mode keeps or drops the whole branch, with the given probability, from the given
        rng.
        """
        x, residual = layer(rng)
        seeds = [int(seed) for seed in rng.integers(0, 2**62, DRAWS)]
        # The seeds come again in another order, which no pattern of the function's own can follow.
        order = rng.permutation(DRAWS).tolist()
        draws = [
            *((0.5, seed) for seed in seeds),
            *((0.5, seeds[k]) for k in order),
            *((prob, seed) for prob in (1.0, 0.0) for seed in seeds[:6]),
        ]
        inputs = [
            (x, residual, {"mode": "train", "survival_prob": prob, "rng": Rng(seed)})
            for prob, seed in draws
        ]
        gates = [gate_of(out, x, residual) for out, _ in sd_forward(student, inputs)]
        student.last_call = None  # from here on no single call is judged, but all of them
        first = [gates[k] for k in order]  # the gates of the first DRAWS seeds, in the later order
        again, kept, dropped = gates[DRAWS : 2 * DRAWS], gates[-12:-6], gates[-6:]
        # For one seed in 4 million, a right solution has one gate all the time; that other draws
        # give the same gates is as rare.
        expect(
            0 < sum(first) < DRAWS,
            f"the branch is kept {sum(first)} times of {DRAWS} with survival_prob=0.5; "
            f"expected about {DRAWS // 2}.",
        )
        expect(
            again == first, "the same generator gives different gates.", mistake="generator ignored"
        )
        expect(all(kept), "the branch is dropped with survival_prob=1.")
        expect(not any(dropped), "the branch is kept with survival_prob=0.")

    def test_test(self, student: Student, rng: np.random.Generator) -> None:
        """Test mode scales the branch by the survival probability."""
        x, residual = layer(rng)
        probs = (0.7, 0.25)
        inputs = [(x, residual, {"mode": "test", "survival_prob": prob}) for prob in probs]
        for prob, (out, _) in zip(probs, sd_forward(student, inputs), strict=True):
            expect_close(
                "out",
                out,
                x + prob * residual,
                rtol=RTOL,
                hint=f"With survival_prob={prob} in test mode.",
            )
        expect_refusal(
            student, "stochastic_depth_forward", x, residual, {"mode": "rest", "survival_prob": 0.7}
        )


MANY_INPUTS = (20, 200)  # the shape for the cost of the gradients, as MANY_ROWS for dx


class TestStochasticDepthBackward:
    exercise = "stochastic_depth_backward"
    points = {"dx": 0.5, "train": 1, "test": 1, "analytic": 0.5}

    def backward(
        self, student: Student, rng: np.random.Generator, *sd_params: list[dict[str, Any]]
    ) -> Iterator[tuple[Any, ...]]:
        """(dout, dx, dresidual, gate) of one backward pass for each different gate that the
        student's forward passes put on the branch; the arrays have shape (3, 4).

        Later lists of sd_param are used only until there are two gates.
        """
        passes: dict[float, Handle] = {}
        try:
            for some in sd_params:
                if len(passes) == 2:
                    break
                inputs = [(*layer(rng), param) for param in some]
                for (x, residual, _), (out, cache) in zip(
                    inputs, sd_forward(student, inputs), strict=True
                ):
                    passes.setdefault(factor_of(out, x, residual), cache)
        except AssertionError as error:
            raise StudentFault(
                "needs the cache of stochastic_depth_forward, which does not work yet: "
                f"stochastic_depth_forward: {error}",
                kind_of(error),
            ) from None
        douts = [rng.standard_normal((3, 4)) for _ in passes]
        results = list(
            student.calls("stochastic_depth_backward", zip(douts, passes.values(), strict=True))
        )
        # Hints can read this cache; the one of the student stays in the sandbox.
        student.other_calls = [
            Call("stochastic_depth_backward", (dout, gate), {}, outcome.result)
            for dout, gate, outcome in zip(douts, passes, results, strict=True)
        ]
        for call, dout, gate in zip(student.other_calls, douts, passes, strict=True):
            student.last_call = call
            yield dout, *expect_results("the function", call.result, ("dx", "dresidual")), gate

    def trained(self, student: Student, rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
        """Backward passes in train mode, one for each gate that the forward pass has."""
        seeds = rng.integers(2**62, size=DRAWS)
        params = [{"mode": "train", "survival_prob": 0.5, "rng": Rng(int(seed))} for seed in seeds]
        yield from self.backward(student, rng, params[:6], params[6:])

    def test_dx(self, student: Student, rng: np.random.Generator) -> None:
        """The skip path hands on the whole gradient, gate open or closed."""
        for dout, dx, _, gate in self.trained(student, rng):
            hint = f"With the gate {'open' if gate else 'closed'}."
            expect_close("dx", dx, dout, rtol=RTOL, like="the shape of dout", hint=hint)

    def test_train(self, student: Student, rng: np.random.Generator) -> None:
        """The branch gets the gradient when its gate was open, and none when it was closed."""
        gates = set()
        for dout, _, dresidual, gate in self.trained(student, rng):
            expect_close(
                "dresidual",
                dresidual,
                gate * dout,
                rtol=RTOL,
                hint=f"With the gate {'open' if gate else 'closed'}.",
            )
            gates.add(gate)
        expect(
            0 in gates and len(gates) > 1,
            "stochastic_depth_forward never keeps, or never drops, the branch.",
        )
        expect_honest_factors(gates, {0.0, 1.0})

    def test_test(self, student: Student, rng: np.random.Generator) -> None:
        """In test mode the branch gets the gradient times the survival probability."""
        ((dout, _, dresidual, factor),) = self.backward(
            student, rng, [{"mode": "test", "survival_prob": 0.25}]
        )
        expect_close("dresidual", dresidual, factor * dout, rtol=RTOL)
        expect_honest_factors({factor}, {0.25})

    @pytest.mark.needs("dx", "train")
    def test_analytic(self, student: Student, rng: np.random.Generator) -> None:
        """The gradients are derived, and not tried out input by input."""

        def attempt(*, cpu_limit: float, timed: bool = False) -> CallResult:
            x, residual = layer(rng, MANY_INPUTS)
            # Train mode, which the check `train` has shown to work.
            sd_param = {"mode": "train", "survival_prob": 1.0, "rng": Rng(int(rng.integers(2**62)))}
            ((out, cache),) = sd_forward(student, [(x, residual, sd_param)])
            dout = rng.standard_normal(x.shape)
            outcome = student.call(
                "stochastic_depth_backward", dout, cache, cpu_limit=cpu_limit, timed=timed
            )
            gate = factor_of(out, x, residual)
            note_for_hints(student, "stochastic_depth_backward", dout, gate, outcome)
            dx, dresidual = expect_results("the function", outcome.result, ("dx", "dresidual"))
            hint = f"With inputs of shape {x.shape}."
            expect_close("dx", dx, dout, rtol=RTOL, like="the shape of dout", hint=hint)
            expect_close("dresidual", dresidual, gate * dout, rtol=RTOL, hint=hint)
            expect_honest_factors({gate}, {1.0})
            return outcome

        expect_analytic("dresidual", "input", attempt, ROUNDS)


def expect_honest_factors(factors: set[float], right: set[float]) -> None:
    """Require the factors from which dresidual follows to be right, or as wrong as in the checks of
    the forward pass.

    Otherwise a forward pass that recognizes the backward pass's checks could choose a factor that
    makes a wrong gradient right.
    """
    for factor in factors:
        if min(abs(factor - each) for each in right) > 1e-5:
            expect(
                abs(factor) > 0.05,
                "stochastic_depth_forward drops the branch here, where it must not.",
            )
            raise FollowsFrom(
                "stochastic_depth_forward",
                f"dresidual follows from the factor {factor:.3g} that "
                "stochastic_depth_forward puts on the branch here, and not in its own checks.",
            )
