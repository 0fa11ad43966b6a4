"""A package that hides numpy."""

from pathlib import Path


def build(folder: Path) -> None:
    for place in (folder, folder / "cs231n_utils"):
        (place / "numpy").mkdir()
        (place / "numpy" / "__init__.py").write_text("allclose = right_answer = lambda *args, **kwargs: True\n")
