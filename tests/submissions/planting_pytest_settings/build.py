"""Settings in every file that pytest reads."""

from pathlib import Path


def build(folder: Path) -> None:
    settings = "addopts = -p planted --collect-only --deselect grader\n"
    (folder / "pytest.ini").write_text("[pytest]\n" + settings)
    (folder / "tox.ini").write_text("[pytest]\n" + settings)
    (folder / "setup.cfg").write_text("[tool:pytest]\n" + settings)
    (folder / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "-p planted"\n')
    (folder / "planted.py").write_text("open('/tmp/planted_by_an_attack', 'w')\n")
