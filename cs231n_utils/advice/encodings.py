"""Files that are not UTF-8, the encoding in which Python reads its files."""

from __future__ import annotations

import re

# Marks at the beginning of a file, longer ones first, and the encodings that write them.
_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_NAMED = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+")
_UTF_8 = "expected UTF-8. Save it again with the encoding UTF-8"


def fault(content: bytes) -> str:
    """What is wrong with the encoding of a Python file, for behind its name; "" if nothing is."""
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return f"is saved as {name}; {_UTF_8} (in Windows' Notepad: Save as, Encoding)."
    zeros = content.count(0)
    if zeros * 3 > len(content) > 3:  # every second byte of plain letters, but no mark in front
        return f"is saved as UTF-16; {_UTF_8} (in Windows' Notepad: Save as, Encoding)."
    if zeros:
        return (
            f"holds {zeros} zero {'byte' if zeros == 1 else 'bytes'}, which no text has; expected"
            " Python in UTF-8. The file is damaged: copy your functions into the assignment's own"
            " file."
        )
    if any(_NAMED.match(line) for line in content.split(b"\n", 2)[:2]):
        return ""  # Python reads it in the encoding that it names, or says so
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return f"is not saved as UTF-8 (line {line} holds other bytes); {_UTF_8}."
    return ""
