"""How much of one notebook its pages show: enough for any honest one, and so little that none is
slow to show.

What turns text into markup (Markdown, code highlighting, colours, formulas) takes time that grows
with the square of its input, for inputs that are made for it. So each piece is bounded, and so is
their sum over a notebook; what is left is shown as plain text, which takes no time. Nothing here
looks at a clock: the same notebook gives the same page on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass

# Characters of a cell that is shown as formatted text; the longest of the course has 1,400
MAX_PROSE = 10_000
MAX_CODE = 10_000  # characters of a cell that is highlighted


@dataclass
class Allowance:
    """What is left of the limits for one notebook; each cell takes its part in turn.

    prose : characters shown as formatted text; a notebook of the course has up to 13,000
    formulas : how many; a notebook of the course has up to 70
    formula_text : characters of the cells that hold formulas
    code : characters that are highlighted; a notebook of the course has up to 16,000
    output : characters of printed text
    outputs : how many
    colours : colour codes in printed text
    pixels : of all pictures; a plot has about 500,000
    """

    prose: int = 40_000
    formulas: int = 500
    formula_text: int = 30_000
    code: int = 60_000
    output: int = 1_000_000
    outputs: int = 1_000
    colours: int = 2_000
    pixels: int = 100_000_000

    def spend(self, **amounts: int) -> bool:
        """Take these amounts, all of them or none; returns whether there was enough."""
        if any(getattr(self, name) < amount for name, amount in amounts.items()):
            return False
        for name, amount in amounts.items():
            setattr(self, name, getattr(self, name) - amount)
        return True
