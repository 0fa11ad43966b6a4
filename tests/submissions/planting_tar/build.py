"""An archive is a submission, or it is nothing: within one, nobody unpacks it."""

import tarfile
from pathlib import Path


def build(folder: Path) -> None:
    with tarfile.open(folder / "work.tar.gz", "w:gz") as archive:
        for name in ("../../planted_by_an_attack", "/tmp/planted_by_an_attack"):
            archive.addfile(tarfile.TarInfo(name))
        link = tarfile.TarInfo("cs231n_utils/linear_svm.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
