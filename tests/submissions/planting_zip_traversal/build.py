"""Members that lead elsewhere."""

from pathlib import Path

from tests.support.attack_cases import hand_in_zip


def build(folder: Path) -> None:
    names = ["../../planted_by_an_attack.py", "/tmp/planted_by_an_attack.py",
             "..\\..\\planted_by_an_attack.py",
             "C:\\planted_by_an_attack.py",
             "cs231n_utils/../../planted_by_an_attack.py", "cs231n_utils/./../planted_by_an_attack.py"]
    hand_in_zip(folder, {name: b"planted" for name in names})
