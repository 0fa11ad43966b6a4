"""As `tar czf` makes it on a Mac: the folder's own entry, './' before all names, forks beside the files, attributes."""

import shutil
import tarfile
from pathlib import Path


def build(folder: Path) -> None:
    for path in sorted(folder.rglob("*.py")):
        path.with_name(f"._{path.name}").write_bytes(b"\0\5\x16\7")
    student = folder.parent

    def with_attribute(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.pax_headers = {"LIBARCHIVE.xattr.com.apple.quarantine": "MDA4MTs="}
        return info

    with tarfile.open(student.with_name(f"{student.name}.tar.gz"), "w:gz", format=tarfile.PAX_FORMAT, compresslevel=1) as archive:
        archive.add(folder, "./Meine Lösung 2", filter=with_attribute)
    shutil.rmtree(student)
