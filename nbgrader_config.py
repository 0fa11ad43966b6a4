"""nbgrader's settings for this course. Start `nbgrader` and `jupyter lab` in this folder, and they
apply.
"""

import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:  # Formgrader loads this file again for many of its pages
    sys.path.insert(0, str(ROOT))  # finds `grader` also where the course is not pip-installed

from grader.gradebook.autograde import stand_in_for_autograde  # noqa: E402
from grader.gradebook.gradebook import ask_alembic_in_process  # noqa: E402 - needs the path above
from grader.gradebook.staff_pages import mend_formgrader  # noqa: E402


def grade(submission):
    """The report of a submission. Pages of Formgrader never need the sandbox, which takes a moment
    to import.
    """
    from grader.grading.pool import grade_one

    return grade_one(submission)


ask_alembic_in_process()
stand_in_for_autograde(grade)
mend_formgrader()

# SQLAlchemy's remarks on how nbgrader builds a submission, on every first run of autograde; its
# rows are right.
warnings.filterwarnings("ignore", "Object of type <Submitted", module="nbgrader.api")

c = get_config()  # noqa: F821 - nbgrader runs this file with get_config defined

c.CourseDirectory.course_id = "cs231n"
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = "notebooks"
# nbgrader's own 5 s are too short when Formgrader and autograde write at once. PostgreSQL: put its
# URL here. `nbgrader db upgrade` takes the URL for a file name: give it
# --db=sqlite:///gradebook.db.
c.CourseDirectory.db_url = f"sqlite:///{ROOT / 'gradebook.db'}?timeout=60"
# What never travels with an assignment: nbgrader's own list, then version control, caches and large
# downloads.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    ".git",
    ".venv",
    ".*_cache",
    "cifar-10*",
]

# Students write into the exchange: what it holds is taken as files of theirs and nothing else, up
# to these sizes in kB.
c.ExchangeFactory.collect = "grader.gradebook.exchange.CourseCollect"
c.ExchangeFactory.list = "grader.gradebook.exchange.CourseList"
c.ExchangeFactory.release_feedback = "grader.gradebook.exchange_feedback.CourseReleaseFeedback"
c.CourseDirectory.max_file_size = 30_000
c.CourseDirectory.max_dir_size = 60_000

# What stands in an answer cell of a released notebook; the masters hold no answers, and this keeps
# it so.
c.ClearSolutions.text_stub = "*Your answer (double-click here to write):*"
# Beside the notebooks, release/ gets all that a student needs, so that release_assignment hands out
# the whole kit.
c.GenerateAssignment.post_convert_hook = "grader.kit.release.complete_release_folder"

# Notebooks come mended from grader.gradebook.notebooks: each graded cell once, of outputs what
# staff may see, nothing active.
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.OverwriteCells",  # points and checksums as the gradebook has them
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    # For Execute: hidden checks in the sandbox, no cell is run.
    "grader.gradebook.autograde.HiddenChecks",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "grader.gradebook.autograde.SettleGrades",  # "not judged", which no cell can say
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Formgrader and the feedback pages show what students wrote to people who are logged in: no markup
# of theirs may act.
c.HTMLExporter.filters = {
    "markdown2html": "grader.gradebook.staff_pages.safe_markdown",
    "highlight_code": "grader.gradebook.staff_pages.safe_code",
    "ansi2html": "grader.gradebook.staff_pages.safe_colours",
    "clean_html": "grader.gradebook.staff_pages.safe_html",
    "strip_files_prefix": "grader.gradebook.staff_pages.safe_links",
}
c.HTMLExporter.preprocessors = ["grader.gradebook.staff_pages.EscapeNames"]
c.HTMLExporter.sanitize_html = True
