"""What a shell script is handed by the commands that run it: its words, its variables, the number of an array's job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from seedlint.code.ends import looped
from seedlint.code.facts import SHELL, Guard, Loop
from seedlint.code.origins import Kind, Origin, Trail
from seedlint.code.parameters import MAX_CALLERS
from seedlint.code.project import Ref
from seedlint.code.reach import END, At
from seedlint.code.script_runs import ARRAY_VARIABLES, ScriptRun, word_at
from seedlint.code.syntax import Choice, Const, Expr, Name, Op

if TYPE_CHECKING:
    from seedlint.code.trace import Tracer


class Handed:
    """Traces what scripts are handed. Whatever else it meets is its tracer's."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self.project = tracer.project

    def of(self, ref: Ref, name: Name, at: At, trail: Trail) -> list[Origin]:
        """The origins of a name that a script does not bind where it is read, nearest first."""
        if self.project.files[ref.path].language != SHELL or (ref, name.id) in trail.seen:
            return []
        trail = replace(trail, seen=trail.seen | {(ref, name.id)})
        if name.id.isdigit():
            found = [origin for run, step in self._runs(ref, trail) for origin in self._word(run, name, at, step)]
        else:
            found = self._from_functions(ref, name, trail)
            found += [origin for run, step in self._runs(ref, trail) for origin in self._variable(run, name, step)]
        return found

    def _runs(self, ref: Ref, trail: Trail) -> Iterator[tuple[ScriptRun, Trail]]:
        """The commands that run a script, each with the way there."""
        for run in self.project.script_runs(ref.path)[:MAX_CALLERS]:
            note = f"runs {ref.path.rpartition('/')[2]}"
            yield run, trail.called_from(run.ref).step(run.ref.path, run.site.call.line, note)

    def _word(self, run: ScriptRun, name: Name, at: At, trail: Trail) -> list[Origin]:
        """`$2`: the second word behind the script; in the branch of an option, the word behind that."""
        option = _option(at.guards)
        if option is not None:
            texts = [word.value if type(word) is Const else None for word in run.words]
            following = texts.index(option) + 1 if option in texts else len(texts)
            return self._given(run, run.words[following], trail) if following < len(texts) else []
        word = word_at(run.words, int(name.id) - 1)
        return self._given(run, word, trail) if word is not None else []

    def _variable(self, run: ScriptRun, name: Name, trail: Trail) -> list[Origin]:
        """`$SEED`: what the command sets for the script; a job's number; else what the script around the command binds."""
        given = run.variables.get(name.id)
        if given is not None:
            return self._given(run, given, trail)
        if name.id in ARRAY_VARIABLES:
            return self._number(run, trail)
        found = self._given(run, Name(name.id, run.site.call.line), trail)
        return [origin for origin in found if origin.kind is not Kind.UNKNOWN]

    def _given(self, run: ScriptRun, value: Expr, trail: Trail) -> list[Origin]:
        call = run.site.call
        at = At(call.line, run.site.loops, run.site.guards, call.column - 1)
        return self.tracer.trace(run.ref, value, at, trail)

    def _number(self, run: ScriptRun, trail: Trail) -> list[Origin]:
        """The number of a job in an array that the command asks for."""
        numbers = run.array
        if numbers is None:
            return []
        call = run.site.call
        loop = Loop(-1, "array", None, numbers, call.line, call.column - 1, call.end_line, run.site.loops)
        return looped(run.ref, loop, trail, "an array of jobs")

    def _from_functions(self, ref: Ref, name: Name, trail: Trail) -> list[Origin]:
        """What the functions of a script bind, whose variables are everybody's."""
        scopes = self.project.files[ref.path].scopes
        inner = [scopes[index] for index in self.project.scope(ref).children]
        return [
            origin
            for scope in inner
            if any(type(assign.target) is Name and assign.target.id == name.id for assign in scope.assigns)
            for origin in self.tracer.trace(Ref(ref.path, scope.index), name, At(END), trail)
        ]


def _option(guards: tuple[Guard, ...]) -> str | None:
    """The option in whose branch a word is read: `case $1 in --seed) seed=$2`."""
    for guard in reversed(guards):
        tests = guard.test.options if type(guard.test) is Choice else (guard.test,)
        for test in tests if guard.holds else ():
            match test:
                case Op(operator="Eq", operands=(Name(id="1"), Const(value=str() as option))) if option[:1] == "-":
                    return option
    return None
