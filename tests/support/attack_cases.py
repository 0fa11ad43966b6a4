"""The corpus of hostile, broken and odd submissions in `tests/submissions/`: what each case is, and
how it is written out.

A case is a folder. `case.json` says what it tries and the verdict it must get:

    about     one sentence
    base      what it starts from: the "kit", in which nothing is written, or the "reference", in
              which all is right
    family    reading, lying, ending, exhausting, reaching, planting, order or innocent
    points    exercise -> the most it may earn; in all other exercises it earns exactly what its
              base does
    says      exercise -> text that one of its messages must hold (optional)
    notes     text that the report's notes must hold (optional)
    innocent  true for what must keep full marks (optional)
    levels    the sandbox levels that promise the verdict, if not all do (optional)
    student   the name that it is handed in under, if the name is the attack (optional)

Beside it: `append/<module>.py`, code that goes to the end of a module of the base
(`append/every_module.py`: of each of them); `files/`, laid over the base; and `build.py` with
`build(folder)` for what git cannot hold, such as links, pipes and zips. `build.py` is ours, and
runs in the test; everything else is theirs, and runs in the sandbox only. It does no harm outside
of it either: where it counts, an attack pays for itself. Its function gives the right answer only
if the attack has worked, so success shows in the points.
"""

from __future__ import annotations

import json
import runpy
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MODULES
from grader.checks import session
from grader.checks.session import Patience
from grader.kit import sample_class
from grader.sandbox import connection

CORPUS = Path(__file__).parents[1] / "submissions"
FAMILIES = ("reading", "lying", "ending", "exhausting", "reaching", "planting", "order", "innocent")
# In the name and the content of every file that a case tries to leave anywhere.
MARK = "planted_by_an_attack"


class CannotBuild(Exception):
    """This user cannot make what the case consists of; the text says why."""


@dataclass(frozen=True)
class Case:
    """One submission, and the verdict it must get; the fields are those of `case.json`."""

    name: str
    about: str
    base: str
    family: str
    points: Mapping[str, float]
    says: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    innocent: bool = False
    levels: tuple[str, ...] = ("A", "B")
    student: str = ""

    @property
    def folder(self) -> Path:
        return CORPUS / self.name

    def most(self, exercise: str) -> float:
        """The most points that it may have in an exercise."""
        return self.points.get(exercise, self.base_points(exercise))

    def base_points(self, exercise: str) -> float:
        return EXERCISES[exercise].points if self.base == "reference" else 0


def load_cases() -> list[Case]:
    """All cases, by name."""
    return [_load(path.parent) for path in sorted(CORPUS.glob("*/case.json"))]


def _load(folder: Path) -> Case:
    data = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    levels = tuple(data.pop("levels", Case.levels))
    student = data.pop("student", folder.name)
    return Case(name=folder.name, levels=levels, student=student, **data)


def base_files(base: str, kit: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files that a case starts from; `kit` is what `release.kit_files` gives."""
    return {**kit, **sample_class.reference_files()} if base == "reference" else dict(kit)


def files_of(case: Case, kit: Mapping[str, bytes]) -> dict[str, bytes]:
    """What its student hands in, but for what only `build.py` can make."""
    files = base_files(case.base, kit)
    for path in sorted((case.folder / "append").glob("*.py")):
        for name in MODULES if path.stem == "every_module" else [path.stem]:
            files[f"cs231n_utils/{name}.py"] += b"\n\n" + path.read_bytes()
    overlay = case.folder / "files"
    return files | {
        path.relative_to(overlay).as_posix(): path.read_bytes()
        for path in overlay.rglob("*")
        if path.is_file()
    }


def write(case: Case, submitted: Path, kit: Mapping[str, bytes]) -> None:
    """Write a case as its student would hand it in, below `submitted`. Raises CannotBuild where
    this user cannot.
    """
    sample_class.write_class({case.student: files_of(case, kit)}, submitted)
    build = case.folder / "build.py"
    if build.exists():
        try:
            runpy.run_path(str(build))["build"](submitted / case.student / ASSIGNMENT)
        except CannotBuild:
            shutil.rmtree(submitted / case.student)
            raise


def hand_in_zip(
    folder: Path, more: Mapping[str | zipfile.ZipInfo, bytes] | None = None, prefix: str = ""
) -> Path:
    """Hand the files of `folder` in as a zip instead, with more members behind them; for
    `build.py`.
    """
    student = folder.parent
    archive = student.with_name(f"{student.name}.zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                out.write(path, prefix + path.relative_to(folder).as_posix())
        for member, content in (more or {}).items():
            out.writestr(member, content)
    shutil.rmtree(student)
    return archive


def handle_impatiently(*arguments: object) -> object:
    """Stands in for `pool._handle` in the grading processes: attacks that hang cost a second, not
    ten.
    """
    from grader.grading import pool  # the real one: this runs in a process of its own

    connection.CPU_LIMIT, connection.WALL_LIMIT, connection._LAST_BREATH = 0.5, 6.0, 0.2
    session.ONE_TRIP_CPU_SECONDS, session.SYNC_SECONDS = 0.5, 0.3
    pool.FIRST_PASS, pool.FULL = Patience(4.0, final=False), Patience(20.0, final=True)
    return pool._handle(*arguments)
