"""Taking in what students hand in: all layouts, and nothing that a hostile folder or zip can do.
Tars: test_archives.py.
"""

import io
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs231n_utils.exercises import ASSIGNMENT, MODULES
from grader.intake import archives, submission
from grader.intake.submission import (
    MAX_FILE,
    MAX_FILES,
    MAX_NOTES,
    MAX_TOTAL,
    MODEL_FILE,
    STUDENT_MODULES,
    as_text,
    read,
)

COMPLETE = dict.fromkeys(sorted(STUDENT_MODULES), b"pass\n")


@pytest.fixture
def folder(tmp_path) -> Path:
    """ann/loss_and_optimization with all modules."""
    root = tmp_path / "ann" / ASSIGNMENT
    for name, content in COMPLETE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def zipped(path: Path, files: dict[str, bytes], prefix: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(prefix + name, content)
    return path


# --- reading --------------------------------------------------------------------------------------


def test_a_folder_is_read(folder):
    (folder / MODEL_FILE).write_bytes(b"model")
    (folder / "cs231n_utils" / "my_helpers.py").write_bytes(b"x = 1\n")
    (folder / "cs231n_utils" / "my_package").mkdir()
    (folder / "cs231n_utils" / "my_package" / "__init__.py").write_bytes(b"")
    taken = read(folder)
    assert taken.student == "ann" and taken.notes == ()
    assert taken.files == {
        **COMPLETE,
        MODEL_FILE: b"model",
        "cs231n_utils/my_helpers.py": b"x = 1\n",
        "cs231n_utils/my_package/__init__.py": b"",
    }


@pytest.mark.parametrize(
    "prefix", ["", f"{ASSIGNMENT}/", "Downloads/my work (2)/", "../../", "/", "loss\\"]
)
def test_a_zip_is_read_whatever_folder_the_kit_is_in(tmp_path, prefix):
    taken = read(
        zipped(
            tmp_path / "bob.zip",
            {**COMPLETE, MODEL_FILE: b"model", "1_gradient_check.ipynb": b"{}"},
            prefix,
        )
    )
    assert (taken.student, taken.files, taken.notes) == (
        "bob",
        {**COMPLETE, MODEL_FILE: b"model"},
        (),
    )


def test_what_a_mac_adds_to_a_zip_is_passed_over(tmp_path):
    extra = {f"__MACOSX/{ASSIGNMENT}/cs231n_utils/._{name}.py": b"\0" for name in MODULES}
    taken = read(
        zipped(
            tmp_path / "bob.zip",
            {**extra, **{f"{ASSIGNMENT}/{name}": text for name, text in COMPLETE.items()}},
        )
    )
    assert (taken.files, taken.notes) == (COMPLETE, ())


def handed_in(folder: Path, tmp_path: Path, files: dict[str, bytes], way: str) -> Path:
    """The folder with these files in addition, or an archive of it."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    if way == "folder":
        return folder
    return Path(
        shutil.make_archive(
            str(tmp_path / "packed" / "ann"), {"zip": "zip", "tar.gz": "gztar"}[way], folder
        )
    )


@pytest.fixture(params=["folder", "zip", "tar.gz"])
def read_with(request, folder, tmp_path) -> Callable[[dict[str, bytes]], submission.Submission]:
    """Read ann's folder with more files in it, handed in as a folder and as archives."""
    return lambda files: read(handed_in(folder, tmp_path, files, request.param))


GIVEN = submission.given_files()


def test_given_helpers_that_are_as_they_were_given_are_passed_over(read_with):
    assert read_with(GIVEN) == submission.Submission("ann", COMPLETE)


def test_line_ends_of_windows_change_no_helper(read_with):
    helpers = {
        name: content.replace(b"\n", b"\r\n")
        for name, content in GIVEN.items()
        if name.endswith(".py")
    }
    assert read_with(helpers) == submission.Submission("ann", COMPLETE)


@pytest.mark.parametrize(
    "name", ["__init__.py", "expect.py", "data.py", "models.py", "visible_checks/test_softmax.py"]
)
def test_a_given_helper_that_was_changed_is_the_one_that_is_imported_and_this_is_said(
    read_with, name
):
    changed = {f"cs231n_utils/{name}": b"def square(W):\n    return W * W\n"}
    assert read_with(changed) == submission.Submission(
        "ann",
        {**COMPLETE, **changed},
        (
            (
                f"Not as it was given: cs231n_utils/{name}. Your functions import it as you handed"
                " it in."
            ),
        ),
    )


def test_given_helpers_leave_the_room_for_files_to_others(read_with):
    own = {f"cs231n_utils/z{k}.py": b"x" for k in range(MAX_FILES - len(COMPLETE))}
    assert read_with({**GIVEN, **own}).files == {**COMPLETE, **own}


def test_the_given_files_are_ours_and_hold_no_student_module():
    assert {
        "cs231n_utils/data.py",
        "datasets/digits.npz",
        "datasets/fashion.npz",
    } <= GIVEN.keys() and not GIVEN.keys() & STUDENT_MODULES
    assert not any("holdout" in name for name in GIVEN)


@pytest.mark.parametrize(
    "name",
    [
        "my_math.py",
        "my_math/__init__.py",
        "my_math/inner/tools.py",
        "cs231n_utils/mine/tools.py",
        "conftest.py",
        "worker.py",
        "table.npy",
        "cs231n_utils/table.csv",
        "data/my table.json",
        "results 2/run-1.txt",
        "cs231n_utils/mine/weights.npz",
    ],
)
def test_helpers_and_data_are_taken_wherever_they_stand(read_with, name):
    assert read_with({name: b"x = 1\n"}) == submission.Submission(
        "ann", {**COMPLETE, name: b"x = 1\n"}
    )


@pytest.mark.parametrize(
    "name",
    [
        "pytest.ini",
        "x.pth",
        "cs231n_utils/x.pyc",
        "cs231n_utils/x.so",
        "cs231n_utils/__pycache__/softmax.cpython-311.pyc",
        "requirements.txt",
        "a picture.png",
        "1_gradient_check.ipynb",
        ".ipynb_checkpoints/x.py",
        ".git/x.py",
        "node_modules/x.py",
        "lib/site-packages/x.py",
        ".venv/x.py",
        "a/b/c/d/x.py",
        "datasets/cifar-10-batches-py/data_batch_1",
    ],
)
def test_what_tools_leave_behind_is_passed_over(read_with, name):
    assert read_with({name: b"x"}) == submission.Submission("ann", COMPLETE)


def test_an_environment_is_passed_over_whatever_it_is_called(read_with):
    inside = {
        f"my env/{name}": b"x"
        for name in ("pyvenv.cfg", "a.py", "bin/activate_this.py", "lib/x.txt")
    }
    assert read_with(inside) == submission.Submission("ann", COMPLETE)


@pytest.mark.parametrize(
    "name",
    ["random.py", "numpy.py", "numpy/__init__.py", "json/x.py", "matplotlib.py", "tqdm/auto.py"],
)
def test_what_would_hide_a_library_is_not_taken_and_this_is_said(read_with, name):
    library = name.partition("/")[0].removesuffix(".py")
    assert read_with({name: b"raise SystemExit"}) == submission.Submission(
        "ann",
        COMPLETE,
        (
            (
                f"{name} was ignored: import {library} gives the library of that name. Rename the"
                " file if your functions need it."
            ),
        ),
    )


def test_many_files_that_hide_one_library_are_told_once(read_with):
    assert len(read_with({f"json/x{k}.py": b"x" for k in range(5)}).notes) == 1


def test_other_files_leave_the_room_to_those_of_the_package(read_with):
    taken = read_with(
        {
            **{f"a{k}.py": bytes(MAX_FILE) for k in range(MAX_TOTAL // MAX_FILE)},
            "cs231n_utils/z.py": b"x",
        }
    )
    assert (
        taken.files.keys() >= {*COMPLETE, "cs231n_utils/z.py"}
        and f"is beyond {MAX_TOTAL} bytes in all" in taken.notes[0]
    )


def test_a_wrong_name_is_named_with_its_near_match(folder):
    module = folder / "cs231n_utils" / "linear_svm.py"
    module.rename(module.with_name("linearsvm.py"))
    assert read(folder).notes == (
        (
            "There is no cs231n_utils/linear_svm.py. Found: cs231n_utils/linearsvm.py. Rename it to"
            " cs231n_utils/linear_svm.py. Then hand in again."
        ),
    )


@pytest.mark.parametrize(
    "content", [b"", b"not a zip", b"PK\x05\x06" + bytes(18)], ids=["empty", "text", "no files"]
)
def test_what_is_no_zip_is_said(tmp_path, content):
    path = tmp_path / "bob.zip"
    path.write_bytes(content)
    taken = read(path)
    assert taken.files == {} and len(taken.notes) >= len(MODULES)
    assert content[:2] == b"PK" or "cannot be read" in taken.notes[0]


def test_an_unreadable_file_is_said(folder, monkeypatch):
    real = os.open

    # Root may read everything: refuse in the kernel's place.
    def refused(path, *rest: object, **more: object) -> int:
        if path == "softmax.py":
            raise PermissionError(13, "Permission denied")
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", refused)
    taken = read(folder)
    assert "cs231n_utils/softmax.py" not in taken.files
    assert taken.notes == (
        "cs231n_utils/softmax.py cannot be read (Permission denied), and was ignored.",
        "There is no cs231n_utils/softmax.py.",
    )


def test_a_submission_that_is_gone_is_said(tmp_path):
    assert (
        "cannot be read (No such file or directory)" in read(tmp_path / "ann" / ASSIGNMENT).notes[0]
    )


# --- links, pipes, devices ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda path, secret: path.symlink_to(secret),
        lambda path, secret: os.mkfifo(path),
        lambda path, secret: path.mkdir(),
    ],
    ids=["link", "FIFO", "folder"],
)
@pytest.mark.parametrize("name", ["cs231n_utils/softmax.py", MODEL_FILE])
def test_only_ordinary_files_are_read(folder, tmp_path, name, make):
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (folder / name).unlink(missing_ok=True)
    make(folder / name, secret)
    taken = read(folder)
    assert name not in taken.files and b"secret" not in taken.files.values()
    if not (folder / name).is_dir():
        assert any(note.startswith(name) and note.endswith("ignored.") for note in taken.notes)


@pytest.mark.parametrize(
    "linked, target",
    [
        ("ann", "elsewhere"),
        *(
            (linked, target)
            for linked in (f"ann/{ASSIGNMENT}", "ann.zip", "ann.tar.gz")
            for target in ("elsewhere", "nowhere")
        ),
    ],
)
def test_a_linked_submission_is_found_but_not_followed(folder, tmp_path, linked, target):
    (folder if ASSIGNMENT in linked else folder.parent).rename(tmp_path / "elsewhere")
    (tmp_path / linked).symlink_to(tmp_path / target)
    taken = read(tmp_path / (linked if "." in linked else f"ann/{ASSIGNMENT}"))
    assert (taken.student, taken.files) == ("ann", {})
    assert (
        taken.notes[0]
        == f"{(tmp_path / linked).name} cannot be read: it is a link, which grading never follows. "
        "Hand in the files themselves."
    )


def test_a_link_that_appears_after_the_look_is_not_followed_either(folder, tmp_path, monkeypatch):
    folder.parent.rename(tmp_path / "elsewhere")
    folder.parent.symlink_to(tmp_path / "elsewhere")
    monkeypatch.setattr(Path, "is_symlink", lambda path: False)
    taken = read(folder)
    assert taken.files == {} and "cannot be read (" in taken.notes[0]


@pytest.mark.parametrize("linked, taken", [("cs231n_utils", {}), ("cs231n_utils/mine", COMPLETE)])
def test_linked_folders_inside_are_not_followed(folder, tmp_path, linked, taken):
    elsewhere = tmp_path / "elsewhere"
    if (folder / linked).exists():
        (folder / linked).rename(elsewhere)
    else:
        elsewhere.mkdir()
        (elsewhere / "secret.py").write_bytes(b"secret")
    (folder / linked).symlink_to(elsewhere)
    assert read(folder).files == taken


def test_a_file_in_the_place_of_a_folder_is_said(tmp_path):
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / ASSIGNMENT).write_bytes(b"here is my work")
    taken = read(tmp_path / "ann" / ASSIGNMENT)
    assert (
        taken.student == "ann"
        and f"{ASSIGNMENT} cannot be read (Not a directory)" in taken.notes[0]
    )


