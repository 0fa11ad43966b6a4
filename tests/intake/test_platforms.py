"""The downloads of all platforms, in every shape in which they reach an instructor."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cs231n_utils.exercises import ASSIGNMENT
from grader.intake.entries import Clock
from tests.support.downloads import SHAPES, kit, shaped, take_in, unpacked, within, zipped

ANN, BEN = kit("ann"), kit("ben")
PACKED = {"ann": zipped(ANN), "ben": zipped(BEN)}
NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
METADATA = """---
submission_1:
  :submitters:
  - :name: Ann Li
    :sid: '12'
    :email: ann@x.edu
  :created_at: 2026-11-20 11:00:00.000000000 Z
  :results: {a: 1}
submission_2:
  :submitters:
  - :name: Ben Ott
    :sid: '13'
    :email: ben@x.edu
  - :name: Cy
    :sid: '14'
    :email:
  :created_at: 2026-11-21 11:00:00.000000000 Z
"""
RECEIPT = "Name: {} ({})\nAssignment: HW\n\nComments:\nName: Eve (eve)\n"
TWO = {"1001": "ann", "1002": "ben"}
# Platform -> (name of the download, its files, student -> whose kit, student -> hand-in time)
DOWNLOADS = {
    "canvas": (
        "submissions (1)",
        {
            "liann_1001_901_loss_and_optimization.zip": PACKED["ann"],
            "ottben_LATE_1002_902_my_work-1.zip": PACKED["ben"],
        },
        TWO,
        {},
    ),
    "canvas, anonymous": (
        "submissions",
        {"anon_x7_901_kit.zip": PACKED["ann"], "LATE_anon_x8_902_kit.zip": PACKED["ben"]},
        {"anon_x7": "ann", "anon_x8": "ben"},
        {},
    ),
    "canvas, single files": (
        "submissions",
        {
            **{f"liann_1001_{9 + k}_{n.split('/')[1]}": c for k, (n, c) in enumerate(ANN.items())},
            "ottben_1002_902_kit.zip": PACKED["ben"],
        },
        TWO,
        {},
    ),
    "canvas, unpacked": (
        "submissions",
        within("liann_1001_901_loss_and_optimization", ANN)
        | within("ottben_LATE_1002_902_kit/loss_and_optimization", BEN),
        TWO,
        {},
    ),
    "moodle": (
        "ML26-Loss functions-4711",
        {
            "Ann Li_1001_assignsubmission_file/kit.zip": PACKED["ann"],
            **within("Ben_Ott Jr_1002_assignsubmission_file_", BEN),
        },
        TWO,
        {},
    ),
    "moodle, flat": (
        "ML26-HW-4711",
        {
            "Ann Li_1001_assignsubmission_file_kit.zip": PACKED["ann"],
            **{f"Ben_1002_assignsubmission_file_{n.split('/')[1]}": c for n, c in BEN.items()},
        },
        TWO,
        {},
    ),
    "moodle, blind": (
        "x",
        within("Participant_1001_assignsubmission_file", ANN)
        | within("Participant_1002_assignsubmission_file", BEN),
        TWO,
        {},
    ),
    "gradescope": (
        "submissions",
        {
            "assignment_5_export/submission_metadata.yml": METADATA.encode(),
            **within(f"assignment_5_export/submission_1/{ASSIGNMENT}", ANN),
            **within("assignment_5_export/submission_2", BEN),
        },
        {"ann@x.edu": "ann", "ben@x.edu": "ben", "14": "ben"},
        {"ann@x.edu": NOON, "ben@x.edu": LATER, "14": LATER},
    ),
    "blackboard": (
        "gradebook_ML26_HW_2026-11-22-09-00-00",
        {
            "HW_2_ann_li_attempt_2026-11-20-11-00-00_kit.zip": PACKED["ann"],
            "HW_2_ann_li_attempt_2026-11-20-11-00-00.txt": RECEIPT.format(
                "Ann Li", "ann_li"
            ).encode(),
            "HW_2_ben_attempt_2026-11-21-11-00-00_a_b.zip": PACKED["ben"],
            "HW_2_ben_attempt_2026-11-21-11-00-00.txt": RECEIPT.format("Ben", "ben").encode(),
        },
        {"ann_li": "ann", "ben": "ben"},
        {"ann_li": NOON, "ben": LATER},
    ),
    "brightspace": (
        "HW Download Nov 22, 2026 900 AM",
        {
            "1001-77 - Ann Li - Nov 20, 2026 1100 AM/kit.zip": PACKED["ann"],
            **within("1002-77 - Ben - Ott - Nov 21, 2026 1100 AM", BEN),
            "index.html": b"",
        },
        TWO,
        {"1001": NOON, "1002": LATER},
    ),
    "sakai": (
        "bulk_download",
        {
            "HW 1/Li, Ann(annli)/Submission attachment(s)/kit.zip": PACKED["ann"],
            "HW 1/Li, Ann(annli)/timestamp.txt": b"20261120110000000",
            "HW 1/Li, Ann(annli)/comments.txt": b"",
            **within("HW 1/Ott, Ben (ben)/Submission attachment(s)", BEN),
            "HW 1/Ott, Ben (ben)/Submission attachment(s)/timestamp.txt": b"20200101000000000",
            "HW 1/Ott, Ben (ben)/timestamp.txt": b"20261121110000000",
            "HW 1/grades.csv": b"",
        },
        {"annli": "ann", "ben": "ben"},
        {"annli": NOON, "ben": LATER},
    ),
    "sakai, anonymous": (
        "bulk_download",
        {
            "HW 1/a1b2/Submission attachment(s)/kit.zip": PACKED["ann"],
            "HW 1/a1b2/timestamp.txt": b"2026-11-20T11:00:00Z",
            **within("HW 1/c3d4/Submission attachment(s)", BEN),
        },
        {"a1b2": "ann", "c3d4": "ben"},
        {"a1b2": NOON},
    ),
    "git": (
        "loss-and-optimization-submissions",
        within("loss-and-optimization-ann-li", ANN)
        | {"loss-and-optimization-ann-li/.git/config": b""}
        | within(f"loss-and-optimization-ben/{ASSIGNMENT}", BEN)
        | {"loss-and-optimization-ben/.git/config": b""},
        {"ann-li": "ann", "ben": "ben"},
        {},
    ),
    "git, by names alone": (
        "clones",
        within("loss-and-optimization-ann-x", ANN) | within("loss-and-optimization-ben-x", BEN),
        {"ann-x": "ann", "ben-x": "ben"},
        {},
    ),
    "nbgrader": (
        "submitted",
        within(f"ann/{ASSIGNMENT}", {**ANN, "timestamp.txt": b"2026-11-20 12:00:00 +0100"})
        | within(f"ben/{ASSIGNMENT}", {**BEN, "timestamp.txt": b"2026-11-21T11:00:00Z"}),
        {"ann": "ann", "ben": "ben"},
        {"ann": NOON, "ben": LATER},
    ),
    "nbgrader, inbound": (
        "inbound",
        within(f"ann+{ASSIGNMENT}+2026-11-20 11:00:00.000000 UTC+r4nd0m==", ANN)
        | within(f"ann+{ASSIGNMENT}+2026-11-19 11:00:00.000000 UTC+aaaa", kit("early"))
        | within(f"ben+{ASSIGNMENT}+2026-11-21 11:00:00 UTC", BEN)
        | within("cy+another+2026-11-21 11:00:00 UTC+b", BEN),
        {"ann": "ann", "ben": "ben"},
        {"ann": NOON, "ben": LATER},
    ),
    "google drive": (
        "drive-download-20261122T090000Z-001",
        {
            "Ann Li - kit.zip": PACKED["ann"],
            f"{ASSIGNMENT} - Ben Ott.zip": PACKED["ben"],
        },
        {"Ann Li": "ann", "Ben Ott": "ben"},
        {},
    ),
    "folders": (
        "week 3",
        within("ann", {**ANN, "timestamp.txt": b"2020-01-01 00:00:00 UTC"})
        | {"ben.zip": zipped({**BEN, "timestamp.txt": b"2020-01-01 00:00:00 UTC"})},
        {"ann": "ann", "ben": "ben"},
        {},
    ),
}


@pytest.fixture(params=DOWNLOADS)
def platform(request) -> str:
    return request.param


@pytest.mark.parametrize("shape", SHAPES)
def test_everybody_is_taken_in_under_the_own_name_and_time(tmp_path, platform, shape):
    name, files, students, hand_in_times = DOWNLOADS[platform]
    found = take_in(shaped(files, shape, tmp_path, name))
    assert found.whose == students
    assert {one.student: one.handed_in for one in found.hand_ins if one.taken} == {
        student: hand_in_times.get(student) for student in students
    }
    expected = {"nbgrader": "folders", "nbgrader, inbound": "nbgrader"}
    assert found.platform == expected.get(platform, platform.partition(",")[0])


@pytest.mark.parametrize("shape", ["folder", "zip"])
def test_one_student_alone_is_found_as_well(tmp_path, platform, shape):
    name, files, students, _ = DOWNLOADS[platform]
    ann = next(iter(students))
    mark = {"gradescope": ("submission_1", "metadata")}.get(
        platform, ("nn", "1001", "x7", "Participant_1001", "a1b2")
    )
    alone = {path: content for path, content in files.items() if any(one in path for one in mark)}
    assert take_in(shaped(alone, shape, tmp_path, name)).whose[ann] == "ann"


def test_single_files_beside_a_zip_fill_its_gaps_only(tmp_path):
    files = {
        "ann_1_10_kit.zip": PACKED["ann"],
        "ann_1_11_best_model.npz": b"model",
        "ann_1_12_softmax.py": b"# other\n",
        "ben_2_13_kit.zip": PACKED["ben"],
    }
    found = take_in(shaped(files, "zip", tmp_path))
    assert found.whose["1"] == "ann"
    assert found.submissions["1"].files["best_model.npz"] == b"model"
    assert found.record("1").note == "Taken from beside the kit, which lacks it: best_model.npz."


def test_late_flags_ids_names_and_addresses_are_kept(tmp_path):
    name, files, *_ = DOWNLOADS["canvas"]
    found = take_in(shaped(files, "zip", tmp_path, name))
    late = {one.student: one.late_flag for one in found.hand_ins}
    assert late == {"1001": False, "1002": True}
    assert (found.record("1002").platform_id, found.record("1002").attachment_id) == ("1002", "902")
    name, files, *_ = DOWNLOADS["gradescope"]
    ann = take_in(shaped(files, "folder", tmp_path, name)).record("ann@x.edu")
    assert (ann.name, ann.email, ann.platform_id, ann.attachment_id) == (
        "Ann Li",
        "ann@x.edu",
        "12",
        "1",
    )


def test_a_group_shares_what_one_handed_in_and_this_is_said(tmp_path):
    name, files, *_ = DOWNLOADS["gradescope"]
    found = take_in(shaped(files, "zip", tmp_path, name))
    assert [found.record(one).note for one in ("ben@x.edu", "14")] == [
        "A group of 2 handed it in."
    ] * 2


@pytest.mark.parametrize(
    "files, source",
    [
        (
            {
                "A_ann_attempt_2026-11-20-11-00-00_kit.zip": zipped(kit("first")),
                "A_ann_attempt_2026-11-21-11-00-00_kit.zip": zipped(kit("last")),
                "A_ben_attempt_2026-11-21-11-00-00_kit.zip": zipped(BEN),
            },
            "A_ann_attempt_2026-11-20-11-00-00_kit.zip",
        ),
        (
            {
                "1001-7 - Ann - Nov 9, 2026 1100 AM/kit.zip": zipped(kit("first")),
                "1001-7 - Ann - Nov 10, 2026 100 AM/kit.zip": zipped(kit("last")),
            },
            "1001-7 - Ann - Nov 9, 2026 1100 AM",
        ),
        (
            within(f"ann+{ASSIGNMENT}+2026-11-20 23:00:00 UTC+z", kit("first"))
            | within(f"ann+{ASSIGNMENT}+2026-11-21 11:00:00 UTC+a", kit("last")),
            f"ann+{ASSIGNMENT}+2026-11-20 23:00:00 UTC+z",
        ),
    ],
    ids=["blackboard", "brightspace", "inbound"],
)
def test_of_several_attempts_the_last_counts_and_it_is_said(tmp_path, files, source):
    found = take_in(shaped(files, "zip", tmp_path))
    student = next(one for one in found.whose if found.whose[one] == "last")
    assert found.record(student).note.startswith("Of 2 attempts, the last counts.")
    assert "A later attempt counts" in found.refused[source]


def test_an_attempt_of_which_nothing_can_be_read_leaves_the_one_before(tmp_path):
    files = {
        "A_ann_attempt_2026-11-20-11-00-00_kit.zip": zipped(kit("first")),
        "A_ann_attempt_2026-11-21-11-00-00_kit.rar": b"Rar!",
    }
    found = take_in(shaped(files, "zip", tmp_path))
    assert found.whose == {"ann": "first"}
    assert "Of 2 attempts, number 1 counts." in found.record("ann").note
    assert "not read (.rar)" in found.refused["A_ann_attempt_2026-11-21-11-00-00_kit.rar"]


@pytest.mark.parametrize(
    "platform, entry, says",
    [
        ("canvas", "cy_1003_text.html", "a text that was typed in"),
        ("canvas", "cy_1003_903_link.html", "a link, and no file"),
        ("canvas", "readme.txt", "not called as Canvas calls files"),
        ("moodle", "Cy_1003_assignsubmission_onlinetext/onlinetext.html", "(onlinetext)"),
        ("moodle", "other/x", "not called as Moodle"),
        ("gradescope", "assignment_5_export/other/x", "no submission_<number>"),
        ("blackboard", "HW_2_cy_attempt_2026-11-21-11-00-00.txt", "a receipt and no file"),
        ("brightspace", "notes.txt", "not called as Brightspace"),
        ("sakai", "HW 1/Unseen, Cy(cy)/timestamp.txt", "no attached file"),
        ("git", "notes.txt", "no folder of a repository"),
        ("nbgrader, inbound", "notes.txt", "not called <user>+<assignment>+<time>"),
        ("google drive", "notes.txt", "not known whose it is"),
        ("folders", "notes.txt", "not known whose it is"),
    ],
)
@pytest.mark.parametrize("shape", ["folder", "zip"])
def test_an_entry_that_is_no_submission_is_named(tmp_path, platform, entry, says, shape):
    name, files, students, _ = DOWNLOADS[platform]
    found = take_in(shaped({**files, entry: b"x"}, shape, tmp_path, name))
    assert found.whose == students
    (note,) = [why for source, why in found.refused.items() if source in (entry, *entry.split("/"))]
    assert says in note


def test_a_zone_is_the_courses_where_the_platform_gives_none(tmp_path):
    name, files, *_ = DOWNLOADS["blackboard"]
    clock = Clock(ZoneInfo("America/New_York"))
    found = take_in(shaped(files, "zip", tmp_path, name), clock)
    assert found.record("ann_li").handed_in == datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    assert "read in the course's zone, America/New_York" in found.record("ann_li").note


@pytest.mark.parametrize("text", [b"yesterday", b"2026-11-20 11:00:00 PST", b"\xff\xfe\xff", b""])
def test_a_timestamp_that_cannot_be_read_is_said(tmp_path, text):
    files = within(f"ann/{ASSIGNMENT}", {**ANN, "timestamp.txt": text}) | within("ben", BEN)
    ann = take_in(shaped(files, "folder", tmp_path)).record("ann")
    assert ann.handed_in is None and ann.note.startswith("timestamp.txt")


def test_what_the_students_side_says_about_the_time_is_shown_as_a_claim(tmp_path):
    for platform in ("nbgrader", "nbgrader, inbound"):
        name, files, *_ = DOWNLOADS[platform]
        ann = take_in(shaped(files, "folder", tmp_path / platform, name)).record("ann")
        assert ann.claimed and ("not sealed" in ann.note or "student's side wrote" in ann.note)


def test_the_file_system_is_believed_about_an_exchange_that_others_write_to(tmp_path, monkeypatch):
    name, files, *_ = DOWNLOADS["nbgrader, inbound"]
    path = shaped(files, "folder", tmp_path, name)
    monkeypatch.setattr("os.getuid", lambda: 12345)
    ben = take_in(path).record("ben")
    noted = Path(path, f"ben+{ASSIGNMENT}+2026-11-21 11:00:00 UTC").stat().st_ctime
    assert ben.handed_in.timestamp() == pytest.approx(noted) and not ben.claimed
    assert "says 2026-11-21 11:00:00.000000 UTC" in ben.note


def test_git_is_never_run_in_a_students_folder(tmp_path, monkeypatch):
    name, files, *_ = DOWNLOADS["git"]
    monkeypatch.setattr("subprocess.Popen", None)
    ann = take_in(shaped(files, "folder", tmp_path, name)).record("ann-li")
    assert ann.handed_in is None and "git is never run" in ann.note


@pytest.mark.parametrize(
    "metadata, says",
    [
        (None, "There is no submission_metadata.yml"),
        (b"a: [", "cannot be read"),
        (b"a: b", "not name"),
    ],
)
def test_gradescope_without_metadata_says_whose_is_not_known(tmp_path, metadata, says):
    files = within("submission_1", ANN) | within("submission_2", BEN)
    if metadata is not None:
        files["submission_metadata.yml"] = metadata
    found = take_in(shaped(files, "folder", tmp_path))
    assert found.whose == {"submission_1": "ann", "submission_2": "ben"}
    assert says in found.record("submission_1").note


def test_gradescope_names_a_submission_that_is_not_there(tmp_path):
    files = {"submission_metadata.yml": METADATA.encode(), **within("submission_2", BEN)}
    found = take_in(shaped(files, "zip", tmp_path))
    assert "there is no such folder" in found.refused["submission_1"]


def test_clones_as_githubs_own_zips_are_taken_by_login(tmp_path):
    files = {
        "loss-and-optimization-ann-main.zip": zipped(ANN, "loss-and-optimization-ann-main/"),
        "loss-and-optimization-ben-li-main (1).zip": zipped(BEN),
    }
    unpacked(files, tmp_path / "loss-and-optimization-submissions")
    found = take_in(tmp_path / "loss-and-optimization-submissions")
    assert found.whose == {"ann": "ann", "ben-li": "ben"}
