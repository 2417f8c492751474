"""Finds the calls that seed what training draws from, and follows each seed to its origins."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from seedlint.code.apis import Governs, Seeder
from seedlint.code.calls import Calls, text_of
from seedlint.code.facts import CallSite
from seedlint.code.keys import Keys
from seedlint.code.origins import Kind, Origin, Read, Trail
from seedlint.code.project import Project, Ref
from seedlint.code.syntax import Call, argument, names_in, tail, walk
from seedlint.code.trace import At, Tracer
from seedlint.code.training import Training
from seedlint.code.unittests import is_test
from seedlint.uses import Place

GOVERNING = frozenset({Governs.GLOBAL, Governs.KEY, Governs.TRAINER, Governs.INITIALIZER})
"""What a training run draws from; generators of their own, data, environments and decoding are something else."""

ASIDE = re.compile(
    r"(^|_)(eval|evaluate|evaluation|test|validate|validation|sample|samples|sampling|generate|generation|predict|infer|inference"
    r"|plot|plots|visuali[sz]e|draw|show|worker_init|seed_worker|worker_init_fn|init_worker|benchmark|profile)(_|$|fn)|^worker_",
    re.I,
)
"""Functions beside the training run: a seed set in them does not reach it, unless they train themselves."""

MADE_UP = re.compile(
    r"torch\.(rand|randn|randint)$|numpy\.random\.(rand|randn|randint|normal|uniform)$|tensorflow\.random\.\w+$"
)
"""Calls that make up the tensors of a trial run."""

SCRIPT_ASIDE = re.compile(
    r"(^|/)(load_(pretrained|model|checkpoint)|eval|evaluate|evaluation|test|predict|prediction|infer|inference|generate|sample|plot|visuali[sz]e|analy[sz]e|demo"
    r"|convert|export|interpolate|translate|decode|embed|extract|preprocess|prepare)(_[^/]*)?\.(py|ipynb)$",
    re.I,
)
"""Scripts that by their names do not train; believed unless they take gradient steps of their own."""

DATA = re.compile(
    r"(^|_)(data|dataset|datasets|dataloaders?|loaders?|splits?|shuffle|subsets?|preprocess|corpus|batches|examples|features)(_|$)",
    re.I,
)


@dataclass(frozen=True)
class Sink:
    """A seeding call and where its seed comes from. `name` is the function as the table knows it; `reads` are the
    settings that the seed is read from."""

    ref: Ref
    site: CallSite
    seeder: Seeder
    name: str
    origins: tuple[Origin, ...]
    reads: tuple[Read, ...] = ()

    @property
    def line(self) -> int:
        """The line of the call."""
        return self.site.call.line


class Sinks:
    """The seeding calls of a project that govern training."""

    def __init__(self, project: Project, calls: Calls, tracer: Tracer, training: Training) -> None:
        self.project = project
        self.calls = calls
        self.tracer = tracer
        self.training = training
        self.keys = Keys(project, training)

    def find(self, kinds: frozenset[Governs] = GOVERNING) -> list[Sink]:
        """Every governing sink with its origins."""
        found = []
        for ref, site in list(self.project.sites(self.calls.seeding_names)):
            for seeder in self.calls.seeders(ref, site.call):
                if seeder.governs is Governs.GENERATOR and self._initialises(ref, site.call):
                    seeder = replace(seeder, governs=Governs.INITIALIZER)
                if seeder.governs not in kinds:
                    continue
                if seeder.governs is Governs.KEY and not self.keys.reach_parameters(ref, site.call):
                    continue
                sink = self._sink(ref, site, seeder)
                if sink is not None:
                    found.append(sink)
                break
        return sorted(found, key=lambda sink: (sink.ref, sink.line))

    def _sink(self, ref: Ref, site: CallSite, seeder: Seeder) -> Sink | None:
        call = site.call
        name = self.calls.name(ref, call) or text_of(call.func)
        trail = Trail().called_from(ref).step(ref.path, call.line, f"{name} seeds here")
        seed = argument(call, seeder.arguments, seeder.position)
        if seed is None:
            if seeder.absent != "constant" or (call.keywords and any(key is None for key, _ in call.keywords)):
                return None
            if self._seeded_before(ref, call):
                return None  # and that seed is taken again
            place = Place(ref.path, call.line, call.column, call.end_line, call.end_column)
            subject = f"seed {seeder.absent_value} of a call without argument"
            constant = trail.origin(Kind.LITERAL, place, seeder.absent_value, subject)
            return Sink(ref, site, seeder, name, (constant,))
        origins = self.tracer.trace(ref, seed, At(call.line, site.loops, site.guards), trail)
        kept = tuple(
            dict.fromkeys(origin for origin in origins if origin.value not in seeder.off or origin.value is None)
        )
        return Sink(ref, site, seeder, name, kept, tuple(trail.reads))

    def _seeded_before(self, ref: Ref, call: Call) -> bool:
        """Whether the same function is called with a seed earlier in the scope."""
        sites = self.project.scope(ref).calls
        same = [site.call for site in sites if tail(site.call.func) == tail(call.func) and site.call.line < call.line]
        return any(other.args or other.keywords for other in same)

    def _initialises(self, ref: Ref, generator: Call) -> bool:
        """Whether a generator of its own draws parameters: `nn.Parameter(torch.randn(…, generator=g))`."""
        carriers = self.project.names_given(ref).get(id(generator))
        if not carriers:
            return False
        scope = self.project.scope(ref)
        for site in scope.calls:
            drawn = any(
                key == "generator" and names_in(value) & carriers
                for node in walk(site.call)
                if type(node) is Call
                for key, value in node.keywords
            )
            if drawn and (
                tail(site.call) == "Parameter" or ".init." in (self.project.external(ref, site.call.func) or "")
            ):
                return True
        return False

    # scope of a seed

    def governs_training(self, sink: Sink, origin: Origin) -> bool:
        """Whether the seed, coming from this origin, reaches a training run."""
        if sink.seeder.governs is Governs.ESTIMATOR:
            return not is_test(self.project.files[sink.ref.path])
        if origin.callers and is_test(self.project.files[origin.callers[-1].path]):
            return False
        callers = origin.callers or (sink.ref,)
        if self._tests_itself(sink):
            return False
        if SCRIPT_ASIDE.search(callers[-1].path) and not self.training.trains_itself(callers[-1].path):
            return False
        for ref in callers:
            if self._beside(ref) and not self.training.reaches(ref):
                return False
            if self.training.reaches(ref) or self._class_trains(ref) or self._script_trains(ref):
                return True
        return self._caller_trains(callers[-1])

    def _tests_itself(self, sink: Sink) -> bool:
        """Whether a module that others import runs itself, under its main guard, on made-up tensors: a trial of its code."""
        scope = self.project.scope(sink.ref)
        guarded = any("__name__" in names_in(guard.test) for guard in sink.site.guards)
        if scope.kind != "module" or not guarded:
            return False
        made_up = any(MADE_UP.match(self.project.external(sink.ref, site.call.func) or "") for site in scope.calls)
        return made_up and any(sink.ref.path in self.project.imported(path) for path in self.project.files)

    def _beside(self, ref: Ref) -> bool:
        scope = self.project.scope(ref)
        return scope.kind == "function" and bool(ASIDE.search(scope.name) or DATA.search(scope.name))

    def _class_trains(self, ref: Ref) -> bool:
        owner = self.project.owner(ref)
        return owner is not None and self.training.class_trains(owner)

    def _script_trains(self, ref: Ref) -> bool:
        """A seed at a module's top level governs what the functions of that module train."""
        if self.project.scope(ref).kind != "module":
            return False
        scopes = self.project.files[ref.path].scopes
        return any(self.training.reaches(Ref(ref.path, scope.index)) for scope in scopes if scope.kind == "function")

    def _caller_trains(self, ref: Ref) -> bool:
        seen, queue = {ref}, [ref]
        while queue and len(seen) < 200:
            for caller in self.project.callers(queue.pop(0)):
                if caller.ref in seen or self._beside(caller.ref):
                    continue
                if self.training.reaches(caller.ref) or self._class_trains(caller.ref):
                    return True
                seen.add(caller.ref)
                queue.append(caller.ref)
        return False
