_forward, _backward = batchnorm_forward, batchnorm_backward


def batchnorm_forward(x, gamma, beta, bn_param):
    return list(_forward(x, gamma, beta, bn_param))


def batchnorm_backward(dout, cache):
    return list(_backward(dout, cache))
