from cs231n_utils.mine import square as l2_penalty  # noqa: F401
