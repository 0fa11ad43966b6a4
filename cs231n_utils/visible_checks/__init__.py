"""What `check()` runs: one file of pytest checks for each module, and the machinery behind them.

    test_*.py        the checks; one class an exercise, one property a method, its docstring the title a student reads
    conftest.py      what a check is given: the student's functions, random numbers with a fixed seed
    loss_checks.py   what all four loss functions have in common
    tools.py         measuring instruments of the checks
    launch.py        runs the checks of one exercise in a fresh Python and gathers what happened
    runner.py        the program of that fresh Python
    faults.py        a student's fault in one message: what, where, which line
    table.py         what happened, as text and as HTML

What a failing function is known for is named by `cs231n_utils/mistakes`.
"""
