"""Imports go in one direction, so that nothing hidden ships, nothing heavy sneaks in, and no
student file is imported.
"""

import ast
import subprocess
import sys

import pytest

from tests.support.in_sandbox import ROOT

STANDARD = set(sys.stdlib_module_names)
STUBS = ("stub_libraries", "stub_tqdm", "stub_pictures", "stub_matplotlib")
# These lie side by side there.
BESIDE_THEM = (
    "course_names",
    "import_hook",
    "libraries",
    "python_2_modules",
    "source_facts",
    "stand_ins",
)
IN_SANDBOX = {
    "zygote",
    "worker",
    "module_state",
    "confine",
    "wire",
    "to_box",
    "warm_up",
    "plain_values",
    *STUBS,
    *BESIDE_THEM,
}


def imports(path) -> set[str]:
    """All modules that a file imports, anywhere in it; `from a import b` counts as a and a.b."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


GRAPH = {
    path.relative_to(ROOT)
    .with_suffix("")
    .as_posix()
    .replace("/", ".")
    .removesuffix(".__init__"): imports(path)
    for package in ("grader", "cs231n_utils")
    for path in sorted((ROOT / package).rglob("*.py"))
}


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def importers(package: str) -> set[str]:
    return {
        module for module, names in GRAPH.items() if any(within(name, package) for name in names)
    }


def test_the_graph_is_there():
    assert {"grader.grading.pool", "grader.sandbox.launch", "cs231n_utils.softmax"} <= GRAPH.keys()


def test_what_students_get_never_imports_the_grader():
    assert not {module for module in importers("grader") if within(module, "cs231n_utils")}


# From the ground up: a room imports those below it only. Files beside the rooms stand on the
# ground.
ROOMS = (
    "sandbox",
    "intake",
    "course",
    "checks",
    "topics",
    "diagnosis",
    "pages",
    "results",
    "gradebook",
    "grading",
    "kit",
    "commands",
    "__main__",
)
GROUND = ("faults", "paths", "report", "temporary", "text")


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_rooms_import_those_below_them():
    upward = {
        (module, name)
        for module, names in GRAPH.items()
        if room_of(module) in ROOMS and within(module, "grader")
        for name in names
        if within(name, "grader")
        and room_of(name) in ROOMS
        and ROOMS.index(room_of(name)) > ROOMS.index(room_of(module))
    }
    assert upward == set()


def test_every_file_has_a_room():
    rooms = {room_of(module) for module in GRAPH if within(module, "grader")} - {""}
    assert rooms == {*ROOMS, *GROUND}


def test_a_sign_names_every_file_of_its_room():
    for sign in (ROOT / "grader").rglob("__init__.py"):
        if "topics" in sign.parts or sign.parent.name in ("grader", "describe"):
            continue
        text = sign.read_text(encoding="utf-8")
        for path in sign.parent.glob("*.py"):
            assert (
                path.name in text
                or (path.name.startswith("stub_") and "stub_*.py" in text)
                or path == sign
            ), path


@pytest.mark.parametrize(
    "module",
    [
        "grader.paths",
        "grader.faults",
        "grader.text",
        "grader.intake.safe_files",
        "cs231n_utils.plain_values",
        "grader.sandbox.inside.confine",
        "grader.sandbox.probes",
        "grader.sandbox.cgroup",
    ],
)
def test_the_leaves_import_nothing_of_ours(module):
    assert not {name for name in GRAPH[module] if name.split(".")[0] not in STANDARD | {"numpy"}}


def test_which_files_grading_reads_is_said_once_for_the_kit_and_for_the_grader():
    rules = "cs231n_utils.hand_in.rules"
    assert {"grader.intake.archives", "grader.intake.submission"} <= importers(rules)
    ours = {name for name in GRAPH["grader.intake.archives"] if name.split(".")[0] not in STANDARD}
    assert all(within(name, rules) for name in ours)


def test_a_report_imports_only_the_kinds_of_failures():
    assert {name for name in GRAPH["grader.report"] if name.split(".")[0] not in STANDARD} == {
        "grader.faults",
        "grader.faults.Kind",
    }


def test_the_wire_imports_only_what_a_value_is_worth():
    ours = {
        name
        for name in GRAPH["grader.sandbox.inside.wire"]
        if name.split(".")[0] not in STANDARD | {"numpy"}
    }
    assert {name.removeprefix("cs231n_utils.") for name in ours} == {
        "plain_values",
        "plain_values.plain",
    }


@pytest.mark.parametrize("module", ["zygote", "warm_up", "worker", "module_state", *STUBS])
def test_what_runs_in_the_sandbox_needs_only_what_is_in_there(module):
    assert {name.split(".")[0] for name in GRAPH[f"grader.sandbox.inside.{module}"]} <= STANDARD | {
        "numpy"
    } | IN_SANDBOX


@pytest.mark.parametrize("module", BESIDE_THEM)
def test_what_the_kit_and_the_sandbox_share_needs_only_what_both_have(module):
    names = {
        name.removeprefix("cs231n_utils.imports.").split(".")[0]
        for name in GRAPH[f"cs231n_utils.imports.{module}"]
        if name != "cs231n_utils.imports"
    }
    assert names <= STANDARD | {"numpy", *BESIDE_THEM}


def test_only_the_gradebooks_room_imports_nbgrader():
    assert all(within(module, "grader.gradebook") for module in importers("nbgrader"))


@pytest.mark.parametrize("package", ["dask", "distributed", "dask_jobqueue", "dask_kubernetes"])
def test_only_cluster_imports_dask(package):
    assert importers(package) <= {"grader.grading.cluster"}


def test_only_the_command_line_imports_cluster_and_only_when_it_is_asked_for():
    assert importers("grader.grading.cluster") == {"grader.__main__"}
    top_level = ast.parse((ROOT / "grader" / "__main__.py").read_text(encoding="utf-8")).body
    assert "cluster" not in {
        alias.name for node in top_level if isinstance(node, ast.ImportFrom) for alias in node.names
    }


def test_the_sandbox_knows_nothing_of_what_is_hidden():
    known = set().union(
        *(names for module, names in GRAPH.items() if within(module, "grader.sandbox"))
    )
    allowed = ("grader.sandbox", "grader.faults", "grader.paths")
    assert not {
        name
        for name in known
        if within(name, "grader")
        and name != "grader"
        and not any(within(name, one) for one in allowed)
    }


def test_only_diagnosis_and_the_kit_know_the_hidden_topics():
    rooms = {room_of(module) for module in importers("grader.topics")} - {"topics"}
    assert rooms == {"diagnosis", "kit"}  # the checks in there are collected by pytest


def test_grading_never_imports_a_students_module():
    """Only the stubs' names are known: the grader's process imports none of the six modules that
    students write.
    """
    stubs = {
        f"cs231n_utils.{name}"
        for name in (
            "gradient_check",
            "linear_svm",
            "softmax",
            "regularization",
            "optimization",
            "linear_classifier",
        )
    }
    assert not {
        module for module, names in GRAPH.items() if within(module, "grader") and names & stubs
    }


def test_imports_have_no_cycles():
    state: dict[str, int] = {}

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert state.get(module) != 1, " -> ".join((*path, module))
        if module in state:
            return
        state[module] = 1
        for name in GRAPH[module]:
            if name in GRAPH and name != module:
                visit(name, (*path, module))
        state[module] = 2

    for module in GRAPH:
        visit(module, ())


def imported_by(*modules: str) -> set[str]:
    """The top names of all that a fresh Python has after these imports."""
    program = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "modules, heavy",
    [
        # --help, and whatever process imports the command line to grade.
        (("grader.__main__",), {"numpy", "jinja2", "yaml", "pytest", "sqlalchemy", "nbgrader"}),
        # What the command's own process needs before its first submission is graded.
        (("grader.grading.one_class",), {"pytest", "sqlalchemy", "nbgrader", "matplotlib"}),
        # Where checks run in a process of their own.
        (("cs231n_utils.check",), {"numpy", "pytest", "IPython"}),
    ],
    ids=["command line", "grade", "check"],
)
def test_nothing_heavy_is_imported_before_it_is_needed(modules, heavy):
    assert not imported_by(*modules) & heavy


def test_a_command_that_ends_does_not_look_for_garbage_in_all_that_it_has_imported():
    program = (
        "import atexit, gc, grader.__main__\n"
        "is_set_aside = lambda: gc.get_freeze_count() > len(gc.get_objects())\n"
        "atexit.register(lambda: print('set aside:', is_set_aside()))\n"
        "grader.__main__.main(['--help'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("set aside: True\n")


def test_the_class_page_is_drawn_without_a_plotting_library():
    assert "matplotlib" not in imported_by("grader.pages.class_page")
