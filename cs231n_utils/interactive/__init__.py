"""Pictures to move: sliders and buttons, for what the student's functions do. Complete.

    one_example.py  one example: a slider for each score; which classes pay, and how much
    plane.py        three classes of points in the plane: W by hand, and by training
    step_size.py    the step of a numerical gradient: secant and tangent, the error beside them
    valley.py       gradient descent in a narrow valley: learning rate, batch size, momentum

What they share:
    nine_points.py  the points of the plane, and what a loss says about them
    panel.py        controls and pictures on a page, and a still picture where nothing moves
    picture.py      one figure that is drawn again in a few milliseconds
    scores.py       what a loss function says about the scores of one example

Every number comes from the student's own function. Without ipywidgets, without a kernel (exported
HTML, Formgrader), and where a function is not written yet, a picture stands still, with a line
under it.
"""

from cs231n_utils.interactive.one_example import one_example
from cs231n_utils.interactive.plane import plane
from cs231n_utils.interactive.step_size import step_size
from cs231n_utils.interactive.valley import valley

__all__ = ["one_example", "plane", "step_size", "valley"]
