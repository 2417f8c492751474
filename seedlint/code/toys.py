"""Answers whether a seed only makes data: what a script makes up by numpy for a network that draws from a generator of its
own, what a class that holds data draws right after it has seeded, and the seeds of the runs themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seedlint.code.calls import speaks_of_seed
from seedlint.code.facts import CallSite
from seedlint.code.origins import Origin
from seedlint.code.project import Project, Ref
from seedlint.code.sinks import Sink
from seedlint.code.syntax import Attr, Name, children, tail
from seedlint.code.training import Training

MAKES_NUMBERS = frozenset(
    "rand randn randint random random_sample standard_normal normal uniform multivariate_normal binomial beta exponential "
    "gamma poisson laplace".split()
)
"""Draws of numpy by which people make up inputs and targets. Others order, pick or split, and may do so in training."""

OWN_GENERATOR = frozenset({"torch", "torchvision", "torchaudio"})
"""Packages that train without numpy's generator; Keras shuffles its batches by it."""

PLAIN_SEEDERS = frozenset({"numpy.random.seed", "random.seed"})
"""Seeders of generators that no framework draws the weights of a network from."""

LEARNS = re.compile(r"module$|model|net(work)?s?$|agent|learner|train|experiment|runner|policy|solver|layer", re.I)
"""Classes, or bases, that are or run what learns."""

COLLECTING = frozenset({"append", "add", "extend"})

BESIDE = 3
"""Lines between seeding calls that a reader takes for one decision."""


def only_makes_data(sink: Sink, origin: Origin, sinks: list[Sink], project: Project, training: Training) -> bool:
    """Whether a class that trains nothing draws what it seeds, only the seeds of runs are drawn, or a script seeds numpy, and
    nothing beside it, for made-up data that a network of PyTorch is then trained on."""
    if _is_drawn_by_holder(sink, sinks, project, training) or _draws_seeds(sink, project):
        return True
    path = sink.ref.path
    if sink.name != "numpy.random.seed" or project.scope(sink.ref).kind != "module" or origin.callers != (sink.ref,):
        return False
    if any(other is not sink and other.ref == sink.ref and abs(other.line - sink.line) <= BESIDE for other in sinks):
        return False
    frameworks = _frameworks(path, project, training)
    if project.imported(path) or "torch" not in frameworks or not frameworks <= OWN_GENERATOR:
        return False
    draws = list(_draws(path, project, "numpy.random."))
    later = any(ref == sink.ref and site.call.line > sink.line for ref, site in draws)
    return later and all(_makes_numbers(ref, site, project, training) for ref, site in draws)


def _is_drawn_by_holder(sink: Sink, sinks: list[Sink], project: Project, training: Training) -> bool:
    """Whether a method of a class that is no learner and trains nothing seeds, and then draws an order or numbers of its own."""
    owner = project.owner(sink.ref)
    if owner is None or sink.name not in PLAIN_SEEDERS or training.class_trains(owner):
        return False
    if any(LEARNS.search(name) for name in (project.scope(owner).name, *map(tail, project.scope(owner).bases))):
        return False
    if any(other.ref == sink.ref and other.name not in PLAIN_SEEDERS for other in sinks):
        return False
    draws = _draws(sink.ref.path, project, sink.name.removesuffix("seed"))
    return any(ref == sink.ref and site.call.line >= sink.line for ref, site in draws)


def _frameworks(path: str, project: Project, training: Training) -> frozenset[str]:
    """The packages of neural networks that a file imports."""
    facts = project.files[path]
    roots = {target.partition(".")[0] for target in (*facts.imports.values(), *facts.stars)}
    return frozenset(roots & training.calls.apis.neural_packages)


def _draws_seeds(sink: Sink, project: Project) -> bool:
    """Whether all that a file draws from a plain generator is a list of seeds, or a seed for each turn of a loop: each run
    then draws from its own."""
    if sink.name not in PLAIN_SEEDERS:
        return False
    draws = list(_draws(sink.ref.path, project, sink.name.removesuffix("seed")))
    return bool(draws) and all(_gives_seeds(ref, site, project) for ref, site in draws)


def _gives_seeds(ref: Ref, site: CallSite, project: Project) -> bool:
    """Whether a draw gives several seeds, by the names that it is bound to or collected in."""
    collected = [
        tail(other.call.func.base)
        for other in project.scope(ref).calls
        if type(other.call.func) is Attr and other.call.func.name in COLLECTING and site.call in children(other.call)
    ]
    names = project.names_given(ref).get(id(site.call), set()).union(collected)
    return any(speaks_of_seed(name) and (site.loops or name.lower().endswith("seeds")) for name in names)


def _draws(path: str, project: Project, generator: str) -> Iterator[tuple[Ref, CallSite]]:
    """The calls of a file that use a generator ("numpy.random."), also by a reference to one of its functions."""
    for scope in project.files[path].scopes:
        ref = Ref(path, scope.index)
        for site in scope.calls:
            used = [site.call.func, *(arg for arg in site.call.args if type(arg) in (Name, Attr))]
            names = [project.external(ref, expr) or "" for expr in used]
            if any(name.startswith(generator) and name not in PLAIN_SEEDERS for name in names):
                yield ref, site


def _makes_numbers(ref: Ref, site: CallSite, project: Project, training: Training) -> bool:
    """Whether a call makes numbers up outside the training."""
    scope = project.scope(ref)
    if tail(site.call.func) not in MAKES_NUMBERS:
        return False
    if scope.kind != "module":
        return not training.reaches(ref)
    return not any(
        set(site.loops) & set(other.loops) and training.site_reaches(ref, other) for other in scope.calls if other.loops
    )
