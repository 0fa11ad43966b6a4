"""What to look at after an exception in a call of a student's function.

Type and text of an exception may be a student's invention: no part of them enters the advice but
sizes of arrays.
"""

from __future__ import annotations

from collections.abc import Mapping

from cs231n_utils.advice import rows, shapes
from cs231n_utils.advice.sizes import Sizes

LONGEST = 500  # characters of an exception's text that are looked at


def on_exception(type_name: str, text: str, arguments: Mapping[str, object]) -> str:
    """Advice on an exception; "" if none is known.

    arguments : those of the student's function by name, whose shapes may prove what is wrong
    """
    sizes = Sizes.of(arguments)
    found = rows.find(type_name, text[:LONGEST])
    if found is None:
        return ""
    general, with_shapes = found
    if not with_shapes:
        return general
    proven = shapes.advice(text[:LONGEST], sizes)
    return f"{proven or general} {sizes.described()}".rstrip()
