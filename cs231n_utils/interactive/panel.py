"""Controls and pictures on a page, and a still picture where nothing moves.

A cell gets two outputs: the controls with their pictures, and below them a still picture with a
line. In JupyterLab and Notebook 7 the controls hide the still picture, by a rule for the page that
comes with them; wherever they do not appear, it stays in sight. Exported HTML hides controls that
no kernel answers.
"""

from __future__ import annotations

import base64
import html
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from IPython.display import display

from cs231n_utils.interactive.picture import Picture, png, side_by_side
from cs231n_utils.notebook import in_notebook
from cs231n_utils.plots.showing import as_html, in_words, paragraph, put, say
from cs231n_utils.trial import trouble

try:
    import ipywidgets as widgets
except ImportError:
    widgets = None

NO_WIDGETS = (
    "This picture moves where ipywidgets is installed: python -m pip install ipywidgets, then"
    " restart the kernel and load the page again."
)
_VIEW = "application/vnd.jupyter.widget-view+json"
# An exported page is itself a .jp-Notebook, in JupyterLab a notebook lies in the page.
_RULES = """<style>
body:not(.jp-Notebook) .jp-OutputArea-child:has(.{id}) + .jp-OutputArea-child,
body:not(.jp-Notebook) .jp-OutputArea-child:has(.{id}) + * + .jp-OutputArea-child,
body.jp-Notebook .{id} {{ display: none }}
.{id} .widget-html-content {{ min-width: 0 }}
.{id} img {{ max-width: 100% !important }}
.{id} table {{ border-collapse: collapse; font-variant-numeric: tabular-nums }}
.{id} :is(th, td) {{ padding: 1px 8px; text-align: right; white-space: nowrap }}
</style>"""


# ipywidgets gives the handle of a slider no name for screen readers. Its views come one by one, and
# this script may run before it is on the page.
_NAMES = """
const begin = (frames) => {{
    const panel = element.closest(".{id}");
    if (!panel) return frames && requestAnimationFrame(() => begin(frames - 1));
    const name = () => panel.querySelectorAll(".widget-slider").forEach(slider => {{
        const text = slider.querySelector(".widget-label")?.textContent;
        slider.querySelectorAll("[role=slider]").forEach(handle => {{
            if (text) handle.setAttribute("aria-label", text);
        }});
    }});
    new MutationObserver(name).observe(panel, {{childList: true, subtree: true}});
    name();
}};
begin(600);
"""


class View:
    """What can be moved. A derived class holds the numbers, and calls the student's functions.

    pictures : drawn from left to right, all of the same height
    """

    pictures: Sequence[Picture]

    def draw(self) -> str:
        """Bring the pictures up to date; returns the sentence that says what they show."""
        raise NotImplementedError

    def table(self) -> str:
        """HTML to stand below the sentence."""
        return ""

    def controls(self, panel: Panel) -> list[Any]:
        """The rows of widgets above the pictures."""
        raise NotImplementedError


def show(view: View, *functions: Callable[..., Any], still: View | None = None) -> None:
    """Show a view with its controls, or a still picture and one line that says why.

    functions : the student's functions that the view calls
    still : what the still picture shows, where that is not how the view begins
    """
    problem = trouble(*functions)
    if problem:
        _show_still(view, problem)
        return
    sentence = (still or view).draw()
    if widgets is None:
        sentence = f"{sentence} {NO_WIDGETS}"
    elif in_notebook():
        Panel(view).show()
    _show_still(still or view, sentence)


def _show_still(view: View, sentence: str) -> None:
    alt = in_words(*(picture.figure for picture in view.pictures))
    put(side_by_side(view.pictures), alt)
    say(sentence)


