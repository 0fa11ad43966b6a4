"""The rules of a course: from a score of the checks to one final grade.

Nothing in here touches a submission, a report or a database: a change of the rules is seen at the
next run, and nobody is graded again. May import `intake`.

    files.py       where the files of the rules lie, and what is in them
    settings.py    course.toml, as data, and checked
    extending.py   course.toml with one more extension, its comments and layout kept
    dates.py       who is late, by how much, and what it costs
    overrides.py   points that staff have set, and why
    final.py       the one final grade
"""
