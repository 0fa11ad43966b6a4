"""From what was handed in to validated files in memory: allow-lists, caps, no links, nothing
executed.

The way of a download: `download` finds the folder that holds the students, the file of its platform
lists them as `entries`, and `reading` makes a `submission` of each when its turn comes.

May import nothing of the grader but the files beside the rooms. Which files grading reads is said
in `cs231n_utils.hand_in.rules`.

    hand_ins.py     the record of an entry, and its table
    records.py      the records of a download, in a temporary file
    sheet.py        a table of another program, whose cells can be replaced one by one
    roster.py       who is in the course
    safe_files.py   opens files and folders that students could write: follows no link, never waits
    archives.py     what is in a zip or a tar, within caps, without unpacking it to a disk
    trees.py        a download as a tree, on a disk or in a zip
    times.py        times as platforms write them
    kits.py         where a student's kit is among the names of files
    submission.py   the files of a kit that grading uses, and notes for the student
    finding.py      where the kit is in one student's part of a download
    reading.py      the files of that kit: those that grading uses, or all
    file_status.py  whether a student's files are those of an earlier run, without opening them
    entries.py      what a platform's file is given, and what it finds
    platforms/      the layouts of downloads, one a file, and the table of them
    layouts.py      which folder of a download holds the students, and whose layout it has
    students.py     the students of a download: each reads its work, and its records are kept
    download.py     a whole download: opens it, and finds its students
    collecting.py   writes a download in the layout of nbgrader's submitted/
"""
