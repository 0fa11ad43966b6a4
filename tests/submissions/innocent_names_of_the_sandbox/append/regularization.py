from cubic import one
from fresh import square
from wire import two
from worker import absolute as l1_penalty  # noqa: F401


def l2_penalty(W):
    return one * square(W), two * W
