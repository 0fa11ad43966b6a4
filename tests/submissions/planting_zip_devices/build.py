"""Unusual kinds of files."""

import stat
import zipfile
from pathlib import Path

from tests.support.attack_cases import hand_in_zip


def build(folder: Path) -> None:
    members = {}
    for kind in (stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK, stat.S_IFREG | stat.S_ISUID):
        member = zipfile.ZipInfo(f"cs231n_utils/kind_{kind}.py")
        member.create_system, member.external_attr = 3, (kind | 0o777) << 16
        members[member] = b""
    hand_in_zip(folder, members)
