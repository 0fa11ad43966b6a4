"""Members that lead elsewhere, by their own name and by either kind of extra header."""

from pathlib import Path

from tests.support.tars import hand_in_tar, long_name, member, pax

NAMES = ("../../planted_by_an_attack.py", "/tmp/planted_by_an_attack.py", "..\\..\\planted_by_an_attack.py",
         "C:\\planted_by_an_attack.py", "cs231n_utils/../../planted_by_an_attack.py",
         "cs231n_utils/./../planted_by_an_attack.py")


def build(folder: Path) -> None:
    innocent = member("cs231n_utils/innocent.py", b"planted")
    hand_in_tar(folder, [member(name, b"planted") for name in NAMES] + [pax(path=name) + innocent for name in NAMES]
                + [long_name(name) + innocent for name in NAMES])
