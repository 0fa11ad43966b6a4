"""What does not belong into a Python file and is often left in one: commands of notebooks and
terminals, merge marks, prompts, breakpoints, text of a word processor.
"""

from __future__ import annotations

import keyword
import re
import sys
from difflib import get_close_matches

_SYNTAX = "SyntaxError|IndentationError|TabError"
_LONGEST = 700  # characters of a text that are looked at; it may be hostile
# A line of output or prose: words, then a number, and no sign of an assignment or a call.
_WORDS = re.compile(
    r"invalid (?:syntax|decimal literal): ([A-Za-z]+)((?:[:,]? [A-Za-z]+)*)(:?)[ ]?-?(\d[^=(]*)$"
)
_STATEMENTS = (*keyword.kwlist, *keyword.softkwlist, "print", "exec", "lazy")
_NO_COMMANDS = "is a command of notebooks (% or ?), which a Python file cannot hold"
_FILE_OF_THAT_NAME = (
    "A file of yours has the name of one of Python's modules, and is imported in its place. Rename"
    " your file."
)

# Patterns for the type and the text of an exception, and the advice; the first that fits counts.
# The text of a SyntaxError is "message: line", without spaces around the line.
_ROWS: list[tuple[str, str, str]] = [
    (
        _SYNTAX,
        r": (<{7}|={7}|>{7}|\|{7})(?![<>=|])",
        (
            "That line is the mark of a merge that is not finished. Of what stands between"
            " <<<<<<<, ======= and >>>>>>>, keep one version, and delete the lines with the marks."
        ),
    ),
    (
        _SYNTAX,
        r": (\w+ *= *)?%%?[A-Za-z_]\w*|: [\w.]+\?{1,2}$|: \?{1,2}[A-Za-z]",
        f"That line {_NO_COMMANDS}. Delete it here; in a notebook it may stay.",
    ),
    (
        _SYNTAX,
        r": (\w+ *= *)?![\w./~]|: (python3? +-m +)?(pip3?|conda|mamba) +[\w-]|: \$ *\w",
        (
            "That line is a command for a terminal, which a Python file cannot hold. Delete it"
            " here, and type it in a terminal or, after an exclamation mark, in a notebook."
        ),
    ),
    (
        _SYNTAX,
        r": (>>>|\.\.\.) |: (In|Out) *\[\d*\] *:",
        (
            "That line begins with the prompt of a terminal or a notebook. Delete the prompts, and"
            " the lines of output below them."
        ),
    ),
    ("NameError", r"name '(In|Out)' is not defined", "Delete lines that are a notebook's output."),
    (
        _SYNTAX,
        r": (```|~~~)",
        "That line marks code in a chat or in Markdown, and is not Python. Delete it.",
    ),
    (
        _SYNTAX,
        r"(?i): *<(!doctype|html|head|body|div|span|\?xml|script)\b",
        (
            "The file holds a web page, and not Python: the page about the file was saved. Save the"
            " file itself (on GitHub: the button Raw)."
        ),
    ),
    (
        "NameError",
        r"name '(null|true|false)' is not defined",
        (
            "Python writes None, True and False. If the file is a notebook that was renamed: copy"
            " your functions out of the notebook's cells into the assignment's own .py file."
        ),
    ),
    (
        "NameError",
        r"name 'get_ipython' is not defined",
        "get_ipython is there in notebooks only. Delete the line, or write it into the notebook.",
    ),
    (
        "NameError",
        r"name 'array' is not defined",
        (
            "Arrays are printed as array(...), and made by np.array(...). If the line is pasted"
            " output, delete it."
        ),
    ),
    (
        "EOFError",
        r"EOF when reading a line",
        (
            "input() waits for a keyboard, and neither check nor grading has one. Write the value"
            " into the code, or take it as an argument."
        ),
    ),
    (
        "BdbQuit",
        r"",
        (
            "A breakpoint() or set_trace() stands right before that line and waits for a keyboard,"
            " which neither check nor grading has. Delete it."
        ),
    ),
    (
        "SyntaxError|ValueError",
        r"cannot contain null bytes",
        (
            "One of the files is no text in UTF-8, as Python expects it: often it is saved as"
            " UTF-16 or damaged. Save it again with the encoding UTF-8."
        ),
    ),
    (
        "SyntaxError|UnicodeDecodeError",
        r"unknown encoding|encoding problem|with BOM",
        (
            "Its first two lines name an encoding (coding: …) that is not the file's. Delete that"
            " line, and save the file as UTF-8."
        ),
    ),
    (
        "SyntaxError|UnicodeDecodeError",
        r"codec can't decode|Non-UTF-8 code",
        "The file is not saved as UTF-8. Save it again with the encoding UTF-8.",
    ),
    (
        "SyntaxError",
        r"invalid (non-printable )?character",
        (
            "That character only looks like one of Python's, or cannot be seen: it comes from a"
            " word processor, a web page or another keyboard. Delete it, and type it again in the"
            " editor, with the keyboard set to English: \" ' - , ( ) : and the space."
        ),
    ),
    (
        "TabError|IndentationError",
        r"inconsistent use of tabs|unindent does not match",
        (
            "That line begins with tabs and the others with spaces, or with another number of"
            " spaces. Use four spaces a level and no tab; editors convert them (Convert Indentation"
            " to Spaces)."
        ),
    ),
    (
        "ImportError|AttributeError",
        r"consider renaming|partially initialized module '({})'".format(
            "|".join(map(re.escape, sorted((*sys.stdlib_module_names, "numpy"))))
        ),
        _FILE_OF_THAT_NAME,
    ),
    (
        "ImportError|AttributeError",
        r"partially initialized module|circular import",
        (
            "Two files import each other, or a file imports itself, so one is asked for a name that"
            " it does not have yet. Move what both need into a third file, or the import into the"
            " function that uses it."
        ),
    ),
]


def advice(type_name: str, text: str) -> str:
    """What to delete or to save anew after this exception; "" if none of these things explains
    it.
    """
    for kind, pattern, sentence in _ROWS:
        if re.fullmatch(kind, type_name) and re.search(pattern, text[:_LONGEST]):
            return sentence
    if type_name == "SyntaxError" and _reads_like_output(text[:_LONGEST]):
        return (
            "That line reads like printed output or like a sentence, and not like Python. Delete"
            " it, or begin it with #."
        )
    return ""


def _reads_like_output(text: str) -> bool:
    """Whether the line of a SyntaxError is words and numbers, and no misspelt statement."""
    found = _WORDS.match(text)
    if found is None or get_close_matches(found[1], _STATEMENTS, n=1, cutoff=0.75):
        return False
    return bool(found[2] or found[3] or re.search(r"\D\d", found[4]))
