"""What a project declares by name: options of programs, fields of configuration classes, keys of configuration objects."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import takewhile

from seedlint.code.calls import Calls, speaks_of_seed
from seedlint.code.facts import GIVEN, Assign, CallSite, Scope, is_given
from seedlint.code.project import Project, Ref, targets
from seedlint.code.reach import is_name
from seedlint.code.readers.python_config import as_config
from seedlint.code.syntax import Attr, Call, Const, Expr, Group, Item, Name, Table, access_path, tail, walk
from seedlint.code.unittests import is_test_path

CONFIG_WORDS = re.compile(
    r"config|cfg|conf\b|args|arguments|options?\b|opts?\b|params|settings|hparams|hyper|flags|^_?C$", re.I
)
"""Names of objects and classes that hold the settings of a run."""


@dataclass(frozen=True)
class Declaration:
    """A setting that code reads by name. `replaceable` says whether something outside the code can give another value."""

    key: str
    ref: Ref
    default: Expr | None
    line: int
    subject: str
    replaceable: bool
    loops: tuple[int, ...] = ()

    @property
    def is_option(self) -> bool:
        """Whether it is an option of a program."""
        return self.subject.startswith("option")

    @property
    def is_required_field(self) -> bool:
        """Whether it is a field of a class that has no default."""
        return self.subject.startswith("field") and is_given(self.default)

    def is_read_as(self, path: str) -> bool:
        """Whether it is the setting of that name in the same section: `cfg.model.seed` read as `config.model.seed`."""
        return self.subject.startswith("setting") and self.subject.split(".")[-2:] == path.split(".")[-2:]


class Declarations:
    """The settings of a project by key."""

    def __init__(self, project: Project, calls: Calls) -> None:
        self.project = project
        self.calls = calls
        self.by_key: dict[str, list[Declaration]] = defaultdict(list)
        self._handed: frozenset[str] | None = None
        self._configs: dict[str, bool] = {}
        for ref, site in project.sites(calls.option_names):
            declared = self._option(ref, site)
            if declared:
                self.by_key[declared.key].append(declared)
        for ref, scope in project.scopes():
            self._collect(ref, scope)

    def _collect(self, ref: Ref, scope: Scope) -> None:
        if scope.kind == "class" and self.is_settings(ref):
            for assign in scope.assigns:
                if type(assign.target) is Name:
                    self._add(assign.target.id, ref, assign.value, assign, f"field {assign.target.id} of {scope.name}")
        for assign in scope.assigns:
            self._key(ref, assign)
            self._tables(ref, assign.value)
        for returned in scope.returns:
            self._tables(ref, returned.value)

    def _add(self, key: str, ref: Ref, value: Expr | None, assign: Assign, subject: str) -> None:
        self.by_key[key].append(Declaration(key, ref, value, assign.line, subject, True, assign.loops))

    def is_settings(self, ref: Ref) -> bool:
        """Whether a class holds settings: a dataclass, a model of pydantic or attrs, or one named like a configuration."""
        scope = self.project.scope(ref)
        marks = " ".join(
            [scope.name, *(tail(base) for base in scope.bases), *(tail(item) for item in scope.decorators)]
        )
        return bool(CONFIG_WORDS.search(marks) or _RECORDS.search(marks))

    def _option(self, ref: Ref, site: CallSite) -> Declaration | None:
        call = site.call
        option = self.calls.option(ref, call)
        if option is None or option.name == "target":
            return None
        names = [arg.value for arg in call.args if type(arg) is Const and isinstance(arg.value, str)]
        keywords = dict(call.keywords)
        if option.name == "first":
            names = names[:1]
        if not names:
            return None
        long = next((name for name in names if name.startswith("--")), names[0])
        dest = keywords.get("dest")
        key = dest.value if type(dest) is Const and isinstance(dest.value, str) else long
        for name in names[1:] if tail(call) == "option" else ():
            key = name if name.isidentifier() else key
        default = keywords.get(option.default)
        if default is None and 0 <= option.position < len(call.args):
            default = call.args[option.position]
        required = keywords.get("required")
        if (type(required) is Const and required.value is True) or (default is None and not long.startswith("-")):
            default = GIVEN
        line = default.line if type(default) is Const and not is_given(default) else call.line
        label = long if long.startswith("-") else f"--{long}"
        clean = str(key).lstrip("-").replace("-", "_")
        return Declaration(clean, ref, default, line, f"option {label}", True, site.loops)

    def _key(self, ref: Ref, assign: Assign) -> None:
        target = assign.target
        if type(target) is not Attr and type(target) is not Item:
            return
        path = access_path(target)
        if path is None or path.startswith("self.") or assign.augmented:
            return
        owner, _, key = path.rpartition(".")
        if speaks_of_seed(key) and CONFIG_WORDS.search(owner) and not _spreads(self.project.scope(ref), owner):
            self._add(key, ref, assign.value, assign, f"setting {path}")

    def _tables(self, ref: Ref, value: Expr) -> None:
        tables = [value] if type(value) is Table else []
        if type(value) is Call:
            tables = [arg for arg in [*value.args, *(item for _, item in value.keywords)] if type(arg) is Table]
        for table in tables:
            for node in walk(table):
                if type(node) is not Table:
                    continue
                for key, item in node.pairs:
                    if type(key) is Const and isinstance(key.value, str) and speaks_of_seed(key.value):
                        declared = Declaration(key.value, ref, item, key.line, f'key "{key.value}"', False)
                        self.by_key[key.value].append(declared)

    def near(self, path: str, key: str) -> list[Declaration]:
        """The declarations of a key that code in a file most likely reads: of the file, of connected ones, else the only one."""
        found = self.by_key.get(key, [])
        own = [item for item in found if item.ref.path == path]
        if own and all(item.is_required_field for item in own):
            found = [item for item in found if item.is_option]  # whoever makes the class may take it from an option
        elif own or not found:
            return own
        found = [item for item in found if not is_test_path(item.ref.path) and not self._is_made_by_code(item)]
        connected = self.project.connected(path)
        linked = _nearest(path, [item for item in found if item.ref.path in connected])
        fields = [item for item in found if not item.is_option]
        alone = _nearest(path, fields)
        return linked or (alone if len({item.ref.path for item in alone}) == 1 or self._are_configs(alone) else [])

    def _are_configs(self, items: list[Declaration]) -> bool:
        """Whether all stand in modules that only configure: whoever starts the program names one of them."""
        return all(self._is_config(path) for path in {item.ref.path for item in items})

    def _is_config(self, path: str) -> bool:
        if path not in self._configs:
            self._configs[path] = as_config(self.project.files[path]) is not None
        return self._configs[path]

    def _is_made_by_code(self, item: Declaration) -> bool:
        """Whether a field's class is one that code makes itself and hands to no parser: what a parser gave is none of these."""
        if not item.subject.startswith("field") or not self.project.callers(item.ref):
            return False
        if self._handed is None:
            calls = [site.call for _, scope in self.project.scopes() for site in scope.calls]
            given = [arg for call in calls for arg in call.given]
            parts = [part for arg in given for part in (arg.items if type(arg) is Group else (arg,))]
            self._handed = frozenset(tail(part) for part in parts if type(part) is Name or type(part) is Attr)
        return self.project.scope(item.ref).name not in self._handed


def _spreads(scope: Scope, name: str) -> bool:
    """Whether a name of a function holds the keyword arguments of one call: those that the function is given as `**name`, or
    those that it only spreads again. They are no settings that other code reads."""
    if scope.kind != "function":
        return False
    if any(param.name == f"*{name}" for param in scope.params):
        return True
    calls = [site.call for site in scope.calls]
    spread = any(keyword is None and is_name(value, name) for call in calls for keyword, value in call.keywords)
    given = [arg for call in calls for arg in (*call.args, *(value for keyword, value in call.keywords if keyword))]
    returned = [part for item in scope.returns for part in targets(item.value)]
    return spread and not any(is_name(value, name) for value in (*given, *returned))


def _nearest(path: str, items: list[Declaration]) -> list[Declaration]:
    """Of settings of the same name in several programs, those of the folder nearest to the reader."""

    def shared(item: Declaration) -> int:
        folders = zip(path.split("/")[:-1], item.ref.path.split("/")[:-1], strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], folders))

    most = max(map(shared, items), default=0)
    return [item for item in items if shared(item) == most]


_RECORDS = re.compile(r"\b(dataclass|BaseModel|BaseSettings|attrs|attr|define|frozen|NamedTuple|TypedDict|Tap|s)\b")
