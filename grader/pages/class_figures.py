"""The two figures of the class page, as SVG. The same numbers give the same file, and the figures
can be read without colours.

They are written here rather than with a plotting library, whose import would take longer than all
else that a class page needs.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from cs231n_utils.exercises import EXERCISES, NOTEBOOKS
from grader.pages.class_rows import OUTCOMES

_WIDTH = 442  # pixels: half of a wide window, or the whole of a telephone's
_LINE = "#57606a"
_TEXT = "#1b1f24"
_NOTHING = Markup("")
# Keeps a text legible on lines behind it.
_HALO = Markup(' paint-order="stroke" stroke="#ffffff" stroke-width="3"')
# Outcome -> colour, and a pattern over it.
_FILL = {
    "full": ("#009e73", ""),
    "part": ("#f0e442", "M0 8L8 0M-2 2L2 -2M6 10L10 6"),
    "none": ("#ffffff", ""),
    "not judged": ("#cc79a7", "M0 8L8 0M0 0L8 8"),
}


def scores(bins: Sequence[tuple[float, float, int]], median: float) -> str:
    """A histogram as a data URL. `bins` are (lowest score, highest score, number of students)."""
    left, right, top, bottom = 44, _WIDTH - 8, 24, 236
    most = max(1, *(count for *_, count in bins))

    def x(score: float) -> float:
        return left + (right - left) * score / bins[-1][1]

    def y(count: float) -> float:
        return bottom - (bottom - top - 16) * count / most

    parts = [
        _rect(x(low), y(count), x(high) - x(low), bottom - y(count), "#56b4e9")
        for low, high, count in bins
        if count
    ]
    parts.append(
        Markup('<path d="M{} {}V{}H{}" fill="none" stroke="{}"/>').format(
            left, top, bottom, right, _LINE
        )
    )
    for score in range(0, int(bins[-1][1]) + 1, 10):
        parts.append(_tick(x(score), bottom, "v4"))
        parts.append(_text(f"{score}", x(score), bottom + 16))
    for count in _ticks(most):
        parts.append(_tick(left, y(count), "h-4"))
        parts.append(_text(f"{count}", left - 7, y(count) + 4, anchor="end"))
    parts.append(_text("score in points", (left + right) / 2, bottom + 36))
    parts.append(
        _text("students", -(top + bottom) / 2, 12, more=Markup(' transform="rotate(-90)"'))
    )
    parts.append(
        Markup(
            '<path d="M{} {}V{}" stroke="#d55e00" stroke-width="1.6" stroke-dasharray="6 3"/>'
        ).format(_number(x(median)), top - 14, bottom)
    )
    for low, high, count in bins:
        if count:
            middle = (x(low) + x(high)) / 2
            parts.append(_text(f"{count}", middle, y(count) - 4, size=10, more=_HALO))
    is_right = median > bins[-1][1] / 2
    parts.append(
        _text(
            f"median {median:g}",
            x(median) + (-5 if is_right else 5),
            top - 5,
            anchor="end" if is_right else "start",
            fill="#8a3800",
        )
    )
    return _address(parts, bottom + 42)


def _ticks(most: int) -> range:
    """Whole numbers from 0 to `most`, a handful of them, in steps of 1, 2 or 5 times a power of
    10.
    """
    rough = most / 6
    power = 10 ** math.floor(math.log10(max(rough, 1)))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough)
    return range(0, most + 1, step)


def exercises(shares: Mapping[str, Mapping[str, float]]) -> str:
    """A bar for each exercise with the share of each outcome, in the order of the notebooks, as a
    data URL.
    """
    left, line = 168, 25
    parts = list(_legend())
    y = 10.0
    for notebook in NOTEBOOKS:
        y += 1.25 * line
        parts.append(_text(notebook, left - 6, y + 4, anchor="end", weight="bold"))
        for name in (name for name, row in EXERCISES.items() if row.notebook == notebook):
            y += line
            parts.append(_text(name, left - 6, y + 4, anchor="end", size=11))
            parts += _bar(shares.get(name, {}), left, y)
    return _address(parts, y + line)


def _bar(shares: Mapping[str, float], left: float, y: float) -> Iterator[Markup]:
    """The bar of an exercise, around the height y; texts stand on what lies behind them."""
    whole = _WIDTH - 6 - left
    for outcome, share in shares.items():
        if not share:
            continue
        width = whole * share
        yield from _look(outcome, left, y - 9, width, 18)
        if share >= 0.1:
            middle = left + width / 2
            yield Markup('<path d="M{} {}h32v13h-32z" fill="{}"/>').format(
                _number(middle - 16), _number(y - 6.5), _FILL[outcome][0]
            )
            yield _text(f"{100 * share:.0f} %", middle, y + 4, size=10)
        left += width


def _legend() -> Iterator[Markup]:
    """What each look means, in one line at the top."""
    x = float(_WIDTH - 6)
    for outcome in reversed(OUTCOMES):
        x -= 9 + 6.4 * len(outcome)
        yield _text(outcome, x, 16, anchor="start")
        x -= 23
        yield from _look(outcome, x, 6, 17, 11)


def _look(outcome: str, x: float, y: float, width: float, height: float) -> Iterator[Markup]:
    colour, pattern = _FILL[outcome]
    yield _rect(x, y, width, height, colour)
    if pattern:
        yield _rect(x, y, width, height, f"url(#{outcome.replace(' ', '-')})")


def _patterns() -> Iterator[Markup]:
    for outcome, (_, pattern) in _FILL.items():
        if pattern:
            yield Markup(
                '<pattern id="{}" width="8" height="8" patternUnits="userSpaceOnUse">'
                '<path d="{}" stroke="{}" stroke-width=".8"/></pattern>'
            ).format(outcome.replace(" ", "-"), pattern, _LINE)


def _rect(x: float, y: float, width: float, height: float, fill: str) -> Markup:
    return Markup(
        '<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}" stroke-width=".8"/>'
    ).format(*map(_number, (x, y, width, height)), fill, _LINE)


def _tick(x: float, y: float, way: str) -> Markup:
    """A short line from (x, y); `way` is the rest of an SVG path."""
    return Markup('<path d="M{} {}{}" stroke="{}"/>').format(_number(x), _number(y), way, _LINE)


def _text(
    text: str,
    x: float,
    y: float,
    *,
    anchor: str = "middle",
    size: int = 12,
    weight: str = "normal",
    fill: str = _TEXT,
    more: Markup = _NOTHING,
) -> Markup:
    """A text whose `anchor` is at (x, y); `more` are other attributes."""
    return Markup(
        '<text x="{}" y="{}" text-anchor="{}" font-size="{}" font-weight="{}" fill="{}"{}>{}</text>'
    ).format(
        _number(x),
        _number(y),
        anchor,
        size,
        weight,
        fill,
        more,
        text,
    )


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _address(parts: Sequence[Markup], height: float) -> str:
    image = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}"'
        ' font-family="DejaVu Sans, Verdana, sans-serif"><defs>{2}</defs>'
        '<path d="M0 0H{0}V{1}H0Z" fill="#ffffff"/>{3}</svg>'
    ).format(_WIDTH, _number(height), Markup("").join(_patterns()), Markup("").join(parts))
    return "data:image/svg+xml;base64," + base64.b64encode(image.encode()).decode()
