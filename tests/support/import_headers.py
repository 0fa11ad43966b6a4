"""How course files begin: lines above right functions that must cost nothing, in `check` and in
grading; and uses of what is not there, with what is said of them.
"""

from __future__ import annotations

# Name -> the first lines of a file; the function behind them is right.
HEADERS = {
    "future package": """
        from __future__ import print_function
        from builtins import range, object
        from past.builtins import xrange
        from future.utils import iteritems
        assert list(iteritems({1: 2})) == [(1, 2)] and len(xrange(3)) == 3
        """,
    "standard library of the future": """
        from __future__ import absolute_import, division
        from future import standard_library
        standard_library.install_aliases()
        from future.builtins import *
        from past.utils import old_div
        assert old_div(7, 2) == 3
        """,
    "six": """
        import six
        from six.moves import xrange, zip, range, cPickle as pickle, urllib
        import six.moves.urllib.request
        assert list(six.itervalues({1: 2})) == [2] and isinstance("a", six.string_types)
        """,
    "past with a star": "from past.builtins import *\nassert isinstance('a', basestring)",
    "modules of Python 2": """
        import cPickle as pickle
        from itertools import izip, imap
        from StringIO import StringIO
        import Queue, ConfigParser
        """,
    "the course's package": """
        import random
        import numpy as np
        from cs231n.data_utils import load_CIFAR10, get_CIFAR10_data
        from cs231n.vis_utils import visualize_grid
        from cs231n.gradient_check import eval_numerical_gradient_array, grad_check_sparse
        from cs231n.classifiers import KNearestNeighbor, LinearSVM, Softmax
        import cs231n.classifiers.softmax as softmax_module
        """,
    "the course's package with stars": """
        from cs231n.classifiers.linear_svm import *
        from cs231n.classifiers.softmax import *
        from cs231n.classifiers.linear_softmax import *
        from cs231n.layers import *
        from cs231n.fast_layers import *
        from cs231n.layer_utils import *
        """,
    "relative": """
        from ..classifiers.linear_svm import *
        from ..classifiers.softmax import softmax_loss_vectorized
        from ..layers import affine_forward
        from .. import optim
        """,
    "beside itself": """
        from .linear_svm import *
        from .softmax import softmax_loss_naive as naive
        from . import linear_svm, k_nearest_neighbor
        from .neural_net import TwoLayerNet
        """,
    "without a package": """
        import linear_svm
        from softmax import *
        from classifiers.linear_svm import svm_loss_naive
        import classifiers
        """,
    "the kit's own": "from cs231n_utils import data\nfrom cs231n_utils.softmax import *",
    "scipy": """
        import scipy as sc
        import scipy.io as sio
        from scipy.special import logsumexp, softmax
        from scipy.misc import imread, imresize
        from scipy.spatial.distance import *
        """,
    "pandas and seaborn": """
        import pandas as pd
        import seaborn as sns
        sns.set(style="whitegrid")
        pd.set_option("display.max_rows", 10)
        frame = pd.DataFrame({"a": [1]})
        rows, columns = frame.shape
        for row in frame.iterrows():
            print(row)
        """,
    "torch": """
        import torch
        import torch.nn as nn
        import torch.nn.functional as F
        from torch.utils.data import Dataset, DataLoader
        from typing import Optional
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(0)
        torch.backends.cudnn.deterministic = True
        print(torch.__version__)

        class Net(nn.Module):
            def __init__(self, width: int = 3):
                super().__init__()
                self.layer = nn.Linear(width, width)

        class Rows(Dataset):
            def __len__(self):
                return 0

        def to_numpy(x: Optional[torch.Tensor], dtype=torch.float32) -> "torch.Tensor":
            return x.detach().numpy()
        """,
    "tensorflow and keras": """
        import tensorflow as tf
        from tensorflow.keras import layers
        from keras.datasets import cifar10
        (x_train, y_train), (x_test, y_test) = cifar10.load_data()
        x_train = x_train.astype("float32") / 255.0
        model = tf.keras.Sequential([layers.Dense(10)])

        @tf.function
        def step(x):
            return x + 1
        """,
    "numba": """
        import numba
        from numba import jit, njit, prange

        @njit(cache=True)
        def double(x):
            return 2 * x

        @numba.jit
        def once_more(x):
            return double(x)

        assert once_more(2) == 4
        """,
    "a fallback": """
        try:
            import cupy as xp
        except ImportError:
            import numpy as xp
        try:
            from scipy.special import xlogy
        except:
            xlogy = None
        try:
            import jax
            HAVE_JAX = True
        except (ImportError, RuntimeError):
            HAVE_JAX = False
        assert xp.ones(2).sum() == 2 and xlogy is None and HAVE_JAX is False
        """,
    "a fallback for a name": """
        try:
            from itertools import izip as zip
        except ImportError:
            pass
        try:
            xrange
        except NameError:
            xrange = range
        assert list(zip([1], xrange(1))) == [(1, 0)]
        """,
    "suppressed": """
        import contextlib
        numexpr = None
        with contextlib.suppress(ImportError):
            import numexpr
        assert numexpr is None
        """,
    "a fallback that gives up": """
        import sys
        try:
            import cv2
        except ImportError:
            print("Please install OpenCV.")
            sys.exit(1)
        """,
    "looked for": """
        import importlib
        import importlib.util
        assert importlib.util.find_spec("scipy") is None
        assert importlib.util.find_spec("numpy") is not None
        try:
            scipy = importlib.import_module("scipy")
        except ImportError:
            scipy = None
        assert scipy is None
        """,
    "pictures": """
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        from tqdm import tqdm
        plt.rcParams["figure.figsize"] = (10.0, 8.0)
        plt.rcParams["image.interpolation"] = "nearest"
        """,
    "a notebook on another machine": """
        import os, sys
        from google.colab import drive
        drive.mount("/content/drive")
        sys.path.append("/content/drive/My Drive/cs231n")
        """,
    "nobody's library": """
        import our_lab_tools
        from our_lab_tools.plots import *
        from .helpers_that_were_not_handed_in import shuffle_rows
        our_lab_tools.setup(verbose=False)
        """,
    "names of another NumPy": """
        from numpy import product, in1d
        from numpy.core.umath_tests import inner1d
        from collections import Iterable
        """,
    "types only": """
        from typing import TYPE_CHECKING, List
        from sklearn.base import BaseEstimator
        from jaxtyping import Float
        if TYPE_CHECKING:
            import torch

        def shapes(x: Float[object, "n d"], many: List[BaseEstimator]) -> "torch.Tensor":
            return many
        """,
}

