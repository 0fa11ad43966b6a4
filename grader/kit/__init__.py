"""What leaves the house: the student kit, known mistakes as numbers, and a sample class.

May import all rooms but `grading`.

    release.py          the kit, as a folder, a zip, and nbgrader's release folder
    known_mistakes.py   what known mistakes do, as numbers and hints without code
    sample_class.py     a dozen submissions for `demo`
"""
