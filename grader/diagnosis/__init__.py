"""From wrong numbers to a hint: the known mistake behind them, or else a description of them.

May import `topics` and `checks`. Student code runs again only through the `Student` that the failed
check has used.

    hints.py              names a known mistake, or two at once
    replay.py             makes a student's call again with other implementations
    combined_mistakes.py  finds two mistakes whose effects add up
    second_problem.py     a problem of another size, on which what is said must hold as well
    describe/             describes the numbers where no known mistake fits
"""
