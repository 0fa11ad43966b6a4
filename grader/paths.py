"""Where things lie: whatever depends on the place of a file of ours stands here, so that files can
move.
"""

from __future__ import annotations

from pathlib import Path

GRADER = Path(__file__).resolve().parent
COURSE = GRADER.parent  # the course root, which holds nbgrader_config.py
TOPICS = GRADER / "topics"
TEMPLATES = GRADER / "pages" / "templates"
INSIDE = GRADER / "sandbox" / "inside"  # all that runs beside student code
SECRET_FILE = COURSE / ".course_secret"
