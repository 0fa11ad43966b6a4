"""The layouts in which platforms hand out what students handed in: a pattern and a function each.

`PLATFORMS` is the table, in the order in which they are tried: the first that recognizes a folder
takes it. What no platform recognizes is taken by `folders`. May import the files of `intake`.

    canvas.py        flat: <name>[_LATE]_<user id>_<attachment id>_<file>
    moodle.py        <Full name>_<id>_assignsubmission_file/
    gradescope.py    submission_metadata.yml and submission_<id>/
    blackboard.py    flat: <column>_<user>_attempt_<time>_<file>
    brightspace.py   <user id>-<folder id> - <Name> - <time>/
    sakai.py         <Last>, <First>(<id>)/Submission attachment(s)/ and timestamp.txt
    inbound.py       nbgrader's exchange: <user>+<assignment>+<time>+<random>/
    git_clones.py    <slug>-submissions/<slug>-<login>/
    google_drive.py  drive-download-<time>-001.zip with <Student> - <file>
    folders.py       <student>/ or <student>.zip, and what nbgrader and ngshare collect
"""

from __future__ import annotations

from grader.intake.entries import Platform
from grader.intake.platforms import (
    blackboard,
    brightspace,
    canvas,
    folders,
    git_clones,
    google_drive,
    gradescope,
    inbound,
    moodle,
    sakai,
)

PLATFORMS: tuple[Platform, ...] = (
    gradescope.PLATFORM,
    inbound.PLATFORM,
    moodle.PLATFORM,
    blackboard.PLATFORM,
    brightspace.PLATFORM,
    sakai.PLATFORM,
    canvas.PLATFORM,
    git_clones.PLATFORM,
    google_drive.PLATFORM,
)
FOLDERS = folders.PLATFORM
