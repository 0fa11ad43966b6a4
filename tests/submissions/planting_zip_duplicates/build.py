"""Which of the two counts must not matter to anybody else."""

import warnings
from pathlib import Path

from tests.support.attack_cases import hand_in_zip


def build(folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile remarks on the second
        hand_in_zip(folder, {"cs231n_utils/linear_svm.py": b"raise SystemExit\n"})
