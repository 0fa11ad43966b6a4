"""What honest student code may do; each function returns something. Runs in the sandbox."""

import importlib
import warnings

import numpy as np


def linear_algebra():
    np.linalg.svd(np.eye(200))
    np.linalg.solve(np.eye(3), np.ones(3))
    return np.linalg.eigh(np.eye(3))[0]


def a_large_matrix_product():
    ones = np.ones((2000, 2000))
    return (ones @ ones)[0, 0]


def numpy_that_is_loaded_lazily():
    return [
        np.fft.fft(np.ones(4))[0].real,
        np.ma.array([1]).sum(),
        np.polynomial.Polynomial([1])(0),
    ]


def random_numbers():
    np.random.seed(1)
    np.random.default_rng()
    return [np.random.rand(), np.random.permutation(3), np.random.default_rng(1).normal(size=3)]


def einsum():
    return np.einsum("ij,jk->ik", np.eye(2), np.eye(2))


def the_standard_library():
    for name in [
        "array",
        "asyncio",
        "bisect",
        "collections",
        "copy",
        "csv",
        "ctypes",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "inspect",
        "io",
        "itertools",
        "json",
        "logging",
        "math",
        "multiprocessing",
        "operator",
        "os",
        "pathlib",
        "pdb",
        "pickle",
        "pprint",
        "random",
        "re",
        "sqlite3",
        "statistics",
        "string",
        "subprocess",
        "sys",
        "tempfile",
        "textwrap",
        "threading",
        "time",
        "timeit",
        "types",
        "typing",
        "unittest",
        "uuid",
        "zipfile",
        "zlib",
    ]:
        importlib.import_module(name)
    return 1


def clocks():
    import datetime
    import time

    time.sleep(0.001)
    return [time.time(), time.perf_counter(), time.process_time(), str(datetime.datetime.now())]


def prints():
    import sys

    print("x" * 100_000)
    print("y", file=sys.stderr, flush=True)
    return 1


def warnings_and_numerical_noise():
    warnings.warn("careful", RuntimeWarning, stacklevel=1)
    return np.isinf(np.float64(1) / np.float64(0))


def its_own_source():
    import inspect

    with open(__file__, encoding="utf-8") as file:
        assert "its_own_source" in file.read()
    return inspect.getsource(its_own_source)


def a_traceback():
    import traceback

    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        return traceback.format_exc()


def copies():
    import copy

    return copy.deepcopy({"a": [np.ones(2)]})


def temporary_files():
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, "a"), "w") as file:
        file.write("y")
    with tempfile.TemporaryFile() as file:
        file.write(b"x")
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("z")
        file.flush()
        with open(file.name) as again:
            return again.read()


def files_of_its_own():
    import os
    import shutil

    np.savez("w.npz", W=np.eye(2))
    np.save("w.npy", np.eye(2))
    with open("a.txt", "a") as file:
        file.write("é")
    os.makedirs("d/e", exist_ok=True)
    os.rename("a.txt", "d/b.txt")
    shutil.copyfile("d/b.txt", "c.txt")
    shutil.rmtree("d")
    return np.load("w.npz")["W"] + np.load("w.npy", mmap_mode="r")


def given_helpers():
    from cs231n_utils import data, exercises  # noqa: F401

    return exercises.MAX_SCORE


def pictures():
    import matplotlib.pyplot as plt
    from IPython.display import display

    plt.rcParams["figure.figsize"] = (4, 3)
    _, ax = plt.subplots()
    ax.plot([1], [2])
    plt.show()
    display(ax)
    return 1


def progress_bars():
    from tqdm.auto import tqdm, trange

    with tqdm(total=3) as bar:
        bar.update(1)
    return [list(tqdm([1, 2])), list(trange(2, desc="d"))]


def no_input():
    try:
        input()
    except EOFError:
        return 1


def half_a_gigabyte():
    return np.ones(1 << 26).sum()