# Name -> (first lines, the expression that a function uses, what must be said).
USES = {
    "a name of scipy": (
        "from scipy.special import logsumexp",
        "logsumexp(x)",
        "scipy.special.logsumexp: grading does not have scipy. It has Python's own modules and"
        " NumPy",
    ),
    "scipy with a star": (
        "from scipy.special import *",
        "logsumexp(x)",
        "logsumexp is not defined; it may be a name of scipy.special, which is imported with *.",
    ),
    "torch in the middle": (
        "import torch\nscale = torch.tensor(1.0)",
        "x * scale",
        "torch.tensor: grading does not have torch.",
    ),
    "a class of torch": (
        "from torch import nn\nclass Net(nn.Module):\n    pass",
        "Net()(x)",
        "torch.nn.Module: grading does not have torch.",
    ),
    "CIFAR-10": (
        "from cs231n.data_utils import load_CIFAR10",
        "load_CIFAR10('cifar-10-batches-py')",
        'data.load("cifar10") of cs231n_utils loads it',
    ),
    "a grid of pictures": (
        "import cs231n.vis_utils as v",
        "v.visualize_grid(x)",
        "plots.images(...) of cs231n_utils shows them",
    ),
    "another layer": (
        "from cs231n.layers import affine_forward",
        "affine_forward(x, x, x)",
        "cs231n.layers.affine_forward is CS231n's and not part of this assignment",
    ),
    "a gradient of arrays": (
        "from cs231n.gradient_check import eval_numerical_gradient_array",
        "eval_numerical_gradient_array(abs, x, x)",
        "eval_numerical_gradient(lambda x: np.sum(f(x) * df), x) of cs231n_utils.gradient_check",
    ),
    "nobody's library": (
        "import our_lab_tools",
        "our_lab_tools.error(x)",
        "No module named 'our_lab_tools'",
    ),
    "a name of NumPy 1": (
        "import numpy as np",
        "np.product(x)",
        "NumPy has dropped that name: write np.prod.",
    ),
    "an imported name of NumPy 1": (
        "from numpy import product",
        "product(x)",
        "NumPy has dropped that name: write np.prod.",
    ),
    "a name of Python 2": ("", "[0 for _ in xrange(3)]", "That is Python 2: write range."),
    "a method of Python 2": ("", "list({}.iteritems())", "That is Python 2: write items."),
    "a slip in a module's name": (
        "import linear_smv",
        "1.0",
        "No module named 'linear_smv'. Did you mean: 'linear_svm'?",
    ),
    "a slip beside the file": (
        "from .softmx import *",
        "1.0",
        "No module named 'cs231n_utils.softmx'. Did you mean: 'softmax'?",
    ),
    "print of Python 2": ("print 'hello'", "1.0", "That is Python 2: write print(...)."),
    "an exception of Python 2": (
        "try:\n    pass\nexcept ValueError, error:\n    pass",
        "1.0",
        "That is Python 2: write except SomeError as error:.",
    ),
}
