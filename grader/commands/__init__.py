"""Commands that have a file of their own. What takes long to import is imported when one runs.

releasing.py    `release`: the kit, its repair, a site, an autograder for Gradescope
rules.py        the options of all commands that make final grades; `extend` and `override`
marking.py      `prepare` and `marks`: what people who mark written answers need
giving_back.py  `export` and `feedback`: grades and pages back to platforms and students
alike.py        `alike`: which submissions are more alike than the exercise explains
"""
