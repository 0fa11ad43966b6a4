"""Helpers for notebook cells: a sentence for what is not written yet, and a live loss curve."""

from __future__ import annotations

import importlib
import math
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

# Seconds between two drawings: often enough to look alive, seldom enough not to slow training down.
REDRAW_SECONDS = 0.25


def skip_unfilled(*functions: Callable[..., Any]) -> AbstractContextManager[None]:
    """Run a part of a cell; where it cannot run, say so in a sentence, and let the notebook go on.

        with skip_unfilled(softmax_loss_vectorized):
            ...

    functions : those of earlier notebooks that the part depends on. Where one of them is not
        written yet or fails its checks, the part does not run at all.

    Where a function is not written yet, a sentence says so. Where a student's function raises
    another exception, or returns what the cell cannot use, three lines tell it in the place of a
    traceback. Every other exception is the cell's own, and passes through.
    """
    return _Skippable(functions)


class _Skippable(AbstractContextManager[None]):
    def __init__(self, functions: Sequence[Callable[..., Any]]) -> None:
        self.functions = functions

    def __enter__(self) -> None:
        self.open_before = _open_figures()
        self.cell = sys._getframe(1)
        self.tracing: Any = None
        if self.functions and (said := _trial().trouble(*self.functions)):
            print(textwrap.fill(said, 90))
            self._leave_out()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: Any
    ) -> bool:
        cell, self.cell = self.cell, None  # type: ignore[assignment]  # or it would live for ever
        if self.tracing:
            sys.settrace(self.tracing[0])
            cell.f_trace = self.tracing[1]
        if isinstance(error, _LeftOut):
            return True
        if isinstance(error, NotImplementedError):
            said = textwrap.fill(f"Nothing to show yet. {error}", 90)
        elif isinstance(error, Exception):
            said = _trial().told(error, cell.f_code, cell.f_globals)
        else:
            return False
        if said:
            # Otherwise the notebook would show an empty frame below the cell.
            for number in _open_figures() - self.open_before:
                sys.modules["matplotlib.pyplot"].close(number)
            print(said)
        return bool(said)

    def _leave_out(self) -> None:
        """Leave the `with` block before its first line. A context manager cannot do that by itself,
        so an exception is raised where a debugger would stop.
        """

        def leave(*_: Any) -> Any:
            raise _LeftOut

        self.tracing = sys.gettrace(), self.cell.f_trace
        sys.settrace(lambda *_: None)
        self.cell.f_trace = leave


class _LeftOut(BaseException):
    """Raised at the first line of a block that is not to run."""


def _trial() -> Any:
    # Imported only when needed, because the checks take longer to import than most cells to run.
    return importlib.import_module("cs231n_utils.trial")


@contextmanager
def live_loss(
    model: Any, num_iters: int | None = None, title: str = "Training loss"
) -> Iterator[list[float]]:
    """Record each loss that model.loss returns, and draw them as a curve while training runs.

        with live_loss(model, num_iters=1500) as losses:
            model.train(X, y, num_iters=1500)

    In a notebook, one figure is redrawn at most every quarter of a second, and the last picture
    stays. Elsewhere nothing is drawn. Either way, a line at the end says what the curve shows.

    Parameters
    ----------
    model : object with a method loss(...) -> (loss, gradient)
    num_iters : int, the number of losses to come, for the progress in the title; None if unknown
    title : str, what the curve shows

    Yields
    ------
    losses : list of floats, growing while model.loss is called
    """
    losses: list[float] = []
    picture = _Picture(losses, num_iters, title) if in_notebook() else None
    original = model.loss
    had_own_loss = "loss" in vars(model)

    def recorded(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        # Let the student's own code run into a wrong result.
        with suppress(TypeError, ValueError, IndexError):
            losses.append(float(result[0]))
        if picture:
            picture.draw_if_due()
        return result

    model.loss = recorded
    try:
        yield losses
    finally:
        if had_own_loss:
            model.loss = original
        else:
            del model.loss
        if losses:  # also after an interrupt: the picture so far is worth keeping
            if picture:
                picture.draw()
            print(f"{title}: {describe_losses(losses)}")
    if not losses:
        print(
            f"{title}: nothing to draw, as model.loss was never called. Does train call self.loss"
            " in every step?"
        )


def describe_losses(losses: list[float]) -> str:
    """Say in one sentence what a loss curve shows."""
    broken = next((k for k, loss in enumerate(losses) if not math.isfinite(loss)), None)
    if broken is not None:
        return (
            f"starts at {losses[0]:.4g} and is {losses[broken]} from iteration {broken} of"
            f" {len(losses)} on. Try a smaller learning rate."
        )
    verb = "fell" if losses[-1] < losses[0] else "rose" if losses[-1] > losses[0] else "went"
    iterations = "1 iteration" if len(losses) == 1 else f"{len(losses)} iterations"
    return f"{verb} from {losses[0]:.4g} (first) to {losses[-1]:.4g} (last) in {iterations}."


def in_notebook() -> bool:
    """Whether pictures can be shown, as in an IPython kernel; a terminal would print their type."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel")


class _Picture:
    """The figure of `live_loss`: shown once, then updated in place."""

    def __init__(self, losses: list[float], num_iters: int | None, title: str) -> None:
        self.losses = losses
        self.num_iters = num_iters
        self.title = title
        self.started = self.drawn_at = time.monotonic()
        self.handle: Any = None

    def draw_if_due(self) -> None:
        if time.monotonic() - self.drawn_at >= REDRAW_SECONDS:
            self.draw()

    def draw(self) -> None:
        # Imported only here, because importing matplotlib takes longer than many training runs.
        import matplotlib.pyplot as plt

        from cs231n_utils.plots import showing

        if self.handle is None:
            self.figure, axes = plt.subplots(figsize=(7, 3.5), layout="constrained")
            # Otherwise the notebook would show it a second time at the end of the cell.
            plt.close(self.figure)
            axes.set_xlabel("iteration")
            axes.set_ylabel("loss of the minibatch")
            axes.spines[["top", "right"]].set_visible(False)  # as in all the other pictures
            axes.grid(alpha=0.3)
            self.axes, (self.line,) = axes, axes.plot([], [], color="#0072B2", linewidth=1)
        finite = [loss if math.isfinite(loss) else math.nan for loss in self.losses]
        self.line.set_data(range(len(finite)), finite)
        self.axes.relim()
        self.axes.autoscale_view()
        self.axes.set_title(f"{self.title}: {self._progress()}")
        image, alt = showing.png(self.figure), showing.in_words(self.figure)
        if self.handle is None:
            self.handle = showing.put(image, alt, display_id=True)
        else:
            data, metadata = showing.bundle(image, alt)
            self.handle.update(data, metadata=metadata, raw=True)
        # Taken after drawing, so that a slow screen does not slow training down.
        self.drawn_at = time.monotonic()

    def _progress(self) -> str:
        done, seconds = len(self.losses), time.monotonic() - self.started
        of = f" of {self.num_iters}" if self.num_iters else ""
        rate = f", {done / seconds:.0f} a second" if seconds > 0 else ""
        return f"{done}{of} iterations{rate}"


def _open_figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()
