"""The class page: its figures are those of the reports, whoever is on it, and no damaged report
stops it.
"""

from __future__ import annotations

import base64
import json
import re
import signal
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import unquote

import pytest

from cs231n_utils.exercises import EXERCISES, MAX_SCORE, NOTEBOOKS
from grader.__main__ import main
from grader.diagnosis import hints
from grader.pages import class_page, class_rows, student_page
from grader.report import Check, ExerciseReport, Failure, Kind, LossCurve, Report, Verdict
from grader.results import store
from grader.sandbox import connection
from tests.support.course_copy import made_up_report, write_student
from tests.support.made_up_class import made_up_class

SVM, SOFTMAX = "svm_loss_naive", "softmax_loss_naive"
HALVED = "penalty gradient without its 2"
DETAIL = "Traceback (most recent call last):\n  ...\nSandboxFault: the sandbox ended"
UNJUDGED = Failure.not_judged(DETAIL)


class Page(HTMLParser):
    """The sections of a page by the id of their heading, as one line of text each; its links and
    its images.
    """

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.source, self.sections, self.links, self.images, self.tags = (
            source,
            {"": ""},
            [],
            [],
            set(),
        )
        self._open = ""
        self.feed(source)
        self.sections = {name: " ".join(text.split()) for name, text in self.sections.items()}

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.add(tag)
        if tag == "h2":
            self._open = attributes["id"]
            self.sections[self._open] = ""
        self.links += [attributes["href"]] if "href" in attributes else []
        self.images += [attributes] if tag == "img" else []

    def handle_data(self, data):
        self.sections[self._open] += f"{data} "


def exercise(name, outcome=1.0, **check):
    """One check, which passes or keeps a share of its points."""
    worth = EXERCISES[name].points
    verdict = check.pop("verdict", Verdict.PASSED if outcome == 1 else Verdict.FAILED)
    one = Check("one", "The one check.", verdict, outcome * worth, worth, **check)
    return ExerciseReport(name, EXERCISES[name].notebook, (one,))


def student(name, outcome=1.0, changes=(), level="A"):
    """All exercises with the same outcome, but for some."""
    changed = {one.name: one for one in changes}
    return Report(
        name, level, tuple(changed.get(one) or exercise(one, outcome) for one in EXERCISES)
    )


def rows(folder, *reports):
    for report in reports:
        write_student(folder, report)
    return class_rows.read(folder)[0]


def counted(folder, *reports):
    return class_page.counted(rows(folder, *reports))


def page(folder, *reports):
    return Page(class_page.page(counted(folder, *reports)))


def svg(page, number):
    """The texts and the fills of an image."""
    address = page.images[number]["src"].removeprefix("data:image/svg+xml;base64,")
    image = ET.fromstring(base64.b64decode(address))
    return [element.text for element in image.iter("{http://www.w3.org/2000/svg}text")], image


# --- what it says ---


def test_headline_figures_are_those_of_the_class(tmp_path):
    found = page(
        tmp_path,
        student("ann"),
        student("bob", 0.5),
        student("cy", 0, level="B"),
        student("di", level="B"),
    )
    for figure in (
        "students 4",
        f"mean score {0.625 * MAX_SCORE:.1f}",
        f"median half of the class: {0.375 * MAX_SCORE:g} to {MAX_SCORE} {0.75 * MAX_SCORE:g}",
        "not judged in part 0",
        "graded at sandbox level A 2",
        "graded at sandbox level B 2",
    ):
        assert figure in found.sections[""], figure


def test_histogram_holds_everybody_once_also_none_and_full_marks(tmp_path):
    found = page(
        tmp_path,
        student("ann"),
        student("bob", 0),
        student("cy", 0, [exercise("rel_error", 1)]),
        student("di", 0.5),
    )
    table = re.findall(r"(\d+) to (?:below )?(\d+) (\d+) \d+ %", found.sections["scores"])
    lows = range(0, MAX_SCORE, 5)
    half = int(MAX_SCORE / 2) // 5
    assert [int(count) for *_, count in table] == [
        {0: 2, half: 1, len(lows) - 1: 1}.get(k, 0) for k in range(len(lows))
    ]
    assert (table[0][:2], table[-1][:2]) == (("0", "5"), (str(lows[-1]), str(5 * len(lows))))
    texts, _ = svg(found, 0)
    assert texts[texts.index("students") + 1 :] == [
        "2",
        "1",
        "1",
        f"median {(2 + MAX_SCORE / 2) / 2:g}",
    ]


