"""Gradebook files as platforms export them, what the platforms' importers take from a file, and
results to give back.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Loss functions (555),Quiz (556),Current Score
    Points Possible,,,,,100.00,10.00,(read only)
"Li, Ann",1001,s1,annli,Lecture 1,,9.50,88
"O'Neil, ""Bo"", Jr.",1002,s2,bo,"Lecture 1, Lab 2",,,
"=HYPERLINK(""http://x"")",1003,s3,eve,Lecture 1,,,
"""
MOODLE = '''\
Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,\
Last modified (submission),Last modified (grade),Feedback comments
Participant 1,Ann Li,ann@x.edu,Submitted for grading,,100.00,Yes,"Friday, 20 November",-,"a
note, with ""quotes"""
Participant 2,Bo Neil,bo@x.edu,Submitted for grading,,100.00,Yes,-,-,
Participant 3,=Eve,eve@x.edu,No submission,,100.00,Yes,-,-,
'''
MOODLE_DE = """\
ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,\
Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar
Teilnehmer/in1,Ann Li,ann@x.edu,Abgegeben,,"100,00",Ja,"Freitag, 20. November",-,
Teilnehmer/in2,Bo Neil,bo@x.edu,Abgegeben,,"100,00",Ja,-,-,
Teilnehmer/in3,Eve,eve@x.edu,Keine Abgabe,,"100,00",Ja,-,-,
"""
BRIGHTSPACE = """\
OrgDefinedId,Username,Last Name,First Name,Email,Loss functions Points Grade,End-of-Line Indicator
#s1,#annli,Li,Ann,ann@x.edu,,#
#s2,#bo,"O'Neil, Jr.",Bo,bo@x.edu,,#
#s3,#eve,=Eve,,eve@x.edu,,#
"""
BLACKBOARD = '''\
"Last Name"\t"First Name"\t"Username"\t"Loss functions [Total Pts: 100 Score] |12345"\
\t"Weighted Total [Total Pts: up to 100 Score] |9"
"Li"\t"Ann"\t"annli"\t""\t"12"
"O'Neil, ""Jr."""\t"Bo"\t"bo"\t""\t""
"=Eve"\t""\t"eve"\t""\t""
'''
_TABLE = "student,name,email,status,total,max_total\r\n"
_HAND_INS = (
    "student,name,email,platform,platform_id,attachment_id,handed_in,late_flag,source,taken,note"
)


def results(
    folder: Path, grades: dict[str, tuple[str, str]], hand_ins: tuple[str, ...] = ()
) -> Path:
    """A folder of results: student -> (status, total) of 100; and rows of hand_ins.csv."""
    folder.mkdir(exist_ok=True)
    rows = [f"{who},,,{status},{total},100\r\n" for who, (status, total) in grades.items()]
    (folder / "grades.csv").write_text(_TABLE + "".join(rows), newline="")
    if hand_ins:
        (folder / "hand_ins.csv").write_text("\r\n".join([_HAND_INS, *hand_ins, ""]), newline="")
    return folder


def canvas_takes(content: bytes, assignment: str) -> dict[str, str]:
    """Canvas's id -> the grade that Canvas stores for an assignment's id."""
    text = content.decode("utf-8-sig")
    first = text.splitlines()[0]
    rows = list(csv.reader(io.StringIO(text), delimiter=max(",;", key=first.count)))
    header = rows[0]
    assert "Student" in header[0] and "ID" in header[1]
    sections = [k for k, name in enumerate(header) if "Section" in name]
    (column,) = [k for k, name in enumerate(header) if name.endswith(f" ({assignment})")]
    assert sections and column > sections[-1]
    taken = {}
    for row in rows[1:]:
        grade = row[column].strip() if row else ""
        if row and "Points Possible" not in row[0] and grade not in ("", "-", "Manual Posting"):
            assert grade == "EX" or re.fullmatch(r"\d+([.,]\d{1,2})?", grade), grade
            taken[row[1]] = grade
    return taken


def moodle_takes(content: bytes, headers: tuple[str, str, str], mark: str) -> dict[str, float]:
    """Participant's number -> the grade that Moodle stores.

    headers : of the participant, the grade and the maximum, in the user's language
    """
    who, grade, maximum = headers
    taken = {}
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"))):
        text = row[grade]
        if text in ("", "-"):
            continue  # skipped without a word
        assert re.fullmatch(rf"\d+(\{mark}\d+)?", text), text
        points = float(text.replace(mark, "."))
        if points <= float(row[maximum].replace(mark, ".")):
            taken[re.sub(r"\D", "", row[who])] = points
    return taken
