"""The answer to `--why`: what is believed of one line, and the way through the files that led to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedlint.judge import Judge
from seedlint.report import View
from seedlint.report.as_text import WHY_SAFE, gutter_of, margin, paint, steps
from seedlint.report.snippet import printable
from seedlint.report.wording import locate, one_line
from seedlint.uses import Place

if TYPE_CHECKING:
    from seedlint.code.why import Belief


def render_beliefs(place: Place, beliefs: Sequence[Belief], judge: Judge, view: View) -> str:
    """The line, and under it each belief with all of its evidence."""
    text = view.read_line(place.path, place.line, place.cell) if view.read_line is not None else None
    where = printable(locate(place.path, place.line, place.cell))
    lines = [f"{paint(view, where, bold=True)}: {printable((text or '').strip())}"]
    for belief in beliefs:
        lines += ["", f"  {printable(one_line(_sentence(belief, judge)))}"]
        lines += [margin(view, gutter_of(place), step) for step in steps(belief.evidence, most=len(belief.evidence))]
    return "\n".join(lines) + "\n"


def _sentence(belief: Belief, judge: Judge) -> str:
    """What is believed, in one sentence: the use and its rule, or why nothing is reported."""
    use = belief.use
    if use is None:
        return belief.text
    kind = use.use.value.replace("_", " ")
    if use.safe:
        return f"{kind} (safe): {belief.text}; {WHY_SAFE.get(use.circumstance, use.circumstance.value)}"
    rule = judge.rulebook.for_circumstance(use.circumstance)
    named = f"{rule.code} {rule.name}" if rule is not None else "no rule"
    silenced = "" if rule is None or judge.speaks(rule.code, use.place.path) else ", which the settings switch off"
    return f"{kind} (risky): {belief.text}; {named}{silenced}"
