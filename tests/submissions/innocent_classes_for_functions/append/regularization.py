import functools


class _Penalty:
    def __init__(self, beta):
        self.beta = beta

    def __call__(self, W, *rest):
        return np.sum(self.beta * W * W), 2 * self.beta * W


l2_penalty = _Penalty(1.0)
l1_penalty = lambda W: (float(np.abs(W).sum()), np.sign(W))  # noqa: E731
stochastic_depth_backward = functools.partial(stochastic_depth_backward)
