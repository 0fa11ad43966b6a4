"""The data sets: what is in the files, how rows are made of images, and what a broken file says."""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import subprocess
import sys

import numpy as np
import pytest
import sklearn.datasets

from cs231n_utils import data
from grader.paths import COURSE
from tests.support import cifar_archive

ROOT = COURSE
DIGITS = ROOT / "datasets" / "digits.npz"
FASHION = ROOT / "datasets" / "fashion.npz"
HOLDOUT = ROOT / "grader" / "topics" / "linear_classifier" / "holdout.npz"


def stored(path):
    with np.load(path, allow_pickle=False) as arrays:
        return arrays["images"], arrays["labels"]


@pytest.fixture(scope="module")
def digits():
    return data.load("digits")


@pytest.fixture(scope="module")
def fashion():
    return data.load("fashion")


@pytest.fixture
def datasets(tmp_path, monkeypatch):
    """A copy of datasets/ that a test may break."""
    for name in ("digits.npz", "digits.npz.sha256", "fashion.npz", "fashion.npz.sha256"):
        shutil.copy(ROOT / "datasets" / name, tmp_path)
    monkeypatch.setattr(data, "DATASETS", tmp_path)
    return tmp_path


def put_cifar10(folder, **changed):
    """Batches with their SHA256SUMS, as get_datasets.sh leaves them; `changed` replaces the bytes
    of some.
    """
    folder = folder / cifar_archive.FOLDER
    folder.mkdir()
    lines = []
    for name, content in cifar_archive.batches().items():
        raw = changed.get(name, cifar_archive.python2_pickle(content))
        (folder / name).write_bytes(raw)
        lines.append(f"{hashlib.sha256(raw).hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(lines))
    return folder


# What the files hold


@pytest.mark.parametrize(
    "path, rows", [(DIGITS, 1400), (HOLDOUT, 397)], ids=["students", "holdout"]
)
def test_stored_digits_have_the_documented_shapes_and_values(path, rows):
    images, labels = stored(path)
    assert images.shape == (rows, 8, 8)
    assert labels.shape == (rows,)
    assert images.dtype == labels.dtype == np.uint8
    assert images.min() == 0
    assert images.max() == 16
    assert np.bincount(labels).min() > rows / 15  # every digit is well represented
    assert len(np.bincount(labels)) == 10


def test_no_image_is_in_both_files_nor_twice_in_one():
    images = np.concatenate([stored(DIGITS)[0], stored(HOLDOUT)[0]])
    assert len({image.tobytes() for image in images}) == 1797


def test_both_files_together_are_the_digits_of_scikit_learn():
    original = sklearn.datasets.load_digits()
    images, labels = (
        np.concatenate(pair) for pair in zip(stored(DIGITS), stored(HOLDOUT), strict=True)
    )

    def bag(images, labels):
        pairs = zip(images.astype(np.uint8), labels.tolist(), strict=True)
        return sorted((image.tobytes(), label) for image, label in pairs)

    assert bag(images, labels) == bag(original.images, original.target)


def test_the_files_are_made_as_the_attribution_says():
    original = sklearn.datasets.load_digits()
    order = np.random.RandomState(231).permutation(1797)
    for path, rows in [(DIGITS, order[:1400]), (HOLDOUT, order[1400:])]:
        images, labels = stored(path)
        np.testing.assert_array_equal(images, original.images[rows])
        np.testing.assert_array_equal(labels, original.target[rows])


def test_the_attribution_names_source_and_licence():
    text = (data.DATASETS / "ATTRIBUTION.md").read_text(encoding="utf-8")
    digits, fashion, _ = text.split("\n## `")[1:]
    for needed in ("Alpaydin", "Kaynak", "10.24432/C50P49", "CC BY 4.0", "Changes made"):
        assert needed in digits
    for needed in ("Xiao", "Rasul", "Vollgraf", "1708.07747", "© 2017 Zalando SE", "Changes made"):
        assert needed in fashion


@pytest.mark.parametrize("path", [DIGITS, FASHION], ids=["digits", "fashion"])
def test_the_checksum_file_is_what_sha256sum_reads(path):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert path.with_name(f"{path.name}.sha256").read_text() == f"{digest}  {path.name}\n"


def test_stored_clothes_have_the_documented_shapes_and_values():
    images, labels = stored(FASHION)
    assert images.shape == (3000, 28, 28)
    assert images.dtype == labels.dtype == np.uint8
    assert images.min() == 0
    assert images.max() == 255
    for rows, each in ((slice(0, 2000), 200), (slice(2000, 2500), 50), (slice(2500, 3000), 50)):
        assert np.bincount(labels[rows]).tolist() == [each] * 10
    assert len({image.tobytes() for image in images}) == 3000, "an image occurs twice"
    assert FASHION.stat().st_size < 2.5e6


# How rows are made of images


def test_digits_are_split_in_the_order_of_the_file(digits):
    images, labels = stored(DIGITS)
    X, y = (
        np.concatenate(parts)
        for parts in (
            (digits.X_train, digits.X_val, digits.X_test),
            (digits.y_train, digits.y_val, digits.y_test),
        )
    )
    assert (len(digits.X_train), len(digits.X_val), len(digits.X_test)) == (1000, 200, 200)
    np.testing.assert_array_equal(y, labels)
    np.testing.assert_allclose(
        (X[:, :-1] + digits.mean_image).reshape(-1, 8, 8) * 16, images, atol=1e-12
    )


def test_clothes_are_split_in_the_order_of_the_file(fashion):
    images, labels = stored(FASHION)
    X = np.concatenate([fashion.X_train, fashion.X_val, fashion.X_test])
    assert (len(fashion.X_train), len(fashion.X_val), len(fashion.X_test)) == (2000, 500, 500)
    assert X.shape == (3000, 785)
    assert X.dtype == np.float64
    np.testing.assert_array_equal(
        np.concatenate([fashion.y_train, fashion.y_val, fashion.y_test]), labels
    )
    np.testing.assert_allclose(
        (X[:, :-1] + fashion.mean_image).reshape(images.shape) * 255, images, atol=1e-12
    )


def test_a_class_of_clothes_has_the_name_of_what_its_images_show(fashion):
    images, labels = stored(FASHION)
    means = np.array([images[labels == c].mean(axis=0) for c in range(10)])  # (10, 28, 28)
    # Nothing is as dark as between the legs of trousers, low in the middle.
    low = means[:, 22:26]
    between = low[:, :, 13:15].mean(axis=(1, 2)) / low[:, :, 9:19].max(axis=(1, 2))
    assert fashion.class_names[np.argmin(between)] == "trousers"
    # Shoes and bags leave the top of the picture empty, low shoes more so.
    top = np.argsort(means[:, :6].mean(axis=(1, 2)))
    by_height = [fashion.class_names[c] for c in top[:4]]
    assert by_height[:2] == ["sneaker", "sandal"]
    assert set(by_height[2:]) == {"bag", "ankle boot"}


def test_digits_have_the_documented_types(digits):
    for X, y in (
        (digits.X_train, digits.y_train),
        (digits.X_val, digits.y_val),
        (digits.X_test, digits.y_test),
    ):
        assert X.shape == (len(y), 65)
        assert X.dtype == np.float64
        assert y.dtype == np.int64
        assert X.flags.c_contiguous
        assert set(y) == set(range(10))
    assert digits.class_names == tuple("0123456789")
    assert digits.image_shape == (8, 8)
    assert digits.mean_image.shape == (64,)


def test_the_mean_of_the_training_rows_is_zero_and_the_bias_comes_last(digits):
    np.testing.assert_allclose(digits.X_train[:, :-1].mean(axis=0), 0, atol=1e-14)
    # The mean is that of the training rows only.
    assert abs(digits.X_test[:, :-1].mean(axis=0)).max() > 1e-3
    for X in (digits.X_train, digits.X_val, digits.X_test):
        assert (X[:, -1] == 1).all()


def test_preprocess_gives_the_rows_of_the_data_set(digits):
    images, _ = stored(DIGITS)
    before = images.copy()
    np.testing.assert_array_equal(data.preprocess(images[:1000], digits.mean_image), digits.X_train)
    np.testing.assert_array_equal(images, before)


def test_preprocess_by_hand():
    images = np.array([[[0, 4], [8, 16]]], dtype=np.uint8)
    X = data.preprocess(images, np.array([0.5, 0.25, 0.5, 0.0]))
    np.testing.assert_array_equal(X, [[-0.5, 0.0, 0.0, 1.0, 1.0]])


def test_preprocess_of_no_images_has_no_rows(digits):
    assert data.preprocess(np.empty((0, 8, 8), dtype=np.uint8), digits.mean_image).shape == (0, 65)


def test_preprocess_refuses_images_of_another_data_set(digits):
    with pytest.raises(ValueError, match="an image has 3072 pixels; expected 64"):
        data.preprocess(np.zeros((2, 32, 32, 3), dtype=np.uint8), digits.mean_image)
    with pytest.raises(ValueError, match="the largest pixel is 255; expected at most 16"):
        data.preprocess(np.full((2, 8, 8), 255, dtype=np.uint8), digits.mean_image)


def test_load_takes_a_name(digits):
    for again in (data.load(), data.load_digits()):  # without a name, and as older notebooks do
        np.testing.assert_array_equal(again.X_test, digits.X_test)
    with pytest.raises(
        ValueError, match="the data set is 'mnist'; expected 'digits', 'fashion' or 'cifar10'"
    ):
        data.load("mnist")


def test_data_needs_numpy_and_the_standard_library_only():
    code = (
        "import sys; from cs231n_utils import data; data.load('digits'); print(*{name.split('.')[0]"
        " for name in sys.modules} & {'matplotlib', 'sklearn', 'pytest', 'nbgrader'})"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        check=True,
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
    )
    assert result.stdout.strip() == ""


# What a broken file says


@pytest.mark.parametrize("suffix", ["npz", "npz.sha256"])
@pytest.mark.parametrize("name", ["digits", "fashion"])
def test_a_missing_file_is_named(datasets, name, suffix):
    (datasets / f"{name}.{suffix}").unlink()
    with pytest.raises(
        FileNotFoundError, match=rf"load: \S*{name}\.{suffix} is missing\. Copy the datasets folder"
    ):
        data.load(name)


@pytest.mark.parametrize(
    "name, expected", [("digits", "6efa9806d9e3"), ("fashion", "978731c398c2")]
)
def test_a_damaged_file_is_named_with_both_checksums(datasets, name, expected):
    path = datasets / f"{name}.npz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(
        ValueError,
        match=rf"{name}\.npz is damaged: its sha256 is \w{{12}}\.\.\.; expected {expected}",
    ):
        data.load(name)


