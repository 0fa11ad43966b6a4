"""Sizes that are not those of the content: a hole of a terabyte, in each way to write it, and a negative size at last."""

from pathlib import Path

from tests.support.tars import hand_in_tar, member, pax


def build(folder: Path) -> None:
    hand_in_tar(folder, [
        member("cs231n_utils/old.py", b"x = 1\n", b"S", fields={257: b"ustar  \0", 483: b"%011o" % (7 << 30)}),
        pax(GNU_sparse_major="1", GNU_sparse_minor="0", GNU_sparse_name="cs231n_utils/new.py", GNU_sparse_realsize=str(1 << 40)),
        member("GNUSparseFile.0/new.py", b"1\n0\n6\n" + bytes(506) + b"x = 1\n"),
        member("cs231n_utils/zzz.py", b"x = 1\n", fields={124: b"\xff" * 12}),
    ])
