"""The results of the checks, as text and as HTML.

Any message may come from student code, so all of them are cleaned and escaped.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from html import escape

from cs231n_utils.visible_checks.launch import CheckResult, ExerciseResult

WORDS = {"pass": "pass", "fail": "FAIL", "waits": "waits", "not run": "not run"}
# White text is readable on these (contrast above 5), and they differ for colour-blind eyes; the
# words say the same.
BACKGROUNDS = {"pass": "#00664f", "fail": "#b03a00", "waits": "#595959", "not run": "#595959"}
PRINTED_LINES = 12

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # operating system commands, such as a new window title
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor movements
    r"|\x1b[@-_]?"
    # Other control characters, and those that make text run backwards.
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Text without terminal escapes and other control characters; line breaks stay."""
    return _ESCAPES.sub("", text.replace("\r\n", "\n"))


def headline(result: ExerciseResult) -> str:
    """One sentence that sums up the exercise."""
    if result.sentence:
        return result.sentence
    right = sum(row.verdict == "pass" for row in result.rows)
    graded = " Grading asks for more than these, with other numbers." if result.passed else ""
    return f"{result.exercise}: {right} of {len(result.rows)} checks pass.{graded}"


def as_text(result: ExerciseResult, width: int = 100) -> str:
    """A table for a terminal that is `width` characters wide."""
    lines = textwrap.wrap(clean(headline(result)), width)
    for note in result.notes:
        lines += textwrap.wrap(f"Note: {clean(note)}", width)
    indent = " " * 11
    for row in _rows(result):
        first, rest = " ".join(row.title.split()), row.message.splitlines()
        start = f"  {WORDS[row.verdict]:<9}"
        lines += textwrap.wrap(first, width, initial_indent=start, subsequent_indent=indent)
        for line in rest:
            lines += textwrap.wrap(
                line, width, initial_indent=indent + "  ", subsequent_indent=indent + "  "
            )
    for hint in result.hints:
        lines += textwrap.wrap(
            f"{_hint_for(result)} {clean(hint)}",
            width,
            initial_indent="  ",
            subsequent_indent="    ",
        )
    if printed := _printed(result):
        lines += [
            "  Printed by your code (the end of it):",
            *(f"    {line if len(line) <= width else f'{line[:width]} …'}" for line in printed),
        ]
    return "\n".join(lines)


def as_html(result: ExerciseResult) -> str:
    """The same table as a self-contained fragment of HTML."""
    parts = [f'<p style="margin:0.5em 0"><strong>{escape(clean(headline(result)))}</strong></p>']
    parts += [
        f'<p style="margin:0.5em 0"><strong>Note:</strong> {escape(clean(note))}</p>'
        for note in result.notes
    ]
    if result.rows:
        cell = (
            "text-align:left; vertical-align:top; padding:0.3em 0.8em 0.3em 0; white-space:pre-wrap"
        )
        messages = any(row.message for row in result.rows)
        parts.append(
            '<table style="border-collapse:collapse" aria-label="Checks of'
            f' {escape(result.exercise)}"><thead><tr><th scope="col" style="{cell}">Result</th>'
        )
        if messages:  # their length must not squeeze the titles
            parts.append(
                f'<th scope="col" style="{cell}; width:45%">Check</th>'
                f'<th scope="col" style="{cell}">What to know</th></tr></thead><tbody>'
            )
        else:
            parts.append(f'<th scope="col" style="{cell}">Check</th></tr></thead><tbody>')
        for row in _rows(result):
            badge = (
                f"background:{BACKGROUNDS[row.verdict]}; color:#fff; padding:0.1em 0.5em;"
                " border-radius:0.3em"
            )
            parts.append(
                f'<tr><td style="{cell}; white-space:nowrap"><span'
                f' style="{badge}">{WORDS[row.verdict]}</span></td><th scope="row" style="{cell};'
                f' font-weight:normal">{escape(" ".join(row.title.split()))}</th>'
            )
            parts.append(
                f'<td style="{cell}">{escape(row.message)}</td></tr>' if messages else "</tr>"
            )
        parts.append("</tbody></table>")
    parts += [
        '<p style="margin:0.4em 0; padding-left:0.6em; border-left:0.25em solid #0072b2">'
        f"<strong>{escape(_hint_for(result))}</strong> {escape(clean(hint))}</p>"
        for hint in result.hints
    ]
    if printed := _printed(result):
        parts.append(
            "<details><summary>Printed by your code (the end of it)</summary>"
            f"<pre>{escape(chr(10).join(printed))}</pre></details>"
        )
    return "<div>" + "".join(parts) + "</div>"


def _hint_for(result: ExerciseResult) -> str:
    """A hint is about the function as a whole, and not about the check that fails first."""
    return f"Hint for {result.exercise}:"


def _rows(result: ExerciseResult) -> Iterator[CheckResult]:
    """The rows with clean text; a message that an earlier row has is not repeated."""
    shown: dict[str, str] = {}
    before = ""
    for row in result.rows:
        title, message = clean(row.title), clean(row.message)
        if message and message == before:
            words = "As above."
        elif message in shown:
            words = f'As above, at "{shown[message]}"'
        else:
            words = message
        yield CheckResult(title, row.verdict, words)
        before = message
        if message:
            shown.setdefault(message, " ".join(title.split()))


def _printed(result: ExerciseResult) -> list[str]:
    """The last lines that student code printed; none where all checks pass, and nobody looks for a
    fault.
    """
    return [] if result.passed else clean(result.printed).strip().splitlines()[-PRINTED_LINES:]
