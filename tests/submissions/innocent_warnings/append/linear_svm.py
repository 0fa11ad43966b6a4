import functools
import warnings


def _each(change):
    """Wrap every function of this module."""
    for name, value in list(globals().items()):
        if not name.startswith("_") and isinstance(value, type(_each)) and value.__module__ == __name__:
            globals()[name] = change(value)


def _careless(function):
    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        warnings.warn("still testing", RuntimeWarning)
        np.log(np.zeros(3)), np.ones(2) / np.zeros(2), np.exp(np.full(2, 1e4))
        return function(*args, **kwargs)

    return wrapped


_each(_careless)
