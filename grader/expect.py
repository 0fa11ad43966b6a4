"""The comparisons of hidden checks: those of the kit, except that no number of a hidden answer enters a message."""

import functools

from cs231n_utils.expect import (
    Mismatch,
    expect,
    expect_array,
    expect_length,
    expect_number,
    expect_results,
)
from cs231n_utils.expect import expect_close as _expect_close

__all__ = ["Mismatch", "expect", "expect_array", "expect_close", "expect_history", "expect_length", "expect_number",
           "expect_results"]

expect_close = functools.partial(_expect_close, reveal=False)


def expect_history(history: list, losses: list[float], rtol: float, hint: str) -> None:
    """Require each item to equal the loss at its place: beside a huge loss, all others would be close to anything."""
    expect(len(history) == len(losses), f"loss_history has {len(history)} items for {len(losses)} losses that were asked for.")
    for k, (item, loss) in enumerate(zip(history, losses, strict=True)):
        expect_close(f"loss_history[{k}]", item, loss, rtol=rtol, hint=hint)
