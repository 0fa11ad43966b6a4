"""How `check()` recognizes a known mistake by its numbers, without holding any solution.

A trial calls your function on small inputs. Its outcome is compared with stored outcomes.

    results.py     trials of functions that return plain results
    callbacks.py   trials of functions that call other functions
    trials.py      the trial of each exercise, and when two outcomes are the same
    known.json     for each trial: the outcome of a right function, and the outcome and the hint of
                   each known wrong one
    naming.py      from the outcome of your function to the hint
"""
