"""The files that grading leaves: reports, pages, tables, and what says whether they are still good.

May import `pages` and `intake`.

    store.py   reads and writes the folder of results, and draws its pages again
    cache.py   digests of all that decides a result, and of all that draws a page
"""
