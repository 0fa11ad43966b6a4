"""A repair of kits in students' hands: given files and cells, and nothing of the student's."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cs231n_utils.exercises import ASSIGNMENT, NOTEBOOKS
from cs231n_utils.hand_in import given
from cs231n_utils.hand_in import packing as hand_in_packing
from cs231n_utils.hand_in.rules import STUDENT_MODULES
from grader import __main__ as command_line
from grader.kit import lint, packing, release, repair
from grader.kit.sample_class import reference_files

SVM = "2_svm.ipynb"
HELPER = "cs231n_utils/plots/base.py"
WROTE = "The margin does not change."
NEW_TEXT = "## Part 1, as it should have been"


@pytest.fixture(scope="module")
def old():
    before = list(sys.path)
    files = release.kit_files()
    sys.path[:] = before
    return files


def changed(files, edits, cells=()):
    """A kit with other files, and other cells in 2_svm.ipynb; the list in it fits."""
    files = {**files, **edits}
    notebook = json.loads(files[SVM])
    for change in cells:
        change(notebook["cells"])
    files[SVM] = json.dumps(notebook, indent=1).encode()
    files[given.NAME] = given.listing(files)
    return dict(sorted(files.items()))


def at(cells, name):
    return next(place for place, cell in enumerate(cells) if cell["id"] == name)


def new_text(cells):
    cells[at(cells, "part-1")]["source"] = NEW_TEXT


def new_cell(cells):
    cell = {"cell_type": "markdown", "id": "erratum", "metadata": {}, "source": "Erratum."}
    cells.insert(at(cells, "part-1") + 1, cell)


def cell_gone(cells):
    del cells[at(cells, "digits-picture")]


def more_points(cells):
    cells[at(cells, "check-svm_loss_naive")]["metadata"]["nbgrader"]["points"] = 12


@pytest.fixture
def new(old):
    return changed(
        old,
        {HELPER: b"# mended\n", "cs231n_utils/added.py": b"# new\n", "README.md": b"# new\n"},
        [new_text, new_cell, cell_gone, more_points],
    )


@pytest.fixture
def kit(old, tmp_path):
    """A kit in a student's hands: everything written, and an answer in the notebook."""
    folder = tmp_path / "my kit"
    for name, content in {**old, **reference_files()}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    edit(folder / SVM, lambda cells: cells[at(cells, "written-answer")].update(source=WROTE))
    return folder


def edit(path: Path, *changes) -> None:
    notebook = json.loads(path.read_bytes())
    for change in changes:
        change(notebook["cells"])
    path.write_text(json.dumps(notebook), encoding="utf-8")


def cells_of(kit: Path) -> list:
    return json.loads((kit / SVM).read_bytes())["cells"]


@pytest.fixture
def make(monkeypatch, tmp_path, old):
    """Writes a repair that makes of kits what the given files are."""

    def write(files, since=True) -> Path:
        monkeypatch.setattr(repair, "kit_files", lambda course, kit_url: files)
        before = None
        if since:
            before = tmp_path / "before.zip"
            packing.write_zip(before, old, {}, f"{ASSIGNMENT}/")
        archive = tmp_path / "repair.zip"
        repair.repair(archive, before)
        return archive

    return write


