"""Two copies of the modules; the shorter prefix counts."""

from pathlib import Path

from tests.support.attack_cases import hand_in_zip


def build(folder: Path) -> None:
    wrong = {f"../../{path.relative_to(folder).as_posix()}": b"raise SystemExit" for path in folder.glob("cs231n_utils/*.py")}
    hand_in_zip(folder, wrong)
