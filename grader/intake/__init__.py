"""From what was handed in to validated files in memory: allow-lists, caps, no links, nothing
executed.

May import nothing of the grader but `paths` and `text`. Which files grading reads is said in
`cs231n_utils.hand_in.rules`.

    safe_files.py   opens files and folders that students could write: follows no link, never waits
    archives.py     what is in a zip or a tar, within caps, without unpacking it to a disk
    hand_ins.py     a record for each entry of a download: who handed in what, and when
    submission.py   one submission, folder or archive: the files that grading uses, and notes
"""
