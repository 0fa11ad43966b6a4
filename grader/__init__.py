"""The grader: hidden checks, references, the sandbox and the gradebook. Nothing in here ever goes to a student."""

import os
import sys
from pathlib import Path

# `python -m` puts the folder that it is started in on the path. That may be a submission, with a numpy.py of its own.
if Path.cwd() != Path(__file__).resolve().parent.parent:
    sys.path[:] = [entry for entry in sys.path if Path(entry or os.curdir).resolve() != Path.cwd()]

# Under nbgrader, jsonschema imports a checker of international web addresses, if there is one, that builds its grammars for
# two seconds (python-jsonschema/jsonschema#1428). No notebook and no event of Jupyter's has such an address.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
