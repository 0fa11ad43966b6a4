"""A pickle in an npz file; nothing here unpickles it."""

from pathlib import Path

import numpy as np


class Bomb:
    def __reduce__(self):
        return exec, ("open('/tmp/planted_by_an_attack', 'w').close()",)


def build(folder: Path) -> None:
    np.savez(folder / "best_model.npz", W=np.array([Bomb()], dtype=object))
