"""get_datasets.sh against a loopback server that cuts, refuses and lies: in the end a whole data
set, or none.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest

from cs231n_utils import data
from grader.paths import COURSE
from tests.support import cifar_archive
from tests.support.mirror import Mirror

SCRIPT = COURSE / "get_datasets.sh"
BASH = shutil.which("bash") or pytest.skip("no bash on this machine", allow_module_level=True)
TOOLS = ["cat", "dirname", "gzip", "mkdir", "mv", "rm", "sha256sum", "tar", "tr", "wc"]
ARCHIVE = cifar_archive.archive()
PART = "cifar-10-python.tar.gz.part"


@pytest.fixture
def mirror():
    """Starts mirrors: mirror(cuts=[1000]).url; all are stopped at the end."""
    running = []

    def start(**faults):
        server = Mirror(**{"content": ARCHIVE, **faults})
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.released.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def bin_dir(tmp_path):
    """The only folder on PATH: the tools that the script names, and nothing that fetches."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        offer(folder, name)
    return folder


def offer(folder: Path, name: str) -> None:
    found = shutil.which(name) or pytest.skip(f"no {name} on this machine")
    (folder / name).symlink_to(found)


@pytest.fixture(params=["curl", "wget"])
def client(request, bin_dir):
    offer(bin_dir, request.param)
    return request.param


@pytest.fixture
def curl(bin_dir):
    offer(bin_dir, "curl")


@pytest.fixture
def datasets(tmp_path, monkeypatch):
    """Where the data set goes, and load_cifar10 looks; the space in its name is on purpose."""
    folder = tmp_path / "data sets"
    monkeypatch.setattr(data, "DATASETS", folder)
    return folder


