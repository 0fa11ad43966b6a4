"""The pictures of the notebooks: one message each, labelled axes, safe colours. Complete.

    base.py        what all of them share: one style, colours, common kinds of picture
    notebook_1.py  slopes, and how to read an error
    notebook_2.py  margins, and the time that vectorizing saves
    notebook_3.py  log-probabilities, their gradient, and overflow
    notebook_4.py  penalties, and two regularizers that add no term
    graph.py       batch normalization as a computational graph, with its local derivatives
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
from cs231n_utils.plots.graph import BATCHNORM_IN_WORDS, batchnorm_graph
from cs231n_utils.plots.notebook_1 import error_ruler, secants
from cs231n_utils.plots.notebook_2 import margins, speedup
from cs231n_utils.plots.notebook_3 import (
    hopeless_class,
    log_loss,
    moving_score,
    pull_of_losses,
    pushes,
    random_weights,
    range_of_exp,
)
from cs231n_utils.plots.notebook_4 import (
    accuracy_by_strength,
    average_of_passes,
    depths,
    feature_weights,
    gates,
    penalty_shapes,
    polynomials,
    running_average,
    spread_by_layer,
    three_paths_or_one,
    weight_paths,
)
from cs231n_utils.plots.showing import show

__all__ = [
    "BATCHNORM_IN_WORDS",
    "BLUE",
    "GREEN",
    "GREY",
    "MARKERS",
    "ORANGE",
    "PURPLE",
    "SKY",
    "STYLE",
    "VERMILLION",
    "accuracy_by_strength",
    "average_of_passes",
    "batchnorm_graph",
    "depths",
    "error_ruler",
    "feature_weights",
    "gates",
    "heat_map",
    "hopeless_class",
    "images",
    "landscape",
    "lines",
    "log_loss",
    "margins",
    "moving_score",
    "new_axes",
    "penalty_shapes",
    "polynomials",
    "pull_of_losses",
    "pushes",
    "random_weights",
    "range_of_exp",
    "running_average",
    "secants",
    "show",
    "speedup",
    "spread_by_layer",
    "three_paths_or_one",
    "weight_paths",
]