# CIFAR-10


def test_cifar10_is_split_as_in_cs231n(datasets):
    put_cifar10(datasets)
    cifar = data.load_cifar10(num_train=70, num_val=20, num_test=5)
    raw = cifar_archive.batches()
    planes = np.concatenate([raw[f"data_batch_{k}"]["data"] for k in range(1, 6)]).reshape(
        -1, 3, 32, 32
    )
    labels = np.concatenate([raw[f"data_batch_{k}"]["labels"] for k in range(1, 6)])
    assert cifar.image_shape == (32, 32, 3)
    assert cifar.X_train.shape == (70, 3073)
    assert cifar.X_train.dtype == np.float32
    assert cifar.y_train.dtype == np.int64
    assert len(cifar.class_names) == 10
    np.testing.assert_array_equal(cifar.y_train, labels[:70])
    np.testing.assert_array_equal(cifar.y_val, labels[70:90])
    np.testing.assert_array_equal(cifar.y_test, raw["test_batch"]["labels"][:5])
    image = (cifar.X_val[3, :-1] + cifar.mean_image).reshape(cifar.image_shape) * 255
    np.testing.assert_allclose(image[..., 1], planes[73, 1], atol=1e-3)  # green
    np.testing.assert_allclose(cifar.X_train[:, :-1].mean(axis=0), 0, atol=1e-6)


