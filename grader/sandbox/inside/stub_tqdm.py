"""The stand-in for tqdm: progress bars that count as the real ones do, and show nothing.

Runs inside the sandbox: standard library and numpy only.
"""

from __future__ import annotations

import contextlib
import itertools
import numbers
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

__version__ = "4.67.1"


class tqdm:  # the library's own name
    """A progress bar: an iterator over any iterable that counts the items."""

    monitor_interval = 10
    monitor = None
    _lock: Any = threading.RLock()

    def __init__(
        self,
        iterable: Any = None,
        desc: str | None = None,
        total: float | None = None,
        leave: bool | None = True,
        *more: object,
        disable: bool | None = False,
        unit: str = "it",
        initial: float = 0,
        position: int | None = None,
        **options: Any,
    ) -> None:
        if total is None and iterable is not None:
            with contextlib.suppress(TypeError, AttributeError):
                total = len(iterable)
        self.iterable = iterable
        self.desc = desc or ""
        self.total = None if total == float("inf") else total
        self.leave = leave
        # None means "if the output is no terminal", and here it never is one.
        self.disable = True if disable is None else disable
        self.unit = unit
        self.initial = self.n = self.last_print_n = initial
        self.pos = self.position = position or 0
        self.postfix: str | None = None
        self.start_t = self.last_print_t = time.time()
        self.fp = options.get("file") or sys.stderr
        self.ncols, self.nrows, self.colour = (
            options.get("ncols"),
            options.get("nrows"),
            options.get("colour"),
        )
        self.unit_scale, self.unit_divisor = (
            options.get("unit_scale", False),
            options.get("unit_divisor", 1000),
        )
        self.bar_format, self.ascii, self.smoothing = (
            options.get(name) for name in ("bar_format", "ascii", "smoothing")
        )
        self.mininterval, self.maxinterval = (
            options.get("mininterval", 0.1),
            options.get("maxinterval", 10.0),
        )
        self.miniters, self.dynamic_ncols = (
            options.get("miniters", 0),
            options.get("dynamic_ncols", False),
        )
        self.delay, self.gui = options.get("delay", 0), options.get("gui", False)
        if isinstance(options.get("postfix"), dict):
            self.set_postfix(options["postfix"])

    # --- as an iterable and a container

    def __iter__(self) -> Iterator[Any]:
        if self.disable:
            yield from self.iterable
            return
        n = self.n
        try:
            for item in self.iterable:
                yield item
                n += 1
                self.n = n
        finally:
            self.n = n
            self.close()

    def __len__(self) -> int:
        if self.iterable is None:
            return self.total  # type: ignore[return-value]  # None is a TypeError there, too
        for count in (
            lambda: self.iterable.shape[0],
            lambda: len(self.iterable),
            lambda: self.iterable.__length_hint__(),
        ):
            with contextlib.suppress(AttributeError, TypeError):
                return count()
        return self.total  # type: ignore[return-value]

    def __bool__(self) -> bool:
        if self.total is not None:
            return self.total > 0
        if self.iterable is None:
            raise TypeError("bool() undefined when iterable == total == None")
        return bool(self.iterable)

    def __contains__(self, item: object) -> bool:
        return (
            item in self.iterable if hasattr(self.iterable, "__contains__") else item in iter(self)
        )

    def __reversed__(self) -> Iterator[Any]:
        """The items in their usual order, as in the library, which reverses them and undoes that
        before the first item.
        """
        return iter(self)

    def __enter__(self) -> tqdm:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __lt__(self, other: tqdm) -> bool:
        return self.pos < other.pos

    def __hash__(self) -> int:
        return id(self)

    # --- the count

    def update(self, n: float | None = 1) -> None:
        if not self.disable:
            self.n += 1 if n is None else n

    def reset(self, total: float | None = None) -> None:
        self.n = 0
        if total is not None:
            self.total = total

    def close(self) -> None:
        self.disable = True

    def unpause(self) -> None:
        self.start_t += time.time() - self.last_print_t

    # --- what the bar would show

    def set_description(self, desc: str | None = None, refresh: bool | None = True) -> None:
        self.desc = f"{desc}: " if desc else ""

    def set_description_str(self, desc: str | None = None, refresh: bool | None = True) -> None:
        self.desc = desc or ""

    def set_postfix(
        self, ordered_dict: Any = None, refresh: bool | None = True, **values: Any
    ) -> None:
        """The values as text, "loss=0.123, step=4"."""
        shown = {**dict(ordered_dict or {}), **dict(sorted(values.items()))}
        self.postfix = ", ".join(f"{key}={_text(value).strip()}" for key, value in shown.items())

    def set_postfix_str(self, s: str = "", refresh: bool | None = True) -> None:
        self.postfix = str(s)

    def refresh(self, *args: object, **kwargs: object) -> bool:
        return True

    def display(self, *args: object, **kwargs: object) -> bool:
        return True

    def clear(self, *args: object, **kwargs: object) -> None:
        pass

    def moveto(self, n: int) -> None:
        pass

    @property
    def format_dict(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "total": self.total,
            "elapsed": time.time() - self.start_t,
            "ncols": self.ncols,
            "nrows": self.nrows,
            "prefix": self.desc,
            "ascii": self.ascii,
            "unit": self.unit,
            "unit_scale": self.unit_scale,
            "rate": None,
            "bar_format": self.bar_format,
            "postfix": self.postfix,
            "unit_divisor": self.unit_divisor,
            "initial": self.initial,
            "colour": self.colour,
        }

    def __str__(self) -> str:
        return self.format_meter(**self.format_dict)

    __repr__ = __str__

    @staticmethod
    def format_interval(t: float) -> str:
        """A time in seconds as [H:]MM:SS."""
        minutes, seconds = divmod(int(t), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours:d}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"

    @staticmethod
    def format_num(n: Any) -> str:
        """A number in three digits, or as it is where that is shorter."""
        short = f"{n:.3g}".replace("e+0", "e+").replace("e-0", "e-")
        return short if len(short) < len(str(n)) else str(n)

    @staticmethod
    def format_sizeof(num: float, suffix: str = "", divisor: float = 1000) -> str:
        """A number in three digits, with a letter such as k or M for the power of the divisor."""
        for letter in ("", "k", "M", "G", "T", "P", "E", "Z"):
            if abs(num) < 999.5:
                digits = 2 if abs(num) < 9.995 else 1 if abs(num) < 99.95 else 0
                return (
                    f"{num:.{digits}f}{letter}{suffix}"
                    if letter or abs(num) < 99.95
                    else f"{num:3.0f}{suffix}"
                )
            num /= divisor
        return f"{num:3.1f}Y{suffix}"

    @classmethod
    def format_meter(
        cls,
        n: float = 0,
        total: float | None = None,
        elapsed: float = 0,
        *more: object,
        prefix: str = "",
        unit: str = "it",
        **options: object,
    ) -> str:
        count = f"{n}/{total}" if total else f"{n}{unit}"
        return f"{prefix}{count} [{cls.format_interval(elapsed)}]"

    # --- of the class

    @classmethod
    def write(cls, s: str, file: Any = None, end: str = "\n", nolock: bool = False) -> None:
        print(s, end=end, file=file)

    @classmethod
    @contextlib.contextmanager
    def external_write_mode(cls, file: Any = None, nolock: bool = False) -> Iterator[None]:
        yield

    @classmethod
    def get_lock(cls) -> Any:
        return cls._lock

    @classmethod
    def set_lock(cls, lock: Any) -> None:
        cls._lock = lock

    @staticmethod
    def status_printer(file: Any) -> Callable[[str], None]:
        return lambda text: None

    @classmethod
    @contextlib.contextmanager
    def wrapattr(
        cls,
        stream: Any,
        method: str,
        total: float | None = None,
        bytes: bool = True,
        **options: Any,
    ) -> Iterator[Any]:
        """Yield the stream with its method `method` replaced by one that also advances a progress
        bar, as `tqdm.wrapattr` does.
        """
        with cls(total=total, **options) as bar:
            yield _Counted(stream, method, bar)

    @classmethod
    def pandas(cls, *args: object, **kwargs: object) -> None:
        pass


