class _Cache:
    __slots__ = ("parts", "undo")

    def __init__(self, parts):
        self.parts, self.undo = parts, lambda: None


_forward, _backward = batchnorm_forward, batchnorm_backward
_deep, _deep_back = stochastic_depth_forward, stochastic_depth_backward


def batchnorm_forward(x, gamma, beta, bn_param):
    out, cache = _forward(x, gamma, beta, bn_param)
    return out, _Cache(cache)


def batchnorm_backward(dout, cache):
    return _backward(dout, cache.parts)


def stochastic_depth_forward(x, residual, sd_param):
    out, cache = _deep(x, residual, sd_param)
    return out, {"anything": {1: _Cache(cache)}}


def stochastic_depth_backward(dout, cache):
    return _deep_back(dout, cache["anything"][1].parts)
