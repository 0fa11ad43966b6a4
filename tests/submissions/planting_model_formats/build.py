"""An .npy file by the name of an .npz file."""

from pathlib import Path

import numpy as np


def build(folder: Path) -> None:
    with open(folder / "best_model.npz", "wb") as file:
        np.save(file, np.zeros((65, 10)))