@pytest.fixture
def get(bin_dir, datasets, tmp_path):
    """Runs the script for our archive; get(url, blocks=8) lets no file grow over 8 KiB, as a full
    disk would.
    """

    def run(url, *more, content=ARCHIVE, blocks="unlimited", start=subprocess.run, **options):
        expected = ["--size", str(len(content)), "--sha256", hashlib.sha256(content).hexdigest()]
        # Ignoring the signal makes write() fail, as ENOSPC does.
        limited = 'trap "" XFSZ; ulimit -f "$0"; exec "$@"'
        command = [
            BASH,
            "-c",
            limited,
            str(blocks),
            BASH,
            SCRIPT,
            "--dir",
            datasets,
            "--url",
            url,
            *expected,
            *more,
        ]
        if start is subprocess.run:
            options["timeout"] = 120
        return start(
            command,
            env={"PATH": str(bin_dir), "HOME": str(tmp_path), "LC_ALL": "C"},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    return run


def load():
    return data.load_cifar10(num_train=80, num_val=20, num_test=20)


def assert_complete(result, datasets):
    assert result.returncode == 0, result.stderr
    assert os.listdir(datasets) == [cifar_archive.FOLDER]  # neither archive nor temporary files
    assert len(load().X_train) == 80


def assert_nothing_to_load(datasets):
    assert not (datasets / cifar_archive.FOLDER).exists()
    with pytest.raises(FileNotFoundError, match=r"Run: bash get_datasets\.sh"):
        load()


def test_fetches_a_data_set_that_loads(client, get, mirror, datasets):
    result = get(mirror().url)
    assert_complete(result, datasets)
    assert "done" in result.stdout
    rows = cifar_archive.batches()["test_batch"]
    np.testing.assert_array_equal(load().y_test, rows["labels"])


def test_a_cut_connection_goes_on_where_it_stopped(client, get, mirror, datasets):
    server = mirror(cuts=[5000, 3000, 1])
    assert_complete(get(server.url), datasets)
    assert server.ranges == [None, "bytes=5000-", "bytes=8000-", "bytes=8001-"]


def test_an_earlier_run_is_gone_on_with(client, get, mirror, datasets):
    datasets.mkdir()
    (datasets / PART).write_bytes(ARCHIVE[:7000])
    server = mirror()
    assert_complete(get(server.url), datasets)
    assert server.ranges == ["bytes=7000-"]


def test_a_server_that_ignores_range_is_asked_for_all_again(client, get, mirror, datasets):
    assert_complete(get(mirror(cuts=[5000], resumes=False).url), datasets)


def test_a_server_that_always_cuts_and_cannot_resume_is_given_up(client, get, mirror, datasets):
    result = get(mirror(cuts=[5000] * 100, resumes=False).url)
    assert result.returncode == 4
    assert "mirror" in result.stderr
    assert_nothing_to_load(datasets)


def test_wrong_bytes_are_removed_and_never_opened(client, get, mirror, datasets, bin_dir):
    (bin_dir / "tar").unlink()
    opened = bin_dir / "opened"
    script(bin_dir / "tar", f': >"{opened}"')
    changed = ARCHIVE[:-20] + b"x" * 20
    result = get(mirror(content=changed).url)
    assert result.returncode == 5
    assert hashlib.sha256(changed).hexdigest() in result.stderr
    assert hashlib.sha256(ARCHIVE).hexdigest() in result.stderr
    assert "removed" in result.stderr
    assert os.listdir(datasets) == []
    assert not opened.exists()

    (bin_dir / "tar").unlink()
    offer(bin_dir, "tar")
    assert_complete(get(mirror().url), datasets)


@pytest.mark.parametrize(
    "content, found",
    [(ARCHIVE[:9000], "9000"), (ARCHIVE + b"m", f"{len(ARCHIVE) + 1} or more")],
    ids=["shorter", "longer"],
)
def test_a_file_of_another_size_is_removed(client, get, mirror, datasets, content, found):
    result = get(mirror(content=content).url)
    assert result.returncode == 5
    assert f"has size {found}; expected {len(ARCHIVE)}" in result.stderr
    assert os.listdir(datasets) == []


@pytest.mark.parametrize("arrived", [0, 7000])
def test_a_server_that_sends_without_end_is_left_at_the_size_that_is_expected(
    client, get, mirror, datasets, bin_dir, arrived
):
    datasets.mkdir()
    (datasets / PART).write_bytes(ARCHIVE[:arrived])
    (bin_dir / "rm").unlink()
    script(
        bin_dir / "rm",
        f'[ -f "$2" ] && wc -c <"$2" >"{bin_dir}/removed"; exec {shutil.which("rm")} "$@"',
    )
    result = get(mirror(endless=True).url)
    assert result.returncode == 5
    assert "or more; expected" in result.stderr
    assert len(ARCHIVE) < int((bin_dir / "removed").read_text()) <= len(ARCHIVE) + 1024
    assert os.listdir(datasets) == []


def test_an_archive_that_is_larger_already_is_removed(client, get, mirror, datasets):
    datasets.mkdir()
    (datasets / PART).write_bytes(ARCHIVE * 2)
    server = mirror()
    result = get(server.url)
    assert result.returncode == 5
    assert server.ranges == [] and os.listdir(datasets) == []


def test_an_error_of_the_server_keeps_what_has_arrived(client, get, mirror, datasets):
    datasets.mkdir()
    (datasets / PART).write_bytes(ARCHIVE[:7000])
    result = get(mirror(status=404).url)
    assert result.returncode == 4
    assert "404" in result.stderr
    assert f"7000 of {len(ARCHIVE)} bytes are kept" in result.stderr
    assert (datasets / PART).read_bytes() == ARCHIVE[:7000]
    assert_nothing_to_load(datasets)


def test_no_network_says_so(client, get, datasets):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, but nobody listens: connections are refused
        result = get(f"http://127.0.0.1:{closed.getsockname()[1]}/x")
    assert result.returncode == 4
    assert "Check the network" in result.stderr
    assert_nothing_to_load(datasets)


def test_a_disk_that_fills_up_during_the_download_costs_nothing_that_arrived(
    client, get, mirror, datasets
):
    result = get(mirror().url, blocks=8)
    assert result.returncode == 6
    assert "is the disk full" in result.stderr
    assert_nothing_to_load(datasets)
    kept = (datasets / PART).stat().st_size
    server = mirror()
    assert_complete(get(server.url), datasets)
    assert server.ranges == [f"bytes={kept}-"]


def test_a_disk_that_fills_up_during_unpacking_needs_no_second_download(
    curl, get, mirror, datasets
):
    result = get(mirror().url, blocks=32)
    assert result.returncode == 6
    assert os.listdir(datasets) == [PART]
    assert_nothing_to_load(datasets)
    server = mirror()
    assert_complete(get(server.url), datasets)
    assert server.ranges == []


def test_control_c_keeps_what_has_arrived(client, get, mirror, datasets):
    datasets.mkdir()
    (datasets / PART).write_bytes(ARCHIVE[:4000])
    server = mirror(cuts=[4000], hold=True)
    # A pytest in the background may ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = get(server.url, start=subprocess.Popen, start_new_session=True)
    finally:
        signal.signal(signal.SIGINT, before)
    assert server.holding.wait(60)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in errors
    kept = (datasets / PART).read_bytes()
    assert len(kept) >= 4000
    assert ARCHIVE.startswith(kept)
    assert_nothing_to_load(datasets)

    server = mirror()
    assert_complete(get(server.url), datasets)
    assert server.ranges == [f"bytes={len(kept)}-"]


@pytest.mark.parametrize("signal_name, status", [("TERM", 130), ("KILL", -signal.SIGKILL)])
def test_a_run_that_ends_while_unpacking_leaves_nothing_to_load(
    curl, get, mirror, datasets, bin_dir, signal_name, status
):
    (bin_dir / "tar").unlink()
    script(
        bin_dir / "tar",
        f'mkdir "$4/{cifar_archive.FOLDER}"; echo half >"$4/{cifar_archive.FOLDER}/test_batch"\n'
        f"kill -{signal_name} $PPID; exit 1",
    )
    assert get(mirror().url).returncode == status
    assert_nothing_to_load(datasets)

    (bin_dir / "tar").unlink()
    offer(bin_dir, "tar")
    server = mirror()
    assert_complete(get(server.url), datasets)
    assert server.ranges == []  # the archive was whole already


def script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def test_a_second_run_does_nothing(curl, get, mirror, datasets):
    assert_complete(get(mirror().url), datasets)
    server = mirror()
    result = get(server.url)
    assert_complete(result, datasets)
    assert "nothing to do" in result.stdout
    assert server.ranges == []


def test_a_damaged_data_set_is_fetched_again(curl, get, mirror, datasets):
    assert_complete(get(mirror().url), datasets)
    (datasets / cifar_archive.FOLDER / "data_batch_3").write_bytes(b"")
    with pytest.raises(ValueError, match=r"data_batch_3 is damaged.*Run: bash get_datasets\.sh"):
        load()
    assert_complete(get(mirror().url), datasets)


def test_a_folder_from_elsewhere_is_left_alone(curl, get, mirror, datasets):
    mine = datasets / cifar_archive.FOLDER / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("keep")
    result = get(mirror().url)
    assert result.returncode == 1
    assert "Move it away" in result.stderr
    assert mine.read_text() == "keep"


def test_an_archive_without_a_batch_is_not_put_into_place(curl, get, mirror, datasets):
    content = cifar_archive.archive(without="data_batch_4")
    result = get(mirror(content=content).url, content=content)
    assert result.returncode == 1
    assert "lacks files" in result.stderr
    assert_nothing_to_load(datasets)


def test_shasum_stands_in_for_sha256sum(curl, get, mirror, datasets, bin_dir):
    (bin_dir / "sha256sum").unlink()
    offer(bin_dir, "shasum")
    assert_complete(get(mirror().url), datasets)
    assert "nothing to do" in get(mirror().url).stdout


@pytest.mark.parametrize(
    "missing, named",
    [
        ("curl", "neither curl nor wget"),
        ("sha256sum", "neither sha256sum nor"),
        ("tar", "no tar"),
        ("gzip", "no gzip"),
    ],
)
def test_a_missing_tool_is_named(curl, get, mirror, datasets, bin_dir, missing, named):
    (bin_dir / missing).unlink()
    result = get(mirror().url)
    assert result.returncode == 3
    assert named in result.stderr
    assert_nothing_to_load(datasets)


def test_help_names_every_exit_status(get):
    result = get("https://unused.invalid", "--help")
    assert result.returncode == 0
    assert result.stderr == ""
    for status in (0, 1, 2, 3, 4, 5, 6, 130):
        assert f"\n  {status:3}  " in result.stdout


@pytest.mark.parametrize(
    "arguments, named",
    [
        (["--fast"], "--fast"),
        (["--dir"], "--dir"),
        (["--url", "ftp://host/x"], "ftp://host/x"),
        (["--url", "file:///etc/passwd"], "file:///etc/passwd"),
        (["--size", "10k"], "10k"),
        (["--sha256", "abc"], "abc"),
    ],
)
def test_wrong_usage_names_the_argument(curl, get, datasets, arguments, named):
    result = get("https://unused.invalid", *arguments)
    assert result.returncode == 2
    assert named in result.stderr
    assert not datasets.exists()
