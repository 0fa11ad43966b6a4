"""From what was handed in to validated files in memory: allow-lists, caps, no links, nothing
executed.

May import nothing of the grader but `paths`.

    safe_files.py   opens and reads a file or a folder that students could write: no link is followed, nothing is waited for
    archives.py     what is in a zip or a tar, within caps, without unpacking it to a disk
    submission.py   one submission, folder or archive: the files that grading uses, and notes about the others
"""
