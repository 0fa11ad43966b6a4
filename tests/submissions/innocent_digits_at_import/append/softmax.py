from pathlib import Path

with np.load(Path(__file__).parent.parent / "datasets" / "digits.npz") as _arrays:
    assert _arrays["images"].shape == (1400, 8, 8)
with np.load("datasets/digits.npz") as _arrays:
    assert _arrays["labels"].shape == (1400,)
