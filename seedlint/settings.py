"""What the user asks of seedlint: `[tool.seedlint]` in pyproject.toml or `seedlint.toml`, the nearest file wins."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from seedlint.globs import Globs, PatternError, slashed
from seedlint.uses import Severity

DEFAULT_EXCLUDE = (
    ".aim", ".bzr", ".direnv", ".eggs", ".git", ".hg", ".hydra", ".idea", ".ipynb_checkpoints", ".mypy_cache", ".neptune",
    ".nox", ".pixi", ".pytest_cache", ".ruff_cache", ".svn", ".tox", ".venv", ".virtualenv", ".vscode", "__pycache__",
    "__pypackages__", "build", "dist", "env", "lightning_logs", "mlruns", "multirun", "node_modules", "ray_results",
    "site-packages", "venv", "wandb", "*.egg-info",
)  # fmt: skip

SCOPES = ("neural", "all")


class SettingsError(ValueError):
    """A configuration that cannot be read or that says something unknown, and the reason in one line."""


@dataclass(frozen=True)
class Settings:
    """One run's wishes. Patterns are gitignore patterns relative to `root`, the folder of the configuration file.

    `exclude` replaces the folders that are skipped by default, `extend_exclude` adds to them. `severity` and
    `per_file_ignores` are pairs, in the order in which they are written. `context` is whether files that are named are
    judged as part of their project.
    """

    root: str
    select: tuple[str, ...] = ("ALL",)
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    severity: tuple[tuple[str, Severity], ...] = ()
    scope: str = "neural"
    context: bool = True
    fail_on: Severity = Severity.NOTE
    origin: str | None = None

    def with_options(
        self,
        *,
        select: tuple[str, ...] = (),
        extend_select: tuple[str, ...] = (),
        ignore: tuple[str, ...] = (),
        fail_on: Severity | None = None,
        context: bool = True,
    ) -> Settings:
        """The settings with the command line's wishes on top: `select` replaces, the others add."""
        return replace(
            self,
            select=select or self.select,
            extend_select=self.extend_select + extend_select,
            ignore=self.ignore + ignore,
            fail_on=fail_on or self.fail_on,
            context=self.context and context,
        )


def find_settings(start: str, config: str | None = None) -> Settings:
    """The settings of `config`, else of the nearest file at or above the folder `start`, else the defaults.

    The search ends at the root of the repository that holds `start`.
    """
    if config is not None:
        return _from_file(os.path.abspath(config), required=True) or Settings(root=slashed(start))
    folder = start
    while True:
        for name in ("seedlint.toml", "pyproject.toml"):
            found = _from_file(os.path.join(folder, name))
            if found is not None:
                return found
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return Settings(root=slashed(start))
        folder = parent


def _from_file(path: str, *, required: bool = False) -> Settings | None:
    """The settings that a file holds; None where there is no file, or a pyproject.toml without a word of seedlint."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        if required:
            raise SettingsError(f"{path}: {error.strerror}") from error
        return None
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from error
    whole = os.path.basename(path) != "pyproject.toml"
    if not whole and b"seedlint" not in data:
        return _empty(path, required)
    table: object = _parse(path, data)
    for key in () if whole else ("tool", "seedlint"):
        table = table.get(key) if isinstance(table, dict) else None
    if table is None:
        return _empty(path, required)
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: [tool.seedlint] is not a table")
    try:
        return Settings(root=slashed(os.path.dirname(path)), origin=path, **_fields(table))
    except (SettingsError, PatternError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _empty(path: str, required: bool) -> Settings | None:
    return Settings(root=slashed(os.path.dirname(path)), origin=path) if required else None


def _parse(path: str, data: bytes) -> dict[str, Any]:
    try:
        import tomllib
    except ModuleNotFoundError:
        import tomli as tomllib
    try:
        table: dict[str, Any] = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}") from error
    return table


def _fields(table: Mapping[str, object]) -> dict[str, Any]:
    """The keyword arguments of Settings that a table stands for."""
    fields: dict[str, Any] = {}
    for key, value in table.items():
        if key in ("select", "extend-select", "ignore"):
            fields[key.replace("-", "_")] = _strings(key, value)
        elif key in ("exclude", "extend-exclude"):
            patterns = _strings(key, value)
            Globs(patterns, strict=True)
            fields[key.replace("-", "_")] = patterns
        elif key == "per-file-ignores":
            pairs = tuple((pattern, _strings(key, codes)) for pattern, codes in _table(key, value).items())
            Globs([pattern for pattern, _ in pairs], strict=True)
            fields["per_file_ignores"] = pairs
        elif key == "severity":
            fields["severity"] = tuple((rule, _severity(key, name)) for rule, name in _table(key, value).items())
        elif key == "fail-on":
            fields["fail_on"] = _severity(key, value)
        elif key == "scope":
            if value not in SCOPES:
                raise SettingsError(f"scope is {value!r}; it is one of {', '.join(SCOPES)}")
            fields["scope"] = value
        elif key == "context":
            if not isinstance(value, bool):
                raise SettingsError("context is true or false")
            fields["context"] = value
        else:
            raise SettingsError(f"unknown key {key!r}{_did_you_mean(key)}")
    return fields


KEYS = (
    "select", "extend-select", "ignore", "exclude", "extend-exclude", "per-file-ignores", "severity", "scope",
    "context", "fail-on",
)  # fmt: skip


def _did_you_mean(key: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key.replace("_", "-"), KEYS, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; the keys are {', '.join(KEYS)}"


def _strings(key: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(item, str) for item in value):
        raise SettingsError(f"{key} is a list of strings")
    return tuple(value)


def _table(key: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise SettingsError(f"{key} is a table")
    return value


def _severity(key: str, value: object) -> Severity:
    try:
        return Severity(value)
    except ValueError:
        names = ", ".join(severity.value for severity in Severity)
        raise SettingsError(f"{key} is {value!r}; a severity is one of {names}") from None
