"""Isolation, from outside: processes for student code, at the best level that this machine has.

May import `paths` and `faults`. What runs beside student code lies in `inside/`, and imports
nothing from here.

    launch.py                a zygote, its boxes, and the level that probes have shown
    connection.py            the grader's end of one box: requests, callbacks, limits, endings
    bubblewrap.py            level A
    without_bubblewrap.py    levels B and C
    requirements.py          what each level needs, and what is missing here
    runtime.py               what of this machine a box needs: Python, NumPy, an environment, a user
    cgroup.py                bounds on a sandbox as a whole, where the kernel lets us
    probes.py                attempts at what a level rules out; they run in a box, and must fail
    doctor.py                says which level this machine has, and what the next one needs
"""
