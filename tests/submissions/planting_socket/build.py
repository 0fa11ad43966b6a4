"""A socket and a folder."""

import os
import socket
from pathlib import Path


def build(folder: Path) -> None:
    for name in ("softmax.py", "linear_svm.py"):
        (folder / "cs231n_utils" / name).unlink()
    (folder / "cs231n_utils" / "softmax.py").mkdir()
    here = os.getcwd()
    os.chdir(folder / "cs231n_utils")  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("linear_svm.py")
    os.chdir(here)
