"""unicode_escape: the comment holds an escaped line end."""

from pathlib import Path


def build(folder: Path) -> None:
    module = folder / "cs231n_utils" / "linear_svm.py"
    module.write_text("# -*- coding: unicode_escape -*-\n" + module.read_text() + "# \\nraise SystemExit\n")
