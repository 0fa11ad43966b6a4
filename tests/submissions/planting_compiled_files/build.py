"""Files that Python can import without a source."""

from pathlib import Path


def build(folder: Path) -> None:
    cache = folder / "cs231n_utils" / "__pycache__"
    cache.mkdir(exist_ok=True)
    for name in ("linear_svm.cpython-310.pyc", "linear_svm.cpython-311.pyc", "linear_svm.cpython-312.pyc"):
        (cache / name).write_bytes(b"\0" * 64)
    for name in ("linear_svm.pyc", "linear_svm.so", "linear_svm.abi3.so", "x.pth"):
        (folder / "cs231n_utils" / name).write_bytes(b"\0" * 64)
