"""Which formulas MathJax may draw on the pages of staff."""

import nbformat
import pytest

from cs231n_utils.exercises import ASSIGNMENT, NOTEBOOKS
from grader.gradebook import formulas
from grader.paths import COURSE


@pytest.mark.parametrize(
    "text",
    [
        r"$\frac{1}{N} \sum_{i=1}^N \max(0, s_j - s_{y_i} + 1)$",
        r"$$\nabla_W L = \mathbf{X}^\top (\hat{p} - y)$$",
        r"\begin{align*} a &= b \\ c &= d \\[4pt] e &= f \end{align*}",
        r"$\left\{ x \in \mathbb{R} \mid x > 0 \right\}$",
        r"\(\operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}\)",
        r"$\begin{pmatrix}1\\x\end{pmatrix}$",
        "95 % of $x_{1}$\n" * 30,
        r"$\text{dim } 5\%$ of $\{1, 2\}$",
    ],
)
def test_honest_formulas_are_drawn(text):
    assert formulas.find(text).problem == "" and formulas.find(text).count >= 1


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_formulas_of_the_course_are_drawn(name):
    notebook = nbformat.read(COURSE / "notebooks" / ASSIGNMENT / f"{name}.ipynb", as_version=4)
    assert {
        formulas.find(cell.source).problem
        for cell in notebook.cells
        if cell.cell_type == "markdown"
    } == {""}


@pytest.mark.parametrize(
    "command",
    [
        r"\def\a{\a\a}",
        r"\newcommand{\a}{x}",
        r"\let\a=b",
        r"\require{HTML}",
        r"\href{javascript:x}{y}",
        r"\style{position:fixed}{x}",
        r"\class{score}{x}",
        r"\cssId{a}{x}",
        r"\unicode{x41}",
        r"\rule{99em}{99em}",
        r"\kern-9em",
        r"\hspace{-9em}",
        r"\raise 9em{x}",
        r"\llap{x}",
        r"\bbox[red]{x}",
        r"\mathchoice{}{}{}{}",
        r"\color{red}x",
        r"\enclose{box}{x}",
        r"\begin{bomb}\end{bomb}",
        r"\\[-90em]",
        r"\\ [ 900em]",
        r"\\[.5in]",
    ],
)
@pytest.mark.parametrize(
    "around",
    ["$%s$", "$$\n%s\n$$", r"\(%s\)", r"\[%s\]", r"\begin{align}%s\end{align}", "$x$ and %s"],
)
def test_what_could_act_or_move_ink_is_not_drawn(command, around):
    assert formulas.find(around % command).problem


@pytest.mark.parametrize(
    "opens, closes",
    [
        ("{", "}"),
        (r"\frac{1}{", "}"),
        (r"\left(", r"\right)"),
        (r"\begin{matrix}", r"\end{matrix}"),
        ("x^{", "}"),
        ("{%}\n", "}"),
        (r"\sqrt{\}", "}"),
        ("{{}", "}"),
        ("$$ { $", "}"),
    ],
)
def test_deep_nesting_is_not_drawn(opens, closes):
    for depth, fine in ((5, True), (300, False)):
        assert (
            formulas.find("$$" + depth * opens + "x" + depth * closes + "$$").problem == ""
        ) is fine


def test_each_formula_counts():
    assert [
        formulas.find(text).count
        for text in ("", "5 apples", "$x$" * 7, r"\(x\)" * 7, r"\begin{align}\end{align}" * 7)
    ] == [0, 0, 7, 7, 7]
