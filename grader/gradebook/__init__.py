"""All that knows nbgrader: its database, its autograde, its exchange, and the pages that it makes
of notebooks.

May import `pages`, `results`, `course`, `checks`, `intake`. It must not import `grading`, which is
passed to it (autograde.py).

    gradebook.py           opens the database, and writes reports and times into it
    remembered.py          what nbgrader registers of the assignment, kept for the next run
    bulk_rows.py           many rows in few statements
    totals.py              final grades: reads marks, writes dates, penalties and set points
    people.py              names and addresses of students
    refresh.py             final grades anew, from reports and marks
    database.py            URLs, transactions, and faults of databases
    autograde.py           stands in for nbgrader's autograde
    prepare.py             what Formgrader shows of a class that `grade` has graded
    marks.py               marks of written answers, from a table and into one
    rubric.py              what a good answer contains, shown to those who mark
    notebooks.py           a student's notebook, mended
    safe_display.py        what of it is kept, and in which form
    allowance.py           how much of it is rendered
    formulas.py            which formulas are drawn
    staff_pages.py         nbgrader's own pages, made safe
    exchange.py            collects what students submit
    exchange_feedback.py   releases feedback to students
    export_plugin.py       for `nbgrader export`: fills in a platform's gradebook file
"""


def __getattr__(name: str) -> object:
    # Where the course's settings found it before there were rooms.
    if name == "ask_alembic_in_process":
        raise ImportError(
            "nbgrader_config.py is of an older version of the grader: take the imports at its top,"
            " and the names that begin with `grader.`, from the nbgrader_config.py that comes with"
            " this one. Gradebook, results and secret stay as they are."
        )
    raise AttributeError(name)
