"""A folder that is a link to somebody else's."""

import shutil
from pathlib import Path


def build(folder: Path) -> None:
    shutil.rmtree(folder / "cs231n_utils")
    (folder / "cs231n_utils").symlink_to(folder.parents[1] / "neighbour_01" / folder.name / "cs231n_utils")
