"""What grading leaves in its output folder: reports, feedback pages, the table and the overview. The gradebook is apart."""

from __future__ import annotations

import csv
import json
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from cs231n_utils.exercises import EXERCISES
from grader import feedback
from grader.report import Report, folder_of, format_points

COLUMNS = ("student", "score", "max_score", "status", "sandbox_level")


def merge(earlier: Report | None, report: Report) -> Report:
    """A report of some exercises, completed by what an earlier report says of the others; the weaker level counts."""
    if earlier is None:
        return report
    known = {exercise.name: exercise for exercise in (*earlier.exercises, *report.exercises)}
    exercises = tuple(known[name] for name in EXERCISES if name in known)
    kept = sum(exercise.seconds for exercise in exercises if exercise not in report.exercises)
    return replace(report, level=max(earlier.level, report.level), exercises=exercises, seconds=round(report.seconds + kept, 3))


def load(folder: Path, student: str) -> Report | None:
    """The report that an earlier run left for a student, if there is one, and if it is whole."""
    path = folder / folder_of(student) / "report.json"
    if not path.is_file():
        return None
    try:
        report = Report.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None  # damaged: grading writes it anew
    return report if report.student == student else None  # Ann is not ann, whatever the file system thinks


def write_student(folder: Path, report: Report) -> None:
    """`<student>/feedback.html` and `<student>/report.json`, by which the next run knows that both are there."""
    home = folder / folder_of(report.student)
    home.mkdir(parents=True, exist_ok=True)
    write_whole(home / "feedback.html", feedback.student_page(report))
    write_whole(home / "report.json", _json(report))


def _json(report: Report) -> str:
    """JSON with a check a line, in ASCII: no escapes for terminals. (Asked to indent, Python encodes four times slower.)"""
    data = report.to_dict()
    exercises = []
    for exercise in data.pop("exercises"):
        checks = ",\n  ".join(map(json.dumps, exercise.pop("checks")))
        exercises.append(f'{json.dumps(exercise)[:-1]}, "checks": [\n  {checks}]}}')
    return f'{json.dumps(data)[:-1]}, "exercises": [\n ' + ",\n ".join(exercises) + "]}\n"


def write_class(folder: Path, reports: Iterable[Report]) -> None:
    """`grades.csv` and `index.html`, students in alphabetical order."""
    ordered = sorted(reports, key=lambda report: report.student)
    path = folder / "grades.csv"
    with open(path.with_suffix(".tmp"), "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, *EXERCISES])
        writer.writerows(_row(report) for report in ordered)
    os.replace(path.with_suffix(".tmp"), path)
    write_whole(folder / "index.html", feedback.class_page(ordered))


def _row(report: Report) -> Sequence[object]:
    points = {exercise.name: format_points(exercise.points) for exercise in report.exercises}
    return [_cell(report.student), format_points(report.score), format_points(report.max_score), report.status, report.level,
            *(points.get(name, "") for name in EXERCISES)]


def _cell(text: str) -> str:
    """A text on one line of which a spreadsheet computes nothing, also one that splits cells at other signs than commas."""
    parts = re.split(r"(?<=[,;|])", feedback.printable(text, keep=""))
    return "".join(f"'{part}" if _is_formula(part) else part for part in parts)


def _is_formula(text: str) -> bool:
    """Whether a sign comes before the first letter or digit, whatever a spreadsheet may strip, or not see, before that."""
    for character in unicodedata.normalize("NFKC", text):  # full-width and superscript signs are signs
        if character.isalnum():
            return False
        if character in "@%|" or unicodedata.category(character) in ("Sm", "Pd"):  # = + and kin; - and all dashes
            return True
    return False


def write_whole(path: Path, text: str) -> None:
    """Write whole or not at all: a reader never sees half a page."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