def test_each_exercise_has_its_shares_in_the_picture_and_in_the_table(tmp_path):
    found = page(
        tmp_path,
        student("ann"),
        student("bob", 0.5),
        student("cy", 0),
        student("di", 0, [exercise(SVM, 0, verdict=Verdict.NOT_JUDGED, failure=UNJUDGED)]),
    )
    assert f"{SVM} 1 (25 %) 1 (25 %) 1 (25 %) 1 (25 %) 4.12 of 11" in found.sections["exercises"]
    assert f"{SOFTMAX} 1 (25 %) 1 (25 %) 2 (50 %) 0 (0 %) 4.12 of 11" in found.sections["exercises"]
    texts, image = svg(found, 1)
    at = texts.index(SVM)
    assert texts[at + 1 : at + 5] == ["25 %"] * 4 and set(class_rows.OUTCOMES) <= set(texts)
    assert len(list(image.iter("{http://www.w3.org/2000/svg}pattern"))) == 2, (
        "a part, and not judged, also without colour"
    )


def test_a_mistake_of_several_exercises_has_one_row_with_its_hint_and_counts_a_student_once(
    tmp_path,
):
    made = [exercise(name, 0.5, mistake=HALVED) for name in (SVM, SOFTMAX)]
    found = page(
        tmp_path, student("ann", changes=made), student("bob", changes=made[:1]), student("cy")
    )
    entry = next(entry for entry in hints.bank(SVM) if entry.name == HALVED)
    assert (
        f"{HALVED} {entry.hint} 2 (67 %) {SVM} 2 {SOFTMAX} 1 {entry.concept}"
        in found.sections["mistakes"]
    )
    assert (
        "2 (67 %) make a known mistake" in found.sections["mistakes"]
        and HALVED in found.sections["short"]
    )


def test_two_mistakes_at_once_count_for_both_and_a_forgotten_name_is_shown_all_the_same(tmp_path):
    other = next(entry.name for entry in hints.bank(SVM) if entry.name != HALVED)
    pair, old = (
        exercise(SVM, 0, mistake=f"{HALVED} + {other}"),
        exercise(SVM, 0, mistake="no longer known"),
    )
    found = counted(
        tmp_path,
        student("ann", changes=[pair]),
        student("bob", changes=[pair]),
        student("cy", changes=[old]),
    ).mistakes
    assert [(one.name, one.students) for one in found] == [
        *((name, 2) for name in sorted([HALVED, other])),
        ("no longer known", 1),
    ]
    assert [bool(one.hint and one.concept) for one in found] == [True, True, False]


def test_who_needs_a_hand_passes_nothing_or_nothing_after_the_first_notebook_or_has_the_lowest(
    tmp_path,
):
    first = [exercise(name) for name, row in EXERCISES.items() if row.notebook == NOTEBOOKS[0]]
    class_ = [
        student("nothing", 0),
        student("stuck", 0, first),
        student("some", 0, [exercise(SVM)]),
        student("low", 0.25),
        student("waits", 0, [exercise(SVM, 0, verdict=Verdict.NOT_JUDGED)]),
        student("fine"),
    ]
    found = counted(tmp_path, *class_)
    assert ([*found.nothing], [*found.stuck]) == (["nothing"], ["stuck"])
    assert [row.student for row in found.low] == ["waits", "some", "low"]
    text = page(tmp_path).sections["hand"]
    assert "Nothing passes yet: 1 (17 %)" in text and f"after {NOTEBOOKS[0]} : 1 (17 %)" in text
    assert (
        f"some {EXERCISES[SVM].points} 1 of {len(EXERCISES)} {SVM}" in text
        and "waits 0*" in text
        and "fine" not in text
    )


def test_results_of_one_exercise_accuse_nobody(tmp_path):
    one = Report("ann", "A", (exercise("rel_error", 0),))
    found = page(tmp_path, one, Report("bob", "A", (exercise("rel_error"),)))
    assert not counted(tmp_path).nothing and not counted(tmp_path).stuck
    assert "2 of them have results of some exercises only" in found.sections[""]
    assert (
        "rel_error 1 (50 %)" in found.sections["exercises"]
        and SVM not in found.sections["exercises"]
    )


def test_what_fails_as_a_program_is_told_with_its_message(tmp_path):
    kinds = {kind: Failure(kind, SVM, finding=f"did {kind.value}.") for kind in Kind}
    class_ = [
        student(kind.value, changes=[exercise(SVM, 0, failure=failure)])
        for kind, failure in kinds.items()
    ]
    found = counted(tmp_path, *class_).failing
    assert [(one.kind, one.exercises, one.message, [*one.students]) for one in found] == sorted(
        (words, (SVM,), f"{SVM}: did {kind.value}.", [kind.value])
        for kind, words in class_rows.FAULTS.items()
    )


