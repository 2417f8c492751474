"""What is new since a git revision: lays the old tree out beside the new one, lints both, and subtracts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from seedlint.code.kinds import PYTHON_KIND, kind_named
from seedlint.fingerprint import fingerprints
from seedlint.globs import below, slashed
from seedlint.lint import Plan, kept_under, lint
from seedlint.uses import Finding


class DiffError(ValueError):
    """A revision that cannot be compared with, and the reason in one line."""


def new_since(revision: str, plan: Plan, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings that did not stand in the revision of the repository that holds the plan's folder."""
    from tempfile import TemporaryDirectory

    repository = slashed(os.path.realpath(_git(plan.cwd, "rev-parse", "--show-toplevel").decode().rstrip("\n")))
    blobs = _blobs(repository, revision)
    with TemporaryDirectory(prefix="seedlint-") as temporary:
        folder = slashed(os.path.realpath(temporary))
        os.mkdir(os.path.join(folder, ".git"))  # Its .gitignore files rule as in the repository.
        _lay_out(repository, blobs, folder)
        old = lint(_plan_then(plan, repository, folder)).report.findings
    return subtract(findings, [_moved(finding, folder, repository) for finding in old])


def subtract(new: Sequence[Finding], old: Sequence[Finding]) -> tuple[Finding, ...]:
    """The new findings without those that stood in the old version, wherever in the file they stood."""
    known = set(fingerprints(old))
    return tuple(finding for finding, mark in zip(new, fingerprints(new), strict=True) if mark not in known)


def _plan_then(plan: Plan, repository: str, folder: str) -> Plan:
    """The plan for the old tree in `folder`: its paths as far as they were there, its settings of today."""

    def then(path: str) -> str:
        inside = below(slashed(os.path.realpath(path)), repository)
        return path if inside is None else f"{folder}/{inside}".rstrip("/")

    cwd = then(plan.cwd)
    paths = [then(path) if os.path.isabs(path) else path for path in plan.paths]
    there = tuple(path for path in paths if os.path.exists(os.path.join(cwd, path)))
    return replace(
        plan,
        paths=there,
        cwd=cwd,
        settings=replace(plan.settings, root=then(plan.settings.root)),
        project=plan.project and then(plan.project),
        kept_as=kept_under(plan),
    )


def _moved(finding: Finding, folder: str, repository: str) -> Finding:
    """A finding of the old tree under the path that it has in the repository."""
    inside = below(finding.place.path, folder)
    if inside is None:
        return finding
    return replace(finding, place=replace(finding.place, path=f"{repository}/{inside}"))


class _Blob(NamedTuple):
    """A file of a revision: the name of its content, its path, and whether it may be run."""

    sha: str
    path: str
    executable: bool


def _blobs(repository: str, revision: str) -> list[_Blob]:
    """The files of a revision that matter to a run: sources and .gitignore files."""
    if revision.startswith("-"):
        raise DiffError(f"{revision}: not a git revision")
    listing = _git(repository, "ls-tree", "-r", "-l", "-z", "--full-tree", revision)
    blobs = []
    for entry in listing.split(b"\0")[:-1]:
        about, _, name = entry.partition(b"\t")
        mode, _, sha, size = about.decode().split()
        path = os.fsdecode(name)
        blob = _Blob(sha, path, mode == "100755")
        if mode.startswith("100") and _matters(blob, int(size)):
            blobs.append(blob)
    return blobs


def _matters(blob: _Blob, size: int) -> bool:
    """Whether a file is a source, may be a script without a suffix, or says which files are left out."""
    name = blob.path.rpartition("/")[2]
    kind = kind_named(name)
    if kind is not None:
        return size <= kind.max_bytes
    return name == ".gitignore" or (blob.executable and "." not in name and size <= PYTHON_KIND.max_bytes)


def _lay_out(repository: str, blobs: Sequence[_Blob], folder: str) -> None:
    """Write the blobs to their paths below `folder`."""
    contents = _git(repository, "cat-file", "--batch", stdin="".join(f"{blob.sha}\n" for blob in blobs).encode())
    start = 0
    for blob in blobs:
        head = contents.index(b"\n", start)
        size = int(contents[start:head].split()[2])
        target = os.path.join(folder, blob.path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(contents[head + 1 : head + 1 + size])
        if blob.executable:
            os.chmod(target, 0o755)
        start = head + size + 2


def _git(folder: str, *arguments: str, stdin: bytes = b"") -> bytes:
    import subprocess

    try:
        done = subprocess.run(["git", "-C", folder, *arguments], input=stdin, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise DiffError("git is not installed") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise DiffError(said[0].removeprefix("fatal: ") if said else f"git {arguments[0]} failed")
    return done.stdout
