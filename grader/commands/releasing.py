"""`release`: what leaves the house, for students or for a platform."""

from __future__ import annotations

import argparse
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.faults import GraderFault
from grader.text import count_of, one_line

if TYPE_CHECKING:
    from grader.kit.repair import Repair


def add_commands(commands: Any) -> None:
    """Add `release` to the command line."""
    release = commands.add_parser(
        "release",
        help="write the student kit",
        description=(
            "Write the student kit, a folder and a zip, and fill nbgrader's release/ folder. Or"
            " write something else, of which each can be asked for beside the others: a repair for"
            " kits that students have, a site in which the kit runs in a browser, or the"
            " autograder for Gradescope, which is for staff alone."
        ),
    )
    release.add_argument("--out", type=Path, metavar="DIR", help="where the kit goes")
    release.add_argument(
        "--repair",
        type=Path,
        metavar="ZIP",
        help=(
            "write a small zip that replaces given files and given cells, and touches no function"
            " and no answer; students run it in their kit's folder: python repair.zip"
        ),
    )
    release.add_argument(
        "--since",
        type=Path,
        metavar="KIT",
        help="the kit that students have, folder or zip: the repair holds what has changed since",
    )
    release.add_argument(
        "--lite",
        type=Path,
        metavar="DIR",
        help="build a static site in which the kit runs in a browser (JupyterLite)",
    )
    release.add_argument(
        "--kit-url",
        metavar="URL",
        help="where students get the kit's zip; the kit's README tells Colab to fetch it there",
    )
    release.add_argument(
        "--gradescope",
        type=Path,
        metavar="OUT.zip",
        help="write an autograder with hidden checks, references and the course's secret",
    )
    release.set_defaults(run=functools.partial(_release, release))


def _release(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    from grader.kit import lint
    from grader.kit.release import ReleaseError

    out, gradescope = options.out, options.gradescope
    for_students = out or options.repair or options.lite
    if not (for_students or gradescope):
        parser.error(
            "expected --out DIR, for the kit, or --gradescope OUT.zip, or --repair ZIP, or --lite"
            " DIR"
        )
    if options.since and not options.repair:
        parser.error("--since belongs to --repair: a kit is always written whole")
    if out and gradescope and gradescope.resolve().is_relative_to(out.resolve()):
        parser.error(f"{gradescope} lies in {out}, which students get; put it elsewhere")
    lint.require_none(kit=bool(for_students))
    try:
        if out:
            _write_kit(out, options.kit_url)
        if options.repair:
            _write_repair(options.repair, options.since, options.kit_url)
        if options.lite:
            _write_site(options.lite, options.kit_url)
    except ReleaseError as error:
        raise GraderFault(str(error)) from error
    if gradescope:
        _write_autograder(gradescope)


def _write_kit(out: Path, kit_url: str | None) -> None:
    from grader.kit.release import release

    done = release(out, kit_url=kit_url)
    print(f"The kit of {done.files} files is in {done.folder} and {done.archive}.")
    print(f"nbgrader hands it out from {done.nbgrader_folder}.")


def _write_repair(archive: Path, since: Path | None, kit_url: str | None) -> None:
    from grader.kit.repair import repair

    _print_repair(repair(archive, since, kit_url=kit_url))


def _print_repair(done: Repair) -> None:
    print(
        f"The repair is in {done.archive}: {count_of(len(done.files), 'file')} and"
        f" {count_of(len(done.cells), 'cell')}."
        f" Students put it into their kit's folder and run: python {done.archive.name}"
    )
    if done.not_repaired:
        print(
            f"Not repaired, as students write there: {', '.join(done.not_repaired)}. Tell them what"
            " has changed."
        )


def _write_site(folder: Path, kit_url: str | None) -> None:
    from grader.kit.lite import lite

    print(f"A site with {lite(folder, kit_url=kit_url)} files of the kit is in {folder}.")


def _write_autograder(archive: Path) -> None:
    from grader.kit import gradescope

    files = gradescope.write(archive)
    print(f"The autograder of {files} files for Gradescope is in {one_line(str(archive))}.")
    print(
        "It is for staff alone (mode 600): it holds the hidden checks, the references and the"
        " course's secret. Upload it, and give it to nobody."
    )
