"""The files that grading writes: reports, pages and tables; whether they are still valid; and which
submissions are alike.

May import `pages`, `course` and `intake`.

    store.py          reads and writes the folder of results, and draws its pages again
    cache.py          digests of all that decides a result, and of all that draws a page
    class_table.py    what a run knows of each student, in a temporary file
    summaries.py      what the tables show of a report, as one text
    ledger.py         what has not changed since the last run, by the status of files
    people.py         names, addresses and marks of lateness from hand_ins.csv; who was meant
    spreadsheets.py   tables as spreadsheets save them
    gradescope.py     a report as Gradescope's results.json
    changes.py        whose points a run has changed
    alike.py          pairs of submissions that are more alike than the exercise explains
    functions.py      a submission's functions as tokens, without names and layout, for alike.py
    exports/          grades back to the platforms, a file each
"""