class Panel:
    """The widgets of one view, and what happens when somebody uses them."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._images = [widgets.HTML() for _ in view.pictures]
        self._shown = [np.empty(0) for _ in view.pictures]
        self._said = widgets.HTML(layout={"width": "99%"})
        self._quiet = False
        self._running: list[Any] = []
        rules, names = widgets.HTML(), widgets.Output(layout={"display": "none"})
        self.root = widgets.VBox(
            [
                rules,
                names,
                *view.controls(self),
                widgets.Box(self._images, layout={"flex_flow": "row wrap"}),
                self._said,
            ]
        )
        name = f"moves-{self.root.model_id}"
        self.root.add_class(name)
        rules.value = _RULES.format(id=name)
        script = {"application/javascript": _NAMES.format(id=name)}
        names.outputs = ({"output_type": "display_data", "data": script, "metadata": {}},)
        self.redraw()

    def show(self) -> None:
        """Put the widgets into the cell."""
        bundle = {
            "text/plain": "Controls appear here where a kernel runs.",
            _VIEW: {"version_major": 2, "version_minor": 0, "model_id": self.root.model_id},
        }
        display(bundle, raw=True)

    def redraw(self) -> None:
        """Draw all pictures again, and say what they show."""
        sentence = self.view.draw()
        for k, picture in enumerate(self.view.pictures):
            pixels = picture.pixels()
            if np.array_equal(pixels, self._shown[k]):
                continue
            self._shown[k] = pixels
            data = base64.b64encode(png(pixels)).decode()
            self._images[k].value = as_html(data, in_words(picture.figure))
        table = self.view.table()
        if table:  # a narrow window scrolls it, with the arrow keys as well
            table = (
                '<div style="overflow-x: auto" tabindex="0" role="group" aria-label="Table">'
                f"{table}</div>"
            )
        self._said.value = paragraph(sentence) + table

    # --- controls

    def slider(
        self,
        label: str,
        value: float,
        bounds: tuple[float, float],
        step: float,
        react: Callable[[float], None],
    ) -> Any:
        """A slider for a number; `react` is called with each new value."""
        low, high = bounds
        return self._connected(
            widgets.FloatSlider(value, min=low, max=high, step=step, **_labelled(label)), react
        )

    def power_slider(
        self,
        label: str,
        value: float,
        exponents: tuple[float, float],
        react: Callable[[float], None],
    ) -> Any:
        """A slider for a number whose logarithm counts; the exponents of its bounds, to base 10."""
        low, high = exponents
        return self._connected(
            widgets.FloatLogSlider(
                value, min=low, max=high, step=0.1, readout_format=".1e", **_labelled(label)
            ),
            react,
        )

    def choice(self, label: str, options: Sequence[Any], react: Callable[[Any], None]) -> Any:
        """A menu; the first of the options is chosen."""
        return self._connected(
            widgets.Dropdown(options=options, value=options[0], **_labelled(label)), react
        )

    def steps(self, label: str, options: Sequence[Any], react: Callable[[Any], None]) -> Any:
        """A slider over a few values; it begins at the last one."""
        return self._connected(
            widgets.SelectionSlider(options=options, value=options[-1], **_labelled(label)), react
        )

    def button(self, label: str, react: Callable[[], None]) -> Any:
        """A button with a word on it."""
        button = widgets.Button(description=label, layout={"width": "auto"})
        button.on_click(lambda _: self._react(react))
        return button

    def run_button(self, label: str, react: Callable[[], None]) -> list[Any]:
        """A button that stays down; while it does, `react` is called ten times a second."""
        clock = widgets.Play(max=600, interval=100, layout={"display": "none"})
        button = widgets.ToggleButton(description=label, layout={"width": "auto"})
        widgets.link((button, "value"), (clock, "playing"))
        clock.observe(lambda _: self._react(react), "value")
        self._running.append(button)
        return [button, clock]

    def row(self, *controls: Any) -> Any:
        """Controls beside each other, as long as there is room."""
        return widgets.Box(controls, layout={"flex_flow": "row wrap", "align_items": "center"})

    def column(self, heading: str, *controls: Any) -> Any:
        """Controls below a heading (HTML)."""
        for control in controls:
            control.layout.flex = "0 0 auto"  # its height, in a column
        layout = {"flex": "1 1 23em", "max_width": "min(34em, 98%)"}
        return widgets.VBox([widgets.HTML(heading), *controls], layout=layout)

    def move(self, slider: Any, value: float) -> None:
        """Move a slider without a reaction, neither here nor in the browser, whose slider would
        send the value back as it knows it, rounded, while it follows every movement.
        """
        if slider.value == value:
            return
        self._quiet = True
        try:
            with slider.hold_sync():
                slider.continuous_update = False
                slider.value = value
            slider.continuous_update = True
        finally:
            self._quiet = False

    def _connected(self, control: Any, react: Callable[[Any], None]) -> Any:
        control.observe(lambda change: self._react(lambda: react(change["new"])), "value")
        return control

    def _react(self, act: Callable[[], None]) -> None:
        if self._quiet:
            return
        try:
            act()
            self.redraw()
        except Exception as error:  # Jupyter would write it into a log that nobody looks at
            for button in self._running:
                button.value = False
            self._said.value = f"<p><b>{html.escape(told(error))}</b></p>"


def told(error: Exception) -> str:
    """An exception of a student's function in one sentence, with its place."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    words = " ".join(str(error).split())
    return (
        f"{type(error).__name__}: {words[:300]} ({Path(place.filename).name}, line {place.lineno})"
    )


def _labelled(label: str) -> dict[str, Any]:
    return {
        "description": label,
        "style": {"description_width": "7.5em"},
        "layout": {"width": "23em", "flex": "1 1 23em", "max_width": "min(34em, 98%)"},
    }
