"""Start-up modules."""

from pathlib import Path


def build(folder: Path) -> None:
    for name in ("sitecustomize.py", "usercustomize.py", "planted.pth", "cs231n_utils/sitecustomize.py"):
        (folder / name).write_text("import os; open('/tmp/planted_by_an_attack', 'w')\n")
