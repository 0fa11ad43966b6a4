"""python -m cs231n_utils.get_datasets keeps the promises of get_datasets.sh where there is no bash:
in the end a whole data set, or none.
"""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import threading

import pytest

from cs231n_utils import data, get_datasets
from grader.paths import COURSE
from tests.support import cifar_archive
from tests.support.mirror import Mirror

ARCHIVE = cifar_archive.archive()
PART = "cifar-10-python.tar.gz.part"
SCRIPT = COURSE / "get_datasets.sh"


@pytest.fixture
def mirror():
    running = []

    def start(**faults):
        server = Mirror(**{"content": ARCHIVE, **faults})
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def datasets(tmp_path, monkeypatch):
    folder = tmp_path / "data sets"
    monkeypatch.setattr(data, "DATASETS", folder)
    return folder


@pytest.fixture
def get(datasets):
    def run(url, content=ARCHIVE):
        digest = hashlib.sha256(content).hexdigest()
        expected = ["--size", str(len(content)), "--sha256", digest]
        return get_datasets.main(["--dir", str(datasets), "--url", url, *expected])

    return run


def assert_complete(status, datasets):
    assert status == 0
    assert os.listdir(datasets) == [cifar_archive.FOLDER]  # neither archive nor temporary files
    assert len(data.load_cifar10(num_train=80, num_val=20, num_test=20).X_train) == 80


def test_fetches_a_data_set_that_loads_and_a_second_run_does_nothing(get, mirror, datasets, capsys):
    assert_complete(get(mirror().url), datasets)
    server = mirror()
    assert_complete(get(server.url), datasets)
    assert server.ranges == []
    assert "nothing to do" in capsys.readouterr().out


def test_a_cut_connection_goes_on_where_it_stopped(get, mirror, datasets):
    server = mirror(cuts=[5000, 3000, 1])
    assert_complete(get(server.url), datasets)
    assert server.ranges == [None, "bytes=5000-", "bytes=8000-", "bytes=8001-"]


def test_a_server_that_ignores_range_is_asked_for_all_again(get, mirror, datasets):
    assert_complete(get(mirror(cuts=[5000], resumes=False).url), datasets)


def test_a_server_that_always_cuts_and_cannot_resume_is_given_up(get, mirror, capsys):
    assert get(mirror(cuts=[5000] * 100, resumes=False).url) == 4
    assert "mirror" in capsys.readouterr().err


def test_wrong_bytes_are_removed_and_never_opened(get, mirror, datasets, capsys):
    assert get(mirror(content=ARCHIVE[:-20] + b"x" * 20).url) == 5
    assert hashlib.sha256(ARCHIVE).hexdigest() in capsys.readouterr().err
    assert os.listdir(datasets) == []


def test_a_server_that_sends_without_end_is_left_at_the_size_that_is_expected(
    get, mirror, datasets, capsys
):
    assert get(mirror(endless=True).url) == 5
    assert f"has size {len(ARCHIVE) + 1} or more" in capsys.readouterr().err
    assert os.listdir(datasets) == []


def test_an_error_of_the_server_keeps_what_has_arrived(get, mirror, datasets, capsys):
    datasets.mkdir()
    (datasets / PART).write_bytes(ARCHIVE[:7000])
    assert get(mirror(status=404).url) == 4
    errors = capsys.readouterr().err
    assert "404" in errors and f"7000 of {len(ARCHIVE)} bytes are kept" in errors
    assert (datasets / PART).read_bytes() == ARCHIVE[:7000]


def test_no_network_says_so(get, capsys):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, but nobody listens: connections are refused
        assert get(f"http://127.0.0.1:{closed.getsockname()[1]}/x") == 4
    assert "Check the network" in capsys.readouterr().err


def test_a_folder_from_elsewhere_is_left_alone(get, mirror, datasets, capsys):
    mine = datasets / cifar_archive.FOLDER / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("keep")
    assert get(mirror().url) == 1
    assert "Move it away" in capsys.readouterr().err and mine.read_text() == "keep"


def test_a_damaged_data_set_is_fetched_again(get, mirror, datasets):
    get(mirror().url)
    (datasets / cifar_archive.FOLDER / "data_batch_3").write_bytes(b"")
    assert_complete(get(mirror().url), datasets)


def test_an_archive_without_a_batch_is_not_put_into_place(get, mirror, datasets, capsys):
    content = cifar_archive.archive(without="data_batch_4")
    assert get(mirror(content=content).url, content) == 1
    assert "lacks files" in capsys.readouterr().err
    assert os.listdir(datasets) == [PART]


def test_a_folder_that_cannot_be_written_says_so(get, mirror, datasets, capsys):
    datasets.write_text("a file")
    assert get(mirror().url) == 6
    assert "read-only" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--url", "file:///etc/passwd"], ["--size", "10k"], ["--sha256", "abc"]]
)
def test_wrong_usage_names_the_argument(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        get_datasets.main(arguments)
    assert left.value.code == 2 and arguments[1] in capsys.readouterr().err


# The script


def test_script_and_program_fetch_the_same():
    text = SCRIPT.read_text()
    for line in (
        f"url={get_datasets.URL}",
        f"size={get_datasets.SIZE}",
        f"sha256={get_datasets.SHA256}",
        f"name={get_datasets.NAME}",
    ):
        assert f"\n{line}\n" in text


@pytest.fixture
def kit(tmp_path):
    """A kit with the script, and a folder of programs without bash."""
    folder = tmp_path / "my kit"
    folder.mkdir()
    shutil.copy(SCRIPT, folder)
    shutil.copytree(
        COURSE / "cs231n_utils",
        folder / "cs231n_utils",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    programs = tmp_path / "bin"
    programs.mkdir()
    # Not a link: through one, Python does not find its virtual environment.
    (programs / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (programs / "python3").chmod(0o755)
    (programs / "dirname").symlink_to(shutil.which("dirname"))
    return folder


POSIX_SHELL = shutil.which("dash") or shutil.which("busybox")


@pytest.mark.skipif(not POSIX_SHELL, reason="no shell but bash on this machine")
def test_where_there_is_no_bash_the_script_hands_over_to_python(kit, mirror, tmp_path):
    shell = [POSIX_SHELL] if POSIX_SHELL.endswith("dash") else [POSIX_SHELL, "sh"]
    digest = hashlib.sha256(ARCHIVE).hexdigest()
    done = subprocess.run(
        [
            *shell,
            kit / "get_datasets.sh",
            "--dir",
            "here",
            "--url",
            mirror().url,
            "--size",
            str(len(ARCHIVE)),
            "--sha256",
            digest,
        ],
        cwd=tmp_path,
        env={"PATH": str(tmp_path / "bin"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "there is no bash here" in done.stdout
    assert (tmp_path / "here" / cifar_archive.FOLDER / "test_batch").is_file()


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash on this machine")
def test_started_by_another_shell_the_script_runs_in_bash_where_there_is_one():
    done = subprocess.run(
        [shutil.which("sh"), SCRIPT, "--help"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and "Usage: bash get_datasets.sh" in done.stdout
