"""A long table of contents."""

from pathlib import Path

from tests.support.attack_cases import hand_in_zip


def build(folder: Path) -> None:
    hand_in_zip(folder, {f"{'x' * 900}/{k}": b"" for k in range(5_000)})
