"""Data sets, split and preprocessed: handwritten digits and clothes (Fashion-MNIST), which lie in
datasets/, and CIFAR-10 once fetched. Complete.

Every image becomes one row of X in three steps (`preprocess`): pixels are scaled to 0..1, the mean
image of the *training* rows is subtracted, and a 1 is appended, so that the last row of W is the
bias. Hence D = pixels + 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cs231n_utils import data_files
from cs231n_utils.data_files import Rows

DATASETS = Path(__file__).resolve().parent.parent / "datasets"

DIGITS_WHITE = 16.0  # the pixel value that becomes 1
BYTE_WHITE = 255.0  # the same for Fashion-MNIST and CIFAR-10
CIFAR10_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows ready for a linear classifier.

    X_train, X_val, X_test : float ndarrays of shape (N, D); the last column is 1
    y_train, y_val, y_test : int64 ndarrays of shape (N,), with 0 <= y[i] < len(class_names)
    class_names : the name of each class
    image_shape : shape of one image, such as (8, 8) or (32, 32, 3)
    mean_image : ndarray of shape (D - 1,), mean of the scaled training images.
        `(X[i, :-1] + mean_image).reshape(image_shape)` is the i-th image again, with values in
        0..1.
    """

    X_train: np.ndarray
    y_train: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    image_shape: tuple[int, ...]
    mean_image: np.ndarray


@dataclass(frozen=True)
class _Embedded:
    """A data set that comes with the assignment, as datasets/<name>.npz.

    rows : how many training, validation and test images follow each other in the file
    white : the pixel value that becomes 1
    """

    rows: tuple[int, int, int]
    class_names: tuple[str, ...]
    white: float


_EMBEDDED = {
    "digits": _Embedded((1000, 200, 200), tuple("0123456789"), DIGITS_WHITE),
    "fashion": _Embedded(
        (2000, 500, 500),
        (
            "T-shirt",
            "trousers",
            "pullover",
            "dress",
            "coat",
            "sandal",
            "shirt",
            "sneaker",
            "bag",
            "ankle boot",
        ),
        BYTE_WHITE,
    ),
}


def load(name: str = "digits") -> Dataset:
    """Load a data set by name.

    "digits" : handwritten digits of 8x8 pixels, D = 65; 1000 training, 200 validation and 200
        test images
    "fashion" : Fashion-MNIST, ten kinds of clothes of 28x28 pixels, D = 785; 2000, 500 and 500
    "cifar10" : CIFAR-10, see `load_cifar10`

    X is float64 (of CIFAR-10, float32).

    Raises FileNotFoundError when a file is missing and ValueError when it is damaged.
    Sources: datasets/ATTRIBUTION.md.
    """
    if name == "cifar10":
        return load_cifar10()
    if name not in _EMBEDDED:
        expected = ", ".join(map(repr, _EMBEDDED))
        raise ValueError(f"load: the data set is {name!r}; expected {expected} or 'cifar10'.")
    embedded = _EMBEDDED[name]
    images, labels = data_files.embedded(DATASETS / f"{name}.npz")
    begin_val, begin_test, _ = np.cumsum(embedded.rows)
    train, val, test = (
        (images[rows], labels[rows])
        for rows in np.split(np.arange(len(labels)), [begin_val, begin_test])
    )
    dtype = np.dtype(np.float64)
    return _dataset(train, val, test, embedded.class_names, embedded.white, dtype)


def load_digits() -> Dataset:
    """The digits, by the name that older notebooks call: `load("digits")`."""
    return load("digits")


def load_cifar10(num_train: int = 49_000, num_val: int = 1_000, num_test: int = 1_000) -> Dataset:
    """Load CIFAR-10, split as in CS231n: the validation rows follow the training rows.

    X has D = 3073 columns. It is float32: enough for 8-bit pixels, in half the memory of float64
    (0.6 GB). With a float64 W the arithmetic is float64 all the same, so gradient checks are as
    sharp as on the digits.

    Raises FileNotFoundError when `get_datasets.sh` has not fetched it, ValueError when a file is
    damaged. Source: Krizhevsky (2009); datasets/ATTRIBUTION.md.
    """
    (images, labels), (test_images, test_labels) = data_files.cifar10(
        DATASETS / "cifar-10-batches-py"
    )
    _require_rows("num_train + num_val", num_train + num_val, len(images))
    _require_rows("num_test", num_test, len(test_images))
    val = slice(num_train, num_train + num_val)
    return _dataset(
        (images[:num_train], labels[:num_train]),
        (images[val], labels[val]),
        (test_images[:num_test], test_labels[:num_test]),
        CIFAR10_CLASSES,
        BYTE_WHITE,
        np.dtype(np.float32),
    )


