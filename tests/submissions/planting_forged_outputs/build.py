"""Outputs that nobody has computed."""

import json
from pathlib import Path


def build(folder: Path) -> None:
    for path in folder.glob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"] = [{"output_type": "execute_result", "execution_count": 1, "metadata": {},
                                    "data": {"text/plain": "11", "text/html": "<script>alert(1)</script>11"}}]
        path.write_text(json.dumps(notebook), encoding="utf-8")
