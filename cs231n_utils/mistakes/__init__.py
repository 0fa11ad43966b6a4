"""Known mistakes by their numbers: how `check()` can name yours although it holds neither a wrong
nor a right solution.

    results.py     trials of functions that return plain results: small inputs, and what came back
    callbacks.py   trials of functions that call others: what they asked for, and what came back
    trials.py      the trial of each exercise, and when two outcomes are the same
    known.json     for each trial: the outcome of a right function, those of known wrong ones, and the hint of each
    naming.py      from the outcome of your function to the hint
"""
