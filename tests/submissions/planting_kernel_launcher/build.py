"""What a kernel started in this folder would run."""

from pathlib import Path


def build(folder: Path) -> None:
    for name in ("ipykernel_launcher.py", "ipykernel.py", "nbconvert.py", "IPython.py",
                 "jupyter_config.py", "nbgrader_config.py"):
        (folder / name).write_text("open('/tmp/planted_by_an_attack', 'w')\nraise SystemExit('planted')\n")
    (folder / ".ipython" / "profile_default" / "startup").mkdir(parents=True)
    (folder / ".ipython" / "profile_default" / "startup" / "00.py").write_text("raise SystemExit('planted')\n")
