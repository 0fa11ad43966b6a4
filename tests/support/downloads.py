"""Downloads as platforms hand them out, and what is taken of them."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cs231n_utils.exercises import ASSIGNMENT, MODULES
from grader.intake.download import open_download
from grader.intake.entries import Clock
from grader.intake.finding import NotTaken
from grader.intake.hand_ins import HandIn
from grader.intake.submission import Submission

Files = Mapping[str, bytes]


def taken(download: Path) -> list[Submission]:
    """What everybody handed in, sorted by student."""
    with open_download(download) as found:
        return [student.read() for student in found.students]


def kit(who: str = "") -> dict[str, bytes]:
    """The modules of a student, each of which holds the student's name."""
    return {f"cs231n_utils/{module}.py": f"# {who}\n".encode() for module in sorted(MODULES)}


def within(folder: str, files: Files) -> dict[str, bytes]:
    return {f"{folder}/{name}": content for name, content in files.items()}


def zipped(files: Files, top: str = f"{ASSIGNMENT}/") -> bytes:
    """A zip; a name that ends in "/" is an empty folder."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(top + name, content)
    return file.getvalue()


def unpacked(files: Files, folder: Path) -> Path:
    """The files in a folder; a name that ends in "/" is an empty folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return folder


# How a download comes: as it was saved, or unpacked, and once more in a folder or a zip.
SHAPES = ("folder", "zip", "folder in a folder", "zip in a folder", "zip in a zip")


def shaped(files: Files, shape: str, folder: Path, name: str = "submissions") -> Path:
    """Write a download in one of the SHAPES, and return what is given to the grader.

    name : of the download, without an ending
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (f"{name}.zip" if shape.startswith("zip") else name)
    if shape == "zip":
        path.write_bytes(zipped(files, ""))
    elif shape == "folder":
        unpacked(files, path)
    elif shape == "folder in a folder":
        unpacked(within(name, files), path)
    elif shape == "zip in a folder":
        unpacked({f"{name}.zip": zipped(files, "")}, path)
    else:
        path.write_bytes(zipped({f"{name}.zip": zipped(files, "")}, ""))
    return folder if shape == "zip in a folder" and path.is_file() else path


@dataclass
class Intake:
    """What became of a download.

    whose : student -> whose kit was read, by the name in its modules
    refused : source -> why it was not taken
    """

    platform: str
    hand_ins: Sequence[HandIn]
    submissions: dict[str, Submission] = field(default_factory=dict)

    @property
    def whose(self) -> dict[str, str]:
        return {
            student: "+".join(
                sorted(
                    {
                        content.decode()[2:].strip()
                        for name, content in one.files.items()
                        if name.startswith("cs231n_utils/")
                    }
                )
            )
            for student, one in self.submissions.items()
        }

    @property
    def refused(self) -> dict[str, str]:
        return {one.source: one.note for one in self.hand_ins if not one.taken}

    def record(self, student: str) -> HandIn:
        """The record that counts."""
        (one,) = (one for one in self.hand_ins if one.student == student and one.taken)
        return one


def take_in(download: Path, course: Clock | None = None) -> Intake:
    with open_download(download, course) as found:
        read = {}
        for student in found.students:
            with suppress(NotTaken):
                read[student.student] = student.read()
            student.forget()
        return Intake(found.platform, found.hand_ins, read)
