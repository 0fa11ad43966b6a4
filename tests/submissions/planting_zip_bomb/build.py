"""Zeros, well compressed."""

from pathlib import Path

from tests.support.attack_cases import hand_in_zip


def build(folder: Path) -> None:
    hand_in_zip(folder, {f"cs231n_utils/{name}.py": bytes(30 << 20) for name in "abcdefghij"})
