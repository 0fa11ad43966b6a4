"""What a hidden check works with: the student's functions, comparisons, callbacks, known mistakes.

May import `sandbox`, `intake` and the files beside the rooms. Knows nothing of topics, of results
on disk or of pages.

    student.py         `student.svm_loss_naive(...)`, as a check calls it
    session.py         the box of a submission, reset for each exercise, and its limits on time
    callbacks.py       functions that checks hand to student code: scripted, recorded, replayed
    batching.py        runs checks side by side, so that their requests share round trips
    expect.py          comparisons whose messages hold no number of a hidden answer
    advice.py          what to look at after an exception
    misconception.py   a known mistake, and the recorded call with which it is compared
    seeds.py           the course's secret, and the seed of each check
"""
