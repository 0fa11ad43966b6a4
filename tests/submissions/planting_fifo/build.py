"""A pipe."""

import os
from pathlib import Path


def build(folder: Path) -> None:
    for name in ("cs231n_utils/linear_svm.py", "best_model.npz"):
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)
