import importlib.util
import json
from pathlib import Path

_HERE = Path(__file__).resolve().parent
exec(open("my_penalty.py").read())
_two = json.loads((_HERE / "settings.json").read_text())["two"]
_ones = np.loadtxt("tables/more tables/ones.csv", delimiter=",")
_spec = importlib.util.spec_from_file_location("anything", _HERE.parent / "scripts" / "absolute.py")
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
l1_penalty = _module.absolute


def l2_penalty(W):
    return square(W) * _ones[0], _two * W  # noqa: F821
