"""All that runs beside student code, and nothing else: the files here lie side by side in the
sandbox, outside any package.

May import the standard library, NumPy and each other; `plain_values` and the files of `imports` of
`cs231n_utils` lie beside them. Nothing here is trusted once student code runs: it may change any of
it, and gains nothing.

    zygote.py          the parent of all boxes: a warm Python that forks one on request
    confine.py         what a box may do: limits, Landlock, system calls with a reason for each
    worker.py          answers requests about one student's files
    wire.py            plain values in, plain values out; the grader uses the same file for its side
    to_box.py          what the grader sends, which boxes alone read
    module_state.py    the student's files, and what must be the same when the next exercise begins
    warm_up.py         made-up requests, which the zygote answers before it forks
    stub_*.py          stand-ins for libraries of pictures and progress bars
"""
