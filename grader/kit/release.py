"""The student kit: notebooks as nbgrader releases them, and beside them all that they need.

The same files go to a folder, to a zip, and to nbgrader's `release/`, from where `nbgrader
release_assignment` and Formgrader hand them out. What goes in is listed here; nothing travels
because it happened to lie in the repository.
"""

from __future__ import annotations

import ast
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, NOTEBOOKS
from cs231n_utils.hand_in import given
from grader.gradebook.gradebook import course_config, generate_assignment
from grader.kit import container, known_mistakes, packing, readme
from grader.kit.course_files import definition, is_stub
from grader.paths import COURSE

# Of requirements.txt, what a student needs.
_PACKAGES = ("ipywidgets", "jupyterlab", "matplotlib", "numpy", "pytest")
_SUFFIXES = {".py", ".npz", ".json", ".csv", ".md", ".txt", ".sha256"}
_EXECUTABLE = {".sh"}


class ReleaseError(Exception):
    """The kit cannot be made; the text says what to change."""


@dataclass(frozen=True)
class ReleaseResult:
    """Where the kit was written.

    nbgrader_folder : nbgrader's own release folder, or None if it was left alone
    """

    folder: Path
    archive: Path
    files: int
    nbgrader_folder: Path | None


def release(
    out: Path, course: Path = COURSE, fill_nbgrader: bool = True, kit_url: str | None = None
) -> ReleaseResult:
    """Write the kit to `out/loss_and_optimization/` and `out/loss_and_optimization.zip`.

    A kit of an earlier release in `out` is replaced. With `fill_nbgrader`, nbgrader's `release/`
    folder in the course gets the same files, and the assignment is entered into the course's
    gradebook. `kit_url` is where students will get the zip, for the README.
    """
    files = kit_files(course, kit_url)
    folder, archive = out / ASSIGNMENT, out / f"{ASSIGNMENT}.zip"
    if folder.exists():
        if not (folder / "cs231n_utils").is_dir():
            raise ReleaseError(
                f"{folder} exists and is not a kit. Give another --out, or move it away."
            )
        shutil.rmtree(folder)
    _write(folder, files)
    modes = {name: 0o755 for name in files if Path(name).suffix in _EXECUTABLE}
    packing.write_zip(archive, files, modes, f"{ASSIGNMENT}/")
    nbgrader_folder = None
    if fill_nbgrader:
        nbgrader_folder = generate_assignment(
            course, course, course_config(course).CourseDirectory.db_url
        )
        _replace(nbgrader_folder, files)
    return ReleaseResult(folder, archive, len(files), nbgrader_folder)


def kit_files(course: Path = COURSE, kit_url: str | None = None) -> dict[str, bytes]:
    """The kit: relative names and contents, sorted by name."""
    if kit_url is not None and not readme.is_address(kit_url):
        raise ReleaseError(
            f"The kit's address is {kit_url!r}; expected one that begins with https:// or http://"
            " and has no spaces, quotes, dollar signs or braces."
        )
    with tempfile.TemporaryDirectory() as scratch:
        generated = generate_assignment(course, Path(scratch))
        notebooks = {path.name: path.read_bytes() for path in generated.glob("*.ipynb")}
    expected = {f"{name}.ipynb" for name in NOTEBOOKS}
    if notebooks.keys() != expected:
        found, wanted = ", ".join(sorted(notebooks)), ", ".join(sorted(expected))
        raise ReleaseError(
            f"The assignment's folder holds the notebooks {found}; expected {wanted}."
        )
    return _kit(course, notebooks, kit_url)


def complete_release_folder(assignment: str, student: str, notebooks: list[str]) -> None:
    """Put the rest of the kit beside the notebooks that nbgrader has just generated (its
    post_convert_hook).
    """
    if assignment != ASSIGNMENT:
        return
    course = Path.cwd()  # nbgrader works in the course root
    folder = course / "release" / assignment
    try:
        generated = {f"{name}.ipynb": (folder / f"{name}.ipynb").read_bytes() for name in NOTEBOOKS}
        _replace(folder, _kit(course, generated))
    except Exception as error:
        # Nbgrader only logs that a hook failed: half a kit must not look like one.
        shutil.rmtree(folder)
        print(f"No kit in {folder}: {error}")
        raise


def _kit(
    course: Path, notebooks: Mapping[str, bytes], kit_url: str | None = None
) -> dict[str, bytes]:
    """The generated notebooks and all that lies beside them, with the list of what was given."""
    files = {**notebooks, **_beside_notebooks(course), "README.md": readme.text(kit_url).encode()}
    return dict(sorted({**files, given.NAME: given.listing(files)}.items()))


def _beside_notebooks(course: Path) -> dict[str, bytes]:
    files = {
        container.NAME: container.for_kit(),
        "requirements.txt": packing.requirements(_PACKAGES, course),
    }
    for top in ("cs231n_utils", "datasets"):
        files |= dict(packing.shipped(course, top, _SUFFIXES))
    files |= {
        name: (course / name).read_bytes()
        for name in ("get_datasets.sh", "LICENSE")
        if (course / name).exists()
    }
    files[known_mistakes.NAME] = known_mistakes.content()
    _refuse_solutions(files)
    return files


def _refuse_solutions(files: Mapping[str, bytes]) -> None:
    """Ship stubs only: somebody who tries the assignment in the repository must not release the
    answers.
    """
    for exercise in EXERCISES.values():
        if exercise.file.endswith(".py"):
            node = definition(ast.parse(files[exercise.file]), exercise.name)
            if node is None or not is_stub(node):
                raise ReleaseError(
                    f"{exercise.file}: {exercise.name} is more than its docstring and one raise. "
                    "A kit ships no solutions: put the stub back (git checkout), and release again."
                )


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if path.suffix in _EXECUTABLE:
            path.chmod(0o755)


def _replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` hold exactly `files`; nbgrader copies whatever lies beside the master
    notebooks.
    """
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in files:
            path.unlink()
    _write(folder, files)
