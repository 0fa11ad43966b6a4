"""Folders of students, however arranged: nobody is lost, and nothing hostile gets further."""

import gc
import io
import os
import stat
import struct
import time
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs231n_utils.exercises import ASSIGNMENT
from grader.intake import archives, trees
from grader.intake.download import SubmissionsNotFound, open_download
from grader.intake.finding import NotTaken
from tests.support.downloads import SHAPES, kit, shaped, take_in, unpacked, within, zipped

CLASS = within("ben", kit("ben")) | {"dan.zip": zipped(kit("dan"))}
OTHERS = {"ben": "ben", "dan": "dan"}
KIND, STRAY = "is of a kind that is not read", "It lies beside the students' folders, so it"
ASK = f"Ask for the folder {ASSIGNMENT}, packed as .zip."


def loose(who: str, ending: str = ".py") -> dict[str, bytes]:
    return {
        name.partition("/")[2].replace(".py", ending): content for name, content in kit(who).items()
    }


# --- what `grade` used to lose without a word -----------------------------------------------------


@pytest.mark.parametrize(
    "files",
    [
        within("ann", kit("ann")),
        within("ann/Loss_And_Optimization", kit("ann")),
        {
            name.replace("cs231n_utils", "CS231N_Utils"): content
            for name, content in within("ann/kit", kit("ann")).items()
        },
        within(f"ann/{ASSIGNMENT} (1)", kit("ann")),
        within(f"ann/{ASSIGNMENT}(1)", kit("ann")),
        within("ann/loss-and-optimization-main", kit("ann")),
        within(f"ann/{ASSIGNMENT}/{ASSIGNMENT}", kit("ann")),
        within(f"ann/Downloads/my work/{ASSIGNMENT}", kit("ann")),
        {f"ann/{ASSIGNMENT}.zip": zipped(kit("ann"))},
        {"ann/homework (2).zip": zipped(kit("ann"))},
        {"ann/week 3/homework.ZIP": zipped(kit("ann"), "")},
        {"ann.zip": zipped({f"{ASSIGNMENT}.zip": zipped(kit("ann"))}, "")},
        {"ann.zip": zipped({"a.zip": zipped({"b.zip": zipped(kit("ann"))})})},
        within("ann", loose("ann")),
        within("ann/files", loose("ann", " (1).py")),
        {"ann.zip": zipped(loose("ann"), "")},
        {"ann (1).zip": zipped(kit("ann"))},
        {
            f"ann/{ASSIGNMENT}.zip": zipped(dict(list(kit("ann").items())[1:])),
            "ann/gradient_check.py": b"# ann\n",
        },
    ],
    ids=lambda files: next(iter(files)),
)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_kit_is_found_however_it_was_handed_in(tmp_path, files, shape):
    found = take_in(shaped(CLASS | files, shape, tmp_path))
    assert found.whose == OTHERS | {"ann": "ann"} and not found.refused
    assert len(found.submissions["ann"].files) == len(kit())


