"""Matches the calls of a project with the frameworks' tables: what seeds, trains, draws, averages, loads."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import cache

from seedlint.code.apis import ApiTable, Governs, OptionCall, Seeder
from seedlint.code.facts import CallSite
from seedlint.code.project import Project, Ref
from seedlint.code.syntax import Attr, Call, Const, Expr, Name, access_path, dotted, tail

FOREIGN_TRAINER = re.compile(r"(pre_?)?train(_(one_)?epoch|_model|_loop|_step|_net\w*)?$|fine_?tune(_model)?$")
"""Functions of packages that are neither in the project nor known, which by their names train what they are given."""


FOREIGN_SEEDERS = frozenset(
    f"{verb}_{noun}"
    for verb in ("set", "fix", "init", "setup", "set_all", "set_global", "fix_all", "setup_all")
    for noun in ("seed", "seeds", "random_seed", "random_seeds", "rng_seed")
) | {"seed_everything", "seed_all", "seed_torch", "seed_all_rng", "set_randomness", "improve_reproducibility"}
"""Functions of such packages which by their names seed all generators."""

_FOREIGN_SEEDER = Seeder((), (), "", ("seed", "random_seed"), 0, Governs.GLOBAL, "nothing", None, (), "")


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


class Calls:
    """What the frameworks' tables say of a call, at the place where it stands."""

    def __init__(self, project: Project, apis: ApiTable) -> None:
        self.project = project
        self.apis = apis
        self._neural: dict[str, bool] = {}
        self.option_names = _last_names(apis.options, apis.option_methods)
        self._trains = _last_names(apis.training, apis.training_methods)
        self._statistics = _last_names(apis.statistics, apis.statistic_methods, apis.combine, apis.combine_methods)
        self._tables: dict[tuple[int, int], frozenset[str]] = {}
        self.seeding_names = _last_names(apis.seeders, apis.seeder_methods) | FOREIGN_SEEDERS

    def name(self, ref: Ref, call: Call) -> str | None:
        """The qualified name of the framework function that a call runs; methods of `Class(…)` values as `Class.method`."""
        name = self.project.external(ref, call.func)
        if name is None and type(call.func) is Attr:
            made = self.made_by(ref, call.func.base)
            name = f"{made}.{call.func.name}" if made else None
        return name

    def _written(self, ref: Ref, func: Expr) -> str | None:
        """A callee as its import spells it: a framework's own examples call it by the name that its users know."""
        text = dotted(func) or ""
        first, _, rest = text.partition(".")
        target = self.project.files[ref.path].imports.get(first, "")
        name = f"{target}.{rest}" if rest else target
        return name if name in self.apis.seeders else None

    def made_by(self, ref: Ref, expr: Expr) -> str | None:
        """The framework class or function whose call gave a value: `torch.Generator` of `g = torch.Generator()`."""
        if type(expr) is Call:
            return self.project.external(ref, expr.func)
        symbol = self.project.symbol(ref, expr) if type(expr) is Name else None
        if symbol is None or symbol.kind != "variable":
            return None
        for assign in self.project.scope(symbol.ref).assigns:
            if type(assign.target) is Name and assign.target.id == symbol.name and type(assign.value) is Call:
                return self.project.external(symbol.ref, assign.value.func)
        return None

    def seeders(self, ref: Ref, call: Call) -> tuple[Seeder, ...]:
        """The table's entries for a call that seeds something."""
        method = tail(call.func)
        if not self._may_be(ref, call.func, self.seeding_names):
            return ()
        name = self.name(ref, call) or self._written(ref, call.func)
        if name is not None:
            found = self.apis.seeders.get(name, ())
            if found or self.project.external(ref, call.func):
                return found or self._foreign_seeders(ref, name)
        if type(call.func) is not Attr or self.project.callee(ref, call.func):
            return ()
        receiver = tail(call.func.base)
        candidates = self.apis.seeder_methods.get(method, ())
        return tuple(item for item in candidates if not item.receiver or _pattern(item.receiver).search(receiver))

    def _foreign_seeders(self, ref: Ref, name: str) -> tuple[Seeder, ...]:
        """What a function seeds that comes from a package of which nothing is known: `dassl.utils.set_random_seed`."""
        root, _, rest = name.partition(".")
        known = root in self.apis.packages or root in sys.stdlib_module_names
        foreign = rest.rpartition(".")[2] in FOREIGN_SEEDERS and not known and self.neural(ref.path)
        return (_FOREIGN_SEEDER,) if foreign else ()

    def _may_be(self, ref: Ref, func: Expr, last_names: frozenset[str]) -> bool:
        """Whether a callee's last name, or the one it was imported by, is worth resolving: most calls are not."""
        last = tail(func)
        if last in last_names:
            return True
        target = self.project.files[ref.path].imports.get(func.id) if type(func) is Name else None
        return target is not None and target.rpartition(".")[2] in last_names

    def trains(self, ref: Ref, site: CallSite) -> bool:
        """Whether a call is itself a training step or a whole training run of a framework."""
        call = site.call
        method = tail(call.func)
        if not self._may_be(ref, call.func, self._trains):
            return self._foreign_trains(ref, call)
        name = self.project.external(ref, call.func)
        if name is not None:
            training = self.apis.training.get(name)
            if training is None:
                return self._foreign_trains(ref, call)
            return not training.requires or self.neural(ref.path)
        if type(call.func) is not Attr:
            return False
        made = self.made_by(ref, call.func.base)
        exact = self.apis.training.get(f"{made}.{method}") if made else None
        if exact:
            return True
        if self._is_classical(ref, call.func.base):
            return False
        receiver = access_path(call.func.base) or tail(call.func.base)
        for item in self.apis.training_methods.get(method, ()):
            given = bool(call.args or call.keywords)
            if item.receiver and not _pattern(item.receiver).search(receiver):
                continue
            if (item.arguments == "some" and not given) or (item.arguments == "none" and given):
                continue
            if item.requires and not self.neural(ref.path) and not _counts_epochs(call):
                continue
            if self.project.callee(ref, call.func) is None:
                return True
        return False

    def _foreign_trains(self, ref: Ref, call: Call) -> bool:
        """Whether a call runs a training function of a package that nothing is known of: `swag.utils.train_epoch(model)`."""
        imported = self.project.files[ref.path].imports.get(call.func.id, "") if type(call.func) is Name else ""
        if not call.args or not FOREIGN_TRAINER.match(imported.rpartition(".")[2] or tail(call.func)):
            return False
        root, _, rest = (self.project.external(ref, call.func) or "").partition(".")
        holder = rest.rpartition(".")[0].rpartition(".")[2] or root
        known = root in self.apis.packages or root in sys.stdlib_module_names
        return bool(rest) and not known and not holder[:1].isupper() and self.neural(ref.path)

    def _is_classical(self, ref: Ref, receiver: Expr) -> bool:
        """Whether a value is, wherever it is bound, an estimator that trains nothing by gradient: `PCA(2)`."""
        path = access_path(receiver)
        makers = [
            (where, value)
            for where, value in self._bound(ref, receiver)
            if not (type(value) is Call and type(value.func) is Attr and access_path(value.func.base) == path)
        ]
        return bool(makers) and all(self._made_classical(where, value) for where, value in makers)

    def _bound(self, ref: Ref, expr: Expr) -> list[tuple[Ref, Expr]]:
        """What a name or an attribute is bound to, each with the place that says what its names mean."""
        if type(expr) is Attr:
            owner = self.project.class_of(ref, expr.base)
            attributes = self.project.attribute_assigns(owner, expr.name) if owner else []
            return [(where, item.value) for where, item in attributes]
        if type(expr) is not Name:
            return [(ref, expr)]
        symbol = self.project.symbol(ref, expr)
        if symbol is None or symbol.kind != "variable":
            return []
        bound = self.project.scope(symbol.ref).assigns
        return [(symbol.ref, item.value) for item in bound if type(item.target) is Name and item.target.id == expr.id]

    def _made_classical(self, ref: Ref, value: Expr) -> bool:
        made = self.project.external(ref, value.func) if type(value) is Call else None
        while made:
            if made in self.apis.not_training:
                return True
            made = made.rpartition(".")[0]
        return False

    def neural(self, path: str) -> bool:
        """Whether a file imports a package of neural networks, itself or through a project file that it imports."""
        if path not in self._neural:
            self._neural[path] = False
            facts = self.project.file(path)
            roots = {target.split(".")[0] for target in [*facts.imports.values(), *facts.stars]} if facts else set()
            self._neural[path] = bool(roots & self.apis.neural_packages) or any(
                self.neural(module) for module in self.project.imported(path)
            )
        return self._neural[path]

    def option(self, ref: Ref, call: Call) -> OptionCall | None:
        """The table's entry for a call that declares an option or a field."""
        if not self._may_be(ref, call.func, self.option_names):
            return None
        name = self.project.external(ref, call.func)
        if name is not None:
            return self.apis.options.get(name)
        if type(call.func) is Attr and self.project.callee(ref, call.func) is None:
            known = self.apis.option_methods.get(call.func.name)
            return known or self.apis.options.get(self.name(ref, call) or "")
        return None

    def is_in(self, ref: Ref, call: Call, names: frozenset[str], methods: frozenset[str]) -> bool:
        """Whether a call is one of a table's qualified names or, on a value of unknown type, of its methods."""
        key = id(names), id(methods)  # the tables live as long as the process
        if key not in self._tables:
            self._tables[key] = _last_names(names, methods)
        if not self._may_be(ref, call.func, self._tables[key]):
            return False
        name = self.project.external(ref, call.func)
        if name is not None:
            return name in names
        return type(call.func) is Attr and call.func.name in methods and self.project.callee(ref, call.func) is None

    def statistic(self, ref: Ref, call: Call) -> str | None:
        """What a call does with several values: "mean", "spread", "test", "table", "plot", "extreme" or "combine"."""
        if not self._may_be(ref, call.func, self._statistics):
            return None
        name = self.project.external(ref, call.func)
        if name is not None:
            return self.apis.statistics.get(name) or ("combine" if name in self.apis.combine else None)
        if type(call.func) is Attr and self.project.callee(ref, call.func) is None:
            method = call.func.name
            return self.apis.statistic_methods.get(method) or (
                "combine" if method in self.apis.combine_methods else None
            )
        return None


EPOCHS = frozenset({"epochs", "n_epochs", "nb_epoch", "num_epochs", "max_epochs", "steps_per_epoch"})
"""Keywords that only what trains by gradient takes."""


def _counts_epochs(call: Call) -> bool:
    """Whether a call says how many epochs to go through: then it trains a network, wherever that comes from."""
    return any(name in EPOCHS for name, _ in call.keywords)


def _last_names(*tables: Iterable[str]) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for table in tables for name in table)


SEED_NAME = re.compile(
    r"(?:^|[_\W])seeds?(?:$|[_\W\d])|(?<=[a-z])Seeds?(?:$|[_\WA-Z])|^SEEDS?|random_?state|(?:^|_)rng_?seed", re.I
)
"""A name that speaks of a seed: `seed`, `train_seed`, `random_state`, `--dynet-seed`, not `seeded_nodes` or `seedling`."""


def speaks_of_seed(name: str) -> bool:
    """Whether a name, path or option speaks of a random seed."""
    return bool(SEED_NAME.search(name))


def text_of(expr: Expr) -> str:
    """A short text for a message: a dotted name, a literal, or the callee's name."""
    if type(expr) is Const:
        return repr(expr.value)
    return dotted(expr) or access_path(expr) or tail(expr) or "…"