def test_cifar10_with_more_rows_than_there_are_is_refused(datasets):
    put_cifar10(datasets)
    with pytest.raises(ValueError, match=r"num_train \+ num_val is 50000; expected at most 100"):
        data.load("cifar10")
    with pytest.raises(ValueError, match="num_test is 21; expected at most 20"):
        data.load_cifar10(80, 20, 21)


def test_cifar10_that_was_not_fetched_says_how_to_fetch_it(datasets):
    with pytest.raises(FileNotFoundError, match=r"is missing\. Run: bash get_datasets\.sh"):
        data.load("cifar10")


def test_cifar10_without_its_list_is_not_trusted(datasets):
    (put_cifar10(datasets) / "SHA256SUMS").unlink()
    with pytest.raises(
        FileNotFoundError, match=r"has no SHA256SUMS.*Move it away, then run: bash get_datasets\.sh"
    ):
        data.load_cifar10(80, 20, 20)


def test_cifar10_with_half_a_batch_is_refused(datasets):
    batch = put_cifar10(datasets) / "data_batch_5"
    batch.write_bytes(batch.read_bytes()[:1000])
    with pytest.raises(ValueError, match="data_batch_5 is damaged"):
        data.load_cifar10(80, 20, 20)
    batch.unlink()
    with pytest.raises(FileNotFoundError, match="data_batch_5 is missing"):
        data.load_cifar10(80, 20, 20)


