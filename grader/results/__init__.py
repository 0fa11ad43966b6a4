"""The files that grading leaves: reports, pages, tables, and by which key a result is still good.

May import `pages` and `intake`.

    store.py   reads and writes the folder of results
    cache.py   the digest of all that decides a score
"""
