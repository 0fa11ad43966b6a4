"""An npz file of a few bytes with an enormous claim in its header."""

import io
import zipfile
from pathlib import Path

from numpy.lib import format as npy


def build(folder: Path) -> None:
    header = io.BytesIO()
    npy.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)})
    with zipfile.ZipFile(folder / "best_model.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W.npy", header.getvalue() + bytes(64))
