"""Files that nobody asked for."""

from pathlib import Path


def build(folder: Path) -> None:
    for name in (".ipynb_checkpoints/1_gradient_check-checkpoint.ipynb", ".venv/lib/site.py", "Thumbs.db", "a picture.png",
                 "cs231n_utils/__pycache__/softmax.cpython-311.pyc", "cs231n_utils/softmax (1).py.bak", "notes.docx",
                 "datasets/cifar-10-batches-py/data_batch_1"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(bytes(1000))
