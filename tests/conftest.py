"""What many tests look at: the student kit, and the sample class graded once, through the real
sandbox. And how a run is spread over processes, and what it says at its end.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from grader.__main__ import main
from grader.kit import sample_class
from grader.kit.release import kit_files
from tests.support.course_copy import own_gradebook

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
    assert main(["grade", str(submitted), "--out", str(out), *own_gradebook(out)]) == 0
    return out


# --- many processes -------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what looks at the sample class. Where tests run in many processes, put slow ones first:
    what is left at the end, when a process has nothing more to begin with, is short.

    The groups come first among them: whoever splits a file into groups does so because it is long.
    """
    for item in items:
        if "graded_class" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.xdist_group("the sample class"))
        if not _is_fast(item):
            item.add_marker(pytest.mark.no_cover)  # most of it runs in other processes, anyway
    if hasattr(config, "workerinput"):
        items.sort(
            key=lambda item: (_is_fast(item), item.get_closest_marker("xdist_group") is None)
        )


def _is_fast(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """`--dist=loadgroup`, with a file's tests in one process where no group is named: what a file
    sets up for all of its tests is set up once.
    """
    from xdist.scheduler import LoadGroupScheduling

    if config.getoption("dist") != "loadgroup":
        return None

    class GroupOrFile(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            scope = super()._split_scope(nodeid)
            return scope.split("::")[0] if scope == nodeid else scope

    return GroupOrFile(config, log)


# --- the last line --------------------------------------------------------------------------------


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say in one line what was not tried, and why."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple)
    )
    parts = [f"{number} tests ({reason})" for reason, number in reasons.most_common()]
    if config.option.markexpr:
        parts.append(f"all that -m '{config.option.markexpr}' leaves out")
    terminalreporter.write_line(f"Not tried: {'; '.join(parts) or 'nothing'}.")
