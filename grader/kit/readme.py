"""README.md of the student kit: how to start on each system, how grading works, how to hand in."""

from __future__ import annotations

import re
import sys

import numpy as np

from cs231n_utils.exercises import ASSIGNMENT, NOTEBOOKS
from cs231n_utils.imports.libraries import LIMITS, PYTHON

# What a terminal, a notebook's ! line and Markdown take as it is.
_ADDRESS = re.compile(r"https?://[A-Za-z0-9][\w.:-]*(?:/[\w.~:/?#@&=+,;%-]*)?", re.ASCII)
_ENVIRONMENT = "cs231n-env"
_NUMPY = ".".join(np.__version__.split(".")[:2])
_TEXT = f"""\
# Loss functions and optimization

You need Python {PYTHON[0]}.{PYTHON[1]} or newer. The libraries go into a *virtual environment*, a
folder of its own outside this one, which only holds your work. In a terminal, in this folder:

**Linux and macOS**

```
python3 -m venv ~/{_ENVIRONMENT}
. ~/{_ENVIRONMENT}/bin/activate
python -m pip install -r requirements.txt
jupyter lab
```

On Debian and Ubuntu, `sudo apt install python3-venv` comes first. Where pip says
`externally-managed-environment`, the second line was left out.

**Windows**, in PowerShell, with Python from [python.org](https://www.python.org/downloads/)

```
py -m venv $HOME\\{_ENVIRONMENT}
& $HOME\\{_ENVIRONMENT}\\Scripts\\Activate.ps1
python -m pip install -r requirements.txt
jupyter lab
```

Where Windows refuses to run `Activate.ps1`: `Set-ExecutionPolicy -Scope Process RemoteSigned`, and
the second line again.

**Next time**, in this folder: the second line and the last one.

**VS Code, GitHub Codespaces**: open this folder, and let it be reopened in its container
(`.devcontainer/`). Everything is installed there, and you can begin.

{{colab}}

## What to do

1. Open `{NOTEBOOKS[0]}.ipynb`. The notebooks follow their numbers.
2. Write your functions in the files of `cs231n_utils/`. Each docstring says what the function must
   do, and `check("svm_loss_naive")` in the notebook, or
   `python -m cs231n_utils.check svm_loss_naive` in a terminal, runs its visible checks. Grading
   runs more checks than these, on other inputs.
3. Answer the written question of each notebook in its cell.
4. Save the notebooks. `python -m cs231n_utils.hand_in` says what is missing, and packs
   `{ASSIGNMENT}.zip`: hand in this file. Keep the names of files and functions, since
   grading finds your work by them.

`python -m cs231n_utils.export` writes each saved notebook as an HTML page, to read on a phone, with
a screen reader or without Jupyter.

If your course sends you a `repair.zip`: put it into this folder, close the notebooks, and run
`python repair.zip`. It replaces what came with the assignment and was wrong, and touches no
function and no answer of yours.

## What grading has

Grading runs your functions with Python {sys.version_info[0]}.{sys.version_info[1]}, its standard
library and NumPy {_NUMPY}, without network, threads and other programs. An import of another
library (SciPy, pandas, PyTorch, …) does no harm there, but a function that uses it fails, and
`check` says so. Files that begin as those of CS231n do (`past.builtins`, `six`,
`cs231n.classifiers`, `..classifiers`) work as they are.
{LIMITS}
Pictures and progress bars do no harm there: they are left out. Modules of your own, and small files
of data (such as .npy, .npz, .csv, .json, .txt; up to 2 MB), may lie beside the notebooks or in
`cs231n_utils/`.

## Data

Two data sets are in `datasets/` (1.4 MB): handwritten digits, and clothes (Fashion-MNIST).
`bash get_datasets.sh`, or `python -m cs231n_utils.get_datasets` where there is no bash, as on
Windows, fetches CIFAR-10 (170 MB) for a larger, optional run. No data set is handed in.
"""
_COLAB = f"""\
**Google Colab**: open a notebook of this kit there{{upload}}, and run these two lines in a new cell
at its top:

```
!{{fetch}}
%cd /content/{ASSIGNMENT}
```

They put the kit into the pane *Files*, where you edit `cs231n_utils/`; what is there already is
kept. Colab deletes these files when a session ends, and keeps your notebook elsewhere. Before that,
download the notebook (*File*, *Download*) and put it into the kit's folder in the pane; then
`!python -m cs231n_utils.hand_in` packs everything into `{ASSIGNMENT}.zip`: download it."""


def is_address(url: str) -> bool:
    """Whether a kit's address can stand in a command: http or https, no spaces, quotes or $."""
    return bool(_ADDRESS.fullmatch(url))


def text(kit_url: str | None = None) -> str:
    """README.md of the kit.

    kit_url : where students get the kit's zip, for Colab; None where they have to upload it
    """
    unpack, upload = f"unzip -qnd /content /content/{ASSIGNMENT}.zip", ""
    if kit_url is None:
        upload = f", upload `{ASSIGNMENT}.zip` into the pane *Files*"
    else:
        unpack = f'wget -qO /content/kit.zip "{kit_url}" && unzip -qnd /content /content/kit.zip'
    return _TEXT.format(colab=_COLAB.format(fetch=unpack, upload=upload))
