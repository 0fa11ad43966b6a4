r"""Which formulas in students' texts MathJax may draw.

MathJax runs in the browser of whoever reads the page. Deep nesting ends the browser's tab,
thousands of formulas stop it for half a minute, and some commands define others (`\def`), load
code, carry links and styles, or draw anywhere on the page. So only listed commands are drawn, up to
a depth and a number; all other formulas stay as they were typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_DEPTH = 20  # braces, \left and \begin inside each other; honest formulas stay below 8

_COMMANDS = r"""
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi omicron pi varpi rho varrho
    sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega digamma
    frac dfrac tfrac cfrac binom dbinom tbinom sqrt sum prod coprod int iint iiint oint bigcup bigcap bigvee bigwedge bigoplus
    bigotimes bigodot biguplus bigsqcup lim liminf limsup max min sup inf arg argmax argmin det dim exp log ln lg sin cos tan
    cot sec csc arcsin arccos arctan sinh cosh tanh coth ker deg gcd hom Pr mod bmod pmod pod operatorname
    infty partial nabla ell hbar imath jmath Re Im aleph beth wp emptyset varnothing prime angle top bot triangle square
    forall exists nexists neg lnot land lor wedge vee cup cap setminus smallsetminus in notin ni subset subseteq subsetneq supset
    supseteq supsetneq sqsubseteq sqsupseteq complement cdot cdots ldots dots dotsb dotsc dotsi dotsm dotso vdots ddots colon
    times div ast star circ bullet odot otimes oplus ominus oslash pm mp dagger ddagger amalg uplus sqcup sqcap wr diamond
    le leq leqslant ge geq geqslant lt gt ne neq equiv approx approxeq sim simeq cong propto ll gg prec succ preceq succeq mid
    nmid parallel nparallel perp models vdash dashv asymp doteq triangleq coloneqq lesssim gtrsim not nleq ngeq nless ngtr
    to gets leftarrow rightarrow leftrightarrow Leftarrow Rightarrow Leftrightarrow longleftarrow longrightarrow
    longleftrightarrow Longleftarrow Longrightarrow Longleftrightarrow mapsto longmapsto uparrow downarrow updownarrow Uparrow
    Downarrow hookrightarrow hookleftarrow rightharpoonup leftharpoonup rightleftharpoons iff implies impliedby nearrow
    searrow swarrow nwarrow leadsto rightsquigarrow xrightarrow xleftarrow therefore because qed blacksquare Box checkmark
    hat widehat tilde widetilde bar overline underline vec overrightarrow overleftarrow dot ddot dddot check breve acute grave
    mathring overbrace underbrace overset underset stackrel substack limits nolimits displaylimits boxed tag notag nonumber
    mathbf mathrm mathit mathsf mathtt mathcal mathscr mathfrak mathbb boldsymbol bm bf rm it cal text textbf textit textrm
    texttt textsf mbox hbox mathop mathbin mathrel mathord mathopen mathclose mathpunct mathinner
    displaystyle textstyle scriptstyle scriptscriptstyle
    left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm biggm Biggm
    lbrace rbrace lbrack rbrack langle rangle lvert rvert lVert rVert vert Vert lfloor rfloor lceil rceil backslash
    quad qquad enspace thinspace medspace thickspace negthinspace phantom hphantom vphantom smash
    begin end hline hdashline cr newline n r t label ref eqref dag S P copyright degree
    """
_ENVIRONMENTS = r"""
    equation equation* align align* aligned alignat alignat* alignedat gather gather* gathered multline multline* split array
    matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix cases rcases eqnarray eqnarray* subarray
    """
_DRAWN, _DRAWN_ENVIRONMENTS = frozenset(_COMMANDS.split()), frozenset(_ENVIRONMENTS.split())
_BEGIN = re.compile(r"\\[(\[]|\\begin\b")  # or a dollar, which is the end as well
# A token of TeX: a command, an escaped character, a brace, or the end of a line, with the space that
# it asks for if that is negative or large.
_TOKEN = re.compile(
    r"\\\\(?P<space>\s*\[\s*(?!\d{1,2}(?:\.\d+)?\s*[a-z]{2}\s*\])[-.\d])?|\\(?P<command>[A-Za-z]+)|\\.|[{}]",
    re.DOTALL,
)
_ENVIRONMENT = re.compile(r"\\begin\s*\{([^{}]*)\}")
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")


@dataclass(frozen=True)
class Formulas:
    """The formulas in a text.

    count : an upper bound of their number
    problem : why they must not be drawn, as the end of a sentence, or ""
    """

    count: int
    problem: str


def find(text: str) -> Formulas:
    """Look for formulas in `text` as MathJax would, in time proportional to the length of the text."""
    count = (text.count("$") + 1) // 2 + len(_BEGIN.findall(text))
    return Formulas(count, _problem(text) if count else "")


def _problem(text: str) -> str:
    foreign = next(
        (
            found["command"]
            for found in _TOKEN.finditer(text)
            if found["command"] and found["command"] not in _DRAWN
        ),
        None,
    )
    if foreign is None:
        foreign = next(
            (
                f"begin{{{name}}}"
                for name in _ENVIRONMENT.findall(text)
                if name not in _DRAWN_ENVIRONMENTS
            ),
            None,
        )
    if foreign is not None:
        return f"\\{foreign[:40]} is not among the commands that are drawn"
    if any(found["space"] for found in _TOKEN.finditer(text)):
        return "they move lines far apart or over each other"
    # TeX skips comments, but a percent sign in a sentence begins none. So both readings are tried.
    if max(_depth(text), _depth(_COMMENT.sub("", text))) > MAX_DEPTH:
        return f"they are nested more than {MAX_DEPTH} deep"
    return ""


def _depth(text: str) -> int:
    deepest = depth = 0
    for found in _TOKEN.finditer(text):
        if found[0] == "{" or found["command"] in ("left", "begin"):
            depth += 1
            deepest = max(deepest, depth)
        elif found[0] == "}" or found["command"] in ("right", "end"):
            depth = max(depth - 1, 0)
    return deepest
