"""The kit's container, for GitHub Codespaces and VS Code: the repository's own, with what differs
in a kit, where the notebooks lie at the top and nothing is to be graded.
"""

from __future__ import annotations

import json

from cs231n_utils.exercises import NOTEBOOKS
from grader.paths import COURSE

NAME = ".devcontainer/devcontainer.json"


def for_kit() -> bytes:
    """devcontainer.json of the student kit."""
    settings = json.loads((COURSE / NAME).read_text(encoding="utf-8"))
    settings["postCreateCommand"] = "python -m pip install -r requirements.txt"
    settings["customizations"]["codespaces"]["openFiles"] = [f"{NOTEBOOKS[0]}.ipynb"]
    return f"{json.dumps(settings, indent=4)}\n".encode()
