"""Nested archives; nobody unpacks the inner ones."""

import zipfile
from pathlib import Path

from tests.support.attack_cases import hand_in_zip


def build(folder: Path) -> None:
    inner = hand_in_zip(folder).read_bytes()
    for _ in range(20):
        with zipfile.ZipFile(folder.parents[1] / f"{folder.parent.name}.zip", "w") as archive:
            archive.writestr("work.zip", inner)
        inner = (folder.parents[1] / f"{folder.parent.name}.zip").read_bytes()
