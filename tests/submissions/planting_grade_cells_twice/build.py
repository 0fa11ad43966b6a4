"""The grade cells are copied."""

import json
from pathlib import Path


def build(folder: Path) -> None:
    for path in folder.glob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["cells"] += 2 * [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]
        path.write_text(json.dumps(notebook), encoding="utf-8")
