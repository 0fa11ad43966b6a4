import functools
import sys


def _each(change):
    """Wrap every function of this module."""
    for name, value in list(globals().items()):
        if not name.startswith("_") and isinstance(value, type(_each)) and value.__module__ == __name__:
            globals()[name] = change(value)


def _loud(function):
    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        print("debug", function.__name__, args[0], "é", "\x1b[31m")
        print("still here", file=sys.stderr, flush=True)
        return function(*args, **kwargs)

    return wrapped


_each(_loud)
