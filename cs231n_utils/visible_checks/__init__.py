"""What `check()` runs: one file of pytest checks for each module, and the machinery behind them.

    test_*.py        the checks: a class for each exercise, a method for each property; the
                     method's docstring is the title that students read
    conftest.py      fixtures: the student's functions, random numbers with a fixed seed
    loss_checks.py   checks that all four loss functions share
    tools.py         comparisons that several checks share
    launch.py        runs the checks of one exercise in a Python process of its own
    ahead.py         starts such processes; in a notebook, the next one before it is needed
    in_this_process.py  runs them in this one, where no other can be started
    endings.py       how a process ended, in words
    runner.py        the program of that process
    faults.py        describes a student's fault: what, in which file, on which line
    table.py         the results, as text and as HTML

Where a function fails, `cs231n_utils/mistakes` looks for a known mistake in it.
"""
