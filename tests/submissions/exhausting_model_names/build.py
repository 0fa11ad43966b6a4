"""So many names that a message which lists them all would be a burden."""

import zipfile
from pathlib import Path


def build(folder: Path) -> None:
    with zipfile.ZipFile(folder / "best_model.npz", "w") as archive:
        for k in range(20_000):
            archive.writestr(f"<b>{k}", b"")
