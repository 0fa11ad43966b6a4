"""The roster, from a CSV of ours or from what platforms export, and what it says of hand-ins."""

import random
from datetime import UTC, datetime

import pytest

from grader.intake import roster
from grader.intake.hand_ins import HandIn
from grader.intake.roster import Person, Roster

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,HW (555)
    Points Possible,,,,,100.00
"Li, Ann",1001,12,annli,Lecture 1,
"Ott, Ben",1002,13,benott,Lecture 1,
"""
MOODLE = """Identifier,Full name,Email address,Last modified (submission),Last modified (grade)
Participant 1001,Ann Li,ann@x.edu,"Friday, 20 November 2026, 11:00 AM",-
Participant 1002,Ben Ott,ben@x.edu,-,-
"""
GERMAN = """ID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Zuletzt geändert (Abgabe)
Teilnehmer/in1001;Ann Li;ann@x.edu;Abgegeben;;Freitag, 20. November 2026, 11:00
Teilnehmer/in1002;Ben Ott;ben@x.edu;Keine Abgabe;;-
"""
BRIGHTSPACE = """OrgDefinedId,Username,Last Name,First Name,HW Points Grade,End-of-Line Indicator
#12,#annli,Li,Ann,,#
#13,#benott,Ott,Ben,,#
"""
BLACKBOARD = """"Last Name"	"First Name"	"Username"	"HW [Total Pts: 100 Score] |1"
"Li"	"Ann"	"annli"	""
"Ott"	"Ben"	"benott"	""
"""
OURS = "student,name,email,id\nannli,Ann Li,ann@x.edu,12\nbenott,Ben Ott,ben@x.edu,13\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize(
    "text, students",
    [
        (CANVAS, ["1001", "1002"]),
        (CANVAS.replace(",", ";").replace("Li; ", "Li, "), ["1001", "1002"]),
        (MOODLE, ["1001", "1002"]),
        (GERMAN, ["1001", "1002"]),
        (BRIGHTSPACE, ["annli", "benott"]),
        (BLACKBOARD, ["annli", "benott"]),
        (OURS, ["annli", "benott"]),
        (OURS.replace(",", "\t").replace("\n", "\r\n"), ["annli", "benott"]),
        ("\n\nUsername\nannli\nbenott\n", ["annli", "benott"]),
    ],
)
def test_every_platforms_file_serves_as_a_roster(tmp_path, text, students, encoding):
    path = tmp_path / "roster"
    path.write_bytes(text.encode(encoding))
    people = roster.read(path)
    assert [one.student for one in people] == students
    if len(text.splitlines()[0]) > 10:
        assert people[0].name.replace("Li Ann", "Ann Li") == "Ann Li"


def test_ids_and_times_are_read(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text(CANVAS)
    assert roster.read(path)[0].ids == ("1001", "12", "annli")
    path.write_text(MOODLE)
    assert [one.handed_in for one in roster.read(path)] == [
        datetime(2026, 11, 20, 11, 0, tzinfo=UTC),
        None,
    ]


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "is no table"),
        (b"a,b\n1,2\n", r"names no students \(its columns: a, b\)"),
        (None, r"cannot be read \(No such file"),
        (b'student\n"' + b"x" * 200_000, "is no table"),
    ],
)
def test_what_is_no_roster_is_said(tmp_path, content, says):
    if content is not None:
        (tmp_path / "roster.csv").write_bytes(content)
    with pytest.raises(roster.RosterUnusable, match=says):
        roster.read(tmp_path / "roster.csv")


def test_of_a_class_of_300_and_a_roster_of_303_it_is_said_who_is_missing_and_who_unknown():
    people = [Person(f"s{k}", f"Name {k}", f"s{k}@x.edu", (str(k),)) for k in range(303)]
    hand_ins = [HandIn(f"s{k}") for k in range(298)] + [HandIn("S298"), HandIn("guest")]
    random.Random(1).shuffle(hand_ins)
    found = Roster(people).compare(hand_ins)
    assert [one.student for one in found if one.missing] == ["s299", "s300", "s301", "s302"]
    assert [one.student for one in found if one.unknown] == ["guest"]
    (differs,) = (one for one in found if one.student == "S298")
    assert differs.note == "The roster spells the name s298." and differs.email == "s298@x.edu"
    assert len(found) == 304 and all(one.taken != one.missing for one in found)


@pytest.mark.parametrize(
    "hand_in",
    [
        HandIn("ann"),
        HandIn("x", platform_id="12"),
        HandIn("x", email="Ann@X.edu"),
        HandIn("12"),
        HandIn("77", name="Ann Li"),
    ],
)
def test_a_hand_in_is_known_by_student_id_address_or_name(hand_in):
    (found,) = Roster([Person("ann", "Ann Li", "ann@x.edu", ("12",))]).compare([hand_in])
    assert not found.unknown and found.name == "Ann Li" and found.student == hand_in.student


def test_a_name_that_two_people_have_stands_for_none():
    people = [Person("a", "Ann Li"), Person("b", "Ann Li")]
    found = Roster(people).compare([HandIn("77", name="Ann Li")])
    assert [one.unknown for one in found] == [True, False, False]


def test_a_time_in_the_roster_fills_a_gap_only():
    noon, later = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
    people = Roster([Person("a", handed_in=noon), Person("b", handed_in=noon)])
    found = [people.with_time(one) for one in (HandIn("a"), HandIn("b", handed_in=later))]
    assert [one.handed_in for one in found] == [noon, later]
    assert found[0].note == "The time is that of the roster's file."


def test_who_handed_in_what_was_not_taken_is_not_missing_twice():
    found = Roster([Person("ann")]).compare([HandIn("ann", taken=False, note="It is empty.")])
    assert [(one.student, one.missing) for one in found] == [("ann", False)]


def test_letters_that_are_written_in_two_ways_are_one_name():
    found = Roster([Person("Zo\u00eb")]).compare([HandIn("Zoe\u0308")])
    assert [(one.unknown, one.missing) for one in found] == [(False, False)]
