"""Broken notebooks."""

from pathlib import Path


def build(folder: Path) -> None:
    first, second, third, fourth, *_ = sorted(folder.glob("*.ipynb"))
    first.write_text("{'cells': [")
    second.write_bytes(bytes(range(256)) * 100)
    third.write_bytes(b"")
    fourth.write_text("[" * 1_000_000)
