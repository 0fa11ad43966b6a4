"""The pictures of the notebooks: one message each, labelled axes, safe colours. Complete.

    base.py        what all of them share: one style, colours, common kinds of picture
    notebook_1.py  slopes, their cost, and how to read an error
    notebook_2.py  hinges, margins, random weights, and what vectorizing saves
    notebook_3.py  log-probabilities, their gradient, and overflow
    notebook_4.py  penalties, and two regularizers that add no term
    notebook_5.py  ways downhill, and what a trained classifier knows
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
from cs231n_utils.plots.notebook_3 import (
    hopeless_class,
    log_loss,
    moving_right_score,
    pull_of_losses,
    pushes,
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
    "accuracy_grid",
    "agreement",
    "average_of_passes",
    "batchnorm_graph",
    "confusions",
    "cost_of_a_gradient",
    "depths",
    "downhill",
    "error_ruler",
    "errors_of_both",
    "feature_weights",
    "full_batch",
    "gates",
    "gradient_price",
    "guesses",
    "heat_map",
    "hinge",
    "hopeless_class",
    "images",
    "landscape",
    "learning_rates",
    "lines",
    "log_loss",
    "loss_of_random_weights",
    "margins",
    "moving_right_score",
    "moving_score",
    "new_axes",
    "one_sided_errors",
    "penalty_shapes",
    "polynomials",
    "pull_of_losses",
    "pushes",
    "range_of_exp",
    "running_average",
    "same_price",
    "schedules",
    "secants",
    "show",
    "slopes_near_a_kink",
    "speedup",
    "spread_by_layer",
    "templates",
    "three_paths_or_one",
    "two_valleys",
    "valley_path",
    "valley_paths",
    "weight_paths",
    "who_finds_it",
]
