"""The model is a link to the neighbour's."""

from pathlib import Path


def build(folder: Path) -> None:
    (folder / "best_model.npz").symlink_to(folder.parents[1] / "neighbour_01" / folder.name / "best_model.npz")
