"""The pictures of the notebooks: one message each, labelled axes, safe colours. Complete.

    base.py        what all of them share: one style, colours, common kinds of picture
    notebook_1.py  slopes, their cost, and how to read an error
    notebook_2.py  hinges, margins, and what vectorizing saves
    notebook_4.py  penalties, and what they do to weights
    showing.py     `show`: a figure in its cell, its alternative text, a sentence under it

Every function returns its Figure; nothing appears until `show(fig, "what to see")` puts it into the
cell, once, with the sentence under it. The functions draw what the notebook computed, and do not
judge it.
"""

from cs231n_utils.plots.base import (
    BLUE,
    GREEN,
    GREY,
    MARKERS,
    ORANGE,
    PURPLE,
    SKY,
    STYLE,
    VERMILLION,
    heat_map,
    images,
    landscape,
    lines,
    new_axes,
)
from cs231n_utils.plots.notebook_1 import (
    cost_of_a_gradient,
    downhill,
    error_ruler,
    errors_of_both,
    one_sided_errors,
    secants,
    slopes_near_a_kink,
    two_valleys,
    who_finds_it,
)
from cs231n_utils.plots.notebook_2 import (
    hinge,
    loss_of_random_weights,
    margins,
    moving_score,
    speedup,
)
from cs231n_utils.plots.notebook_4 import feature_weights, penalty_shapes
from cs231n_utils.plots.showing import show

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "MARKERS",
    "ORANGE",
    "PURPLE",
    "SKY",
    "STYLE",
    "VERMILLION",
    "cost_of_a_gradient",
    "downhill",
    "error_ruler",
    "errors_of_both",
    "feature_weights",
    "heat_map",
    "hinge",
    "images",
    "landscape",
    "lines",
    "loss_of_random_weights",
    "margins",
    "moving_score",
    "new_axes",
    "one_sided_errors",
    "penalty_shapes",
    "secants",
    "show",
    "slopes_near_a_kink",
    "speedup",
    "two_valleys",
    "who_finds_it",
]
