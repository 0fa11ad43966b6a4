from lib.penalties import square as l2_penalty
from mine import absolute as l1_penalty  # noqa: F401
