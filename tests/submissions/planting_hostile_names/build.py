"""Names for a page, a terminal and a shell."""

import os
from pathlib import Path


def build(folder: Path) -> None:
    for name in ("<script>alert(1)<|script>", "\x1b[2J\x1b]0;x\x07",
                 "$(touch planted_by_an_attack)", "a\nb", "-rf", "\u202eyp.mvs", "..."):
        (folder / "cs231n_utils" / f"{name}.py").write_text("raise SystemExit\n")
    (folder / "cs231n_utils").joinpath(os.fsdecode(b"\xff\xfe.py")).write_text("raise SystemExit\n")
