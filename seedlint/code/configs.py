"""The view of one configuration file for everybody else: its settings, what they refer to, its shape, and whether it is one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from seedlint.code.facts import CONFIG, CONFIG_ROOT, FileFacts
from seedlint.code.syntax import Attr, Call, Const, Expr, Group, Item, Name, Op, Table, children

MAX_SETTINGS = 20_000
"""No file of settings has more; what comes after, or what its aliases make of them, is left out."""

_STEPS = 16
"""References that lead on further than this go round in circles."""


class Setting(NamedTuple):
    """One value of a configuration file, under the keys that lead to it; items of lists count from "0".

    It stands where its value stands.
    """

    keys: tuple[str, ...]
    value: Expr
    line: int
    column: int


def root_of(facts: FileFacts) -> Expr | None:
    """What a configuration file holds; None for every other file."""
    if facts.language != CONFIG:
        return None
    for assign in reversed(facts.scopes[0].assigns):
        if type(assign.target) is Name and assign.target.id == CONFIG_ROOT:
            return assign.value
    return None


def settings(facts: FileFacts) -> Iterator[Setting]:
    """The settings of a configuration file that are no tables or lists themselves, in the order of the file."""
    root = root_of(facts)
    if root is None:
        return
    left = MAX_SETTINGS
    stack: list[tuple[tuple[str, ...], Expr, Const | None]] = [((), root, None)]
    while stack and left:
        keys, value, place = stack.pop()
        inner = parts(value)
        if inner:
            stack.extend(((*keys, name), part, at or place) for name, at, part in reversed(inner))
        elif keys:
            left -= 1
            yield _setting(keys, value, place)


def _setting(keys: tuple[str, ...], value: Expr, key: Const | None) -> Setting:
    if type(value) is Const or type(value) is Group:
        return Setting(keys, value, value.line, value.column)
    return Setting(keys, value, *((key.line, key.column) if key is not None else (value.line, 1)))


def parts(value: Expr) -> list[tuple[str, Const | None, Expr]]:
    """What stands directly in a table, a list or a call that makes an object: its name there, its key, its value."""
    match value:
        case Table():
            return [(str(key.value), key, inner) for key, inner in value.pairs if type(key) is Const]
        case Group():
            return [(str(index), None, item) for index, item in enumerate(value.items)]
        case Call():
            return [(name, None, inner) for name, inner in value.keywords if name is not None]
    return []


def lookup(facts: FileFacts, path: str | tuple[str, ...]) -> Expr | None:
    """What stands under a path of keys ("train.seed" is both train: {seed: …} and "train.seed": …)."""
    root = root_of(facts)
    return None if root is None else _under(root, path.split(".") if isinstance(path, str) else list(path))


def _under(value: Expr, steps: list[str]) -> Expr | None:
    if not steps:
        return value
    inner = {name: part for name, _, part in parts(value)}
    for count in range(1, len(steps) + 1):
        name = ".".join(steps[:count])
        found = _under(inner[name], steps[count:]) if name in inner else None
        if found is not None:
            return found
    return None


def interpolated(facts: FileFacts, expr: Expr) -> Expr:
    """What a reference to another value of the same file (`config.a.b`) stands for in the end; anything else as it is."""
    seen = 0
    while seen < _STEPS:
        steps = _reference(expr)
        found = lookup(facts, steps) if steps else None
        if found is None:
            break
        expr = found
        seen += 1
    return expr


def _reference(expr: Expr) -> tuple[str, ...]:
    """The keys of `config.a.b` or `config["a"]["b"]`; none where it is something else."""
    steps: list[str] = []
    while True:
        match expr:
            case Attr():
                steps.append(expr.name)
                expr = expr.base
            case Item(key=Const(value=(str() | int()) as key)):
                steps.append(str(key))
                expr = expr.base
            case Name() if expr.id == CONFIG_ROOT:
                return tuple(reversed(steps))
            case _:
                return ()


def shape(facts: FileFacts, without: Callable[[Setting], bool]) -> bytes:
    """A digest of all that a file sets, but for the settings `without` names.

    Where such a setting's number shows up again in a text (`output: runs/seed43`), it counts as the same setting, so that
    files that differ only by their seed have the same shape.
    """
    from hashlib import blake2b

    kept: list[Setting] = []
    left_out: set[str] = set()
    for setting in settings(facts):
        if not without(setting):
            kept.append(setting)
        elif type(setting.value) is Const and type(setting.value.value) is int:
            left_out.add(str(setting.value.value))
    again = _again(left_out)
    digest = blake2b(digest_size=16)
    for setting in sorted(kept, key=lambda setting: setting.keys):
        digest.update(repr((setting.keys, _plain(setting.value, again))).encode("utf-8", "surrogatepass"))
    return digest.digest()


def _again(numbers: set[str]) -> re.Pattern[str] | None:
    """What finds the numbers of seeds in names of folders and runs."""
    if not numbers:
        return None
    either = "|".join(sorted(map(re.escape, numbers)))
    return re.compile(
        rf"(?:(?<![a-z0-9.])|(?<=seed)|(?<=\brun)|(?<=\bs)|(?<=_s))(?:{either})(?![a-z0-9.]\w)", re.IGNORECASE
    )


def _plain(expr: Expr, again: re.Pattern[str] | None) -> object:
    """An expression without its places."""
    match expr:
        case Const(value=str() as text):
            return again.sub("#", text) if again is not None else text
        case Const():
            return repr(expr.value)
    own = {Name: "id", Attr: "name", Op: "operator"}.get(type(expr))
    label = getattr(expr, own) if own else ""
    return type(expr).__name__, label, [_plain(child, again) for child in children(expr)]


_RECORD_PATHS = re.compile(
    r"(?:^|/)(?:"
    r"wandb/(?:offline-)?run-|\.hydra/|mlruns/|\.guild/|(?:outputs?|multirun)/\d{4}-\d\d-\d\d/"  # folders that tools make
    r"|(?:lightning_logs|tb_logs)/|checkpoint-\d+/|(?:checkpoints?|ckpts?|saved_?models?|pretrained_?models?)/"
    r"|(?:\w+[_-])?(?:stats|metrics|results?|scores|report|trainer_state|log_history)\.jsonl?$"  # what a run ends with
    r"|(?:summary|log|history|wandb-metadata|trainer_log|training_args|run)\.json$|(?:hparams|opt)\.ya?ml$|results?[_-]\w+\.json$"
    r"|(?:logs?|results?|outputs?|checkpoints?|ckpts?|saved(?:_\w+)?|(?:[\w-]*[-_])?trained[-_]\w+)/(?:.*/)?"
    r"(?:args|config|params|flags|hyperparams|options)\.(?:json|ya?ml)$"  # what a run was started with
    r")"
)
_MEASURED = re.compile(
    r"(?:(?:best|final|train(?:ing)?|valid(?:ation)?|val|dev|test|eval)[_/-](?:.*[_/-])?"
    r"(?:acc|accuracy|loss|f1|auc|perplexity|ppl|bleu|rouge\w*|reward|return|score|mse|mae|rmse|runtime|error)\w*"
    r"|accuracy|acc|loss|f1|bleu|perplexity|ppl|auc|mse)",
    re.IGNORECASE,
)
_RECORD_KEYS = frozenset({"wandb_version", "_wandb", "log_history", "training_duration", "best_epoch", "heartbeat"})


def is_record_path(path: str) -> bool:
    """Whether the path alone tells that a file records what a run did, so that it need not be read."""
    return _RECORD_PATHS.search(path) is not None


def is_record(path: str, facts: FileFacts) -> bool:
    """Whether a file records what a run did rather than what one is to do: copies of configurations, results, states."""
    if is_record_path(path):
        return True
    root = root_of(facts)
    if root is None:
        return False
    top = parts(root) if type(root) is Table else []
    if any(name in _RECORD_KEYS for name, _, _ in top):
        return True
    measured = [1 for name, _, value in top if _is_measured(name, value)]
    return len(measured) > 1


def _is_measured(name: str, value: Expr) -> bool:
    return (
        type(value) is Const and type(value.value) is float and len(name) < 80 and _MEASURED.fullmatch(name) is not None
    )
