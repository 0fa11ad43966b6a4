import functools
import logging
import time

logging.basicConfig(level=logging.DEBUG)


def _timed(function):
    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        start = time.perf_counter()
        result = function(*args, **kwargs)
        logging.getLogger(__name__).info("%s took %.3f s", function.__name__, time.perf_counter() - start)
        return result

    return wrapped


@functools.lru_cache(maxsize=None)
def _constant(n):
    return np.eye(n)


softmax_loss_naive = _timed(softmax_loss_naive)
softmax_loss_vectorized = _timed(softmax_loss_vectorized)