def test_a_batch_that_would_run_code_is_refused(datasets):
    put_cifar10(datasets, data_batch_1=b"cos\nsystem\n(S'exit 1'\ntR.")
    with pytest.raises(pickle.UnpicklingError, match=r"asks for os\.system; expected arrays only"):
        data.load_cifar10(80, 20, 20)


# Noise for the notebook on regularization


@pytest.mark.parametrize("fraction, flipped", [(0, 0), (0.25, 75), (1, 300)])
def test_flip_labels_makes_just_so_many_labels_wrong(digits, fraction, flipped):
    y = digits.y_train[:300]
    before = y.copy()
    noisy = data.flip_labels(y, fraction, np.random.default_rng(0), 10)
    assert (noisy != y).sum() == flipped
    assert noisy.dtype == y.dtype
    assert set(noisy) <= set(range(10))
    np.testing.assert_array_equal(y, before)


def test_flip_labels_draws_every_other_class():
    noisy = data.flip_labels(np.full(900, 7), 1.0, np.random.default_rng(0), 10)
    counts = np.bincount(noisy, minlength=10)
    assert counts[7] == 0
    assert counts[np.arange(10) != 7].min() > 70  # 100 each on average, sd 9.4


def test_flip_labels_refuses_a_percentage():
    with pytest.raises(ValueError, match=r"fraction is 25; expected 0 to 1"):
        data.flip_labels(np.zeros(8, dtype=np.int64), 25, np.random.default_rng(0), 10)


def test_noise_columns_stand_before_the_bias_and_are_as_large_as_pixels(digits):
    X = digits.X_train
    wide = data.append_noise_columns(X, 40, np.random.default_rng(0))
    assert wide.shape == (1000, 105)
    assert wide.dtype == X.dtype
    np.testing.assert_array_equal(wide[:, :64], X[:, :64])
    assert (wide[:, -1] == 1).all()
    noise = wide[:, 64:-1]
    np.testing.assert_allclose(noise.std(), X[:, :-1].std(), rtol=0.02)
    assert len(np.unique(noise)) == noise.size


def test_noise_depends_on_the_generator_alone(digits):
    X, y = digits.X_train[:50], digits.y_train[:50]
    for repeat in (
        lambda rng: data.append_noise_columns(X, 3, rng),
        lambda rng: data.flip_labels(y, 0.5, rng, 10),
    ):
        np.testing.assert_array_equal(
            repeat(np.random.default_rng(4)), repeat(np.random.default_rng(4))
        )
        assert not np.array_equal(
            repeat(np.random.default_rng(4)), repeat(np.random.default_rng(5))
        )
