"""Grades back to platforms: fills in the gradebook file that a platform exported, and packs the
feedback pages as it takes them.

May import what `results` may.

    contents.py     what each platform's file says of a gradebook
    canvas.py, moodle.py, brightspace.py, blackboard.py, other.py
                    a platform each; the table of them is below
    grades.py       what is given back: grades.csv, with the platforms' ids
    matching.py     whose row is whose
    filling.py      the filled-in file, and what staff should know of it
    messages.py     what staff are told of it
    feedback.py     the zip of feedback pages
"""

from grader.results.exports import blackboard, brightspace, canvas, moodle, other

# The first that recognizes a file reads it.
PLATFORMS = (
    canvas.PLATFORM,
    brightspace.PLATFORM,
    blackboard.PLATFORM,
    moodle.PLATFORM,
    other.PLATFORM,
)
