"""Links to the reference solution."""

import stat
import zipfile
from pathlib import Path

from tests.support.attack_cases import hand_in_zip


def build(folder: Path) -> None:
    (folder / "cs231n_utils" / "linear_svm.py").unlink()
    links = {}
    for name in ("cs231n_utils/linear_svm.py", "best_model.npz", "cs231n_utils/more.py"):
        link = zipfile.ZipInfo(name)
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        links[link] = b"/etc/passwd"
    hand_in_zip(folder, links)
