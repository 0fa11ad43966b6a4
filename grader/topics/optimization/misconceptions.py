"""Known mistakes in random search and gradient descent."""

from functools import partial

import numpy as np

from grader.hints import Misconception

SEARCH, DESCENT = "random search", "gradient descent"


# --- random_search ---

def normal(rng, shape, scale):
    return scale * rng.standard_normal(shape)


def search(loss_fn, shape, num_tries, scale=1e-3, rng=None, *, draw=normal, better=lambda loss, best: loss < best, worst=np.inf):
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


def best_so_far(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    best_W, best_loss, history = search(loss_fn, shape, num_tries, scale, rng)
    return best_W, best_loss, list(np.minimum.accumulate(history))


def improvements_only(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    best_W, best_loss, history = search(loss_fn, shape, num_tries, scale, rng)
    return best_W, best_loss, [loss for k, loss in enumerate(history) if loss <= min(history[:k + 1])]


def own_generator(loss_fn, shape, num_tries, scale=1e-3, rng=None):
    return search(loss_fn, shape, num_tries, scale)


SEARCHES = [
    ("best W overwritten", overwritten,
     "best_W is the last try, not the best one. Two names may stand for one array."),
    ("last W returned", last_returned,
     "best_W is the last try, and best_loss belongs to another one. What has to be kept when a better try is found?"),
    ("largest loss kept", partial(search, better=lambda loss, best: loss > best, worst=-np.inf),
     "The try with the largest loss is kept. Small losses are good."),
    ("best loss starts at 0", partial(search, worst=0.0),
     "No loss above 0 is ever an improvement. What number is every first loss smaller than?"),
    ("best loss starts at a guess", partial(search, worst=1e5),
     "No loss above 100000 is ever an improvement. What number is every first loss smaller than?"),
    ("scale ignored", partial(search, draw=lambda rng, shape, scale: normal(rng, shape, 1.0)),
     "The tries have standard deviation 1, whatever the scale is. Where does it enter?"),
    ("scale of its own", partial(search, draw=lambda rng, shape, scale: normal(rng, shape, 1e-3)),
     "The tries have standard deviation 0.001, whatever the scale is. Use the argument."),
    ("scale as a variance", partial(search, draw=lambda rng, shape, scale: normal(rng, shape, np.sqrt(scale))),
     "The scale is taken for a variance. It is the standard deviation of the entries."),
    ("uniform numbers", partial(search, draw=lambda rng, shape, scale: scale * rng.random(shape)),
     "The tries are uniform numbers. Normal ones, of both signs, are asked for."),
    ("generator ignored", own_generator,
     "The tries do not come from rng. With it, a search can be repeated exactly."),
    ("one draw for all tries", drawn_once,
     "All tries are the same W. What belongs inside the loop?"),
    ("search around the best", around_the_best,
     "Each try starts from the best one so far: a local search. Here every W is drawn afresh."),
    ("history of the best", best_so_far,
     "loss_history holds the best loss so far. The loss of each try is asked for."),
    ("history of improvements", improvements_only,
     "loss_history lacks the tries that were no improvement. Every try has its entry."),
]


# --- gradient_descent ---

def descend(loss_fn, W, learning_rate, num_iters, *, step=lambda rate, dW: -rate * dW):
    """gradient_descent with its step replaced."""
    history = []
    for _ in range(num_iters):
        loss, dW = loss_fn(W)
        history.append(loss)
        W = W + step(learning_rate, dW)
    return W, history


def in_place(loss_fn, W, learning_rate, num_iters):
    history = []
    for _ in range(num_iters):
        loss, dW = loss_fn(W)
        history.append(loss)
        W -= learning_rate * dW
    return W, history


def history_after(loss_fn, W, learning_rate, num_iters):
    history = []
    for _ in range(num_iters):
        W = W - learning_rate * loss_fn(W)[1]
        history.append(loss_fn(W)[0])
    return W, history


def first_gradient(loss_fn, W, learning_rate, num_iters):
    _, dW = loss_fn(W)
    history = []
    for _ in range(num_iters):
        history.append(loss_fn(W)[0])
        W = W - learning_rate * dW
    return W, history


def old_gradient(loss_fn, W, learning_rate, num_iters):
    history, dW = [], 0 * W
    for _ in range(num_iters):
        W = W - learning_rate * dW
        loss, dW = loss_fn(W)
        history.append(loss)
    return W, history


def one_loss_more(loss_fn, W, learning_rate, num_iters):
    W, history = descend(loss_fn, W, learning_rate, num_iters)
    return W, [*history, loss_fn(W)[0]]


def best_point(loss_fn, W, learning_rate, num_iters):
    points = [W]

    def noted(point):
        points.append(point.copy())
        return loss_fn(point)

    _, history = descend(noted, W, learning_rate, num_iters)
    return points[-1], history


DESCENTS = [
    ("uphill", partial(descend, step=lambda rate, dW: rate * dW),
     "The steps go uphill. The gradient points to where the loss grows."),
    ("learning rate ignored", partial(descend, step=lambda rate, dW: -dW),
     "The step is the whole gradient. What scales it?"),
    ("gradient normalized", partial(descend, step=lambda rate, dW: -rate * dW / np.linalg.norm(dW)),
     "Every step has the same length. Plain gradient descent takes shorter steps where the slope is gentle."),
    ("no step", partial(descend, step=lambda rate, dW: 0.0),
     "W never moves. What becomes of dW?"),
    ("first gradient for all steps", first_gradient,
     "All steps use the gradient of the start. It changes along the way."),
    ("gradient one step late", old_gradient,
     "Each step uses the gradient of the point before. Evaluate first, then step."),
    ("last step left out", best_point,
     "The W that comes back is the last one that was evaluated. Its own step is still to come."),
    ("W changed in place", in_place,
     "The starting point of the caller is overwritten. An operation such as -= changes the array it is given."),
    ("history after the step", history_after,
     "loss_history starts after the first step. The loss before each step is asked for."),
    ("one loss too many", one_loss_more,
     "loss_history has the final loss, too. It holds one loss for each step."),
]

MISCONCEPTIONS: list[Misconception] = [
    *(Misconception("random_search", *row, SEARCH) for row in SEARCHES),
    *(Misconception("gradient_descent", *row, DESCENT) for row in DESCENTS),
]