def test_a_link_in_a_zip_is_not_taken(tmp_path):
    path = zipped(tmp_path / "bob.zip", COMPLETE)
    link = zipfile.ZipInfo("cs231n_utils/mine.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    taken = read(path)
    assert (taken.files, taken.notes) == (
        COMPLETE,
        ("cs231n_utils/mine.py is a link, and was ignored.",),
    )


@pytest.mark.parametrize(
    "name",
    [
        "cs231n_utils/../../evil.py",
        "cs231n_utils/..\\evil.py",
        "/etc/evil.py",
        "cs231n_utils/a\nb.py",
        "cs231n_utils/\x1b[31m.py",
        "cs231n_utils/softmax.py/x.py",
        "cs231n_utils/a/b/c/d/e.py",
        f"cs231n_utils/{'a' * 300}.py",
        "cs231n_utils/.py",
        "cs231n_utils//x.py",
    ],
)
def test_odd_names_in_a_zip_are_not_taken(tmp_path, name):
    taken = read(zipped(tmp_path / "bob.zip", {**COMPLETE, name: b"x"}))
    assert taken.files == COMPLETE
    assert all(note.isprintable() and len(note) < 200 for note in taken.notes)


# --- too much -------------------------------------------------------------------------------------


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    bomb = {"cs231n_utils/big.py": bytes(MAX_FILE + 1), "other.bin": bytes(50 << 20)}
    taken = read(zipped(tmp_path / "bob.zip", {**COMPLETE, **bomb}))
    assert taken.files == COMPLETE
    assert taken.notes == (
        f"cs231n_utils/big.py has {MAX_FILE + 1} bytes, more than {MAX_FILE}, and was ignored.",
    )


def test_a_zip_that_lies_about_sizes_is_not_believed(tmp_path):
    path = zipped(tmp_path / "bob.zip", {**COMPLETE, "cs231n_utils/zzz.py": bytes(MAX_FILE + 1)})
    lie = path.read_bytes().replace((MAX_FILE + 1).to_bytes(4, "little"), (9).to_bytes(4, "little"))
    path.write_bytes(lie)
    taken = read(path)
    assert taken.files == COMPLETE and "cannot be read from the zip" in taken.notes[0]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(tmp_path, method):
    path = zipped(tmp_path / "bob.zip", COMPLETE)
    with zipfile.ZipFile(path, "a", method) as archive:
        archive.writestr("cs231n_utils/mine.py", b"x")
    assert read(path).notes == (
        "cs231n_utils/mine.py is compressed in an unusual way, and was ignored.",
    )


def test_a_damaged_file_costs_only_itself(tmp_path):
    path = zipped(tmp_path / "bob.zip", {name: name.encode() * 50 for name in COMPLETE})
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("cs231n_utils/softmax.py")
    data = bytearray(path.read_bytes())
    start = member.header_offset + 30 + len(member.filename)
    data[start : start + member.compress_size] = b"\xff" * member.compress_size
    path.write_bytes(data)
    taken = read(path)
    assert (
        set(taken.files) == set(COMPLETE) - {"cs231n_utils/softmax.py"}
        and "cannot be read from the zip" in taken.notes[0]
    )


def test_a_table_of_contents_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_DIRECTORY", 10_000)
    taken = read(zipped(tmp_path / "bob.zip", {**COMPLETE, **{f"{k}": b"" for k in range(1_000)}}))
    assert taken.files == {} and "too many files" in taken.notes[0]


def test_there_is_a_cap_on_files(folder):
    for k in range(MAX_FILES + MAX_NOTES):
        (folder / "cs231n_utils" / f"z{k}.py").write_bytes(b"x")
    taken = read(folder)
    assert len(taken.files) == MAX_FILES and taken.files.keys() >= COMPLETE.keys()
    assert f"beyond the first {MAX_FILES} files" in taken.notes[0]
    assert taken.notes[MAX_NOTES:] == (f"{len(COMPLETE)} more files were ignored.",)


def test_there_is_a_cap_on_all_bytes(folder, monkeypatch):
    monkeypatch.setattr(submission, "MAX_TOTAL", 12)
    taken = read(folder)
    assert (
        sum(map(len, taken.files.values())) <= 12 and "is beyond 12 bytes in all" in taken.notes[0]
    )


def test_a_folder_of_thousands_of_files_is_not_read_to_its_end(folder, monkeypatch):
    monkeypatch.setattr(submission, "MAX_ENTRIES", 50)
    for k in range(60):
        (folder / "cs231n_utils" / f"{k}.txt").touch()
    assert "only the first 50 files" in read(folder).notes[0]


def test_a_deep_folder_is_not_walked(folder):
    deep = folder / "cs231n_utils"
    for _ in range(200):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "x.py").touch()
    assert read(folder).files == COMPLETE


