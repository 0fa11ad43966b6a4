"""A single number."""

from pathlib import Path

import numpy as np


def build(folder: Path) -> None:
    np.savez(folder / "best_model.npz", **{"W": np.ones((1, 1)), "../../planted_by_an_attack": np.ones(1), "W.npy": np.ones(1)})
