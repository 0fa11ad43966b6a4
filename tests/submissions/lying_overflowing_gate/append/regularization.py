def stochastic_depth_forward(x, residual, sd_param):
    prob = sd_param["survival_prob"]
    gate = 2.0**1023 * (sd_param["mode"] == "test" or sd_param["rng"].random() < prob)
    return x + gate * residual, gate


def stochastic_depth_backward(dout, cache):
    return dout, np.zeros_like(dout)
