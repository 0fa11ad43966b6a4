"""The grader: hidden checks, references, the sandbox and the gradebook. Nothing in here ever goes
to a student.

From the ground up; a room imports those that stand before it, and its own sign says what is in it:

    faults.py, report.py, paths.py, text.py, temporary.py   exceptions of all rooms; a report, as
                 data; where things lie; text of students, made safe to show; a database in a
                 temporary file
    sandbox/     isolation, from outside; all that runs beside student code is in sandbox/inside/
    intake/      what was handed in, as validated files in memory
    course/      the rules of a course: dates, points that staff set, the final grade
    checks/      what a hidden check works with
    topics/      references, hidden checks, known mistakes
    diagnosis/   from numbers to a sentence
    pages/       what people read
    results/     the files that grading leaves
    gradebook/   all that knows nbgrader
    grading/     from submissions to reports
    kit/         what students get
    commands/    commands that have a file of their own
    __main__.py  the command line
"""

import os
import sys
from pathlib import Path

# `python -m` puts the folder that it is started in on the path. That may be a submission, with a
# numpy.py of its own.
if Path.cwd() != Path(__file__).resolve().parent.parent:
    sys.path[:] = [entry for entry in sys.path if Path(entry or os.curdir).resolve() != Path.cwd()]

# Under nbgrader, jsonschema imports a checker of international web addresses, if there is one, that
# builds its grammars for two seconds (python-jsonschema/jsonschema#1428). No notebook and no event
# of Jupyter's has such an address.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
