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

__all__ = ["Mismatch", "expect", "expect_array", "expect_close", "expect_length", "expect_number", "expect_results"]

expect_close = functools.partial(_expect_close, reveal=False)
