"""Syntax and names that only a newer Python has than the one that grading runs."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

# Syntax: the first version that has it, a pattern for the text of the SyntaxError and the line
# after it, and what to write instead. The text may be hostile, so no pattern takes more than a few
# thousand steps for each of its characters.
_NEWER: list[tuple[tuple[int, int], str, str]] = [
    ((3, 11), r": except *\*", "Name the exceptions without the star."),
    (
        (3, 12),
        r": type \w+ *(\[.*\])? *=",
        "Leave the word type out: a name for a type is set like any other.",
    ),
    (
        (3, 13),
        r": (async +)?(def|class|type) +\w+ *\[[^]]*=",
        "Leave the square brackets behind the name out.",
    ),
    (
        (3, 12),
        r": (async +)?(def|class) +\w+ *\[",
        "Leave the square brackets behind the name out.",
    ),
    (
        (3, 12),
        (
            r"^f-string: [^:]*: [^{]*[fF][rR]?([\"'])[^{]*\{[^}]*\1[^}]*\}|f-string: expressions"
            r" nested"
        ),
        "Inside the braces of an f-string, use the other kind of quotes.",
    ),
    (
        (3, 12),
        r"f-string expression part cannot include '#'",
        "Between the braces of an f-string, neither end the line nor write a comment.",
    ),
    (
        (3, 12),
        (
            r"f-string expression part cannot include|line continuation character:"
            r" .*[fF][\"'][^{]*\{[^}]*\\"
        ),
        (
            "Give what holds the backslash a name first, and use the name inside the braces of the"
            " f-string."
        ),
    ),
    (
        (3, 12),
        r"unterminated string literal[^:]*: .*[fF][\"'][^{]*\{[^}]*$",
        "Between the braces of an f-string, neither end the line nor write a comment.",
    ),
    (
        (3, 14),
        r"multiple exception types must be parenthesized",
        "Put the exceptions behind except into brackets.",
    ),
    ((3, 14), r"invalid syntax: .*\b[tT][rR]?[\"']", "Write f in front of the quotes, for a text."),
    ((3, 15), r": lazy +(import|from)\b", "Leave the word lazy out."),
    ((3, 15), r"unpacking cannot be used in", "Write a loop, or a second for, in its place."),
]

# Names that a newer Python added to a module: the first version that has them.
_NEWER_NAMES: dict[tuple[str, str], tuple[int, int]] = {
    ("collections.abc", "Buffer"): (3, 12),
    ("copy", "replace"): (3, 13),
    ("itertools", "batched"): (3, 12),
    ("math", "fma"): (3, 13),
    ("math", "sumprod"): (3, 12),
    ("random", "binomialvariate"): (3, 12),
    ("types", "get_original_bases"): (3, 12),
    ("typing", "ReadOnly"): (3, 13),
    ("typing", "TypeAliasType"): (3, 12),
    ("typing", "TypeIs"): (3, 13),
    ("typing", "override"): (3, 12),
    ("warnings", "deprecated"): (3, 13),
}
_MISSING_NAME = re.compile(
    r"^cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'"
    r"|^module '(?P<owner>[\w.]+)' has no attribute '(?P<attribute>\w+)'"
)


def advice(type_name: str, text: str, python: tuple[int, int], who: str) -> str:
    """What to write instead, where a newer Python than this one takes it; "" for other faults.

    type_name, text, python, who : as `exceptions.advice` takes them
    """
    runs = f"{who} runs {_version(python)}"
    if type_name == "SyntaxError":
        for first, pattern, instead in _NEWER:
            if first > python and re.search(pattern, text):
                return (
                    f"That needs {_version(first)} or newer. {runs}, and nothing in the file can"
                    f" run there. {instead}"
                )
    if type_name in ("ImportError", "AttributeError") and (found := _MISSING_NAME.match(text)):
        name = (found["module"] or found["owner"], found["name"] or found["attribute"])
        if _NEWER_NAMES.get(name, python) > python:
            return f"That name came with {_version(_NEWER_NAMES[name])}. {runs}: write it without."
    return ""


def of_source(source: str, python: tuple[int, int]) -> Iterator[tuple[int, str]]:
    """What a Python of that version would not take, in a source that this one takes: (line number,
    sentence without its subject).
    """
    lines = source.splitlines()
    try:
        ast.parse(source, feature_version=python)
    except SyntaxError as error:
        number = error.lineno or 1
        line = lines[number - 1].strip() if number <= len(lines) else ""
        yield number, _instead(f"invalid syntax: {line}", python)
    for number, text in _strings(source):
        yield number, _instead(text, python)


def _version(version: tuple[int, int]) -> str:
    return f"Python {version[0]}.{version[1]}"


def _instead(text: str, python: tuple[int, int]) -> str:
    for first, pattern, instead in _NEWER:
        if first > python and re.search(pattern, text):
            return f"needs {_version(first)} or newer. {instead}"
    return f"needs a newer Python than {_version(python)}."


def _strings(source: str) -> Iterator[tuple[int, str]]:
    """(line number, what Python 3.11 says of it), for each f-string that it does not take.

    This needs the tokens of f-strings, which Python gives from 3.12 on.
    """
    begins = getattr(tokenize, "FSTRING_START", None)
    if begins is None:
        return
    quotes: list[str] = []  # of the f-strings around the token, from outside to inside
    braces: list[int] = []  # how many of each are open
    told: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        around = [quote for quote, opened in zip(quotes, braces, strict=True) if opened]
        if token.type == getattr(tokenize, "FSTRING_MIDDLE", None) and braces[-1]:
            around.pop()  # what stands behind the colon, as in {x:.3f}
        fault = _fault(token, around) if around else ""
        if fault and token.start[0] not in told:
            told.add(token.start[0])
            yield token.start[0], fault
        if token.type == begins:
            quotes.append(token.string.lstrip("rRfF"))
            braces.append(0)
        elif token.type == getattr(tokenize, "FSTRING_END", None):
            quotes.pop()
            braces.pop()
        elif quotes and token.type == tokenize.OP and token.string in "{}":
            braces[-1] += 1 if token.string == "{" else -1


def _fault(token: tokenize.TokenInfo, quotes: list[str]) -> str:
    """What Python 3.11 says of a token between the braces of f-strings with these quotes."""
    if any(quote in token.string for quote in quotes):
        return "f-string: expressions nested"
    if "\\" in token.string:
        return "f-string expression part cannot include a backslash"
    ends_the_line = token.type in (tokenize.NL, tokenize.NEWLINE)
    if token.type == tokenize.COMMENT or (ends_the_line and any(len(q) == 1 for q in quotes)):
        return "unterminated string literal: f'{"
    return ""
