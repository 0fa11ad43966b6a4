"""The kit as a static site: what goes into it, and what is said where it cannot be built."""

import importlib.util
import json
import sys

import pytest

from cs231n_utils.exercises import NOTEBOOKS
from grader import __main__ as command_line
from grader.kit import lint, lite, release


@pytest.fixture(scope="module")
def kit():
    before = list(sys.path)
    files = release.kit_files()
    sys.path[:] = before
    return files


@pytest.fixture
def built(monkeypatch, kit):
    """What JupyterLite would get: the settings, and the files of the kit."""
    given = {}

    def build(source, out):
        given["settings"] = json.loads((source / "jupyter-lite.json").read_text())
        given["files"] = {
            path.relative_to(source / "kit").as_posix(): path.read_bytes()
            for path in (source / "kit").rglob("*")
            if path.is_file()
        }
        out.mkdir()
        (out / "jupyter-lite.json").touch()

    monkeypatch.setattr(lite, "kit_files", lambda course, kit_url: kit)
    monkeypatch.setattr(lite, "_packages", lambda: ("json",))
    monkeypatch.setattr(lite, "_build", build)
    return given


def test_the_site_holds_the_kit_and_loads_what_the_checks_need(built, kit, tmp_path):
    count = lite.lite(tmp_path / "site")
    visible = {name: content for name, content in kit.items() if not name.startswith(".")}
    assert built["files"] == visible and count == len(visible)
    [settings] = built["settings"]["jupyter-config-data"]["litePluginSettings"].values()
    assert settings["loadPyodideOptions"]["packages"] == ["numpy", "matplotlib", "pytest"]


def test_an_older_site_is_replaced_and_another_folder_is_not(built, tmp_path):
    site = tmp_path / "site"
    lite.lite(site)
    (site / "old.html").touch()
    lite.lite(site)
    assert not (site / "old.html").exists()
    (site / "jupyter-lite.json").unlink()
    with pytest.raises(release.ReleaseError, match="is no site"):
        lite.lite(site)


def test_without_jupyterlite_the_command_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lint, "require_none", lambda kit: None)
    monkeypatch.setattr(lite, "_packages", lambda: ("json", "no_such_package"))
    assert command_line.main(["release", "--lite", str(tmp_path / "site")]) == 1
    error = capsys.readouterr().err
    assert "no_such_package cannot be imported" in error and "'.[lite]'" in error


@pytest.mark.slow
@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in lite._packages()),
    reason="JupyterLite is not installed",
)
def test_jupyterlite_builds_a_site_with_the_kit_in_it(kit, tmp_path, monkeypatch):
    monkeypatch.setattr(lite, "kit_files", lambda course, kit_url: kit)
    site = tmp_path / "site"
    lite.lite(site)
    assert (site / "lab" / "index.html").is_file()
    for name in (*(f"{name}.ipynb" for name in NOTEBOOKS), "cs231n_utils/check.py"):
        assert (site / "files" / name).read_bytes() == kit[name]
    assert "pyodide" in (site / "jupyter-lite.json").read_text()
