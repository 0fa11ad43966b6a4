"""Stand-ins for pictures and progress bars: code that draws or counts gives the same number as with
the real library.
"""

import subprocess
import sys
import textwrap

import pytest

from grader.paths import COURSE
from tests.support.in_sandbox import LEVELS, sandbox, student

# Each is the body of a function; lines that are indented go on with the one before.
SNIPPETS = COURSE / "tests" / "support" / "snippets"


NAMES = (
    "import numpy as np\nimport matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as"
    " plt\nfrom tqdm import tqdm\n"
)


def snippets(name: str) -> list[str]:
    """The bodies in a file."""
    found: list[str] = []
    for line in (SNIPPETS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("    ") and found:
            found[-1] += f"\n{line[4:]}"
        else:
            found.append(line)
    return found


ALL = [*snippets("progress_bars"), *snippets("pictures")]


def numbered(bodies: list[str]) -> str:
    """Functions f0, f1, …, each with one of the bodies."""
    heads = [f"\n\ndef f{k}():\n    plt.close('all')\n" for k in range(len(bodies))]
    return NAMES + "".join(
        head + textwrap.indent(body, "    ") for head, body in zip(heads, bodies, strict=True)
    )


PRINT_ALL = """

import os, sys
out, sys.stdout = os.fdopen(os.dup(1), "w"), sys.stderr
for name in [name for name in globals() if name[0] == "f" and name[1:].isdigit()]:
    print(float(globals()[name]()), file=out, flush=True)
"""


@pytest.fixture(scope="module")
def real() -> list[float]:
    """What the bodies give with the real libraries."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", numbered(ALL) + PRINT_ALL],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return list(map(float, done.stdout.splitlines()))


@pytest.fixture(scope="module", params=LEVELS)
def stand_in(request) -> list[object]:
    """What they give in the sandbox, or the exception."""
    body = f"""\
from cs231n_utils import bodies
results = []
for k in range({len(ALL)}):
    try:
        results.append(float(getattr(bodies, f"f{{k}}")()))
    except Exception as error:
        results.append(repr(error))
return results
"""
    with sandbox(request.param) as zygote:
        one = student(zygote, body, bodies=numbered(ALL))
        try:
            return one.rel_error()
        finally:
            one.close()


@pytest.mark.parametrize(
    "number", range(len(ALL)), ids=[body[:60].encode("ascii", "replace").decode() for body in ALL]
)
def test_code_that_draws_or_counts_gives_the_same_number(real, stand_in, number):
    assert stand_in[number] == real[number], ALL[number]
