"""A Jupyter server and headless Chromium, for the tests of what people see.

JupyterLab is driven through its own JavaScript API and read through the page: clicks on its menus
are flaky.
"""

from __future__ import annotations

import json
import os
import queue
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
# Never reached on a working machine; they only end a test that hangs.
START_SECONDS, RUN_SECONDS = 90, 300
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SETTINGS = {
    # No pop-ups.
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # All cells are on the page, also those out of sight.
    "notebook-extension/tracker": {"windowingMode": "none"},
}
_OPEN = """async path => {
    await jupyterapp.restored;
    const panel = await jupyterapp.commands.execute("docmanager:open", {path});
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
    jupyterapp.shell.collapseLeft();
}"""
_CLOSE = """async () => {
    const panel = jupyterapp.shell.currentWidget;
    await panel.sessionContext.shutdown();
    panel.dispose();
}"""
_RUN = """seconds => Promise.race([
    jupyterapp.commands.execute("notebook:run-all-cells"),
    new Promise((_, give_up) => setTimeout(
        () => give_up(new Error(`still running after ${seconds} s`)), 1000 * seconds
    )),
])"""
_CELLS = """() => Array.from(jupyterapp.shell.currentWidget.content.widgets, ({model, node}) => ({
    id: model.id,
    kind: model.type,
    ran: model.type === "code" && model.executionCount !== null,
    outputs: model.type === "code" ? model.outputs.toJSON() : [],
    text: node.querySelector(".jp-Cell-outputArea")?.innerText ?? "",
    images: Array.from(node.querySelectorAll(".jp-OutputArea img"), image => image.naturalWidth),
    verdicts: Array.from(
        node.querySelectorAll("table[aria-label^='Checks of'] tbody td:first-child"),
        cell => cell.innerText
    ),
}))"""
_IMAGES_LOADED = (
    "() => Array.from(document.querySelectorAll('.jp-OutputArea img')).every(image =>"
    " image.complete)"
)
_SCROLL = """top => {
    const {node} = jupyterapp.shell.currentWidget.content;
    const notebook = node.querySelector(".jp-WindowedPanel-outer");
    notebook.scrollTop = top;
    return [notebook.clientHeight, notebook.scrollHeight];
}"""


@contextmanager
def chromium() -> Iterator[BrowserContext]:
    """A headless Chromium that reaches this machine only."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    missing = [
        install
        for found, install in (
            (sync_playwright, "python -m pip install playwright"),
            (CHROMIUM, "sudo apt-get install chromium"),
        )
        if not found
    ]
    if missing:
        reason = f"The tests in a real browser need it. Run: {' && '.join(missing)}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        context = browser.new_context(viewport={"width": 1200, "height": 900})
        context.set_default_timeout(1000 * START_SECONDS)
        context.route(re.compile(r"^https?://(?!127\.0\.0\.1[:/])"), lambda route: route.abort())
        yield context
        browser.close()


@contextmanager
def server(folder: Path, scratch: Path) -> Iterator[str]:
    """A Jupyter server for `folder`, as `jupyter lab` there would start it; yields its address."""
    for name, settings in _SETTINGS.items():
        path = scratch / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    # None of the settings, sessions and histories of whoever runs the tests; and no threads that
    # wait for a busy core.
    environment = {
        name: str(scratch / name)
        for name in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "JUPYTERLAB_WORKSPACES_DIR",
            "IPYTHONDIR",
        )
    }
    with socket.create_server(("127.0.0.1", 0)) as free:
        # If somebody takes it meanwhile, the server takes another and says so.
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            f"--port={port}",
            "--ip=127.0.0.1",
            "--IdentityProvider.token=",
            "--expose-app-in-browser",
            f"--LabApp.user_settings_dir={scratch / 'settings'}",
        ],
        cwd=folder,
        env={**os.environ, **environment, "OPENBLAS_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield _address(process)
    finally:
        process.terminate()
        process.wait()


def _address(process: subprocess.Popen) -> str:
    """The address that the server prints when it is ready; its log is read to the end, or it would
    block.
    """
    log: list[str] = []
    found: queue.Queue[str | None] = queue.Queue()

    def follow() -> None:
        with process.stderr as lines:
            for line in lines:
                log.append(line)
                if match := re.search(r"(http://127\.0\.0\.1:\d+)/lab", line):
                    found.put(match[1])
        found.put(None)

    threading.Thread(target=follow, daemon=True).start()
    address = found.get(timeout=START_SECONDS)
    assert address, "The Jupyter server ended before it was ready:\n" + "".join(log[-20:])
    return address


@contextmanager
def jupyterlab(context: BrowserContext, address: str) -> Iterator[Page]:
    """A page with JupyterLab in it, no document open."""
    page = context.new_page()
    page.goto(f"{address}/lab?reset")
    page.wait_for_function("() => window.jupyterapp")
    yield page
    page.close()


@contextmanager
def opened(page: Page, path: str) -> Iterator[None]:
    """A notebook opened in JupyterLab, with its kernel running for as long."""
    page.evaluate(_OPEN, path)
    try:
        yield
    finally:
        page.evaluate(_CLOSE)


@dataclass(frozen=True)
class Cell:
    """A cell as JupyterLab shows it.

    outputs : in the notebook format
    text : what can be read below the cell
    images : the width of each, as drawn
    verdicts : the words in the first column of a check's table
    """

    id: str
    kind: str
    ran: bool
    outputs: list[dict]
    text: str
    images: list[int]
    verdicts: list[str]


def run_all(page: Page) -> list[Cell]:
    """Run the open notebook from top to bottom, and return its cells when all is on the screen."""
    page.evaluate(_RUN, RUN_SECONDS)
    page.wait_for_function(_IMAGES_LOADED)
    return [Cell(**cell) for cell in page.evaluate(_CELLS)]


def screenshots(page: Page, folder: Path, name: str) -> None:
    """The whole notebook, a window after the other; for whoever looks into a failure."""
    folder.mkdir(parents=True, exist_ok=True)
    height, total = page.evaluate(_SCROLL, 0)
    for k in range(-(-total // height)):
        page.evaluate(_SCROLL, k * height)
        page.screenshot(path=folder / f"{name}-{k + 1}.png")


def found_by_axe(page: Page, within: str | None = None) -> list[tuple[str, str]]:
    """What axe-core finds wrong with the page as it stands: (rule, the first place).

    within : a CSS selector; only what it selects is looked at
    """
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=within).response
    assert found["passes"], "axe-core has looked at nothing"
    return [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]]
