"""Known mistakes in random search."""

from dataclasses import replace
from functools import partial

import numpy as np

from grader.checks.callbacks import EndOfRecord
from grader.checks.misconception import Misconception, never


def normal(rng, shape, scale):
    return scale * rng.standard_normal(shape)


def search(
    loss_fn,
    shape,
    num_tries,
    scale=1e-3,
    rng=None,
    *,
    draw=normal,
    better=lambda loss, best: loss < best,
    worst=np.inf,
):
    """random_search with one of its parts replaced."""
    rng = np.random.default_rng() if rng is None else rng
    best_W, best_loss, history = None, worst, []
    for _ in range(num_tries):
        W = draw(rng, shape, scale)
        loss = loss_fn(W)
        history.append(loss)
        if better(loss, best_loss):
            best_W, best_loss = W, loss
    return best_W, best_loss, history


def overwritten(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    buffer = np.zeros(shape)

    def into_buffer(rng, shape, scale):
        buffer[...] = normal(rng, shape, scale)
        return buffer

    return search(loss_fn, shape, num_tries, scale, rng, draw=into_buffer)


def last_returned(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    tries = []

    def noted(rng, shape, scale):
        tries.append(normal(rng, shape, scale))
        return tries[-1]

    _, best_loss, history = search(loss_fn, shape, num_tries, scale, rng, draw=noted)
    return tries[-1], best_loss, history


def drawn_once(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    W = normal(rng, shape, scale)
    return search(loss_fn, shape, num_tries, draw=lambda *_: W)


def around_the_best(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    best_W, best_loss, history = np.zeros(shape), np.inf, []
    for _ in range(num_tries):
        W = best_W + normal(rng, shape, scale)
        loss = loss_fn(W)
        history.append(loss)
        if loss < best_loss:
            best_W, best_loss = W, loss
    return best_W, best_loss, history


def walk(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    W = np.zeros(shape)

    def onwards(rng, shape, scale):
        nonlocal W
        W = W + normal(rng, shape, scale)
        return W

    return search(loss_fn, shape, num_tries, scale, rng, draw=onwards)


def best_so_far(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    best_W, best_loss, history = search(loss_fn, shape, num_tries, scale, rng)
    return best_W, best_loss, list(np.minimum.accumulate(history))


def improvements_only(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    best_W, best_loss, history = search(loss_fn, shape, num_tries, scale, rng)
    return (
        best_W,
        best_loss,
        [loss for k, loss in enumerate(history) if loss <= min(history[: k + 1])],
    )


def own_generator(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    return search(loss_fn, shape, num_tries, scale)


def first_kept(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    best_W, best_loss, history = search(
        loss_fn, shape, num_tries, scale, rng, better=lambda loss, best: best == np.inf
    )
    return best_W, best_loss, history


def better_than_the_last(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    losses = [np.inf]

    def noted(W):
        losses.append(loss_fn(W))
        return losses[-1]

    return search(noted, shape, num_tries, scale, rng, better=lambda loss, best: loss < losses[-2])


def one_try_less(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    return search(loss_fn, shape, num_tries - 1, scale, rng)


def loss_at_the_end(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    best_W, _, history = search(loss_fn, shape, num_tries, scale, rng)
    return best_W, history[-1], history


def mean_loss(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    best_W, _, history = search(loss_fn, shape, num_tries, scale, rng)
    return best_W, np.mean(history), history


def number_of_the_best(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    _, best_loss, history = search(loss_fn, shape, num_tries, scale, rng)
    return int(np.argmin(history)), best_loss, history


def sorted_history(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    best_W, best_loss, history = search(loss_fn, shape, num_tries, scale, rng)
    return best_W, best_loss, sorted(history)


mistake = partial(Misconception, exercise="random_search", concept="random search")

LAST_TRY = (
    "best_W is the last try, and best_loss belongs to another one. What is kept when a better try"
    " is found: an array of its own, or one that later tries overwrite?"
)

SEARCHES = [
    mistake(
        name="first W kept",
        wrong=first_kept,
        hint="best_W is the first try. When does a later one take its place?",
    ),
    mistake(
        name="compared with the last try",
        wrong=better_than_the_last,
        hint="Each try is compared with the one before it. It has to beat the best of all so far.",
    ),
    mistake(
        name="one try too few",
        wrong=one_try_less,
        hint="There is one try too few. Where does the loop begin and end?",
    ),
    mistake(
        name="loss of the last try",
        wrong=loss_at_the_end,
        hint="best_loss is the loss of the last try. Which one belongs to best_W?",
    ),
    mistake(
        name="mean loss",
        wrong=mean_loss,
        hint="best_loss is the mean of all losses. Which one belongs to best_W?",
    ),
    mistake(
        name="number of the best try",
        wrong=number_of_the_best,
        hint="best_W is the number of a try. The weights of that try are asked for.",
    ),
    mistake(
        name="history sorted",
        wrong=sorted_history,
        hint="loss_history is sorted. It holds the losses in the order of the tries.",
    ),
    mistake(
        name="tries added up",
        wrong=walk,
        hint="Each try starts from the one before it: a random walk. Here every W is drawn afresh.",
    ),
    mistake(
        name="scale twice",
        wrong=partial(search, draw=lambda rng, shape, scale: normal(rng, shape, scale**2)),
        hint=(
            "The tries have the square of the scale as standard deviation. "
            "Is it multiplied in at two places?"
        ),
    ),
    mistake(
        name="best W overwritten",
        wrong=overwritten,
        hint=LAST_TRY,
    ),
    mistake(
        name="last W returned",
        wrong=last_returned,
        hint=LAST_TRY,
    ),
    mistake(
        name="largest loss kept",
        wrong=partial(search, better=lambda loss, best: loss > best, worst=-np.inf),
        hint="The try with the largest loss is kept. Small losses are good.",
    ),
    mistake(
        name="best loss starts at 0",
        wrong=partial(search, worst=0.0),
        hint=(
            "No loss above 0 is ever an improvement. What number is every first loss smaller than?"
        ),
    ),
    mistake(
        name="best loss starts at a guess",
        wrong=partial(search, worst=1e5),
        hint=(
            "No loss above 100000 is ever an improvement. "
            "What number is every first loss smaller than?"
        ),
    ),
    mistake(
        name="scale ignored",
        wrong=partial(search, draw=lambda rng, shape, scale: normal(rng, shape, 1.0)),
        hint="The tries have standard deviation 1, whatever the scale is. Where does it enter?",
    ),
    mistake(
        name="scale of its own",
        wrong=partial(search, draw=lambda rng, shape, scale: normal(rng, shape, 1e-3)),
        hint="The tries have standard deviation 0.001, whatever the scale is. Use the argument.",
    ),
    mistake(
        name="scale as a variance",
        wrong=partial(search, draw=lambda rng, shape, scale: normal(rng, shape, np.sqrt(scale))),
        hint="The scale is taken for a variance. It is the standard deviation of the entries.",
    ),
    mistake(
        name="uniform numbers",
        wrong=partial(search, draw=lambda rng, shape, scale: scale * rng.random(shape)),
        hint="The tries are uniform numbers. Normal ones, of both signs, are asked for.",
    ),
    mistake(
        name="generator ignored",
        wrong=own_generator,
        hint=(
            "The tries do not come from rng alone. "
            "Draw from rng when it is given, and from nothing else."
        ),
        matches=never,
    ),
    mistake(
        name="one draw for all tries",
        wrong=drawn_once,
        hint="All tries are the same W. What belongs inside the loop?",
    ),
    mistake(
        name="search around the best",
        wrong=around_the_best,
        hint=(
            "Each try starts from the best one so far: a local search. "
            "Here every W is drawn afresh."
        ),
    ),
    mistake(
        name="history of the best",
        wrong=best_so_far,
        hint="loss_history holds the best loss so far. The loss of each try is asked for.",
    ),
    mistake(
        name="history of improvements",
        wrong=improvements_only,
        hint="loss_history lacks the tries that were no improvement. Every try has its entry.",
    ),
]


class Drawn:
    """Stands in for a generator: draws the tries again that the student has drawn."""

    def __init__(self, tries, scale):
        self.tries, self.scale = tries, scale
        self.used = 0

    def standard_normal(self, shape):
        if self.used == len(self.tries):
            raise EndOfRecord
        self.used += 1
        return self.tries[self.used - 1] / self.scale


def with_draws(call):
    """The call with the generator that it was given, if any; then with one that draws what the
    student has drawn.
    """
    names = ("loss_fn", "shape", "num_tries", "scale", "rng")
    given = {"scale": 1e-3, "rng": None, **dict(zip(names, call.args, strict=False)), **call.kwargs}
    drawn = Drawn([points[0] for points, _ in given["loss_fn"].calls], given["scale"])
    return [
        *([call] if given["rng"] is not None else []),
        replace(call, args=(), kwargs={**given, "rng": drawn}),
    ]
