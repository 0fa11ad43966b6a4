"""The student kit: complete, the same everywhere, and nothing in it that students must not have."""

import json
import logging
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory

from cs231n_utils.exercises import ASSIGNMENT, MODULES, NOTEBOOKS
from grader.gradebook import gradebook
from grader.kit import known_mistakes, release
from tests.support.course_copy import copy_course

LEFTOVERS = (
    "cs231n_utils/__pycache__/softmax.cpython-311.pyc",
    "cs231n_utils/.ipynb_checkpoints/softmax.py",
    "cs231n_utils/softmax.py~",
    "datasets/cifar-10-batches-py/ATTRIBUTION.md",
    "datasets/cifar-10.txt",
    "datasets/holdout.bin",
    "tests/test_x.py",
    "grader/topics/holdout.npz",
    f"notebooks/{ASSIGNMENT}/best_model.npz",
    f"notebooks/{ASSIGNMENT}/notes.md",
)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course as it looks after some work in it."""
    before = list(sys.path)
    root = copy_course(tmp_path_factory.mktemp("course"))
    for name in LEFTOVERS:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"not for students")
    yield root
    sys.path[:] = before  # nbgrader_config.py of the copy has put itself there


@pytest.fixture(scope="module")
def kit(course):
    return release.kit_files(course)


def folder_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def zip_files(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {
            name.removeprefix(f"{ASSIGNMENT}/"): opened.read(name) for name in opened.namelist()
        }


def test_the_kit_has_all_that_students_import_and_open(kit):
    shipped = {
        path.relative_to(gradebook.COURSE).as_posix()
        for path in (gradebook.COURSE / "cs231n_utils").rglob("*.py")
        if "__pycache__" not in path.parts
    }
    wanted = (
        shipped
        | {f"{name}.ipynb" for name in NOTEBOOKS}
        | {
            "README.md",
            "requirements.txt",
            "get_datasets.sh",
            "datasets/digits.npz",
            "datasets/fashion.npz",
            "datasets/fashion.npz.sha256",
            "datasets/ATTRIBUTION.md",
        }
    )
    assert wanted <= kit.keys()


def test_nothing_travels_because_it_lay_in_the_repository(kit):
    assert not [name for name, content in kit.items() if content == b"not for students"]
    folders = {name.split("/")[0] for name in kit if "/" in name}
    assert folders == {"cs231n_utils", "datasets", ".devcontainer"}
    assert "best_model.npz" not in kit


def test_the_kit_holds_stubs(kit):
    for module in MODULES:
        assert b"raise NotImplementedError" in kit[f"cs231n_utils/{module}.py"]


def test_the_kit_holds_known_mistakes_as_they_are_now(course, kit):
    known = course / known_mistakes.NAME
    before = known.read_bytes()
    known.write_bytes(b"of an older bank")
    assert (
        release.kit_files(course)[known_mistakes.NAME]
        == kit[known_mistakes.NAME]
        == known_mistakes.content()
    )
    known.write_bytes(before)


def test_notebooks_come_with_grade_cells_and_without_outputs(kit):
    for name in NOTEBOOKS:
        nb = nbformat.reads(kit[f"{name}.ipynb"].decode(), as_version=4)
        assert all(not cell.outputs for cell in nb.cells if cell.cell_type == "code")
        assert any("checksum" in cell.metadata.get("nbgrader", {}) for cell in nb.cells)


def test_students_install_what_they_need_in_our_ranges(kit):
    lines = kit["requirements.txt"].decode().splitlines()
    ours = (gradebook.COURSE / "requirements.txt").read_text().splitlines()
    assert set(lines) <= set(ours)
    assert [line.split(">")[0] for line in lines] == [
        "numpy",
        "matplotlib",
        "jupyterlab",
        "ipywidgets",
        "pytest",
    ]


def test_folder_zip_and_nbgrader_hold_the_same_kit(course, kit, tmp_path):
    result = release.release(tmp_path, course)
    assert (
        folder_files(result.folder)
        == zip_files(result.archive)
        == folder_files(result.nbgrader_folder)
        == kit
    )
    assert result.files == len(kit)
    assert result.nbgrader_folder == course / "release" / ASSIGNMENT
    for folder in (result.folder, result.nbgrader_folder):
        assert (folder / "get_datasets.sh").stat().st_mode & 0o111


def test_the_zip_depends_on_the_files_alone(course, tmp_path):
    for name in ("first", "second"):
        release.release(tmp_path / name, course, fill_nbgrader=False)
    first, second = (tmp_path / name / f"{ASSIGNMENT}.zip" for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


def test_without_nbgrader_the_course_stays_as_it_is(course, tmp_path):
    before = folder_files(course)
    release.release(tmp_path, course, fill_nbgrader=False)
    assert folder_files(course) == before


def test_plain_generate_assignment_makes_the_same_kit(course, kit):
    shutil.rmtree(course / "release", ignore_errors=True)
    config = gradebook.course_config(course)
    config.CourseDirectory.assignment_id = ASSIGNMENT
    GenerateAssignment(coursedir=CourseDirectory(config=config), config=config).start()
    assert folder_files(course / "release" / ASSIGNMENT) == kit


def test_a_solved_stub_is_not_released(tmp_path):
    course = copy_course(tmp_path / "course")
    stub = course / "cs231n_utils" / "linear_classifier.py"
    stub.write_text(
        stub.read_text().replace(
            'raise NotImplementedError(\n            "LinearClassifier.predict',
            'return X\n        raise NotImplementedError(\n            "LinearClassifier.predict',
        )
    )
    with pytest.raises(
        release.ReleaseError, match=r"linear_classifier\.py: LinearClassifier\.predict is more than"
    ):
        release.release(tmp_path / "out", course, fill_nbgrader=False)
    assert not (tmp_path / "out").exists()
    config = gradebook.course_config(course)
    config.CourseDirectory.assignment_id = ASSIGNMENT
    GenerateAssignment(
        coursedir=CourseDirectory(config=config), config=config, log=logging.getLogger("quiet")
    ).start()
    assert not (course / "release" / ASSIGNMENT).exists()
    sys.path.remove(str(course))


def test_a_notebook_too_many_is_named(tmp_path):
    course = copy_course(tmp_path / "course")
    folder = course / "notebooks" / ASSIGNMENT
    shutil.copy(folder / "2_svm.ipynb", folder / "scratch.ipynb")
    with pytest.raises(release.ReleaseError, match=r"scratch\.ipynb"):
        release.kit_files(course)
    sys.path.remove(str(course))


def test_an_older_kit_is_replaced_and_another_folder_is_not(course, kit, tmp_path):
    release.release(tmp_path, course, fill_nbgrader=False)
    (tmp_path / ASSIGNMENT / "old.py").write_text("left over")
    release.release(tmp_path, course, fill_nbgrader=False)
    assert folder_files(tmp_path / ASSIGNMENT) == kit
    shutil.rmtree(tmp_path / ASSIGNMENT / "cs231n_utils")
    with pytest.raises(release.ReleaseError, match="is not a kit"):
        release.release(tmp_path, course, fill_nbgrader=False)


def test_the_kit_stands_alone(course, tmp_path):
    folder = release.release(tmp_path, course, fill_nbgrader=False).folder
    found = subprocess.run(
        [sys.executable, "-c", "import cs231n_utils.check as c; print(c.__file__)"],
        cwd=folder,
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(found.stdout.strip()) == folder / "cs231n_utils" / "check.py"


# Where the kit runs


def test_the_readme_has_commands_for_each_system_and_no_environment_in_the_kit(kit):
    text = kit["README.md"].decode()
    for words in (
        "python3 -m venv ~/cs231n-env",
        "py -m venv $HOME\\cs231n-env",
        "externally-managed-environment",
        "sudo apt install python3-venv",
        "python -m cs231n_utils.hand_in",
        "python -m cs231n_utils.get_datasets",
        "python repair.zip",
    ):
        assert words in text
    assert "{" not in text and "}" not in text


def colab_lines(text: str) -> list[str]:
    """The lines to run on Colab."""
    return text.partition("**Google Colab**")[2].split("```")[1].strip().splitlines()


def test_colab_takes_two_lines_with_and_without_an_address(course, kit):
    url = "https://example.org/a/kit.zip?raw=1&x=%20"
    lines = colab_lines(release.kit_files(course, url)["README.md"].decode())
    assert lines == [
        f'!wget -qO /content/kit.zip "{url}" && unzip -qnd /content /content/kit.zip',
        f"%cd /content/{ASSIGNMENT}",
    ]
    lines = colab_lines(kit["README.md"].decode())
    assert lines == [
        f"!unzip -qnd /content /content/{ASSIGNMENT}.zip",
        f"%cd /content/{ASSIGNMENT}",
    ]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "kit.zip",
        "ftp://example.org/kit.zip",
        "https://",
        'https://example.org/"; rm -rf .; "',
        "https://example.org/$HOME",
        "https://example.org/{x}",
        "https://example.org/`id`",
        "https://example.org/a b",
        "https://example.org/a\nb",
    ],
)
def test_an_address_that_no_command_takes_as_it_is_is_refused(course, url):
    with pytest.raises(release.ReleaseError, match=r"expected one that begins with https"):
        release.kit_files(course, url)


@pytest.mark.parametrize("place", ["repository", "kit"])
def test_a_container_installs_what_is_there_and_opens_the_first_notebook(kit, place):
    name = ".devcontainer/devcontainer.json"
    root = gradebook.COURSE
    settings = json.loads(kit[name] if place == "kit" else (root / name).read_bytes())
    [opened] = settings["customizations"]["codespaces"]["openFiles"]
    installs = settings["postCreateCommand"]
    if place == "kit":
        assert opened in kit and installs.endswith("-r requirements.txt")
    else:
        assert (root / opened).is_file() and installs.endswith("-e .")
    assert opened.endswith(f"{NOTEBOOKS[0]}.ipynb")
    assert "ms-toolsai.jupyter" in settings["customizations"]["vscode"]["extensions"]
