"""Device nodes, which only root can make."""

import os
import stat
from pathlib import Path

from tests.support.attack_cases import CannotBuild


def build(folder: Path) -> None:
    (folder / "cs231n_utils" / "linear_svm.py").unlink()
    try:
        os.mknod(folder / "cs231n_utils" / "linear_svm.py", 0o644 | stat.S_IFCHR, os.makedev(1, 5))
        os.mknod(folder / "best_model.npz", 0o644 | stat.S_IFCHR, os.makedev(1, 5))
    except PermissionError as error:
        raise CannotBuild("only root can make device nodes") from error
