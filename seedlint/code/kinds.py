"""Which files say what an experiment runs, told by their names, and what is done with each kind: one table."""

from __future__ import annotations

import re
from dataclasses import dataclass

READERS = "seedlint.code.readers"

PROGRAM_BYTES = 4_000_000
"""Larger programs are data or generated code; they are named, not read."""

NOTEBOOK_BYTES = 50_000_000
"""Notebooks hold the pictures that their cells drew."""

DATA_BYTES = 512_000
"""Larger configs and scripts are data; they are left out without a word."""


@dataclass(frozen=True)
class Kind:
    """A kind of file, and its reader as `module:function` of the readers' room.

    A `program` is Python code: what it calls tells whether it is worth reading, and one that is larger than `max_bytes`
    is an error; other files set and start things, and the large ones are data. What cannot be parsed is an error if it
    `must_parse`, and passed over otherwise.
    """

    name: str
    reader: str
    suffixes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    pattern: str = ""
    program: bool = False
    max_bytes: int = DATA_BYTES
    must_parse: bool = False


PYTHON_KIND = Kind(
    "python", "python:read_python", (".py", ".pyw"),
    program=True, max_bytes=PROGRAM_BYTES, must_parse=True,
)  # fmt: skip

SHELL_KIND = Kind(
    "shell", "shell:read_shell",
    (".sh", ".bash", ".zsh", ".ksh", ".slurm", ".sbatch", ".pbs", ".job", ".lsf", ".qsub"), must_parse=True,
)  # fmt: skip

KINDS = (
    PYTHON_KIND,
    Kind(
        "notebook", "notebook:read_notebook", (".ipynb",),
        program=True, max_bytes=NOTEBOOK_BYTES, must_parse=True,
    ),
    SHELL_KIND,
    Kind("make", "make:read_make", (".mk",), ("makefile", "gnumakefile")),
    Kind("just", "just:read_just", (".just",), ("justfile", ".justfile")),
    Kind(
        "dockerfile", "dockerfile:read_dockerfile", (".dockerfile", ".containerfile"), ("dockerfile", "containerfile"),
        pattern=r"(?:dockerfile|containerfile)[._-].*",
    ),
    Kind("yaml", "yaml_file:read_yaml", (".yaml", ".yml")),
    Kind("json", "json_file:read_json", (".json", ".json5")),
    Kind("jsonnet", "jsonnet:read_jsonnet", (".jsonnet", ".libsonnet")),
    Kind("toml", "toml_file:read_toml", (".toml",)),
    Kind("ini", "ini_file:read_ini", (".ini", ".cfg", ".conf")),
    Kind("gin", "gin:read_gin", (".gin",)),
)  # fmt: skip

NO_EXPERIMENT = frozenset(
    # what is installed
    "package.json package-lock.json npm-shrinkwrap.json pnpm-lock.yaml composer.json composer.lock bower.json lerna.json "
    "conda-lock.yml environment.yml environment.yaml pixi.toml cargo.toml pipfile.lock meta.yaml vcpkg.json "
    # how a project is built, checked and shown
    "pyproject.toml setup.cfg tox.ini pytest.ini mypy.ini .mypy.ini .coveragerc ruff.toml .ruff.toml seedlint.toml "
    "pyrightconfig.json tsconfig.json jsconfig.json tslint.json .eslintrc.json .prettierrc.json babel.config.json nx.json "
    "angular.json vercel.json netlify.toml firebase.json renovate.json .pre-commit-config.yaml .pre-commit-hooks.yaml "
    "mkdocs.yml mkdocs.yaml _config.yml .readthedocs.yml .readthedocs.yaml readthedocs.yml codecov.yml .codecov.yml "
    "dependabot.yml cog.yaml citation.cff alembic.ini uwsgi.ini logging.ini logging.conf logging.yaml nginx.conf desktop.ini "
    # what belongs to a trained model
    "tokenizer.json tokenizer_config.json vocab.json special_tokens_map.json added_tokens.json preprocessor_config.json "
    "processor_config.json generation_config.json model.safetensors.index.json pytorch_model.bin.index.json "
    "dataset_info.json dataset_infos.json".split()
)
"""Names, in lower case, of files that look like configs and never say what an experiment runs."""

_BY_SUFFIX = {suffix: kind for kind in KINDS for suffix in kind.suffixes}
_BY_NAME = {name: kind for kind in KINDS for name in kind.names}
_PATTERNS = [(re.compile(kind.pattern), kind) for kind in KINDS if kind.pattern]

_SHELLS = re.compile(rb"#!\s*/\S*(?:/env\s+(?:-S\s+)?)?\b(?:ba|z|k|da|a)?sh\b")
_PYTHONS = re.compile(rb"#!.*\bpython")


def kind_named(name: str) -> Kind | None:
    """The kind of a file, told by its name without the folder; None for what no reader knows."""
    dot = name.rfind(".")
    if dot >= 0 and name[dot:] in (".py", ".pyw"):
        return PYTHON_KIND
    name = name.lower()
    kind = _BY_NAME.get(name) or (_BY_SUFFIX.get(name[dot:]) if dot >= 0 else None)
    if kind is None and "file" in name:
        kind = next((kind for pattern, kind in _PATTERNS if pattern.fullmatch(name)), None)
    return None if kind is not None and name in NO_EXPERIMENT else kind


def must_parse(name: str) -> bool:
    """Whether a file of the kind with this name is an error where it cannot be parsed."""
    return any(kind.must_parse for kind in KINDS if kind.name == name)


def is_program(path: str) -> bool:
    """Whether the file of this path is Python code, in a file of its own or in a notebook."""
    kind = kind_named(path.rpartition("/")[2])
    return kind is None or kind.program


def holds_no_experiment(name: str) -> bool:
    """Whether a name is that of a file which readers could read and which is none of their business."""
    return name.lower() in NO_EXPERIMENT


def kind_started(first: bytes) -> Kind | None:
    """The kind of a script without a suffix, told by its first line."""
    if _SHELLS.match(first):
        return SHELL_KIND
    return PYTHON_KIND if _PYTHONS.match(first) else None


def kind_of(path: str, content: bytes) -> Kind:
    """The kind of a file that is to be read; what nothing tells is taken for Python."""
    named = kind_named(path.rpartition("/")[2])
    return named or kind_started(content[:200].split(b"\n", 1)[0]) or PYTHON_KIND
