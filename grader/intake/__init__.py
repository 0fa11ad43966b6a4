"""From what was handed in to validated files in memory: allow-lists, caps, no links, nothing
executed.

May import nothing of the grader but `paths` and `text`.

    safe_files.py   reads what students could write: follows no link, waits for nothing
    archives.py     what is in a zip or a tar, within caps, without unpacking it to a disk
    submission.py   one submission: the files that grading uses, and notes about the others
"""
