"""nbgrader's settings for this course; they apply when nbgrader or Jupyter starts in it."""

import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:  # Formgrader loads this file again for many of its pages
    sys.path.insert(0, str(ROOT))  # so that `grader` is found without pip install

from grader.gradebook.autograde import stand_in_for_autograde  # noqa: E402
from grader.gradebook.gradebook import ask_alembic_in_process  # noqa: E402 - needs the path above
from grader.gradebook.staff_pages import mend_formgrader  # noqa: E402


def grade(submission):
    """Return the report of a submission.

    The sandbox is imported only here, because Formgrader's pages never need it.
    """
    from grader.grading.pool import grade_one

    return grade_one(submission)


ask_alembic_in_process()
stand_in_for_autograde(grade)
mend_formgrader()

# SQLAlchemy warns about the way in which nbgrader builds a submission; the rows are right.
warnings.filterwarnings("ignore", "Object of type <Submitted", module="nbgrader.api")

c = get_config()  # noqa: F821 - nbgrader runs this file with get_config defined

c.CourseDirectory.course_id = "cs231n"
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = "notebooks"
# nbgrader's own timeout of 5 s is too short when Formgrader and autograde write at the same time.
# For PostgreSQL, put its URL here. `nbgrader db upgrade` takes this URL for a file name, so run it
# with --db=sqlite:///gradebook.db.
c.CourseDirectory.db_url = f"sqlite:///{ROOT / 'gradebook.db'}?timeout=60"
# What is never copied with an assignment: nbgrader's own list, then version control, caches and
# large downloads.
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

# Students write into the exchange, so only their own ordinary files are taken from it, up to these
# sizes in kB.
c.ExchangeFactory.collect = "grader.gradebook.exchange.CourseCollect"
c.ExchangeFactory.list = "grader.gradebook.exchange.CourseList"
c.ExchangeFactory.release_feedback = "grader.gradebook.exchange_feedback.CourseReleaseFeedback"
c.CourseDirectory.max_file_size = 30_000
c.CourseDirectory.max_dir_size = 60_000

# The text of an answer cell in a released notebook, which is also that of the master copy.
c.ClearSolutions.text_stub = "*Your answer (double-click here to write):*"
# release/ gets the whole kit and not just the notebooks, so that release_assignment hands it out.
c.GenerateAssignment.post_convert_hook = "grader.kit.release.complete_release_folder"

# grader.gradebook.notebooks has mended the notebooks: each graded cell is there once, and outputs
# hold nothing active.
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.OverwriteCells",  # points and checksums as the gradebook has them
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    # Instead of Execute: hidden checks in the sandbox, and no cell is run.
    "grader.gradebook.autograde.HiddenChecks",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "grader.gradebook.autograde.MarkNotJudged",  # nbgrader itself has no such mark
    "grader.gradebook.autograde.AssignPenalties",  # by course.toml; without one, nbgrader's own
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Formgrader and the feedback pages show what students wrote to people who are logged in, so no
# markup of theirs may act.
c.HTMLExporter.filters = {
    "markdown2html": "grader.gradebook.staff_pages.safe_markdown",
    "highlight_code": "grader.gradebook.staff_pages.safe_code",
    "ansi2html": "grader.gradebook.staff_pages.safe_colours",
    "clean_html": "grader.gradebook.staff_pages.safe_html",
    "strip_files_prefix": "grader.gradebook.staff_pages.safe_links",
}
c.HTMLExporter.preprocessors = [
    "grader.gradebook.staff_pages.EscapeNames",
    "grader.gradebook.rubric.ShowRubric",  # in Formgrader only, never on a page for students
]
c.HTMLExporter.sanitize_html = True