@pytest.mark.parametrize("status", [*connection._ENDINGS, signal.SIGBUS, 0, 3 << 8])
@pytest.mark.parametrize("by_itself", [True, False])
def test_however_a_box_ends_the_page_says_that_it_ended(status, by_itself):
    box = object.__new__(connection.Box)
    box._ended = SimpleNamespace(poll=lambda milliseconds: by_itself)
    box.close = lambda: int(status)
    assert class_rows.FAULTS[box._ending().kind] == "ends or crashes Python"


def test_the_stories_of_the_sample_class_are_on_its_page(graded_class):
    told = {
        (failing.kind, each)
        for failing in class_page.counted(class_rows.read(graded_class)[0]).failing
        for each in failing.students
    }
    assert told == {
        ("ends or crashes Python", "crashes"),
        ("does not end", "never_ends"),
        ("asks for too much memory", "wants_51_gb"),
        ("is missing a file", "renamed_a_file"),
    }
    found = Page((graded_class / "class.html").read_text(encoding="utf-8"))
    assert HALVED in found.sections["mistakes"] and "untouched" in found.sections["hand"]
    assert "reference" in found.sections["time"] or "loops" in found.sections["time"]
    assert not found.tags & {"script", "link"} and "http" not in found.source, (
        "self-contained, nothing active"
    )
    links = {link for link in found.links if not link.startswith("#")}
    assert links and all((graded_class / unquote(link)).is_file() for link in links)
    assert 'href="class.html"' in (graded_class / "index.html").read_text(encoding="utf-8")


def test_the_slowest_come_first_and_no_time_is_said_where_none_was_kept(tmp_path):
    def took(name, *seconds):
        one = student(name)
        return replace(
            one,
            exercises=tuple(
                replace(each, seconds=each_took)
                for each, each_took in zip(
                    one.exercises, [*seconds, *[0.0] * len(EXERCISES)], strict=False
                )
            ),
        )

    found = page(tmp_path, took("ann", 0.5, 0.25), took("bob", 0.5, 3.0), took("cy", 0.5))
    first, second = list(EXERCISES)[:2]
    assert re.search(
        rf"bob 3\.5 {second} : 3\.0 s {MAX_SCORE} ann 0\.8 {first} : 0\.5 s {MAX_SCORE} cy 0\.5",
        found.sections["time"],
    )
    assert "Median: 0.75 s" in found.sections["time"]
    assert "These reports hold no times" in page(tmp_path / "old", student("di")).sections["time"]


def test_what_was_not_judged_stands_with_its_detail_once_for_each_cause(tmp_path):
    waiting = exercise(SVM, 0, verdict=Verdict.NOT_JUDGED, failure=UNJUDGED)
    other = exercise(SOFTMAX, 0, verdict=Verdict.NOT_JUDGED)
    found = page(
        tmp_path,
        student("ann", changes=[waiting]),
        student("bob", changes=[waiting, other]),
        student("cy"),
    )
    text = found.sections["waiting"]
    assert (
        "SandboxFault: the sandbox ended 2 checks of 2 students" in text
        and text.count("Traceback") == 1
    )
    assert (
        "no detail was recorded 1 check of 1 student" in text
        and "not judged in part wait for staff 2" in found.sections[""]
    )


# --- whatever it is made from ---


def test_the_same_reports_give_the_same_page(tmp_path):
    class_ = rows(tmp_path, student("ann", 0.5), student("bob"))
    first, second = (class_page.page(class_page.counted(class_)) for _ in range(2))
    assert first == second


def test_a_class_of_one_and_one_without_points_have_a_page(tmp_path):
    assert "mean score 0.0" in page(tmp_path, student("ann", 0)).sections[""]


def test_a_page_elsewhere_leads_back_to_the_results(tmp_path):
    rows(tmp_path / "spring term", student("ann", 0))
    assert (
        main(
            [
                "report",
                str(tmp_path / "spring term"),
                "--out",
                str(tmp_path / "pages" / "ours.html"),
            ]
        )
        == 0
    )
    found = Page((tmp_path / "pages" / "ours.html").read_text(encoding="utf-8"))
    assert {link for link in found.links if "feedback" in link} == {
        "../spring%20term/ann/feedback.html"
    }


