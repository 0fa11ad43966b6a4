"""What best_model.npz is, where it is no .npz file with an array W."""

from __future__ import annotations

from collections.abc import Sequence

_SAVE = 'Save it with np.savez("best_model.npz", W=model.W).'
_EXPECTED = f"expected a file of np.savez. {_SAVE}"
# What files begin with.
_KINDS = (
    (b"\x93NUMPY", "one array of np.save, under another name"),
    (b"\x80", "a pickle"),
    (b"\x89HDF", "an HDF5 file, as Keras and h5py write them"),
    (b"MATLAB", "a file of MATLAB"),
    (b"version https://git-lfs", "what Git LFS puts in the place of a file"),
    (b"<", "a web page"),
    (b"\x1f\x8b", "a file of gzip"),
    (b"7z\xbc\xaf", "a file of 7-Zip"),
    (b"Rar!", "a file of RAR"),
    (b"{", "JSON"),
)
_ZIP = b"PK"
NEEDED = 32  # bytes of a file's beginning that tell what it is


def fault(beginning: bytes) -> str:
    """What the file is instead, for behind its name; "" if it may be a file of np.savez."""
    if not beginning:
        return f"is empty; {_EXPECTED}"
    if beginning.startswith(_ZIP):
        return ""
    for mark, kind in _KINDS:
        if beginning.lstrip().startswith(mark):
            return f"is {kind}; {_EXPECTED}"
    text = all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in beginning)
    return f"is {'plain text' if text else 'a file of another kind'}; {_EXPECTED}"


def without_W(names: Sequence[str]) -> str:
    """What a zip file without an array W holds, for behind its name.

    names : as np.load gives them: arrays, and files that are none, with their endings
    """
    listed = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    if any("." in name or "/" in name for name in names):
        return f"is a zip file of other files ({listed}); {_EXPECTED}"
    return f"has no array W (found: {listed or 'nothing'}). {_SAVE}"


def unreadable(reason: str) -> str:
    """What to do where NumPy cannot read a zip file, for behind its name.

    reason : the text of NumPy's exception
    """
    if "allow_pickle" in reason:
        return f"holds Python objects in W; expected an array of floats. {_SAVE}"
    return f"cannot be read to its end: it is cut off or damaged. {_SAVE}"