@pytest.mark.parametrize(
    "files, source, note",
    [
        ({"ann.tar.zst": b"x"}, "", f"ann.tar.zst {KIND} (.tar.zst). {ASK}"),
        (
            {"ann/a.tar.zst": b"x"},
            "ann",
            f"a.tar.zst {KIND} (.tar.zst). {ASK}",
        ),
        ({"ann.7z": b"x"}, "", f"ann.7z {KIND} (.7z). {ASK}"),
        ({"ann.rar": b"x"}, "", f"ann.rar {KIND} (.rar). {ASK}"),
        (
            {"ann.zip.crdownload": b"x"},
            "",
            "ann.zip.crdownload is a download that was not finished. Download it again.",
        ),
        (
            {"ann/kit.zip.part": b"x"},
            "ann",
            "kit.zip.part is a download that was not finished. Download it again.",
        ),
        ({"ann/": b""}, "ann", f"It is empty. {ASK}"),
        (
            {"ann/report.pdf": b"x"},
            "ann",
            f"It holds no file of the kit (found: report.pdf). {ASK}",
        ),
        (
            {"softmax.py": b"x"},
            "",
            STRAY,
        ),
        (within(".ann", kit()), ".ann", "Its name begins with a dot, so it is hidden."),
        (
            within("all/ann", kit("ann")) | within("all/cy", kit("cy")),
            "all",
            "It holds 2 kits, as of several students: cy, ann.",
        ),
        (
            {"all.zip": zipped(within("ann", kit("ann")) | within("cy", kit("cy")), "")},
            "",
            "It holds 2 kits, as of several students: cy, ann.",
        ),
        (
            {"all.zip": zipped({"ann.zip": zipped(kit()), "cy.zip": zipped(kit())}, "")},
            "",
            "It holds 2 kits, as of several students: ann.zip, cy.zip.",
        ),
        (
            {"all/ann.zip": zipped(kit()), "all/cy.zip": zipped(kit())},
            "all",
            "It holds 2 kits, as of several students: ann.zip, cy.zip.",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_not_taken_is_named_with_the_reason_and_what_would_help(
    tmp_path, files, source, note, shape
):
    found = take_in(shaped(CLASS | files, shape, tmp_path))
    assert found.whose == OTHERS
    ((named, why),) = found.refused.items()
    assert named == (source or next(iter(files))) and why.startswith(note)


@pytest.mark.parametrize(
    "files, source, counts",
    [
        (within("ann", kit("folder")) | {"ann.zip": zipped(kit("zip"))}, "ann.zip", "folder"),
        (
            within(f"ann/{ASSIGNMENT}", kit("folder"))
            | {f"ann/{ASSIGNMENT}.zip": zipped(kit("zip"))},
            f"ann/{ASSIGNMENT}.zip",
            "folder",
        ),
        ({"ann.zip": zipped(kit("1")), "ann (1).zip": zipped(kit("2"))}, "ann.zip", "2"),
        (
            {f"ann/{ASSIGNMENT}{n}.zip": zipped(kit(n)) for n in ("", " (2)", " (10)")},
            f"ann/{ASSIGNMENT} (2).zip",
            "(10)",
        ),
    ],
)
@pytest.mark.parametrize("shape", ["folder", "zip"])
def test_of_several_hand_ins_one_counts_and_the_others_are_named(
    tmp_path, files, source, counts, shape
):
    found = take_in(shaped(CLASS | files, shape, tmp_path))
    assert found.whose == OTHERS | {"ann": counts}
    assert "count" in found.refused[source]
    assert all(one.superseded for one in found.hand_ins if not one.taken)


def test_a_zip_that_is_newer_than_the_folder_beside_it_is_said_to_be(tmp_path):
    path = unpacked(CLASS | within("ann", kit("a")) | {"ann.zip": zipped(kit("b"))}, tmp_path / "d")
    os.utime(path / "ann", (1, 1))
    assert "But this one is newer" in take_in(path).refused["ann.zip"]


def test_what_systems_leave_behind_is_passed_over(tmp_path):
    litter = dict.fromkeys((".DS_Store", "__MACOSX/._ann", "Thumbs.db", "ben/.DS_Store"), b"")
    found = take_in(shaped(CLASS | litter, "zip", tmp_path))
    assert found.whose == OTHERS and not found.refused


@pytest.mark.parametrize(
    "files",
    [
        {"ann.zip": b"PK no zip"},
        {"ann.zip": b""},
        {f"ann/{ASSIGNMENT}/": b""},
        {"ann/1_gradient_check.ipynb": b"{}"},
        {f"ann/{ASSIGNMENT}/cs231n_utils/softmaxx.py": b""},
    ],
    ids=lambda files: next(iter(files)),
)
@pytest.mark.parametrize("shape", SHAPES)
def test_who_handed_in_nothing_of_use_is_graded_and_staff_are_told(tmp_path, files, shape):
    found = take_in(shaped(CLASS | files, shape, tmp_path))
    assert found.whose["ann"] == "" or "softmaxx" in next(iter(files))
    assert "Nothing to grade was found in it." in found.record("ann").note


def test_a_download_that_google_drive_has_split_is_one(tmp_path):
    ann, ben = zipped({"Ann - kit.zip": zipped(kit("ann"))}, ""), zipped(kit("ben"))
    files = {
        "drive-download-x-001.zip": ann,
        "drive-download-x-002.zip": zipped({"Ben - kit.zip": ben}, ""),
    }
    assert take_in(unpacked(files, tmp_path / "x")).whose == {"Ann": "ann", "Ben": "ben"}


@pytest.mark.parametrize("shape", ["folder", "zip"])
def test_a_single_kit_is_that_of_a_student_called_like_it(tmp_path, shape):
    for files in (kit("ann"), within(ASSIGNMENT, kit("ann")), loose("ann")):
        found = take_in(shaped(files, shape, tmp_path / str(len(next(iter(files)))), "annli"))
        assert found.whose == {"annli": "ann"}
        assert "taken for that of a student who is called like it" in found.record("annli").note


def test_names_that_differ_by_case_are_two_students(tmp_path):
    files = {"Ann.zip": zipped(kit("Ann")), "ann.zip": zipped(kit("ann"))}
    assert take_in(shaped(files, "zip", tmp_path)).whose == {"Ann": "Ann", "ann": "ann"}


def test_a_folder_of_results_among_the_submissions_is_no_entry(tmp_path):
    path = unpacked(CLASS | {"results/deep/grades.csv": b""}, tmp_path / "submitted")
    with open_download(path, without=path / "results" / "deep") as found:
        assert [one.student for one in found.students] == ["ben", "dan"]
        assert not found.not_taken


# --- no download ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, words",
    [
        ("missing", "is not a folder, nor a zip"),
        ("empty", "found: nothing"),
        ("other", r"found: a\.txt"),
        ("class.tar.gz", r"is \.tar\.gz\. Unpack it"),
        ("damaged.zip", "cannot be read .* Download it again"),
    ],
)
def test_what_holds_no_submissions_says_what_was_expected(tmp_path, name, words):
    unpacked(
        {"empty/": b"", "other/a.txt": b"", "class.tar.gz": b"x", "damaged.zip": b"x"}, tmp_path
    )
    with pytest.raises(SubmissionsNotFound, match=words), open_download(tmp_path / name):
        pass


# --- links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["ann", f"ann/{ASSIGNMENT}", "ann.zip", "ann/cs231n_utils"])
@pytest.mark.parametrize("target", ["elsewhere", "nowhere", "/dev/zero"])
def test_links_are_named_and_never_followed(tmp_path, where, target):
    unpacked(within("elsewhere", kit("secret")), tmp_path)
    path = unpacked(CLASS, tmp_path / "submitted")
    (path / where).parent.mkdir(exist_ok=True)
    (path / where).symlink_to(target if target[0] == "/" else tmp_path / target)
    found = take_in(path)
    assert found.whose == OTHERS
    assert "is a link, which grading never follows" in found.refused[where.split("/")[0]]


def test_a_folder_that_becomes_a_link_after_the_look_is_not_followed(tmp_path):
    unpacked(within("elsewhere", kit("secret")), tmp_path)
    path = unpacked(CLASS, tmp_path / "submitted")
    with open_download(path) as found:
        (path / "ben").rename(path / "moved")
        (path / "ben").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(NotTaken, match="cannot be read"):
            found.students[0].read()


def test_a_download_is_read_to_its_end_wherever_the_working_directory_goes(tmp_path, monkeypatch):
    unpacked(CLASS, tmp_path / "here" / "submitted")
    monkeypatch.chdir(tmp_path / "here")
    for name in ("submitted", "."):
        monkeypatch.chdir(tmp_path / "here" / "submitted" if name == "." else tmp_path / "here")
        with open_download(Path(name)) as found:
            monkeypatch.chdir(tmp_path)
            assert len(found.students[0].read().files) == len(kit())


def test_the_download_itself_may_be_a_link(tmp_path):
    unpacked(CLASS, tmp_path / "there")
    (tmp_path / "here").symlink_to(tmp_path / "there")
    assert take_in(tmp_path / "here").whose == OTHERS


def test_pipes_and_links_in_a_zip_are_named(tmp_path):
    file = io.BytesIO(zipped(CLASS, ""))
    link = zipfile.ZipInfo("ann")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    (tmp_path / "d.zip").write_bytes(file.getvalue())
    assert "is a link" in take_in(tmp_path / "d.zip").refused["ann"]
    path = unpacked(CLASS, tmp_path / "d")
    os.mkfifo(path / "ann")
    assert "no ordinary file" in take_in(path).refused["ann"]


# --- hostile names --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["..", "../../etc", "/etc", "a\x1b[31m", "a\nb", "a\u202eb", "=cmd()", "a" * 300, "a\\b"],
)
def test_hostile_names_in_a_zip_get_nowhere(tmp_path, name):
    files = CLASS | within(name, kit("x")) | {f"{name}.zip": zipped(kit("y"))}
    before = set(tmp_path.rglob("*"))
    (tmp_path / "d.zip").write_bytes(zipped(files, ""))
    found = take_in(tmp_path / "d.zip")
    assert found.whose.items() >= OTHERS.items()
    assert set(tmp_path.rglob("*")) == before | {tmp_path / "d.zip"}
    for one in found.hand_ins:
        one.student.encode()  # can be stored


def test_names_that_are_not_utf_8_are_kept_apart(tmp_path):
    path = unpacked(CLASS, tmp_path / "d")
    for name in (b"J\xfcrgen", b"J\xf6rgen"):
        folder = Path(os.fsdecode(os.fsencode(path) + b"/" + name))
        unpacked(kit("x"), folder)
    assert {"J\\xfcrgen", "J\\xf6rgen"} <= take_in(path).whose.keys()


def test_of_files_with_one_name_in_a_zip_the_last_counts(tmp_path):
    file = io.BytesIO(zipped(CLASS, ""))
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("ben/cs231n_utils/softmax.py", "# later\n")
    (tmp_path / "d.zip").write_bytes(file.getvalue())
    ben = take_in(tmp_path / "d.zip").submissions["ben"]
    assert ben.files["cs231n_utils/softmax.py"] == b"# later\n"


# --- hostile archives -----------------------------------------------------------------------------


def bomb(size: int) -> bytes:
    return zipped({"cs231n_utils/softmax.py": bytes(size)})


@pytest.mark.parametrize("shape", ["folder", "zip"])
def test_a_bomb_is_not_unpacked_at_any_depth(tmp_path, monkeypatch, shape):
    monkeypatch.setattr(archives, "MAX_UNPACKED", 8 << 20)
    inner = zipped({"kit.zip": bytes(64 << 20)}, "")
    files = CLASS | {"ann.zip": bomb(64 << 20), "cy.zip": inner, "eve/kit.zip": inner}
    path = shaped(files, shape, tmp_path)
    del files
    tracemalloc.start()
    found = take_in(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.whose.items() >= OTHERS.items() and peak < 48 << 20
    for student in ("ann", "cy", "eve"):
        assert "Nothing to grade was found" in found.record(student).note


def test_a_size_that_a_zip_claims_wrongly_is_not_believed(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_UNPACKED", 1 << 20)
    data = bytearray(zipped(CLASS | {"ann.zip": bytes(4 << 20)}, ""))
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.rindex(
            b"ann.zip", 0, None if mark == b"PK\x01\x02" else data.index(b"PK\x01\x02")
        )
        start = data.rindex(mark, 0, at)
        struct.pack_into("<I", data, start + offset, 100)
    (tmp_path / "d.zip").write_bytes(data)
    found = take_in(tmp_path / "d.zip")
    assert found.whose.items() >= OTHERS.items()
    assert "Nothing to grade was found" in found.record("ann").note


def test_an_encrypted_zip_is_named_and_costs_nobody_else(tmp_path):
    data = bytearray(zipped(kit("ann")))
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = -1
        while (start := data.find(mark, start + 1)) >= 0:
            data[start + offset] |= 1
    found = take_in(shaped(CLASS | {"ann.zip": bytes(data)}, "zip", tmp_path))
    assert found.whose == OTHERS | {"ann": ""}
    assert "is encrypted" in found.record("ann").note


def test_a_member_of_the_download_that_is_encrypted_is_named(tmp_path):
    data = bytearray(zipped({"ann.zip": zipped(kit("ann"))} | CLASS, ""))
    data[data.index(b"PK\x01\x02", data.index(b"dan.zip")) + 8] |= 1
    (tmp_path / "d.zip").write_bytes(data)
    found = take_in(tmp_path / "d.zip")
    assert found.whose == OTHERS and "unusual way" in found.refused["ann.zip"]


def test_archives_in_archives_are_opened_to_a_few_levels_only(tmp_path):
    data = zipped(kit("ann"))
    for _ in range(6):
        data = zipped({"kit.zip": data}, "")
    found = take_in(shaped(CLASS | {"ann.zip": data}, "folder", tmp_path))
    assert found.whose == OTHERS | {"ann": ""}


def test_a_hundred_thousand_entries_are_listed_in_reasonable_time(tmp_path):
    file = io.BytesIO(zipped(CLASS, ""))
    with zipfile.ZipFile(file, "a") as archive:
        info = zipfile.ZipInfo("x")
        for k in range(100_000):
            info = zipfile.ZipInfo(f"ann/{k}.txt")
            archive.writestr(info, b"")
    (tmp_path / "d.zip").write_bytes(file.getvalue())
    start = time.process_time()
    found = take_in(tmp_path / "d.zip")
    assert found.whose == OTHERS and "holds no file of the kit" in found.refused["ann"]
    assert time.process_time() - start < 60  # seconds, on any machine; about 2 here


def test_a_table_of_contents_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_DOWNLOAD_DIRECTORY", 100)
    with pytest.raises(SubmissionsNotFound, match="too many files"):
        take_in(shaped(CLASS, "zip", tmp_path))


def test_a_folder_without_end_is_not_listed_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(trees, "MAX_LISTED", 1)
    assert len(take_in(unpacked(CLASS, tmp_path / "d")).whose) == 1


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=6),
    st.integers(0, 5000),
)
def test_a_damaged_download_never_raises_anything_else(tmp_path_factory, changes, cut):
    data = bytearray(zipped({"ann.zip": zipped(kit("ann"))} | CLASS, ""))
    for place, value in changes:
        data[place % len(data)] = value
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(data[: len(data) - cut % len(data)] if cut % 3 == 0 else data)
    with suppress(SubmissionsNotFound):
        assert take_in(path).hand_ins


def test_archives_that_are_called_like_the_assignment_are_several_students(tmp_path):
    files = {f"{ASSIGNMENT}{n}.zip": zipped(kit(n)) for n in ("", " (1)", " (2)")}
    for name in ("x", "drive-download-1-001"):
        found = take_in(shaped(files, "folder", tmp_path / name, name))
        assert sorted(found.whose.values()) == ["", "(1)", "(2)"]
        assert all("it is" in one.note for one in found.hand_ins)


def memory_of(count, shape, folder):
    """Bytes that a download of so many students takes, when all are read and it is still open."""
    files = {}
    for k in range(count):
        files |= within(f"student{k:04}/{ASSIGNMENT}", kit(f"student{k:04}"))
    path = shaped(files, shape, folder)
    gc.collect()
    tracemalloc.start()
    try:
        with open_download(path) as download:
            for student in download.students:
                student.read()
                student.forget()
            gc.collect()
            return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", SHAPES)
def test_of_who_is_read_only_the_record_stays_in_memory(tmp_path, monkeypatch, shape):
    monkeypatch.setattr(archives, "IN_MEMORY", 1)  # as if it were a large class
    memory_of(2, shape, tmp_path / "first")  # fills caches
    few, many = (memory_of(count, shape, tmp_path / str(count)) for count in (20, 100))
    assert (many - few) / 80 < 1_000
