"""Collects the hidden checks with pytest, once in each process.

A check is a test method of a class with

    exercise = "svm_loss_naive"          the exercise that it belongs to
    points = {"shapes": 1, "loss": 2}    what each test method (without "test_") is worth

Its fixtures are `student`, the submission under test, and `rng`, random numbers that are the same
at every grading of this student; there are no others. The first paragraph of its docstring is the
title that students read. A parametrized check is one check: it passes when all of its cases pass.
`@needs("shapes")` skips a check, with no points, if the check "shapes" has failed, which must come
before it in `points`; `@needs_any("loss", "gradient")` does so only if all of them have failed.
"""

from __future__ import annotations

import functools
import gc
import itertools
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cs231n_utils.exercises import EXERCISES
from grader.faults import ChecksFault
from grader.paths import GRADER

FIXTURES = ("student", "rng")
PYTEST = [
    "--import-mode=importlib",
    "--assert=plain",
    "--capture=no",
    "--noconftest",
    "-c",
    os.devnull,
    f"--rootdir={GRADER}",  # names of modules are relative to this folder
    *(
        f"-pno:{name}"
        for name in (
            "cacheprovider",
            "terminal",
            "logging",
            "warnings",
            "faulthandler",
            "unraisableexception",
            "threadexception",
            "junitxml",
            "doctest",
            "stepwise",
            "pastebin",
            "debugging",
            "nose",
        )
    ),
]


@dataclass(frozen=True)
class Case:
    """A check with one set of its parameters.

    All that grading needs of pytest's item is read once, because pytest looks for it each time.

    item : pytest's
    owner, method : the class, and the name of the test method
    parameters : those that `parametrize` gives, by name
    fixtures : which of FIXTURES the method takes
    """

    item: pytest.Function
    owner: type
    method: str
    parameters: Mapping[str, object]
    fixtures: tuple[str, ...]


@dataclass(frozen=True)
class HiddenCheck:
    """A check as pytest has collected it.

    title : the sentence that students read
    needs : groups of names of checks; it builds on one check of each group
    cases : one for each set of its parameters
    """

    name: str
    title: str
    points: float
    needs: tuple[tuple[str, ...], ...]
    cases: tuple[Case, ...]


@functools.cache
def collect(topics: Path) -> Mapping[str, Sequence[HiddenCheck]]:
    """Exercise -> its checks, from the test files of this folder; raises ChecksFault."""
    collection = _Collection()
    with own_pytest_settings():
        status = pytest.main([*PYTEST, str(topics)], plugins=[collection])
    if collection.failures or not collection.checks:
        reasons = "; ".join(collection.failures) or f"pytest ended with status {int(status)}"
        raise ChecksFault(f"The hidden checks cannot be collected: {reasons}")
    # All that exists now lasts as long as the process, so later searches for garbage leave it out:
    # otherwise they take 2 % of the time of grading.
    gc.collect()
    gc.freeze()
    return collection.checks


class _Collection:
    """A pytest plugin that keeps what was collected, and why anything was not; it runs nothing."""

    def __init__(self) -> None:
        self.checks: dict[str, list[HiddenCheck]] = {}
        self.failures: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        for mark in (
            "needs(*checks): skip, without points, when one of these checks failed",
            "needs_any(*checks): skip, without points, when all of these checks failed",
        ):
            config.addinivalue_line("markers", mark)

    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        for item in items:
            if getattr(item.cls, "exercise", None) not in EXERCISES:
                raise ChecksFault(
                    f"{item.nodeid} belongs to the exercise"
                    f" {getattr(item.cls, 'exercise', None)!r}; expected a name of"
                    " cs231n_utils/exercises.py as `exercise` of its class."
                )
        for name in EXERCISES:
            self.checks[name] = checks_of([item for item in items if item.cls.exercise == name])

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failures.append(str(report.longrepr))

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        has_sentence = isinstance(excinfo.value, ChecksFault)
        self.failures.append(
            str(excinfo.value) if has_sentence else f"{excinfo.typename}: {excinfo.value}"
        )
        return True  # `collect` raises it; pytest need not print it

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        return True


@contextmanager
def own_pytest_settings() -> Iterator[None]:
    """Ignore the machine's environment variables that would make pytest load or do more."""
    kept = {
        name: os.environ.pop(name, None)
        for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    }
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update({name: value for name, value in kept.items() if value is not None})


def checks_of(items: Sequence[pytest.Function]) -> list[HiddenCheck]:
    """The checks of one exercise, in the order of its points table. Raises ChecksFault.

    The table must name every check and no other, and a check builds on those before it in the
    table.
    """
    cases: dict[str, list[Case]] = defaultdict(list)
    for item in items:
        cases[item.originalname.removeprefix("test_")].append(_case(item))
    points = items[0].cls.points if items else {}
    if set(points) != set(cases):
        raise ChecksFault(f"points {sorted(points)} and checks {sorted(cases)} differ")
    checks = [_check(name, worth, cases[name]) for name, worth in points.items()]
    for place, check in enumerate(checks):
        before = [earlier.name for earlier in checks[:place]]
        for need in dict.fromkeys(itertools.chain(*check.needs)):
            if need not in before:
                raise ChecksFault(
                    f"{check.cases[0].item.nodeid} needs {need!r}; expected one of the checks"
                    f" before it in `points`: {', '.join(before) or 'there is none'}."
                )
    return checks


def _case(item: pytest.Function) -> Case:
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    fixtures = [name for name in item.fixturenames if name not in parameters]
    if unknown := set(fixtures) - set(FIXTURES):
        raise ChecksFault(
            f"{item.nodeid} needs the fixtures {', '.join(sorted(unknown))}; hidden checks have"
            " only `student`, `rng` and their own parameters"
        )
    return Case(item, item.cls, item.originalname, parameters, tuple(fixtures))


def _check(name: str, points: float, cases: Sequence[Case]) -> HiddenCheck:
    item = cases[0].item
    title = " ".join((item.function.__doc__ or name).strip().partition("\n\n")[0].split())
    each = [(need,) for mark in item.iter_markers("needs") for need in mark.args]
    any_of = [mark.args for mark in item.iter_markers("needs_any")]
    return HiddenCheck(name, title, points, (*each, *any_of), tuple(cases))
