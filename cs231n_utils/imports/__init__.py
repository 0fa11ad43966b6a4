"""What an import in a student's file gives: the same in notebooks, in `check()` and in grading.

    libraries.py          the one list of what grading has and has not, and the time for an import
    hidden_modules.py     files that hide modules of Python, which lead to Python's all the same
    import_hook.py        where an import leads: to a library, to CS231n's names, or to a stand-in
    stand_ins.py          modules and names that are not there, and say so when a function uses them
    course_names.py       CS231n's own modules, and what stands for them here
    python_2_modules.py   `past`, `future` and `six`, as far as course files use them
    source_facts.py       what a file's own text tells: imports that may fail, undefined names

In the sandbox these files lie side by side, outside any package, as `plain_values` does. Complete.
"""
