"""Points and names are changed."""

import json
from pathlib import Path


def build(folder: Path) -> None:
    for path in folder.glob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                cell["metadata"]["nbgrader"].update(points=1000, grade_id="l2_penalty", locked=False, solution=True)
                cell["source"] = "100"
        path.write_text(json.dumps(notebook), encoding="utf-8")
