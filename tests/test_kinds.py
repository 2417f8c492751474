"""Which reader a file goes to, by its name or its first line; every row of the table names a reader that is there."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from seedlint.code.kinds import KINDS, READERS, kind_named, kind_of
from seedlint.code.readers.dispatch import read
from seedlint.code.readers.unreadable import UnreadableSource


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("train.py", "python"),
        ("gui.pyw", "python"),
        ("TRAIN.PY", "python"),
        ("run.sh", "shell"),
        ("job.slurm", "shell"),
        ("analysis.ipynb", "notebook"),
        ("Makefile", "make"),
        ("rules.mk", "make"),
        ("justfile", "just"),
        ("Dockerfile", "dockerfile"),
        ("Dockerfile.gpu", "dockerfile"),
        ("train.dockerfile", "dockerfile"),
        ("Containerfile", "dockerfile"),
        ("params.yaml", "yaml"),
        ("sweep.YML", "yaml"),
        ("config.json", "json"),
        ("model.jsonnet", "jsonnet"),
        ("base.toml", "toml"),
        ("train.cfg", "ini"),
        ("app.conf", "ini"),
        ("t5.gin", "gin"),
    ],
)
def test_a_name_tells_the_kind(name, kind):
    named = kind_named(name)
    assert named is not None
    assert named.name == kind


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "py",
        "makefile.txt",
        "profile",
        "datafile.csv",
        "dockerfiles.md",
        "package-lock.json",
        "Tokenizer.json",
        "",
    ],
)
def test_other_names_are_of_no_kind(name):
    assert kind_named(name) is None


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (b"#!/bin/sh", "shell"),
        (b"#!/usr/bin/env bash\nset -e", "shell"),
        (b"#!/usr/bin/env -S zsh", "shell"),
        (b"#! /bin/dash -e", "shell"),
        (b"#!/usr/bin/env python3", "python"),
        (b"#!/bin/tcsh", "python"),
        (b"#!/opt/fish", "python"),
        (b"import torch", "python"),
    ],
)
def test_a_file_without_a_suffix_is_told_by_its_first_line_or_taken_for_python(first, kind):
    assert kind_of("bin/start", first).name == kind


def test_the_name_says_more_than_the_first_line():
    assert kind_of("run.py", b"#!/bin/sh").name == "python"


def test_every_kind_has_a_reader_and_signs_of_its_own():
    signs = [sign for kind in KINDS for sign in (*kind.suffixes, *kind.names)]
    assert len(signs) == len(set(signs))
    assert all(sign == sign.lower() for sign in signs)
    for kind in KINDS:
        module, _, function = kind.reader.partition(":")
        assert callable(getattr(import_module(f"{READERS}.{module}"), function))


SAMPLES = {
    "python": ("train.py", b"import torch\ntorch.manual_seed(42)\n"),
    "notebook": ("a.ipynb", b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["x.seed(42)"]}]}'),
    "shell": ("run.sh", b"python train.py --seed 42\n"),
    "make": ("Makefile", b"run:\n\tpython train.py --seed 42\n"),
    "just": ("justfile", b"run:\n  python train.py --seed 42\n"),
    "dockerfile": ("Dockerfile", b'FROM x\nCMD ["python", "train.py", "--seed", "42"]\n'),
    "yaml": ("a.yaml", b"jobs:\n  a:\n    steps:\n      - run: python train.py --seed 42\n"),
    "json": ("a.json", b'{"seed": 42}'),
    "jsonnet": ("a.jsonnet", b"{seed: 42}"),
    "toml": ("a.toml", b"seed = 42\n"),
    "ini": ("a.ini", b"[a]\nseed = 42\n"),
    "gin": ("a.gin", b"train.seed = 42\n"),
}


def test_there_is_a_sample_of_every_kind():
    assert SAMPLES.keys() == {kind.name for kind in KINDS}


@pytest.mark.parametrize("kind", SAMPLES)
def test_facts_follow_from_kind_and_content_wherever_the_file_lies(kind):
    name, content = SAMPLES[kind]
    assert kind_of(name, content).name == kind
    facts = read(name, content)
    assert "42" in repr(facts.scopes)
    for folder in (".github/workflows", "conf/experiment", "/srv/data"):
        moved = read(f"{folder}/{name}", content)
        assert moved.path == f"{folder}/{name}"
        moved.path = name
        assert repr(moved) == repr(facts)


@pytest.mark.parametrize("kind", SAMPLES)
def test_bytes_of_another_kind_are_unreadable_in_one_line_or_facts(kind):
    name, _ = SAMPLES[kind]
    for content in (b"", b"\0\xff\xfe", b"\x89PNG\r\n\x1a\n", *(sample for _, sample in SAMPLES.values())):
        outcome = outcome_of(name, content)
        assert re.fullmatch(r"\S.*\S", outcome), content


def outcome_of(name: str, content: bytes) -> str:
    """Where the facts stand, or why there are none."""
    try:
        return read(name, content).path
    except UnreadableSource as error:
        return str(error)
