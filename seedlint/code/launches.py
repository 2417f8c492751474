"""Finds Python code that starts other programs with a seed on their command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from seedlint.code.facts import CallSite, Scope
from seedlint.code.origins import Kind, Origin, Trail
from seedlint.code.project import Project, Ref
from seedlint.code.sinks import Sinks
from seedlint.code.syntax import Attr, Call, Const, Expr, Group, Op, Text, tail, walk
from seedlint.code.trace import At, Tracer
from seedlint.uses import Circumstance, Confidence, Place, SeedUse, Use

COMMAND = re.compile(
    r"(^|\s)--?[\w.-]*seed[\w-]*|\.(py|sh)\b|\b(python3?|sbatch|srun|torchrun|bash)\s|accelerate launch", re.I
)
"""What makes a text a command line rather than a message or a path that mentions a seed."""

TRAINER_NAME = re.compile(r"train|finetune|fine_tune|pretrain|language_modeling", re.I)
SCRIPT = re.compile(r"([\w./-]+\.py)\b")


@dataclass(frozen=True)
class Launch:
    """A command line with a seed: the option it sets, the scripts it names, and where the value comes from."""

    ref: Ref
    line: int
    option: str
    scripts: frozenset[str]
    origins: tuple[Origin, ...]

    def sets(self, path: str, subject: str) -> bool:
        """Whether this command line gives another value to the default that stands in a file under this name."""
        names = {script.rpartition("/")[2] for script in self.scripts} or {self.ref.path.rpartition("/")[2]}
        same = self.option.replace("-", "_").strip("_") in subject.replace("-", "_")
        return same and path.rpartition("/")[2] in names


def launches(project: Project, tracer: Tracer) -> list[Launch]:
    """Every command line with a seed that the project's Python code builds."""
    found = []
    for ref, scope in list(project.scopes()):
        for command, at in _commands(scope):
            found += list(_launch(ref, command, at, tracer))
    return found


def varied_by(use: SeedUse, started: list[Launch]) -> bool:
    """Whether a command line of the project gives this default several values, or drawn ones."""
    if use.circumstance is not Circumstance.DEFAULT:
        return False
    return any(launch.sets(use.place.path, use.subject) and _varied(launch) for launch in started)


def _varied(launch: Launch) -> bool:
    return any(origin.kind in (Kind.LOOP, Kind.SEARCHED, Kind.FRESH) for origin in launch.origins)


def launched_defaults(started: list[Launch], finder: Sinks) -> list[SeedUse]:
    """Defaults of a launcher that reach a training program only by its command line."""
    found: dict[Place, SeedUse] = {}
    for launch in started:
        if _varied(launch) or not _trains(launch, finder):
            continue
        for origin in launch.origins:
            if origin.kind is Kind.DEFAULT and origin.place not in found:
                sink = f"the training that line {launch.line} starts"
                found[origin.place] = SeedUse(
                    Use.FIXED_SEED,
                    Circumstance.DEFAULT,
                    origin.place,
                    origin.trail,
                    Confidence.MEDIUM,
                    origin.subject,
                    sink,
                )
    return list(found.values())


def _trains(launch: Launch, finder: Sinks) -> bool:
    """Whether a program that a command line names trains: by its code, or by its name where the code is not here."""
    for script in launch.scripts:
        name = script.rpartition("/")[2]
        paths = [path for path in finder.project.paths if path.rpartition("/")[2] == name]
        if any(finder.project.file(path) and finder.training.trains_somewhere(path) for path in paths):
            return True
        if not paths and TRAINER_NAME.search(name):
            return True
    return False


def _commands(scope: Scope) -> Iterator[tuple[Expr, At]]:
    """The outermost expressions that may be command lines."""
    for site in scope.calls:
        for arg in [*site.call.args, *(value for _, value in site.call.keywords)]:
            if type(arg) in (Group, Text, Op) or _formats(arg):
                yield arg, _at(site)
        if _formats(site.call):
            yield site.call, _at(site)
    for assign in scope.assigns:
        at = At(assign.line, assign.loops, assign.guards)
        if type(assign.value) in (Group, Text, Op):
            yield assign.value, at
        if type(assign.value) is Group:  # [" ".join(["train.py", "--seed", seed])]
            for item in assign.value.items:
                if type(item) is Call and tail(item) == "join":
                    yield from ((arg, at) for arg in item.args if type(arg) is Group)


