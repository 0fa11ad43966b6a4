def eval_numerical_gradient(f, x, verbose=False, h=1e-5):
    while True:
        f(np.zeros(7_800_000))
