"""Images and labels as they lie in datasets/, read once their checksums are right. Complete.

`data` splits and preprocesses them.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
from pathlib import Path

import numpy as np

# Windows has no bash.
FETCH = "python -m cs231n_utils.get_datasets" if os.name == "nt" else "bash get_datasets.sh"

# Images, integer ndarray of shape (N, ...), and labels, integer ndarray of shape (N,).
Rows = tuple[np.ndarray, np.ndarray]


def embedded(path: Path) -> Rows:
    """Read an embedded data set, once it has the sha256 that lies beside it."""
    again = "Copy the datasets folder from the assignment again."
    checksum = path.with_name(f"{path.name}.sha256")
    for needed in (path, checksum):
        if not needed.is_file():
            raise FileNotFoundError(f"load: {needed} is missing. {again}")
    content = path.read_bytes()
    _require_sha256("load", path, content, checksum.read_text().split()[0], again)
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return arrays["images"], arrays["labels"]


def cifar10(folder: Path) -> tuple[Rows, Rows]:
    """Read the training and the test rows of CIFAR-10, as `get_datasets.sh` leaves them."""
    checksums = _cifar10_checksums(folder)
    batches = [_cifar10_batch(folder / f"data_batch_{k}", checksums) for k in range(1, 6)]
    images = np.concatenate([batch[0] for batch in batches])
    labels = np.concatenate([batch[1] for batch in batches])
    return (images, labels), _cifar10_batch(folder / "test_batch", checksums)


def _cifar10_checksums(folder: Path) -> dict[str, str]:
    """File name -> sha256, from the list that get_datasets.sh writes when all else is in place."""
    if not folder.is_dir():
        raise FileNotFoundError(f"load_cifar10: {folder} is missing. Run: {FETCH}")
    listing = folder / "SHA256SUMS"
    if not listing.is_file():
        raise FileNotFoundError(
            f"load_cifar10: {folder} has no SHA256SUMS, so it was not unpacked by get_datasets.sh "
            f"and may be incomplete. Move it away, then run: {FETCH}"
        )
    pairs = (line.split() for line in listing.read_text().splitlines())
    return {name.lstrip("*"): digest for digest, name in pairs}


def _cifar10_batch(path: Path, checksums: dict[str, str]) -> Rows:
    """Read one batch file: uint8 images of shape (N, 32, 32, 3), and labels of shape (N,)."""
    if path.name not in checksums or not path.is_file():
        raise FileNotFoundError(f"load_cifar10: {path} is missing. Run: {FETCH}")
    content = path.read_bytes()
    _require_sha256("load_cifar10", path, content, checksums[path.name], f"Run: {FETCH}")
    batch = _ArrayUnpickler(io.BytesIO(content), encoding="latin1").load()
    # The file stores one colour plane after the other.
    images = batch["data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), np.array(batch["labels"])


# Names that NumPy had when the batches were written, and what they stand for today.
_PICKLED_ARRAYS = {
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy", "ndarray"): np.ndarray,
    # the files give align as the integer 0, which NumPy 2.4 deprecates
    ("numpy", "dtype"): lambda name, align, copy: np.dtype(name),
}


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickles arrays and plain values, all that a CIFAR-10 batch holds, and refuses the rest."""

    def find_class(self, module: str, name: str) -> object:
        try:
            return _PICKLED_ARRAYS[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"load_cifar10: a batch file asks for {module}.{name}; expected arrays only. "
                f"Delete datasets/cifar-10-batches-py and run: {FETCH}"
            ) from None


def _require_sha256(caller: str, path: Path, content: bytes, expected: str, next_step: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ValueError(
            f"{caller}: {path} is damaged: its sha256 is {found[:12]}...; "
            f"expected {expected[:12]}.... {next_step}"
        )