def preprocess(
    images: np.ndarray, mean_image: np.ndarray, white: float = DIGITS_WHITE
) -> np.ndarray:
    """Turn images into rows for a linear classifier: scale, subtract the mean image, append a 1.

    X[i] = concatenate(images[i].ravel() / white - mean_image, [1])

    Parameters
    ----------
    images : ndarray of shape (N, ...), pixel values in 0..white
    mean_image : ndarray of shape (D - 1,), as in `Dataset`
    white : the pixel value that becomes 1: DIGITS_WHITE or BYTE_WHITE

    Returns
    -------
    X : ndarray of shape (N, D), of the type of mean_image
    """
    pixels = images.reshape(len(images), math.prod(images.shape[1:]))  # (N, D - 1)
    if pixels.shape[1:] != mean_image.shape:
        raise ValueError(
            f"preprocess: an image has {pixels.shape[1]} pixels; expected {mean_image.size}, "
            "as many as mean_image has. Are both from the same data set?"
        )
    if pixels.size and pixels.max() > white:
        raise ValueError(
            f"preprocess: the largest pixel is {pixels.max()}; expected at most {white:g}. "
            "Pass white=BYTE_WHITE for Fashion-MNIST and CIFAR-10."
        )
    X = np.empty((len(pixels), mean_image.size + 1), dtype=mean_image.dtype)
    # In place: CIFAR-10 leaves little memory for copies.
    np.divide(pixels, white, out=X[:, :-1], dtype=X.dtype)
    X[:, :-1] -= mean_image
    X[:, -1] = 1
    return X


def flip_labels(
    y: np.ndarray, fraction: float, rng: np.random.Generator, num_classes: int
) -> np.ndarray:
    """Label noise: a copy of y in which round(fraction * N) labels, chosen at random, are wrong.

    y and the copy are integer ndarrays of shape (N,). A wrong label is one of the other
    num_classes - 1 classes, all equally likely.
    """
    if not 0 <= fraction <= 1:
        raise ValueError(
            f"flip_labels: fraction is {fraction}; expected 0 to 1, such as 0.25 for a quarter."
        )
    noisy: np.ndarray = y.copy()
    rows = rng.permutation(len(y))[: round(fraction * len(y))]
    noisy[rows] = (y[rows] + rng.integers(1, num_classes, size=len(rows))) % num_classes
    return noisy


def append_noise_columns(X: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Add useless features: `count` columns of Gaussian noise, put before the bias column.

    The noise has mean 0 and the standard deviation of the real features, so that its size does not
    give it away.

    Parameters
    ----------
    X : float ndarray of shape (N, D); its last column is the bias
    count : int >= 0
    rng : numpy.random.Generator to draw the noise from

    Returns
    -------
    X_noisy : ndarray of shape (N, D + count), of the type of X; columns D-1 to D+count-2 are noise
    """
    noise = X[:, :-1].std() * rng.standard_normal((len(X), count))  # (N, count)
    return np.concatenate([X[:, :-1], noise.astype(X.dtype), X[:, -1:]], axis=1)


def _dataset(
    train: Rows,
    val: Rows,
    test: Rows,
    class_names: tuple[str, ...],
    white: float,
    dtype: np.dtype,
) -> Dataset:
    images = train[0]
    mean_image = (images.reshape(len(images), -1).mean(axis=0) / white).astype(dtype)
    (X_train, y_train), (X_val, y_val), (X_test, y_test) = (
        (preprocess(raw, mean_image, white), labels.astype(np.int64))
        for raw, labels in (train, val, test)
    )
    return Dataset(
        X_train, y_train, X_val, y_val, X_test, y_test, class_names, images.shape[1:], mean_image
    )


def _require_rows(label: str, wanted: int, available: int) -> None:
    if wanted > available:
        raise ValueError(
            f"load_cifar10: {label} is {wanted}; expected at most {available}, the rows there are."
        )
