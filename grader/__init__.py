"""The grader: hidden checks, references, the sandbox and the gradebook. Nothing in here ever goes to a student."""

import os
import sys
from pathlib import Path

# `python -m` puts the folder that it is started in on the path. That may be a submission, with a numpy.py of its own.
if Path.cwd() != Path(__file__).resolve().parent.parent:
    sys.path[:] = [entry for entry in sys.path if Path(entry or os.curdir).resolve() != Path.cwd()]
