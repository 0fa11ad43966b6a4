"""What many tests look at: the student kit, and the sample class graded once, through the real
sandbox.
"""

from pathlib import Path

import pytest

from grader.__main__ import main
from grader.kit import sample_class
from grader.kit.release import kit_files

# What students hand in, and code for the inside of the sandbox.
collect_ignore = ["submissions", "probes"]


@pytest.fixture(scope="session")
def kit() -> dict[str, bytes]:
    """The files of the student kit."""
    return kit_files()


@pytest.fixture(scope="session")
def submitted(kit, tmp_path_factory) -> Path:
    """The sample class, as it is handed in."""
    folder = tmp_path_factory.mktemp("class") / "submitted"
    sample_class.write_class(sample_class.sample_class(kit), folder)
    return folder


@pytest.fixture(scope="session")
def graded_class(submitted, tmp_path_factory) -> Path:
    """The output folder of `python -m grader grade` for the sample class."""
    out = tmp_path_factory.mktemp("graded") / "results"
    assert main(["grade", str(submitted), "--out", str(out)]) == 0
    return out