def _text(value: object) -> str:
    return tqdm.format_num(value) if isinstance(value, numbers.Number) else str(value)


class _Counted:
    """A stream that counts what one of its methods reads or writes."""

    def __init__(self, stream: Any, method: str, bar: tqdm) -> None:
        def counted(*args: Any, **kwargs: Any) -> Any:
            data = getattr(stream, method)(*args, **kwargs)
            bar.update(len(data if "read" in method else args[0]))
            return data

        self._stream = stream
        setattr(self, method, counted)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._stream)


def trange(*args: Any, **kwargs: Any) -> tqdm:
    return tqdm(range(*args), **kwargs)


def tenumerate(
    iterable: Any,
    start: int = 0,
    total: float | None = None,
    tqdm_class: Any = tqdm,
    **options: Any,
) -> Iterator[Any]:
    """As enumerate; the items of an array are numbered by np.ndenumerate."""
    if isinstance(iterable, np.ndarray):
        bar: Iterator[Any] = tqdm_class(
            np.ndenumerate(iterable), total=total or iterable.size, **options
        )
        return bar
    return enumerate(tqdm_class(iterable, total=total, **options), start)


def tzip(
    first: Iterable[Any], *others: Iterable[Any], tqdm_class: Any = tqdm, **options: Any
) -> Iterator[Any]:
    return (items for items in zip(tqdm_class(first, **options), *others))  # noqa: B905  (as zip does: to the shortest)


def tmap(function: Callable[..., Any], *iterables: Any, **options: Any) -> Iterator[Any]:
    return (function(*items) for items in tzip(*iterables, **options))


def product(*iterables: Iterable[Any], tqdm_class: Any = tqdm, **options: Any) -> Iterator[Any]:
    return iter(tqdm_class(list(itertools.product(*iterables)), **options))


def thread_map(
    function: Callable[..., Any], *iterables: Iterable[Any], **kwargs: object
) -> list[Any]:
    """Calls the function for each item in turn: the sandbox has neither threads nor processes."""
    return list(map(function, *iterables))


@contextlib.contextmanager
def logging_redirect_tqdm(*args: object, **kwargs: object) -> Iterator[None]:
    yield


class TqdmTypeError(TypeError):
    pass


class TqdmKeyError(KeyError):
    pass


class TqdmWarning(Warning):
    pass


class TqdmExperimentalWarning(TqdmWarning, FutureWarning):
    pass


class TqdmDeprecationWarning(TqdmWarning, DeprecationWarning):
    pass


class TqdmMonitorWarning(TqdmWarning, RuntimeWarning):
    pass


class TqdmSynchronisationWarning(TqdmWarning, RuntimeWarning):
    pass


tqdm_notebook = tqdm_gui = tqdm_pandas = tqdm_asyncio = tqdm
tnrange = tgrange = tarange = trrange = trange
process_map = thread_map
