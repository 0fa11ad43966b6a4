_descent = gradient_descent


def gradient_descent(loss_fn, W, learning_rate, num_iters):
    W, history = _descent(loss_fn, W, learning_rate, num_iters)
    return [W, np.array(history)]