def run(kit: Path, *command: object) -> str:
    done = subprocess.run(
        [sys.executable, "-B", *map(str, command)],
        cwd=kit,
        env={},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.stderr == "" and done.returncode == 0, done
    return done.stdout


def files_in(kit: Path) -> dict[str, bytes]:
    return {
        path.relative_to(kit).as_posix(): path.read_bytes()
        for path in kit.rglob("*")
        if path.is_file() and not path.name.startswith("before_repair_")
    }


@pytest.mark.parametrize("since", [True, False])
def test_given_files_and_cells_become_new_and_nothing_of_the_student_changes(kit, new, make, since):
    before = files_in(kit)
    printed = run(kit, make(new, since))
    after = files_in(kit)
    for name in new.keys() - STUDENT_MODULES - {f"{book}.ipynb" for book in NOTEBOOKS}:
        assert after[name] == new[name], name
    for name in (*STUDENT_MODULES, "best_model.npz", "1_gradient_check.ipynb"):
        assert after[name] == before[name], name
    cells = {cell["id"]: cell for cell in cells_of(kit)}
    assert cells["part-1"]["source"] == NEW_TEXT
    assert cells["written-answer"]["source"] == WROTE
    assert cells["check-svm_loss_naive"]["metadata"]["nbgrader"]["points"] == 12
    names = [cell["id"] for cell in cells_of(kit)]
    assert names[names.index("part-1") + 1] == "erratum"
    assert ("digits-picture" in names) == (not since)  # without the older kit it is not known
    assert f"In {SVM}, {4 if since else 3} cells are new." in printed
    assert "No function and no answer of yours was touched." in printed


@pytest.mark.parametrize("since", [True, False])
def test_a_second_run_finds_nothing_to_do(kit, new, make, since):
    archive = make(new, since)
    run(kit, archive)
    before = files_in(kit)
    assert run(kit, archive).strip() == "Nothing to do: this kit is repaired already."
    assert files_in(kit) == before
    assert len([*kit.glob("before_repair_*.zip")]) == 1


def test_what_is_replaced_is_kept(kit, new, make):
    before = files_in(kit)
    run(kit, make(new))
    [backup] = kit.glob("before_repair_*.zip")
    with zipfile.ZipFile(backup) as opened:
        kept = {name: opened.read(name) for name in opened.namelist()}
    assert kept.keys() == {HELPER, "README.md", SVM, given.NAME}
    assert all(before[name] == content for name, content in kept.items())


def test_a_cell_that_the_student_has_edited_stays_and_its_new_text_is_shown(kit, new, make):
    edit(
        kit / SVM,
        lambda cells: cells[at(cells, "part-1")].update(source="My notes."),
        lambda cells: cells[at(cells, "digits-picture")].update(source="digits = 3"),
    )
    printed = run(kit, make(new))
    cells = {cell["id"]: cell["source"] for cell in cells_of(kit)}
    assert cells["part-1"] == "My notes." and cells["digits-picture"] == "digits = 3"
    assert f"since you have edited it: a cell of {SVM} (part-1). Its new text:" in printed
    assert f"    {NEW_TEXT}" in printed


def test_a_helper_that_the_student_has_edited_is_replaced_and_kept(kit, new, make):
    (kit / HELPER).write_text("# mine\n")
    printed = run(kit, make(new))
    assert f"{HELPER} was not as it came: your version is kept" in printed
    assert (kit / HELPER).read_bytes() == new[HELPER]
    [backup] = kit.glob("before_repair_*.zip")
    with zipfile.ZipFile(backup) as opened:
        assert opened.read(HELPER) == b"# mine\n"


def test_outputs_of_other_cells_stay_and_a_new_code_cell_has_none(kit, old, make):
    ran = [{"output_type": "stream", "name": "stdout", "text": "ran"}]

    def run_all(cells):
        for cell in cells:
            if cell["cell_type"] == "code":
                cell.update(outputs=ran, execution_count=1)

    edit(kit / SVM, run_all)

    def mended(cells):
        cells[at(cells, "digits-picture")]["source"] += "\n# mended"

    run(kit, make(changed(old, {}, [mended])))
    outputs = {cell["id"]: cell["outputs"] for cell in cells_of(kit) if "outputs" in cell}
    assert outputs.pop("digits-picture") == []
    assert all(one == ran for one in outputs.values())


def test_cells_whose_ids_a_program_has_dropped_are_found_by_their_text(kit, new, make):
    notebook = json.loads((kit / SVM).read_bytes())
    for cell in notebook["cells"]:
        cell["metadata"]["id"] = cell.pop("id")[::-1]  # as Colab keeps ids, here its own
    notebook["nbformat_minor"] = 0
    (kit / SVM).write_text(json.dumps(notebook))
    run(kit, make(new))
    texts = [given.text(cell) for cell in cells_of(kit)]
    assert NEW_TEXT in texts and WROTE in texts
    assert not any("id" in cell for cell in cells_of(kit))


@pytest.mark.parametrize("since", [True, False])
def test_cells_that_have_moved_move_with_the_students_own_behind_them(kit, old, make, since):
    def two_swapped(cells):
        one, other = at(cells, "part-1"), at(cells, "digits-picture")
        cells[one], cells[other] = cells[other], cells[one]

    def note(cells):
        mine = {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "My note."}
        cells.insert(at(cells, "part-1") + 1, mine)

    edit(kit / SVM, note)
    archive = make(changed(old, {}, [two_swapped]), since)
    assert f"In {SVM}, cells stand in another order." in run(kit, archive)
    cells = cells_of(kit)
    assert cells[at(cells, "part-1") + 1]["source"] == "My note."
    assert cells[at(cells, "written-answer")]["source"] == WROTE
    given_ids = [cell["id"] for cell in cells if cell["id"] != "mine"]
    wanted = json.loads(changed(old, {}, [two_swapped])[SVM])["cells"]
    assert given_ids == [cell["id"] for cell in wanted]
    assert "Nothing to do" in run(kit, archive)


def test_line_ends_of_windows_are_no_edit(kit, new, make):
    (kit / HELPER).write_bytes((kit / HELPER).read_bytes().replace(b"\n", b"\r\n"))
    assert "was not as it came" not in run(kit, make(new))


@pytest.mark.parametrize("content", [None, b"<<<<<<< HEAD\n", b'{"cells": [{}]}'])
def test_a_notebook_that_is_damaged_or_away_costs_only_itself(kit, new, make, content):
    (kit / SVM).unlink()
    if content is not None:
        (kit / SVM).write_bytes(content)
    printed = run(kit, make(new))
    assert f"{SVM} {'is not in this folder' if content is None else 'cannot be read'}" in printed
    assert (kit / HELPER).read_bytes() == new[HELPER]
    assert (kit / SVM).exists() == (content is not None)


@pytest.mark.parametrize("place", ["inside", "beside", "program"])
def test_it_runs_unpacked_too_and_from_beside_the_notebooks(kit, new, make, tmp_path, place):
    folder = {"inside": kit / "repair", "beside": tmp_path / "repair"}.get(place, kit / "repair")
    with zipfile.ZipFile(make(new)) as opened:
        opened.extractall(folder)
    run(
        folder if place == "inside" else kit, folder / "repair.py" if place == "program" else folder
    )
    assert (kit / HELPER).read_bytes() == new[HELPER]


def test_where_no_kit_is_it_says_where_to_put_it(new, make, tmp_path):
    archive, empty = make(new), tmp_path / "empty"
    empty.mkdir()
    done = subprocess.run(
        [sys.executable, archive], cwd=empty, env={}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "No kit is here" in done.stdout and "python repair.zip" in done.stdout


def test_a_repaired_kit_hands_in_nothing_that_was_given(kit, new, make):
    run(kit, make(new))
    packed = hand_in_packing.pack(kit)
    assert packed.files.keys() == STUDENT_MODULES | {"best_model.npz"}
    assert packed.changed == []


def test_with_the_older_kit_it_is_small(new, make):
    archive = make(new)
    with zipfile.ZipFile(archive) as opened:
        files = {name.removeprefix("files/") for name in opened.namelist() if "files/" in name}
    assert files == {HELPER, "README.md", "cs231n_utils/added.py", given.NAME}
    assert archive.stat().st_size < 30_000


def test_a_stub_that_differs_is_named_and_not_replaced(old, kit, tmp_path, monkeypatch):
    stub = "cs231n_utils/softmax.py"
    monkeypatch.setattr(repair, "kit_files", lambda *a: changed(old, {stub: b"# mended\n"}))
    done = repair.repair(tmp_path / "repair.zip", kit_of(old, tmp_path))
    assert done.not_repaired == (stub,) and stub not in done.files


def kit_of(files, tmp_path) -> Path:
    folder = tmp_path / "given"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_the_command_writes_a_repair_and_refuses_one_that_repairs_nothing(
    old, new, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(lint, "require_none", lambda kit: None)
    monkeypatch.setattr(repair, "kit_files", lambda *a: new)
    archive, since = str(tmp_path / "repair.zip"), str(kit_of(old, tmp_path))
    assert command_line.main(["release", "--repair", archive, "--since", since]) == 0
    assert "4 files and 3 cells" in capsys.readouterr().out
    monkeypatch.setattr(repair, "kit_files", lambda *a: old)
    assert command_line.main(["release", "--repair", archive, "--since", since]) == 1
    assert "there is nothing to repair" in capsys.readouterr().err


def test_what_is_no_kit_is_refused(tmp_path, new, monkeypatch):
    monkeypatch.setattr(repair, "kit_files", lambda *a: new)
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("text")
    for place, reason in (("empty", "is not a kit"), ("text.zip", "cannot"), ("x", "cannot")):
        with pytest.raises(release.ReleaseError, match=reason):
            repair.repair(tmp_path / "repair.zip", tmp_path / place)
