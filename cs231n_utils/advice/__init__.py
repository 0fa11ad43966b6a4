"""What to say about exceptions and about students' files: the same in `check()` and in grading.

    calls.py          advice on an exception in a call of a student's function
    rows.py           a sentence for each exception that beginners raise often
    shapes.py         what the shapes of this call say of an exception about shapes
    sizes.py          the sizes of a call, and their names: N examples, D features, C classes
    exceptions.py     advice on an exception that comes from what stands in a file, or from its name
    left_in_files.py  what does not belong into a file: notebook commands, merge marks, breakpoints
    old_names.py      names of Python 2 and of other versions of NumPy, with today's
    newer_python.py   syntax and names that only a newer Python has
    encodings.py      files that are not UTF-8
    misnamed.py       files that have nearly the name that they should have
    model_files.py    what best_model.npz is, where it is no .npz file
    every_version.py  what works here and not with the other versions of Python and NumPy

Text of students is only compared with patterns, and nothing of it enters the advice. Complete.
"""
