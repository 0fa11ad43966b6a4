"""The pictures of the feedback page, as inline SVG, and sentences that say the same. They are drawn
without a plotting library, which would take too long for a page of each student.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from markupsafe import Markup

from grader.report import ErrorMap, LossCurve

# For each way in which an entry is wrong: its class in the style sheet, its sign in the map, and
# the words for one entry and for several.
_WAYS = {
    "+": ("far", "+", "is too far from 0", "are too far from 0"),
    "-": ("near", "−", "is too close to 0", "are too close to 0"),
    "x": ("turned", "×", "has the opposite sign", "have the opposite sign"),
    "0": ("zero", "0", "is 0 and should not be", "are 0 and should not be"),
    ".": ("right", "·", "is right", "are right"),
}
# The first name in a picture's label -> what rows and columns stand for.
_AXES = {
    "dW": ("feature", "class"),
    "self.W": ("feature", "class"),
    "dx": ("example", "feature"),
    "out": ("example", "feature"),
    "dresidual": ("example", "feature"),
    "dgamma": ("", "feature"),
    "dbeta": ("", "feature"),
    "bn_param": ("", "feature"),
}
# Pixels of the map: the side of an entry, and the space for the names of rows and of columns.
_CELL, _LEFT, _TOP = 26, 46, 44


# --- where an array is wrong ---


def legend(picture: ErrorMap | LossCurve) -> list[tuple[str, str, str]]:
    """(class, sign, meaning with its count) for each way that occurs in a map."""
    if isinstance(picture, LossCurve):
        return []
    counts = Counter("".join(picture.rows))
    return [
        (css, sign, f"{counts[way]} {one if counts[way] == 1 else many}")
        for way, (css, sign, one, many) in _WAYS.items()
        if counts[way]
    ]


def sentence(picture: ErrorMap | LossCurve) -> str:
    """A sentence that says what the picture shows, for those who cannot see it."""
    return (
        _said_of_map(picture.rows, *_axes(picture))
        if isinstance(picture, ErrorMap)
        else _said_of_curve(picture)
    )


def _axes(picture: ErrorMap) -> tuple[str, str]:
    """The names of rows and columns."""
    found = re.match(r"[\w.]+", picture.label)
    return _AXES.get(
        found[0] if found else "", ("row", "column" if len(picture.rows) > 1 else "entry")
    )


def _said_of_map(rows: Sequence[str], row_name: str, column_name: str) -> str:
    entries = "".join(rows)
    right = entries.count(".")
    if len(entries) == 1:
        return "Its only entry is wrong."
    if not right:
        how = (
            "all are wrong in the same way"
            if len({*entries}) == 1
            else "they are wrong in different ways"
        )
        return f"None of the {len(entries)} entries is right; {how}."
    columns = ["".join(column) for column in zip(*rows, strict=True)]
    where = _place(columns, column_name) or _place(rows, row_name)
    return f"{right} of {len(entries)} entries {'is' if right == 1 else 'are'} right.{where}"


def _place(lines: Sequence[str], name: str) -> str:
    """A clause that says which rows or columns hold all wrong entries, or all right ones; "" if
    that takes too many words.
    """
    wrong = [k for k, line in enumerate(lines) if line.strip(".")]
    clean = [k for k, line in enumerate(lines) if not line.strip(".")]
    if clean and len(lines[0]) > 1 and not any("." in lines[k] for k in wrong):
        what, few = ("Wrong", wrong) if len(wrong) <= len(clean) else ("Right", clean)
        return f" {what} are all entries of {_numbered(name, few)}, and no others."
    return (
        f" What is wrong stands in {_numbered(name, wrong)}."
        if len(wrong) <= len(lines) / 2
        else ""
    )


def _numbered(name: str, numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"{name} {numbers[0]}"
    return f"{name}{'es' if name.endswith('s') else 's'} {_joined(map(str, numbers))}"


def _joined(parts: Iterable[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def _map(picture: ErrorMap) -> str:
    rows, (row_name, column_name) = picture.rows, _axes(picture)
    left, top = (_LEFT if len(rows) > 1 else 4), _TOP
    width, height = max(96, left + _CELL * len(rows[0]) + 4), top + _CELL * len(rows) + 4
    middles = [left + _CELL * k + _CELL // 2 for k in range(len(rows[0]))]
    across = " ".join(map(str, middles))
    parts = [
        _text(f'x="{left}" y="14"', f"{column_name} →"),
        *(_text(f'class="m" x="{x}" y="{top - 8}"', str(k)) for k, x in enumerate(middles)),
    ]
    if len(rows) > 1:
        parts.append(
            _text(f'x="-{top}" y="14" transform="rotate(-90)" text-anchor="end"', f"← {row_name}")
        )
        parts += [
            _text(f'class="m" x="{left - 12}" y="{top + _CELL * k + 18}"', str(k))
            for k in range(len(rows))
        ]
    for way, (css, *_) in _WAYS.items():
        squares = "".join(
            f"M{left + _CELL * j + 1} {top + _CELL * i + 1}h{_CELL - 2}v{_CELL - 2}h-{_CELL - 2}z"
            for i, row in enumerate(rows)
            for j, entry in enumerate(row)
            if entry == way
        )
        if squares:
            parts.append(f'<path class="{css}" d="{squares}"/>')
    for i, row in enumerate(rows):
        signs = "".join(_WAYS[entry][1] for entry in row)
        parts.append(_text(f'class="m sign" x="{across}" y="{top + _CELL * i + 19}"', signs))
    return _svg(width, height, f"Map of {picture.label}", parts)


# --- how the losses went ---


def _said_of_curve(curve: LossCurve) -> str:
    losses = curve.losses
    steps = [after - before for before, after in pairwise(losses)]
    up = sum(step > 0 for step in steps)
    if max(losses) - min(losses) <= 1e-6 * max(map(abs, losses)):
        way = "stay the same. Nothing seems to move."
    elif not up:
        way = "fall in every step." if all(step < 0 for step in steps) else "never rise."
    else:
        way = f"rise in {'every step' if up == len(steps) else f'{up} of {len(steps)} steps'}."
    if losses[-1] > losses[0]:
        way += " Steps downhill make them fall."
    first = (
        f"The first {len(losses)} of {curve.calls} losses"
        if curve.calls > len(losses)
        else f"The {len(losses)} losses"
    )
    return (
        f"{first} that your code asked for, in order: {losses[0]:.3g} at first, {losses[-1]:.3g} at"
        f" last. They {way}"
    )


def _curve(curve: LossCurve) -> str:
    losses, (width, height, left, bottom) = curve.losses, (360, 170, 56, 34)
    low, high = min(losses), max(losses)
    span = high - low
    across = (width - left - 12) / (len(losses) - 1)

    def at(k: int) -> str:
        share = (losses[k] - low) / span if span else 0.5
        return f"{left + across * k:.0f} {height - bottom - 8 - share * (height - bottom - 22):.0f}"

    points = [at(k) for k in range(len(losses))]
    levels = (
        [(low, height - bottom - 8), (high, 14)] if span else [(low, (height - bottom + 6) // 2)]
    )
    parts = [
        f'<path class="axis" d="M{left - 6} 6V{height - bottom}H{width - 4}"/>',
        *(_text(f'class="e" x="{left - 10}" y="{y + 4}"', f"{loss:.3g}") for loss, y in levels),
        _text('x="-70" y="12" transform="rotate(-90)" class="m"', "loss"),
        _text(f'class="m" x="{left}" y="{height - 18}"', "1"),
        _text(f'class="m" x="{width - 12}" y="{height - 18}"', str(len(losses))),
        _text(f'class="m" x="{(width + left) // 2}" y="{height - 4}"', "evaluation"),
        f'<path class="line" d="M{"L".join(points)}"/>',
        f'<path class="dots" d="{"".join(f"M{point}h0" for point in points)}"/>',
    ]
    return _svg(width, height, "Curve of the losses", parts)


def svg(picture: ErrorMap | LossCurve) -> Markup:
    """The picture as SVG."""
    return Markup(_map(picture) if isinstance(picture, ErrorMap) else _curve(picture))


def _svg(width: int, height: int, name: str, parts: Sequence[str]) -> str:
    return (
        f'<svg role="img" aria-label="{Markup.escape(name)}" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}">{"".join(parts)}</svg>'
    )


def _text(attributes: str, text: str) -> str:
    return f"<text {attributes}>{Markup.escape(text)}</text>"
