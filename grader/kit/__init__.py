"""What leaves the house, and what looks at it before: the student kit, known mistakes as numbers, a
sample class, and an author's slips.

May import all rooms.

    release.py          the kit, as a folder, a zip, and nbgrader's release folder
    gradescope.py       an autograder for Gradescope, with the scripts in autograder/; for staff
    packing.py          what both are packed with
    readme.py           its README, for each system that students have
    container.py        its container, for Codespaces and VS Code
    lite.py             the kit as a static site that runs in a browser
    repair.py           a small zip that mends kits in students' hands
    repair_script.py    the program in that zip, which students run
    lint.py             an author's slips, each in one sentence; `release` and `grade` begin with it
    slips.py            those that the files of a course show
    reference_run.py    those that show when our own code runs
    course_files.py     what these files say about the exercises, read without executing any
    known_mistakes.py   what known mistakes do, as numbers and hints without code
    sample_class.py     a dozen submissions for `demo`
"""
