"""What a hidden check works with: the student's functions, comparisons, functions that are handed
over, known mistakes.

May import `sandbox`, `intake` and the files beside the rooms. Knows nothing of topics, reports on
disk or pages.

    student.py         `student.svm_loss_naive(...)` as a check calls it
    session.py         a submission's box, renewed for each exercise, and the time that it may take
    callbacks.py       functions that checks hand to student code: scripted, recorded, played back
    batching.py        checks side by side, so that what they ask for at one time crosses together
    expect.py          comparisons whose messages hold no number of a hidden answer
    advice.py          what to look at after an exception
    misconception.py   a known mistake, and the call with which it is compared
    seeds.py           the course's secret, and the seed of each check
"""
