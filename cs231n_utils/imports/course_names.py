"""CS231n's own modules, and what stands for them here: the student's module of that name, or our
equal, or a sentence about what to take instead.
"""

from __future__ import annotations

# Where this assignment has CS231n's names, in the order in which they are looked for.
HERE = {
    "svm_loss_naive": ("linear_svm",),
    "svm_loss_vectorized": ("linear_svm",),
    "softmax_loss_naive": ("softmax",),
    "softmax_loss_vectorized": ("softmax",),
    "eval_numerical_gradient": ("gradient_check",),
    "grad_check_sparse": ("gradient_check",),
    "rel_error": ("gradient_check",),
    "batchnorm_forward": ("regularization",),
    "batchnorm_backward": ("regularization",),
    "LinearClassifier": ("linear_classifier",),
    "LinearSVM": ("linear_classifier", "models"),
    "Softmax": ("linear_classifier", "models"),
}

# Modules of CS231n's assignments 1 to 3, by the last part of their names.
_MODULES = """
    captioning_solver captioning_solver_transformer classifier_trainer classifiers cnn coco_utils
    data_utils fast_layers fc_net features gan_pytorch gan_tf gradient_check im2col im2col_cython
    image_utils k_nearest_neighbor layer_tests layer_utils layers layers_sol linear_classifier
    linear_softmax linear_svm net_visualization_pytorch neural_net notebook_images optim
    rnn rnn_layers setup simclr softmax solver squeezenet style_transfer_pytorch transformer
    transformer_layers vis_utils
    """
MODULES = frozenset(_MODULES.split())

_GRADIENTS = (
    "eval_numerical_gradient(lambda x: np.sum(f(x) * df), x) of cs231n_utils.gradient_check gives"
    " the same"
)
_PICTURES = "plots.images(...) of cs231n_utils shows them"
_CIFAR = 'data.load("cifar10") of cs231n_utils loads it'
_INSTEAD = {
    "load_CIFAR10": _CIFAR,
    "load_CIFAR_batch": _CIFAR,
    "get_CIFAR10_data": _CIFAR,
    "data_utils": _CIFAR,
    "visualize_grid": _PICTURES,
    "vis_grid": _PICTURES,
    "vis_nn": _PICTURES,
    "vis_utils": _PICTURES,
    "eval_numerical_gradient_array": _GRADIENTS,
    "eval_numerical_gradient_blobs": _GRADIENTS,
    "eval_numerical_gradient_net": _GRADIENTS,
}
_WHAT_THERE_IS = (
    "in cs231n_utils there are gradient_check, linear_svm, softmax, regularization, optimization,"
    " linear_classifier, models, data and plots"
)


def sentence(name: str) -> str:
    """What to take instead of a name such as `cs231n.data_utils.load_CIFAR10`."""
    parts = reversed(name.split("."))
    instead = next((_INSTEAD[part] for part in parts if part in _INSTEAD), _WHAT_THERE_IS)
    return f"{name} is CS231n's and not part of this assignment: {instead}"
