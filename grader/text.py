"""Text that students wrote, made safe for a page, a terminal, a message or a table.

File names, exceptions and names of students can hold anything: colours and commands for terminals,
letters that turn the text around, halves of letters that no file can hold, formulas. HTML is not
escaped here: templates do that.
"""

from __future__ import annotations

import re
import unicodedata

# Controls, which terminals obey; what reverses the order of letters; halves of letters, which no
# file can hold.
_ACTIVE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)

# Where Python and its libraries lie on the machine that grades, in front of a file's name.
_PLACES = re.compile(r"/[^\s'\"(),:]*/(?:site-packages|dist-packages|lib/python3\.\d+)/")
_LONGEST = 2000  # characters of a text in which such places are looked for


def without_places(text: str) -> str:
    """The beginning of a text, with Python's own files named as seen from its folder: where they
    lie on this machine is nobody's business.
    """
    return _PLACES.sub("", text[:_LONGEST])


def printable(text: str, keep: str = "\n\t") -> str:
    """The text with "�" for each character that does something instead of showing something.

    keep : such characters that stay all the same
    """
    return _ACTIVE.sub(lambda found: found[0] if found[0] in keep else "�", text)


def one_line(text: str) -> str:
    """The text with "�" for each such character, line breaks and tabs included: for one line of a
    terminal or a log.
    """
    return printable(text, keep="")


def legible(text: str, most: int = 80) -> str:
    """The first `most` characters of a text, for a message: "?" for each that is not printable."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:most])


def folded(text: str, most: int) -> str:
    """The first `most` characters of a text, as `legible`, with each run of white space as one
    space.
    """
    return legible(" ".join(text[: 4 * most].split()), most)


def count_of(number: int, noun: str) -> str:
    """A number and what it counts: "1 row", "2 rows"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def table_cell(text: str) -> str:
    """The text on one line, such that a spreadsheet computes nothing of it.

    That also holds for a spreadsheet that starts a new cell at a semicolon or a bar.
    """
    parts = re.split(r"(?<=[,;|])", one_line(text))
    return "".join(f"'{part}" if _is_formula(part) else part for part in parts)


def _is_formula(text: str) -> bool:
    """Whether a sign comes before the first letter or digit, whatever stands before the sign: a
    spreadsheet may strip it, or not see it.
    """
    # Full-width and superscript signs count as the signs that they are normalized to.
    for character in unicodedata.normalize("NFKC", text):
        if character.isalnum():
            return False
        # Sm has = and + and those like them, Pd has - and all dashes.
        if character in "@%|" or unicodedata.category(character) in ("Sm", "Pd"):
            return True
    return False
