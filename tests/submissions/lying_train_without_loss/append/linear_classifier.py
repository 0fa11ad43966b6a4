LinearClassifier.train = lambda self, X, y, num_iters=100, **kwargs: [0.0] * num_iters
