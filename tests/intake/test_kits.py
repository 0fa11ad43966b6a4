"""Where a kit is, by the names of its files alone."""

import time

import pytest

from grader.intake import kits
from grader.intake.kits import locate

MODULE = "cs231n_utils/softmax.py"


@pytest.mark.parametrize(
    "prefix",
    ["", "ann/", "a/b/c/", "/", "../../", "Loss_And_Optimization/", "loss_and_optimization (1)/"],
)
def test_a_kit_is_found_in_any_folder(prefix):
    assert locate([prefix + MODULE, f"{prefix}1_gradient_check.ipynb"]).prefix == prefix


def test_a_copy_within_the_kit_is_a_part_of_it():
    kit = locate([f"kit/{MODULE}", f"kit/backup/{MODULE}", f"kit/backup/b/{MODULE}"])
    assert (kit.prefix, kit.others) == ("kit/", ())


@pytest.mark.parametrize(
    "names, counts",
    [
        (["loss_and_optimization", "loss_and_optimization (1)"], "loss_and_optimization (1)/"),
        (["loss_and_optimization", "old"], "loss_and_optimization/"),
        (["loss-and-optimization-main", "x"], "loss-and-optimization-main/"),
        (["loss_and_optimization", "loss_and_optimization_final"], "loss_and_optimization/"),
    ],
)
def test_of_several_copies_one_counts_and_the_others_are_named(names, counts):
    kit = locate([f"{name}/{MODULE}" for name in names])
    assert kit.prefix == counts and len(kit.others) == 1 and not kit.several


@pytest.mark.parametrize(
    "names",
    [
        ["ann", "ben"],
        ["ann/loss_and_optimization", "ben/loss_and_optimization"],
        ["loss_and_optimization_ann", "loss_and_optimization_ben"],
        ["class/ann", "class/ben/kit"],
    ],
)
def test_kits_of_several_students_are_never_one(names):
    assert locate([f"{name}/{MODULE}" for name in names]).several == tuple(sorted(names, key=len))
    assert locate([f"{name}/softmax.py" for name in names]).several


def test_single_files_are_put_where_they_belong():
    kit = locate(["x/softmax (1).py", "x/linear_svm.py", "x/best_model.npz", "x/helper.py", "y"])
    assert kit.loose == {
        "x/softmax (1).py": "cs231n_utils/softmax.py",
        "x/linear_svm.py": "cs231n_utils/linear_svm.py",
        "x/best_model.npz": "best_model.npz",
        "x/helper.py": "helper.py",
    }


def test_a_file_beside_the_kit_fills_a_gap_only():
    names = [f"kit/{MODULE}", "best_model.npz", "softmax.py"]
    assert locate(names).loose == {"best_model.npz": "best_model.npz"}
    assert locate([*names, "kit/best_model.npz"]).loose == {}


@pytest.mark.parametrize(
    "name",
    [f"__MACOSX/kit/{MODULE}", "kit/cs231n_utils/._softmax.py", f".git/{MODULE}",
     f"lib/site-packages/{MODULE}"],
)  # fmt: skip
def test_what_tools_leave_is_no_kit(name):
    assert not locate([name])


@pytest.mark.parametrize(
    "name, is_it",
    [
        ("loss_and_optimization", True),
        ("Loss and Optimization (2)", True),
        ("loss-and-optimization-main", True),
        ("loss_and_optimization - Kopie", True),
        ("LossAndOptimization_v2", True),
        ("loss_and_optimization_ann", False),
        ("loss", False),
        ("ann", False),
    ],
)
def test_the_assignments_name_is_known_with_what_is_added_to_it(name, is_it):
    assert kits.is_assignment(name) is is_it


def test_hostile_names_take_no_time():
    names = [
        f"loss_and_optimization{'1' * 4000}x",
        "(" * 4000,
        " - copy" * 1000,
        "a" * 4000 + " (1)",
    ]
    start = time.process_time()
    for name in names:
        kits.is_assignment(name)
        kits.version(name)
        kits.is_unfinished(name)
    assert time.process_time() - start < 2  # seconds; a slow pattern would take hours