# --- anything -------------------------------------------------------------------------------------

SAMPLE = io.BytesIO()
with zipfile.ZipFile(SAMPLE, "w", zipfile.ZIP_DEFLATED) as _archive:
    for _name, _content in {**COMPLETE, MODEL_FILE: np.arange(50).tobytes()}.items():
        _archive.writestr(_name, _content)


@settings(deadline=None, derandomize=True, max_examples=300, database=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(SAMPLE.getvalue()) - 1), st.integers(0, 255)),
        min_size=1,
        max_size=8,
    ),
    st.booleans(),
)
def test_a_damaged_zip_never_raises(tmp_path_factory, changes, cut):
    data = bytearray(SAMPLE.getvalue())
    for position, value in changes:
        data[position] = value
    path = tmp_path_factory.getbasetemp() / "eve.zip"
    path.write_bytes(data[: changes[0][0]] if cut else data)
    taken = read(path)
    assert taken.student == "eve" and all(note.isprintable() for note in taken.notes)


@pytest.mark.parametrize("name", ["\ud800", "a\udc80b", "\udfff\udc80", "a\\b", "ü"])
def test_any_name_becomes_text_that_can_be_written(name):
    as_text(name).encode("utf-8")
    assert as_text(name) != as_text(f"{name}\\")