def _at(site: CallSite) -> At:
    return At(site.call.line, site.loops, site.guards)


def _formats(expr: Expr) -> bool:
    return (
        type(expr) is Call and type(expr.func) is Attr and expr.func.name == "format" and type(expr.func.base) is Const
    )


def _launch(ref: Ref, command: Expr, at: At, tracer: Tracer) -> Iterator[Launch]:
    texts = _texts(command)
    if not any("seed" in text.lower() for text in texts):
        return
    if type(command) is not Group and not COMMAND.search(" ".join(texts)):
        return
    scripts = _scripts(texts) or _scripts(_texts_of(tracer.project.scope(ref)))
    for option, value in _pairs(command):
        trail = Trail().called_from(ref).step(ref.path, at.line, f"--{option} of a command line")
        origins = tuple(dict.fromkeys(tracer.trace(ref, value, at, trail)))
        yield Launch(ref, at.line, option, scripts, origins)


def _texts(expr: Expr) -> list[str]:
    return [node.value for node in walk(expr) if type(node) is Const and isinstance(node.value, str)]


def _texts_of(scope: Scope) -> list[str]:
    """The strings around a command that is put together from several lists."""
    values = [*(assign.value for assign in scope.assigns), *(site.call for site in scope.calls)]
    return [text for value in values if type(value) in (Group, Call, Text) for text in _texts(value)]


def _scripts(texts: list[str]) -> frozenset[str]:
    """The programs that a command line names: `train.py`, and `-m package.train` as `package/train.py`."""
    found = {script for text in texts for script in SCRIPT.findall(text)}
    found |= {module.replace(".", "/") + ".py" for text in texts for module in re.findall(r"-m\s+([\w.]+)", text)}
    for flag, module in pairwise(texts):
        if flag == "-m":
            found.add(module.replace(".", "/") + ".py")
    return frozenset(found)


def _pairs(command: Expr) -> Iterator[tuple[str, Expr]]:
    """Each seed option with the expression of its value: `["--seed", str(s)]`, `f"--seed {s}"`, `"--seed %d" % s`."""
    match command:
        case Group():
            yield from _followed(command.items)
            for item in command.items:
                if type(item) is Text:
                    yield from _pairs(item)
        case Text():
            yield from _followed(command.parts)
        case Call(func=Attr(base=Const(value=str() as text))):
            yield from _formatted(text, command)
        case Op(operator="Mod", operands=(Const(value=str() as text), values)):
            option = _seed_option(text)
            if option:
                for item in values.items if type(values) is Group else (values,):
                    if "seed" in tail(item).lower() or type(values) is not Group:
                        yield option, item
        case Op(operator="Add"):
            yield from _followed(_terms(command))


def _followed(parts: Iterable[Expr]) -> Iterator[tuple[str, Expr]]:
    """The pieces of a command line that name a seed option, each with the value that comes next."""
    for part, following in pairwise(parts):
        option = _option(part)
        if option and type(following) is not Const:
            yield option, following


def _terms(expr: Expr) -> Iterator[Expr]:
    if type(expr) is Op and expr.operator == "Add":
        for operand in expr.operands:
            yield from _terms(operand)
    elif type(expr) is Text:
        yield from expr.parts
    else:
        yield expr


def _formatted(text: str, call: Call) -> Iterator[tuple[str, Expr]]:
    holes = re.findall(r"([\w.-]*seed[\w-]*)[= ]+\{(\w*)\}", text, re.I)
    names = dict(call.keywords)
    for option, hole in holes:
        if hole in names:
            yield option.lstrip("-"), names[hole]
        elif not hole:
            position = len(re.findall(r"\{\w*[^}]*\}", text[: text.find(option)]))
            if position < len(call.args):
                yield option.lstrip("-"), call.args[position]


def _option(expr: Expr) -> str | None:
    """The seed option at the end of a piece of a command line."""
    return _seed_option(expr.value, r"[=\s]*$") if type(expr) is Const and isinstance(expr.value, str) else None


def _seed_option(text: str, then: str = "") -> str | None:
    """The first seed option in a text that something follows."""
    match = re.search(r"(?:^|[\s+-])([\w.-]*seed[\w-]*)" + then, text, re.I)
    return match[1].lstrip("-") if match else None
