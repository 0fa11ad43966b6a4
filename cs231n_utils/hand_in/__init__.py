"""python -m cs231n_utils.hand_in looks at the kit, and packs what grading reads. Complete.

__main__.py  the command, and what it says
rules.py     which files grading reads, by name and size: the one place, for grading, too
given.py     the list of the files and cells that came with the assignment
packing.py   the files that travel, and why the others stay
answers.py   the notebooks: what travels of them, and which questions have an answer
trying.py    what is in a hand-in, tried in an empty folder: is it written, can it be imported?
"""
