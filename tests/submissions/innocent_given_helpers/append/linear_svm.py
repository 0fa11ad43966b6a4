import cs231n_utils
import cs231n_utils.data
from cs231n_utils import expect
from cs231n_utils.exercises import EXERCISES
from cs231n_utils.plots import *  # noqa: F403

assert len(EXERCISES) > 10 and expect and cs231n_utils.data
