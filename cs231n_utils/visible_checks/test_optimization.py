"""Visible checks of optimization.py, with losses that record where they are called."""

import numpy as np

from cs231n_utils.expect import expect, expect_array, expect_close, expect_length, expect_results
from cs231n_utils.visible_checks.tools import expect_history, expect_unchanged


class TestRandomSearch:
    exercise = "random_search"

    @staticmethod
    def search(student, rng, shape=(3, 2), num_tries=20, scale=1.0, least=5.0):
        """Search; return the results, and (W, loss) for each call of the loss, which is `least` at
        best.
        """
        calls = []

        def loss_fn(W):
            expect_array("W as given to loss_fn", W, shape)
            loss = least + float(np.sum((W - 0.5) ** 2))
            calls.append((W.copy(), loss))
            return loss

        results = student.random_search(loss_fn, shape, num_tries, scale=scale, rng=rng)
        best_W, best_loss, history = expect_results(
            "random_search", results, ("best_W", "best_loss", "loss_history")
        )
        return best_W, best_loss, history, calls

    def test_history(self, student, rng):
        """loss_history holds the loss of every try, in order; each try evaluates the loss once."""
        _, _, history, calls = self.search(student, rng)
        expect(
            len(calls) == 20,
            f"loss_fn was called {len(calls)} times; expected 20, once for each of num_tries.",
        )
        expect_history(history, [loss for _, loss in calls])

    def test_best(self, student, rng):
        """best_loss is the smallest of all losses, and best_W the W that has it."""
        best_W, best_loss, _, calls = self.search(student, rng)
        expected_W, smallest = min(calls, key=lambda pair: pair[1])
        expect_close(
            "best_loss",
            best_loss,
            smallest,
            hint="Is the first try compared with something that is too small?",
        )
        expect_close(
            "best_W",
            best_W,
            expected_W,
            hint=(
                "Keep the W of the best try, not of the last, nor an array that is written over"
                " later."
            ),
        )

    def test_one_try(self, student, rng):
        """A single try is the best one, however large its loss is."""
        best_W, best_loss, _, calls = self.search(student, rng, num_tries=1, least=1e9)
        hint = "The first try has nothing to beat: start with a best loss of infinity, np.inf."
        expect_close("best_loss", best_loss, calls[0][1], hint=hint)
        expect_close("best_W", best_W, calls[0][0], hint=hint)

    def test_scale(self, student, rng):
        """The entries are normal with mean 0 and standard deviation scale."""
        _, _, _, calls = self.search(student, rng, shape=(40, 50), num_tries=2, scale=3.0)
        drawn = calls[0][0]
        # Of 2000 entries, the mean has a standard deviation of 0.07, and their standard deviation
        # one of 0.05.
        expect(
            abs(drawn.mean()) < 0.4 and 2.7 < drawn.std() < 3.3,
            f"For scale = 3 the entries of W have the mean {drawn.mean():.3g} and the standard"
            f" deviation {drawn.std():.3g}; expected about 0 and 3. Draw standard normal numbers"
            " and multiply them by scale.",
        )
        expect(
            abs(np.corrcoef(drawn.ravel(), calls[1][0].ravel())[0, 1]) < 0.2,
            "The second try depends on the first; expected fresh numbers for each try.",
        )

    def test_rng(self, student, rng):
        """The numbers come from rng: the same seed finds the same W."""
        first, second = (self.search(student, np.random.default_rng(7))[3] for _ in range(2))
        expect_close(
            "the first W of the second search",
            second[0][0],
            first[0][0],
            hint="Draw from the rng that is handed in; make a fresh one only if it is None.",
        )


class TestGradientDescent:
    exercise = "gradient_descent"

    @staticmethod
    def descend(student, W, num_iters, learning_rate=0.25):
        """Descend on the sum of squares; return the results, and the W of each call of the loss."""
        calls = []

        def loss_fn(W):
            calls.append(np.array(W))
            return float(np.sum(W**2)), np.add(W, W)

        results = student.gradient_descent(loss_fn, W, learning_rate, num_iters)
        end, history = expect_results("gradient_descent", results, ("W", "loss_history"))
        return end, history, calls

    def test_halving(self, student, rng):
        """On w**2 with learning rate 0.25 each step halves w: from 1 three steps lead to 0.125."""
        end, _, _ = self.descend(student, np.array([1.0]), 3)
        hint = "Each step goes against the gradient, by learning_rate times the gradient."
        if isinstance(end, np.ndarray) and end.size == 1 and abs(end.flat[0]) > 1:
            hint = "The loss grows: the step goes uphill."
        expect_close("W", end, np.array([0.125]), hint=hint)

    def test_history(self, student, rng):
        """loss_history holds the loss before each step: 1, 1/4, 1/16."""
        _, history, _ = self.descend(student, np.array([1.0]), 3)
        expect_history(history, [1.0, 0.25, 0.0625], hint="Record the loss first, then step.")

    def test_points(self, student, rng):
        """The loss is evaluated once in each step, at the W of that step."""
        _, _, calls = self.descend(student, np.array([[4.0, -8.0]]), 3)
        expect(
            len(calls) == 3,
            f"loss_fn was called {len(calls)} times in 3 steps; expected 3. One call gives both"
            " results.",
        )
        expect_close("W in the third call", calls[2], np.array([[1.0, -2.0]]))

    def test_start_stays(self, student, rng):
        """The W that is handed in stays as it is."""
        start = np.array([[4.0, -8.0], [1.0, 2.0]])
        before = start.copy()
        self.descend(student, start, 2)
        expect_unchanged("W", start, before)

    def test_no_steps(self, student, rng):
        """No steps: W as it was, and an empty history."""
        end, history, _ = self.descend(student, np.array([3.0]), 0)
        expect_close("W", end, np.array([3.0]))
        expect_length("loss_history", history, 0)
