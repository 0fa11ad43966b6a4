"""Where files lie, and what the files of results are called. No other file of the grader depends on
its own place, so that files can move.
"""

from __future__ import annotations

from pathlib import Path

GRADER = Path(__file__).resolve().parent
COURSE = GRADER.parent  # the course root, which holds nbgrader_config.py
TOPICS = GRADER / "topics"
TEMPLATES = GRADER / "pages" / "templates"
INSIDE = GRADER / "sandbox" / "inside"  # all that runs beside student code
SECRET_FILE = COURSE / ".course_secret"

# What grading leaves in a folder of results; the first two in the folder of each student.
REPORT = "report.json"
FEEDBACK_PAGE = "feedback.html"
TABLE = "grades.csv"
HAND_INS = "hand_ins.csv"
ROSTER = "roster.csv"  # the one that `grade` was given last
CHANGES = "changes.csv"
GRADEBOOK = "gradebook.db"  # where no other database is named
OVERVIEW = "index.html"
CLASS_PAGE = "class.html"

# Beside nbgrader_config.py: what staff decide.
COURSE_FILE = "course.toml"
OVERRIDES_FILE = "overrides.jsonl"

# What `alike` writes.
ALIKE_PAGE = "alike.html"
ALIKE_TABLE = "alike.csv"
