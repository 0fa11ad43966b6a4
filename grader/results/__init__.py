"""The files that grading writes: reports, pages and tables; and whether they are still valid.

May import `pages`, `course` and `intake`.

    store.py          reads and writes the folder of results, and draws its pages again
    cache.py          digests of all that decides a result, and of all that draws a page
    people.py         names, addresses and marks of lateness, from hand_ins.csv
    spreadsheets.py   tables as spreadsheets save them
    changes.py        whose points a run has changed
"""
