"""The functions in Python source that a student wrote, as tokens without names and layout.

Nothing is executed, parsed or compiled: one regular expression that never backtracks cuts the text
into tokens, in time that grows with its length only, whatever the text holds. Source that Python
would not take is cut all the same.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cs231n_utils.hand_in.rules import STUDENT_MODULES

MAX_BYTES = 200_000  # of a submission's Python files; the kit's six modules have 30 kB
MAX_FUNCTIONS = 100  # of a submission
MAX_TOKENS = 20_000  # of a submission; the reference has 1,500
GRAM = 7  # tokens of a fingerprint, about a statement

Gram = tuple[str, ...]

# Possessive quantifiers (*+) give nothing back, so no text takes more than one pass.
_TOKEN = re.compile(
    r"""
      (?P<string> (?:[rbfuRBFU]{1,3}+)? (?:
          \"{3} (?: [^"\\] | \\. | \"(?!\"\") )*+ (?:\"{3})?
        | '{3} (?: [^'\\] | \\. | '(?!'') )*+ (?:'{3})?
        | \" (?: [^"\\\n] | \\. )*+ \"?
        | ' (?: [^'\\\n] | \\. )*+ '?
      ) )
    | (?P<comment> \#[^\n]*+ )
    | (?P<number> (?:\d|\.\d) (?: [eE][+-] | [\w.] )*+ )
    | (?P<name> [^\W\d]\w*+ )
    | (?P<line> \n )
    | (?P<space> (?: [ \t\r\f\x00] | \\\n )++ )
    | (?P<sign> \*\*= | //= | >>= | <<= | [-+*/%@&|^:=!<>]= | -> | \*\* | // | << | >> | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_KEPT = frozenset(keyword.kwlist) | frozenset(
    name for name in dir(builtins) if name.islower() and not name.startswith("_")
)
# How a writer or a tool lays out an expression: brackets around it, commas at its end.
_LAYOUT = frozenset("(),;\\")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_AUGMENTED = frozenset(("+=", "-=", "*=", "/=", "//=", "%=", "@=", "**="))
_LONGEST_TARGET = 20  # tokens to the left of an augmented assignment
_TAB = 8  # columns, as Python counts them


@dataclass(frozen=True)
class Function:
    """A function or method, with the functions inside it.

    file, line : where its `def` stands
    text : from `def` to its last token
    tokens : its body, without names, comments, docstrings and layout
    places : of each token, the first and the last character plus one in `text`
    """

    file: str
    name: str
    line: int
    text: str
    tokens: tuple[str, ...]
    places: tuple[tuple[int, int], ...]

    def grams(self) -> list[Gram]:
        """Each run of GRAM tokens, in order: what fingerprints are made of."""
        return [self.tokens[k : k + GRAM] for k in range(len(self.tokens) - GRAM + 1)]


@dataclass
class Found:
    """The functions of a submission, and sentences on what was left out."""

    functions: list[Function] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def find(files: Mapping[str, bytes]) -> Found:
    """The functions in the Python files of a submission, the six modules of the exercises first.

    files : name -> content, as in `Submission`
    """
    found, bytes_left, tokens_left = Found(), MAX_BYTES, MAX_TOKENS
    sources = [name for name in files if name.endswith(".py")]
    cut, further = "", 0  # the first file that is beyond the caps, and how many more there are
    for file in sorted(sources, key=lambda name: (name not in STUDENT_MODULES, name)):
        if len(files[file]) > bytes_left:
            found.left_out.append(f"{file} is beyond {MAX_BYTES} bytes of Python in all")
            continue
        bytes_left -= len(files[file])
        for function in functions(file, files[file].decode("utf-8", "replace")):
            if len(found.functions) == MAX_FUNCTIONS or len(function.tokens) > tokens_left:
                further += bool(cut)
                cut = cut or f"{file} is compared up to line {function.line}"
                break
            tokens_left -= len(function.tokens)
            found.functions.append(function)
    if cut:
        files_too = (
            f", and {further} further {'file' if further == 1 else 'files'} in part or not at all"
        )
        found.left_out.append(
            f"{cut}{files_too if further else ''}: what follows is beyond {MAX_FUNCTIONS}"
            f" functions or {MAX_TOKENS} tokens in all"
        )
    return found


@dataclass
class _Token:
    """kind : the name of a group of _TOKEN, or "end" for the end of a logical line
    indent : columns before the first token of a logical line; -1 for all other tokens
    """

    kind: str
    text: str
    start: int
    end: int
    indent: int


def functions(file: str, text: str) -> Iterator[Function]:
    """The functions of a file that stand in no other function, methods included, in order."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    open_function: list[_Token] = []
    line, counted = 1, 0
    indent = 0
    for token in _tokens(text):
        if open_function and 0 <= token.indent <= indent:
            start = open_function[0].start
            line, counted = line + text.count("\n", counted, start), start
            yield _function(file, line, text, open_function)
            open_function = []
        if open_function:
            open_function.append(token)
        elif token.indent >= 0 and token.text in ("def", "async def"):
            open_function, indent = [token], token.indent
    if open_function:
        line += text.count("\n", counted, open_function[0].start)
        yield _function(file, line, text, open_function)


_DEF = re.compile(r"(?:async[ \t]++)?def\b(?=[ \t]++[^\W\d])")


def _tokens(text: str) -> Iterator[_Token]:
    """All tokens but comments and space. Inside brackets, a line goes on, unless the next begins
    with `def`: then a bracket was left open.
    """
    depth, at_start, line_start, position = 0, True, 0, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:  # never: the last sign is any character
            return
        kind, start = str(match.lastgroup), position
        position = match.end()
        if kind in ("space", "comment"):
            continue
        if kind == "line":
            line_start = position
            if depth == 0:
                at_start = True
            elif _DEF.match(text, _first_letter(text, position)):
                depth, at_start = 0, True
            if at_start:
                yield _Token("end", "\n", start, position, -1)
            continue
        indent = -1
        if at_start:
            at_start = False
            indent = len(text[line_start:start].expandtabs(_TAB))
            if head := _DEF.match(text, start):
                position = head.end()
                word = "def" if head[0] == "def" else "async def"
                yield _Token("name", word, start, position, indent)
                continue
        sign = text[start:position]
        if kind == "sign":
            depth = max(depth + (sign in _OPENING) - (sign in _CLOSING), 0)
        yield _Token(kind, sign, start, position, indent)


_INDENT = re.compile(r"[ \t]*+")


def _first_letter(text: str, position: int) -> int:
    match = _INDENT.match(text, position)
    return match.end() if match else position


def _function(file: str, line: int, text: str, tokens: list[_Token]) -> Function:
    """The function whose tokens these are, the first of them `def`."""
    start = tokens[0].start
    end = max(token.end for token in tokens if token.kind != "end")
    name = tokens[1].text if len(tokens) > 1 else ""
    body = tokens[_header(tokens) :]
    kept = [
        (normal, (token.start - start, token.end - start)) for normal, token in _normalised(body)
    ]
    return Function(
        file,
        name,
        line,
        text[start:end],
        tuple(normal for normal, _ in kept),
        tuple(place for _, place in kept),
    )


def _header(tokens: list[_Token]) -> int:
    """The number of tokens up to the colon that ends the head of a function, that included: the
    exercise gives the head.
    """
    depth = 0
    for k, token in enumerate(tokens):
        if token.text in _OPENING:
            depth += 1
        elif token.text in _CLOSING:
            depth -= 1
        elif token.kind == "end" and depth <= 0:
            return k
        elif token.text == ":" and depth <= 0:
            return k + 1
    return len(tokens)


def _normalised(tokens: list[_Token]) -> Iterator[tuple[str, _Token]]:
    """Each token that counts, and what it counts as: "v" for names that the writer chose.

    Names after a dot, of built-in functions, and keywords are not the writer's to choose. `a += b`
    counts as `a = a + b`, as far as `a` is short.
    """
    statement: list[tuple[str, _Token]] = []
    depth, after_dot, is_first, is_plain = 0, False, True, True
    for token in tokens:
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if token.kind == "end" or token.text == ";" or (token.text == ":" and depth <= 0):
            yield from statement
            statement, is_first, is_plain = [], True, True
            continue
        if token.kind == "string":
            # At the start of a statement it is a docstring, or another remark.
            if not is_first:
                statement.append(("s", token))
        elif token.kind == "number":
            statement.append(("0", token))
        elif token.kind == "name":
            kept = after_dot or token.text in _KEPT
            statement.append((token.text if kept else "v", token))
        elif token.text in _AUGMENTED and is_plain and len(statement) <= _LONGEST_TARGET:
            again = [(normal, token) for normal, _ in statement]
            statement += [("=", token), *again, (token.text[:-1], token)]
            is_plain = False
        elif token.text not in _LAYOUT:
            statement.append((token.text, token))
        after_dot, is_first = token.text == ".", False
    yield from statement
