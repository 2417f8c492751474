"""The files of one check and their scopes, and which file an import means."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from seedlint.code.facts import FileFacts, Scope
from seedlint.code.search_paths import added_folders

Reader = Callable[[str], FileFacts | None]
"""What reads a file of the tree; None where it cannot be read."""

RELINK = 1.1
"""The import graph is drawn anew when files read since make it this much larger."""

SMALL = 200
"""Files of a project so small that its import graph is drawn anew whenever another is read."""


class Ref(NamedTuple):
    """A scope of the project: the file's path and the scope's index in it."""

    path: str
    scope: int


class Modules:
    """The files of one check. Files that the prefilter left out are read when a question leads to them."""

    def __init__(self, facts: Iterable[FileFacts], paths: Iterable[str], read: Reader) -> None:
        self.files: dict[str, FileFacts] = {item.path: item for item in facts}
        self.paths = frozenset(paths)
        self._read = read
        self._unread: set[str] = set()
        self._by_file_name: dict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            self._by_file_name[path.rpartition("/")[2]].append(path)
        self._modules: dict[tuple[str, str], str | None] = {}
        self._added: dict[str, tuple[str, ...]] = {}
        self._imported: dict[str, frozenset[str]] = {}
        self._needed: dict[str, frozenset[str]] = {}
        self._connected: dict[str, frozenset[str]] = {}
        self._importers: dict[str, set[str]] = {}
        self._linked = 0

    def _index(self, facts: FileFacts) -> None:
        """What else is noted of a file that is read later: nothing where only modules are asked for."""

    def file(self, path: str) -> FileFacts | None:
        """The facts of a file, read now if the prefilter had left it out; None if it cannot be read."""
        if path not in self.files:
            facts = self._read(path) if path in self.paths and path not in self._unread else None
            if facts is None:
                self._unread.add(path)
                return None
            self.files[path] = facts
            self._index(facts)
        return self.files[path]

    def reconsider(self, paths: Iterable[str]) -> None:
        """Have files that could not be read before asked for again."""
        self._unread.difference_update(paths)

    def scope(self, ref: Ref) -> Scope:
        """The scope that a reference names."""
        return self.files[ref.path].scopes[ref.scope]

    def parent(self, ref: Ref) -> Ref | None:
        """The scope around one."""
        index = self.scope(ref).parent
        return Ref(ref.path, index) if index >= 0 else None

    def owner(self, ref: Ref) -> Ref | None:
        """The class around a method (or around a function nested in one)."""
        around: Ref | None = ref
        while around is not None:
            if self.scope(around).kind == "class":
                return around
            around = self.parent(around)
        return None

    def scopes(self) -> Iterator[tuple[Ref, Scope]]:
        """Every scope of the Python code read so far."""
        for facts in list(self.files.values()):
            for scope in facts.scopes if facts.is_python else ():
                yield Ref(facts.path, scope.index), scope

    # imports

    def module(self, importer: str, target: str) -> str | None:
        """The path of the module that `target` ("a.b", "..a.b") means in the file `importer`; None outside the project."""
        key = (importer.rpartition("/")[0], target)
        if key not in self._modules:
            self._modules[key] = self._find_module(*key)
        return self._modules[key] or self._added_module(importer, target)

    def _added_module(self, importer: str, target: str) -> str | None:
        """The path of a module in one of the folders that a file adds to `sys.path`."""
        if importer not in self._added:
            facts = self.files.get(importer)
            if facts is None:
                return None
            self._added[importer] = added_folders(facts) if facts.is_python else ()
        if not self._added[importer] or target.startswith("."):
            return None
        found = (self._module_at(folder, target.replace(".", "/")) for folder in self._added[importer])
        return next((path for path in found if path), None)

    def script(self, path: str, name: str) -> str | None:
        """The path of the script that a script sources by a name: from its folder or the root, or the only one so called."""
        constant = re.search(r"[\w.-]+(?:/[\w.-]+)*$", name.strip("\"' "))
        if constant is None:
            return None
        plain = posixpath.normpath(constant[0])
        around = posixpath.normpath(posixpath.join(posixpath.dirname(path), plain))
        found = next((where for where in (around, plain) if where in self.paths), None)
        alone = self._by_file_name.get(posixpath.basename(plain), [])
        return found or (alone[0] if len(alone) == 1 else None)

    def _find_module(self, folder: str, target: str) -> str | None:
        bare = target.lstrip(".")
        level = len(target) - len(bare)
        tail_path = bare.replace(".", "/")
        if level:
            for _ in range(level - 1):
                folder = folder.rpartition("/")[0]
            return self._module_at(folder, tail_path)
        if not bare:
            return None
        around = folder
        while True:
            found = self._module_at(around, tail_path) or self._module_at(
                f"{around}/src" if around else "src", tail_path
            )
            if found or not around:
                break
            around = around.rpartition("/")[0]
        return found or self._module_anywhere(tail_path)

    def _module_at(self, folder: str, tail_path: str) -> str | None:
        stem = f"{folder}/{tail_path}" if folder and tail_path else folder or tail_path
        for path in (f"{stem}.py", f"{stem}/__init__.py"):
            if path in self.paths:
                return path
        return None

    def _module_anywhere(self, tail_path: str) -> str | None:
        if "/" not in tail_path:
            return None
        last = tail_path.rpartition("/")[2]
        for name, suffix in ((f"{last}.py", f"{tail_path}.py"), ("__init__.py", f"{tail_path}/__init__.py")):
            found = [path for path in self._by_file_name[name] if path.endswith("/" + suffix)]
            if len(found) == 1:
                return found[0]
        return None

    def imported(self, path: str) -> frozenset[str]:
        """The project files that a file imports directly."""
        if path not in self._imported:
            facts = self.file(path)
            found = set()
            for target in [*facts.imports.values(), *facts.stars] if facts else ():
                bare = target.rpartition(".")[0]
                module = self.module(path, target) or (self.module(path, bare or target) if bare.strip(".") else None)
                if module is None and target.startswith(".") and not bare.strip("."):
                    module = self.module(path, target[: len(target) - len(target.lstrip("."))])
                if module:
                    found.add(module)
            self._imported[path] = frozenset(found)
        return self._imported[path]

    def needed(self, path: str) -> frozenset[str]:
        """A file and those read so far that it imports, through any number of steps."""
        self._link_anew()
        if path not in self._needed:
            down = self._closure(path, lambda p: {module for module in self.imported(p) if module in self.files})
            self._needed[path] = frozenset(down)
        return self._needed[path]

    def connected(self, path: str) -> frozenset[str]:
        """The files read so far that a file imports or that import it, through any number of steps in one direction."""
        self._link_anew()
        if path not in self._connected:
            down = self.needed(path)
            up = self._closure(path, lambda p: self._importers.get(p, set()))
            self._connected[path] = frozenset(down | up)
        return self._connected[path]

    def _link_anew(self) -> None:
        """Turns the imports round where many more files have been read since."""
        read = len(self.files)
        if read <= self._linked * RELINK and not self._linked < read <= SMALL:
            return
        self._importers = defaultdict(set)
        self._needed = {}
        self._connected = {}
        self._linked = len(self.files)
        for other in list(self.files):
            for module in self.imported(other):
                self._importers[module].add(other)

    @staticmethod
    def _closure(path: str, step: Callable[[str], Iterable[str]]) -> set[str]:
        seen, queue = {path}, [path]
        while queue:
            for neighbour in step(queue.pop()):
                if neighbour not in seen:
                    seen.add(neighbour)
                    queue.append(neighbour)
        return seen
