"""Tells unit tests from programs: their seeds keep tests stable and are no experiment's."""

from __future__ import annotations

import re

from seedlint.code.facts import FileFacts

TEST_FOLDER = re.compile(r"(^|/)(tests?|testing|unit_?tests?)/", re.I)
TEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")


def is_test_path(path: str) -> bool:
    """Whether a path by itself says that a file holds unit tests."""
    return bool(TEST_FOLDER.search(path)) or path.endswith("conftest.py")


def is_test(facts: FileFacts) -> bool:
    """Whether a file holds unit tests: by its folder, or by its name together with what it defines."""
    if is_test_path(facts.path):
        return True
    if not TEST_FILE.search(facts.path):
        return False
    names = [scope.name for scope in facts.scopes[1:]]
    roots = {target.split(".")[0] for target in facts.imports.values()}
    return bool(roots & {"pytest", "unittest"}) or any(name.startswith(("test_", "Test")) for name in names)
