"""Advice on an exception that comes from what stands in a file, or from the file's name."""

from __future__ import annotations

from cs231n_utils.advice import left_in_files, newer_python, old_names


def advice(type_name: str, text: str, python: tuple[int, int], who: str) -> str:
    """What to change after this exception; "" if nothing is known.

    type_name, text : of the exception; of a SyntaxError "message: line", as `syntax_error` says
    python, who : the version that raised it, and who runs it: "Grading" or "check"
    """
    return (
        left_in_files.advice(type_name, text)
        or old_names.instead(type_name, text)
        or newer_python.advice(type_name, text, python, who)
    )


def syntax_error(error: SyntaxError) -> str:
    """The text of a SyntaxError, as `advice` takes it."""
    return f"{error.msg}: {(error.text or '').strip()}"
