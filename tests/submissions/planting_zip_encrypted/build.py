"""The flag is set, and there is no password."""

from pathlib import Path

from tests.support.attack_cases import hand_in_zip


def build(folder: Path) -> None:
    archive = hand_in_zip(folder)
    data = bytearray(archive.read_bytes())
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(mark, at + 4)
    archive.write_bytes(data)
