"""The same grading on Dask: the same reports, each submission once, whatever dies; and who is to
blame is told.
"""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import dask.config
import pytest
from distributed import Client, LocalCluster, Security

import grader.grading
from cs231n_utils.exercises import ASSIGNMENT, EXERCISES, MAX_SCORE
from grader.__main__ import main
from grader.checks.session import FIRST_PASS, FULL
from grader.faults import ResultsFault
from grader.grading import cluster, one_class, pool
from grader.grading.cluster import ClusterFault, connect, grade_on_cluster
from grader.intake.submission import Submission
from grader.report import Report
from grader.results import cache
from tests.support import dask_workers, grading_processes
from tests.support.course_copy import own_gradebook
from tests.support.in_sandbox import SAFE, reference_files, sandbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not sys.platform.startswith("linux"), reason="hidden checks are graded on Linux only"
    ),
]

EXERCISE = ["rel_error"]


@contextmanager
def local_cluster(workers: int, **options: object) -> Iterator[Client]:
    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", **options
        ) as dask_cluster,
        Client(dask_cluster, set_as_default=False) as client,
    ):
        yield client


@contextmanager
def worker_processes(workers: int, nanny: bool) -> Iterator[Client]:
    """A cluster whose workers may be processes without a nanny, which would start them again."""
    command = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        "--nthreads",
        "1",
        "--host",
        "127.0.0.1",
        "--no-dashboard",
        "--nanny" if nanny else "--no-nanny",
    ]
    with local_cluster(0) as client, ExitStack() as stack:
        path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        for _ in range(workers):
            process = stack.enter_context(
                subprocess.Popen(
                    [*command, client.scheduler.address],
                    env=path,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            stack.callback(process.terminate)
        client.wait_for_workers(workers)
        yield client


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Of a cluster of two workers."""
    with local_cluster(2) as client:
        yield client


@pytest.fixture
def stand_in(client) -> Iterator[None]:
    """Workers grade as in dask_workers.py."""
    client.register_plugin(dask_workers.StandIn())
    yield
    client.wait_for_workers(2)  # those in place of the lost ones, too
    client.unregister_worker_plugin(dask_workers.StandIn.name)


@pytest.fixture(scope="module")
def level() -> str:
    return sandbox(*SAFE).level


def submissions(*students: str) -> list[Submission]:
    return [Submission(student, {}) for student in students]


def by_student(batches) -> dict[str, object]:
    """All reports; each student must have one."""
    reports = [report for batch in batches for report in batch]
    assert max(Counter(report.student for report in reports).values()) == 1
    return {report.student: report for report in reports}


def test_a_cluster_gives_the_same_reports_as_this_machine(client, level):
    class_ = [
        Submission("reference", reference_files()),
        Submission("empty", {}),
        Submission("other", reference_files()),
    ]
    here = by_student(pool.grade_in_processes(class_, 1, "secret", EXERCISE, level))
    assert by_student(grade_on_cluster(class_, client, "secret", EXERCISE, level, batch=2)) == here
    assert here["reference"].status == "graded"


def test_what_is_done_when_a_fault_ends_the_run_is_kept(monkeypatch):
    def handed_in() -> Iterator[Submission]:
        yield from submissions("ann", "bob", "silent", "cy", "never sent")
        raise ResultsFault("dan/report.json cannot be read.")

    def result(client, task, future):
        (one,) = task.job.submissions
        if one.student == "silent":
            raise ClusterFault("another one")
        return [Report(one.student, "A", tuple(map(grading_processes.right, EXERCISE)))]

    monkeypatch.setattr(cluster, "_expect_fit", lambda *_: None)
    monkeypatch.setattr(cluster, "_result", result)
    # All but the first task are done before the fault.
    tasks = [Mock(**{"done.return_value": position > 0}) for position in range(4)]
    client = Mock(status="running", **{"nthreads.return_value": dict.fromkeys("abc")})
    client.submit.side_effect = tasks
    graded = []
    with pytest.raises(ResultsFault, match="dan"):
        graded.extend(
            report.student
            for reports in cluster._grade_all(
                handed_in(), client, "secret", EXERCISE, "A", 1, pool.AS_IT_IS
            )
            for report in reports
        )
    assert graded == ["bob", "cy"]
    client.cancel.assert_called_once_with(tasks[:1])


def test_whoever_loses_its_workers_is_set_aside_and_the_others_are_graded_once(
    client, stand_in, tmp_path, level
):
    names = ["s0", "always", "s1", "once", "s2", "raises", "s3"]
    reports = by_student(
        grade_on_cluster(submissions(*names), client, str(tmp_path), level=level, batch=2)
    )
    assert sorted(reports) == sorted(names)
    assert {name for name, report in reports.items() if report.status == "not_judged"} == {
        "always",
        "raises",
    }
    assert "was lost 2 times" in reports["always"].exercises[0].checks[0].detail
    assert "a fault of ours" in reports["raises"].exercises[0].checks[0].detail
    begun = Counter(path.read_text() for path in (tmp_path / "begun").iterdir())
    # Two workers lost together with another one, two alone.
    assert begun["s0 always"] == begun["always"] == 2
    # The lost worker's task was done by another one.
    assert begun["s1 once"] >= 2 and begun["once"] == 0


def test_whoever_is_slow_is_finished_when_all_others_are_graded(client, stand_in, tmp_path, level):
    batches = list(
        grade_on_cluster(
            submissions("slow", *(f"s{k}" for k in range(6))),
            client,
            str(tmp_path),
            level=level,
            batch=1,
        )
    )
    assert by_student(batches)["slow"].seconds == FIRST_PASS.seconds + FULL.seconds
    order = [report.student for batch in batches for report in batch]
    assert order.index("slow") >= len(order) - 4  # four tasks are under way at a time


def test_submissions_are_read_when_there_is_a_worker_for_them(client, stand_in, tmp_path, level):
    read = []

    def class_() -> Iterator[Submission]:
        for k in range(100):
            read.append(k)
            yield Submission(f"s{k}", {})

    batches = grade_on_cluster(class_(), client, str(tmp_path), level=level, batch=5)
    next(batches)
    assert len(read) <= 5 * (2 * 2 + 1) + 1
    batches.close()


def test_a_task_is_no_larger_than_what_dask_likes_to_send(monkeypatch):
    monkeypatch.setattr(cluster, "_TASK_SIZE", 10)
    class_ = [
        Submission(str(k), {"file": bytes(size)})
        for k, size in enumerate([4, 4, 4, 20, 1, 1, 1, 1])
    ]
    assert [
        [len(one.files["file"]) for one in batch] for batch in cluster._batches(iter(class_), 3)
    ] == [[4, 4], [4], [20], [1, 1, 1], [1]]
    assert list(cluster._batches([], 3)) == []


# --- workers that must not grade ------------------------------------------------------------------


def addresses(client: Client) -> list[str]:
    return sorted(client.nthreads())


@pytest.mark.parametrize("comes", ["before", "later"])
def test_an_outdated_worker_is_named(client, monkeypatch, level, comes):
    monkeypatch.setattr(cache, "version", lambda: "another version")
    if comes == "later":
        monkeypatch.setattr(cluster, "_expect_fit", lambda *args: None)
    with pytest.raises(ClusterFault, match="out of date") as told:
        list(grade_on_cluster(submissions("ann"), client, "secret", level=level))
    assert any(f"{address}: it is out of date" in str(told.value) for address in addresses(client))


@pytest.mark.parametrize("comes", ["before", "later"])
def test_a_worker_without_the_runs_sandbox_is_named_with_its_reason(
    client, monkeypatch, level, comes
):
    without = addresses(client)[0]
    if comes == "later":
        monkeypatch.setattr(cluster, "_expect_fit", lambda *args: None)
    client.run(dask_workers.lose_sandbox, workers=[without])
    try:
        with pytest.raises(ClusterFault) as told:
            list(
                grade_on_cluster(
                    submissions("ann", "bob", "cy", "dan"),
                    client,
                    "secret",
                    EXERCISE,
                    level,
                    batch=1,
                )
            )
    finally:
        client.run(dask_workers.find_sandbox, workers=[without])
    assert (
        f"{without}: it has no sandbox of level {level}, which is this run's: bubblewrap is gone."
        in str(told.value)
    )


def test_a_worker_whose_disk_fails_is_not_taken_for_a_lost_scheduler(client, level):
    client.run(dask_workers.lose_disk)
    try:
        (report,) = by_student(
            grade_on_cluster(submissions("ann"), client, "secret", EXERCISE, level)
        ).values()
    finally:
        client.run(dask_workers.find_disk)
    assert report.status == "not_judged"
    assert "OSError: the disk is full" in report.exercises[0].checks[0].detail


# --- workers whose reports cannot be right, and workers that are silent ---------------------------


def foreign(reports):
    return [replace(reports[0], student="eve"), *reports[1:]]


def too_many_points(reports):
    first, *others = reports[0].exercises
    many = replace(
        first, checks=(replace(first.checks[0], points=76_000_000, max_points=76_000_000),)
    )
    return [replace(reports[0], exercises=(many, *others)), *reports[1:]]


LIES = {
    "missing": lambda reports: reports[1:],
    "nothing": lambda reports: None,
    "doubled": lambda reports: reports * 2,
    "foreign": foreign,
    "too many points": too_many_points,
    "another level": lambda reports: [replace(report, level="C") for report in reports],
    "other exercises": lambda reports: [
        replace(report, exercises=report.exercises[::-1]) for report in reports
    ],
}
NAMES = ("ann", "bob", "cy", "dan", "eve", "finn")


@pytest.fixture
def liar(client, stand_in) -> Iterator[Callable[[Callable, list[str]], None]]:
    """Has workers return wrong reports."""

    def lie(lies: Callable, workers: list[str]) -> None:
        client.run(dask_workers.lie, lies, workers=workers)

    yield lie
    client.run(dask_workers.be_honest)


@pytest.mark.parametrize("lies", LIES.values(), ids=LIES)
def test_what_cannot_be_right_is_graded_by_another_worker_and_told(
    client, liar, tmp_path, level, capsys, lies
):
    address = addresses(client)[0]
    liar(lies, [address])
    reports = by_student(
        grade_on_cluster(submissions(*NAMES), client, str(tmp_path), level=level, batch=2)
    )
    assert sorted(reports) == sorted(NAMES)
    assert {(report.status, report.score, report.level) for report in reports.values()} == {
        ("graded", MAX_SCORE, level)
    }
    assert (
        capsys.readouterr().err.count(f"grader: The reports of worker {address} cannot be right: ")
        == 1
    )


@pytest.mark.parametrize("lies", LIES.values(), ids=LIES)
def test_where_no_worker_is_right_nobody_is_judged_and_nobody_is_lost(
    client, liar, tmp_path, level, lies
):
    liar(lies, addresses(client))
    reports = by_student(
        grade_on_cluster(submissions(*NAMES[:3]), client, str(tmp_path), level=level, batch=2)
    )
    assert {
        name: (report.status, report.score) for name, report in reports.items()
    } == dict.fromkeys(NAMES[:3], ("not_judged", 0))
    assert "UnsoundReports: " in reports["ann"].exercises[0].checks[0].detail


def test_the_table_has_every_student_and_no_foreign_points(
    client, liar, command, level, tmp_path, monkeypatch
):
    monkeypatch.setattr(one_class, "course_secret", lambda: str(tmp_path))
    liar(too_many_points, addresses(client)[:1])
    for name in NAMES[1:]:
        shutil.copytree(Path(command[1], "ann"), Path(command[1], name))
    assert main([*command, "--scheduler", client.scheduler.address]) == 0
    with open(Path(command[3], "grades.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["student"] for row in rows] == sorted(NAMES)
    worth = EXERCISES[EXERCISE[0]].points
    assert {(float(row["score"]), float(row["max_score"])) for row in rows} == {(worth, worth)}


def test_a_task_for_the_last_right_worker_goes_on_when_that_one_is_lost(
    client, liar, tmp_path, level, monkeypatch
):
    """The task that ends its worker goes to no worker whose reports were wrong, and still ends."""
    monkeypatch.setattr(cluster, "_LOOK", 0.2)
    liar(foreign, addresses(client)[:1])
    reports = by_student(
        grade_on_cluster(
            submissions("ann", "bob", "once", "cy"), client, str(tmp_path), level=level, batch=1
        )
    )
    assert sorted(reports) == ["ann", "bob", "cy", "once"]


@pytest.mark.parametrize("nanny", [True, False], ids=["with a nanny", "without one"])
def test_a_stopped_worker_is_named_and_its_tasks_go_elsewhere(
    tmp_path, level, monkeypatch, capsys, nanny
):
    monkeypatch.setattr(cluster, "_SILENCE", 5.0)
    monkeypatch.setattr(cluster, "_LOOK", 0.2)
    with worker_processes(2, nanny) as client:
        client.register_plugin(dask_workers.StandIn())
        pids = {pid: address for address, pid in client.run(dask_workers.pid).items()}
        try:
            reports = by_student(
                grade_on_cluster(
                    submissions(*NAMES, "stops"), client, str(tmp_path), level=level, batch=2
                )
            )
        finally:
            stopped = int((tmp_path / "stopped").read_text())
            with suppress(ProcessLookupError):  # a nanny has ended it
                os.kill(stopped, signal.SIGKILL)
    assert {name: report.status for name, report in reports.items()} == dict.fromkeys(
        (*NAMES, "stops"), "graded"
    )
    assert f"grader: Worker {pids[stopped]} has been silent for " in capsys.readouterr().err


def test_a_worker_that_was_stopped_before_the_run_delays_it_only(
    tmp_path, level, monkeypatch, capsys
):
    monkeypatch.setattr(cluster, "_SILENCE", 5.0)
    monkeypatch.setattr(cluster, "_LOOK", 0.2)
    with worker_processes(2, nanny=False) as client:
        client.register_plugin(dask_workers.StandIn())
        address, pid = min(client.run(dask_workers.pid).items())
        os.kill(pid, signal.SIGSTOP)
        try:
            reports = by_student(
                grade_on_cluster(submissions(*NAMES), client, str(tmp_path), level=level, batch=2)
            )
        finally:
            os.kill(pid, signal.SIGKILL)
    assert {name: report.status for name, report in reports.items()} == dict.fromkeys(
        NAMES, "graded"
    )
    assert f"grader: Worker {address} has been silent for " in capsys.readouterr().err


# --- schedulers -----------------------------------------------------------------------------------


@contextmanager
def scheduler_process(file: Path) -> Iterator[subprocess.Popen]:
    """A scheduler without workers."""
    command = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        str(file),
    ]
    with subprocess.Popen(
        command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as scheduler:
        try:
            yield scheduler
        finally:
            scheduler.kill()


def test_a_lost_scheduler_ends_the_run_and_says_how_to_go_on(tmp_path):
    file = tmp_path / "scheduler.json"
    with (
        scheduler_process(file) as scheduler,
        Client(scheduler_file=str(file), set_as_default=False) as client,
    ):

        def class_() -> Iterator[Submission]:
            yield from submissions("ann", "bob")
            scheduler.kill()
            scheduler.wait()
            yield from submissions("cy", "dan")

        with pytest.raises(ClusterFault, match=r"scheduler was lost .* run the same command"):
            list(grade_on_cluster(class_(), client, "secret", batch=1))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory) -> dict[str, object]:
    """Dask's settings for TLS: an authority, and one certificate of it for all."""
    folder, made = tmp_path_factory.mktemp("tls"), Security.temporary()
    (folder / "authority.pem").write_text(made.tls_ca_file)
    (folder / "certificate.pem").write_text(made.tls_client_cert)
    (folder / "key.pem").write_text(made.tls_client_key)
    both = {"cert": str(folder / "certificate.pem"), "key": str(folder / "key.pem")}
    return {
        "distributed.comm.require-encryption": True,
        "distributed.comm.tls.ca-file": str(folder / "authority.pem"),
        **{f"distributed.comm.tls.{role}": both for role in ("client", "scheduler", "worker")},
    }


def test_with_tls_certificates_come_from_dasks_configuration(certificates, level):
    with (
        dask.config.set(certificates),
        local_cluster(1, protocol="tls://", security=Security()) as own,
    ):
        address = own.scheduler.address
        assert address.startswith("tls://")
        with connect(address, None, 1) as client:
            (report,) = by_student(
                grade_on_cluster(
                    [Submission("ann", reference_files())], client, "secret", EXERCISE, level
                )
            ).values()
            assert report.status == "graded" and report.score > 0
        with (
            dask.config.set({"distributed.comm.tls.ca-file": None}),
            pytest.raises(ClusterFault, match="TLS"),
            connect(address, None, 1),
        ):
            pass


# --- the command line -----------------------------------------------------------------------------


@pytest.fixture
def command(tmp_path, monkeypatch) -> list[str]:
    """Grade a class of one."""
    package = tmp_path / "submitted" / "ann" / ASSIGNMENT / "cs231n_utils"
    package.mkdir(parents=True)
    (package / "gradient_check.py").write_bytes(reference_files()["cs231n_utils/gradient_check.py"])
    return [
        "grade",
        str(tmp_path / "submitted"),
        "--out",
        str(tmp_path / "out"),
        "--exercise",
        EXERCISE[0],
        "--processes",
        "1",
        *own_gradebook(tmp_path / "out"),
    ]


def test_the_command_grades_on_a_scheduler(client, command, level, capsys):
    assert main([*command, "--scheduler", client.scheduler.address]) == 0
    assert "1 submission, mean score" in capsys.readouterr().out


def test_the_command_starts_a_local_cluster_that_talks_tls(command, level, monkeypatch, capsys):
    addresses = []
    monkeypatch.setattr(
        cluster,
        "grade_on_cluster",
        lambda *args, client, **kwargs: (
            addresses.append(client.scheduler.address)
            or grade_on_cluster(*args, client=client, **kwargs)
        ),
    )
    assert main([*command, "--cluster", "local"]) == 0
    assert addresses[0].startswith("tls://127.0.0.1")


SBATCH = """#!/bin/sh
cp "$1" "$0.job"
bash "$0.job" </dev/null >"$0.log" 2>&1 &
echo "Submitted batch job $!"
"""


def test_slurm_jobs_are_submitted_with_dasks_settings(command, level, tmp_path, monkeypatch):
    pytest.importorskip("dask_jobqueue")
    for name, script in {"sbatch": SBATCH, "scancel": "#!/bin/sh\n"}.items():
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with dask.config.set(
        {
            "jobqueue.slurm.cores": 1,
            "jobqueue.slurm.memory": "1GB",
            "jobqueue.slurm.scheduler-options": {"dashboard_address": "127.0.0.1:0"},
        }
    ):
        assert main([*command, "--cluster", "slurm"]) == 0


def test_kubernetes_pods_are_asked_for_by_number(client, monkeypatch):
    asked = []
    module = SimpleNamespace(
        KubeCluster=lambda n_workers: asked.append(n_workers) or nullcontext(client.cluster)
    )
    monkeypatch.setitem(sys.modules, "dask_kubernetes", SimpleNamespace(operator=module))
    monkeypatch.setitem(sys.modules, "dask_kubernetes.operator", module)
    with connect(None, "kubernetes", 7) as connected:
        assert connected.scheduler.address == client.scheduler.address
    assert asked == [7]


@pytest.mark.parametrize(
    "deployment, module, told",
    [
        (
            "slurm",
            "dask_jobqueue",
            (
                "grader: --cluster slurm needs dask-jobqueue, which is not installed. Install it:"
                " pip install"
            ),
        ),
        ("kubernetes", "dask_kubernetes", "pip install dask-kubernetes"),
        ("local", "distributed", "pip install -e '.[cluster]'"),
    ],
)
def test_a_package_that_is_missing_is_named_with_the_command_that_installs_it(
    command, level, monkeypatch, capsys, deployment, module, told
):
    monkeypatch.setitem(sys.modules, module, None)
    if module == "distributed":
        monkeypatch.delitem(sys.modules, "grader.grading.cluster")
        monkeypatch.delattr(grader.grading, "cluster")
    assert main([*command, "--cluster", deployment]) == 1
    assert told in capsys.readouterr().err


def test_a_scheduler_that_is_not_there_is_named(command, level, capsys):
    with dask.config.set({"distributed.comm.timeouts.connect": "100ms"}):
        assert main([*command, "--scheduler", "tcp://127.0.0.1:9"]) == 1
    assert "grader: --scheduler tcp://127.0.0.1:9 did not work" in capsys.readouterr().err


def test_a_scheduler_and_a_new_cluster_exclude_each_other(command, capsys):
    with pytest.raises(SystemExit):
        main([*command, "--cluster", "local", "--scheduler", "tcp://127.0.0.1:9"])
