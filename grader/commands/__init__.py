"""Commands that have a file of their own. What a command works with is imported when it runs.

releasing.py    `release`: the kit, its repair, a site, an autograder for Gradescope
options_of_rules.py  the options of all commands that make final grades; `extend`, `override`
rules.py        what these options and these two commands ask for
marking.py      `prepare` and `marks`: what people who mark written answers need
giving_back.py  `export` and `feedback`: grades and pages back to platforms and students
alike.py        `alike`: which submissions are more alike than the exercise explains
"""
