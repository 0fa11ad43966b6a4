def gradient_descent(loss_fn, W, learning_rate, num_iters):
    while True:
        loss_fn(W)