def test_a_page_of_a_thousand_is_small(graded_class, tmp_path, monkeypatch):
    # The class page is made from reports.
    monkeypatch.setattr(student_page, "student_page", lambda *of: "")
    samples = [
        store.load(graded_class, folder.parent.name)
        for folder in sorted(graded_class.glob("*/report.json"))
    ]
    found = page(tmp_path, *made_up_class(samples, 1000))
    assert "students 1,000" in found.sections[""] and len(found.source.encode()) < 250_000
    assert {"waiting", "faults", "time", "hand", "mistakes"} <= found.sections.keys()


DAMAGES = {
    "not JSON": lambda data: "{",
    "empty": lambda data: "",
    "another JSON": lambda data: "[1, 2]",
    "no exercises": lambda data: json.dumps({**data, "exercises": None}),
    "no verdict": lambda data: json.dumps(data).replace('"passed"', '"perhaps"'),
    "points as text": lambda data: json.dumps(data).replace('"points": 0.5', '"points": "0.5"'),
    "not a number": lambda data: json.dumps(data).replace('"points": 0.5', '"points": NaN'),
    "infinite points": lambda data: json.dumps(data).replace('_points": 0.5', '_points": Infinity'),
    "too many points": lambda data: json.dumps(data).replace('"points": 0.5', '"points": 1e999'),
    "another exercise": lambda data: json.dumps(data).replace("rel_error", "abs_error"),
    "somebody else's": lambda data: json.dumps({**data, "student": "bob"}),
    "no name": lambda data: json.dumps({**data, "student": 7}),
    "a list for a text": lambda data: json.dumps(data).replace('"mistake": ""', '"mistake": []'),
    "deep": lambda data: "[" * 100_000,
}


def test_a_loss_without_bounds_is_no_damage(tmp_path):
    descent = exercise(
        "gradient_descent", 0, picture=LossCurve((1.0, float("inf"), float("nan")), 3)
    )
    assert [row.student for row in rows(tmp_path, student("ann", changes=[descent]))] == ["ann"]
    assert class_rows.read(tmp_path)[1] == []


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_report_is_listed_and_the_others_are_there(tmp_path, capsys, damage):
    write_student(tmp_path, made_up_report("ann"))
    write_student(tmp_path, made_up_report("bob"))
    path = tmp_path / "ann" / "report.json"
    whole = path.read_text(encoding="utf-8")
    damaged = damage(json.loads(whole))
    assert damaged != json.dumps(json.loads(whole))
    path.write_text(damaged, encoding="utf-8")
    assert main(["report", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert "Class page of 1 student:" in said.out
    assert (
        said.err.startswith("Damaged, and listed on the page: ann/report.json is no report")
        and said.err.count("\n") == 1
    )
    found = Page((tmp_path / "class.html").read_text(encoding="utf-8"))
    assert "1 report is missing from this page" in found.sections["damaged"]
    assert "ann/report.json is no report" in found.sections["damaged"]


def test_a_report_that_cannot_be_opened_is_listed_too(tmp_path):
    write_student(tmp_path, made_up_report("bob"))
    (tmp_path / "ann" / "report.json").mkdir(parents=True)
    (tmp_path / "cy").mkdir()
    (tmp_path / "cy" / "report.json").symlink_to("nowhere")
    found, damaged = class_rows.read(tmp_path)
    assert [row.student for row in found] == ["bob"]
    assert [(one.path, one.reason.split(":")[0]) for one in damaged] == [
        ("ann/report.json", "cannot be read"),
        ("cy/report.json", "cannot be read"),
    ]


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda folder: None, "does not exist. Expected the folder that"),
        (lambda folder: folder.write_text(""), "is a file. Expected the folder that"),
        (lambda folder: folder.mkdir(), "Grade first."),
        (lambda folder: (folder / "submitted" / "ann").mkdir(parents=True), "Grade first."),
        (
            lambda folder: (
                (folder / "ann").mkdir(parents=True),
                (folder / "ann" / "report.json").touch(),
            ),
            "Grade again.",
        ),
    ],
    ids=["missing", "file", "empty", "submissions", "all damaged"],
)
def test_a_folder_without_reports_is_wrong_usage(tmp_path, capsys, make, says):
    make(tmp_path / "out")
    assert main(["report", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert (
        error.startswith("grader: ")
        and says in error
        and str(tmp_path / "out") in error
        and error.count("\n") == 1
    )
    assert not list(tmp_path.rglob("class.html"))
