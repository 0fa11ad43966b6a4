"""The pictures of the notebooks: one message each, labelled axes, safe colours. Complete.

    base.py        what all of them share: one style, colours, common kinds of picture
    notebook_1.py  slopes, and how to read an error
    notebook_2.py  margins, and the time that vectorizing saves
    notebook_4.py  penalties, and what they do to weights
    notebook_5.py  ways downhill, and what a trained classifier knows
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
from cs231n_utils.plots.notebook_1 import error_ruler, secants
from cs231n_utils.plots.notebook_2 import margins, speedup
from cs231n_utils.plots.notebook_4 import feature_weights, penalty_shapes
from cs231n_utils.plots.notebook_5 import (
    accuracy_grid,
    agreement,
    confusions,
    full_batch,
    gradient_price,
    guesses,
    learning_rates,
    same_price,
    schedules,
    templates,
    valley_path,
    valley_paths,
)
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
    "accuracy_grid",
    "agreement",
    "confusions",
    "error_ruler",
    "feature_weights",
    "full_batch",
    "gradient_price",
    "guesses",
    "heat_map",
    "images",
    "landscape",
    "learning_rates",
    "lines",
    "margins",
    "new_axes",
    "penalty_shapes",
    "same_price",
    "schedules",
    "secants",
    "show",
    "speedup",
    "templates",
    "valley_path",
    "valley_paths",
]
