"""NaN everywhere."""

from pathlib import Path

import numpy as np


def build(folder: Path) -> None:
    np.savez(folder / "best_model.npz", W=np.full((65, 10), np.nan))
