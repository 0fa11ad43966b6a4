"""From numbers to a sentence: which known mistake a wrong result shows, or what it shows for
certain.

May import `topics` and `checks`. Student code is asked again only through the student that a check
has left.

    hints.py              names a known mistake, or two at once
    replay.py             a student's call, made again with other implementations
    combined_mistakes.py  the effects of two mistakes that add up
    describe/             what the numbers show where no known mistake fits
"""
