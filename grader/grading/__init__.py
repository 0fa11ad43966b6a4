"""From submissions to reports: checks are discovered, run and judged, in processes side by side or
on a cluster.

May import all rooms but `kit`.

    discover.py         collects the hidden checks, once a process
    one_submission.py   runs them on a submission, judges, and makes its report
    pool.py             batches of submissions in processes of this machine, in two passes
    handling.py         reads a submission before, and stages its files after it, in those processes
    cluster.py          the same on the workers of Dask
    validation.py       reports of other machines are looked at before they count
    on_gradescope.py    one submission in Gradescope's container
    class_run.py        one run over a class: what is kept, what is graded, what is written when
    writer.py           writes the gradebook, and the tables of a class
    one_class.py        a class into a folder of results
"""
