"""From what was handed in to validated files in memory: allow-lists, caps, no links, nothing
executed.

May import nothing of the grader but `paths` and `text`.

    safe_files.py   opens files and folders that students could write: follows no link, never waits
    archives.py     what is in a zip or a tar, within caps, without unpacking it to a disk
    hand_ins.py     who handed in what, and when: a record for each entry
    notebooks.py    the notebooks of a submission, for people to read
    submission.py   one submission, folder or archive: the files that grading uses, and notes
"""
