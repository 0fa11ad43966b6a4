"""A small archive with the structure of CIFAR-10's python version, made as Python 2 and the NumPy
of 2009 made it.
"""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
from typing import ClassVar

import numpy as np

ROWS = 20  # in each of the six batches
FOLDER = "cifar-10-batches-py"
BATCHES = [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]


class Python2Pickler(pickle._Pickler):
    """Writes text and bytes as Python 2 strings, and arrays under their names of that time."""

    # the pickler written in Python, because the one in C has no hook for text
    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_string(self, text):
        raw = text if isinstance(text, bytes) else text.encode("latin1")
        self.write(pickle.BINSTRING + struct.pack("<i", len(raw)) + raw)

    dispatch[str] = dispatch[bytes] = save_string

    def reducer_override(self, thing):
        if isinstance(thing, np.dtype):
            # Align and copy were integers.
            return np.dtype, (thing.str[1:], 0, 1), thing.__reduce__()[2]
        return NotImplemented

    def save_global(self, thing, name=None):
        module = "numpy.core.multiarray" if thing.__name__ == "_reconstruct" else thing.__module__
        self.write(pickle.GLOBAL + f"{module}\n{thing.__name__}\n".encode())

    dispatch[type] = dispatch[type(np.empty(0).__reduce__()[0])] = save_global


def python2_pickle(value: object) -> bytes:
    out = io.BytesIO()
    Python2Pickler(out, protocol=2).dump(value)
    return out.getvalue()


def batches() -> dict[str, dict]:
    """File name -> its content: coarse stripes, so that the archive is much smaller than any file
    in it.
    """
    rng = np.random.default_rng(10)
    return {
        name: {
            "batch_label": name,
            "labels": [int(label) for label in rng.integers(0, 10, ROWS)],
            # (ROWS, 3072).
            "data": np.repeat(rng.integers(0, 256, (ROWS, 48), dtype=np.uint8), 64, axis=1),
            "filenames": [f"{name}_{row}.png" for row in range(ROWS)],
        }
        for name in BATCHES
    }


def archive(without: str = "") -> bytes:
    """The .tar.gz, perhaps without one of its files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in {**batches(), "batches.meta": {"num_vis": 3072}}.items():
            if name != without:
                raw = python2_pickle(content)
                entry = tarfile.TarInfo(f"{FOLDER}/{name}")
                entry.size = len(raw)
                tar.addfile(entry, io.BytesIO(raw))
    return out.getvalue()
