"""Tells unit tests from programs: their seeds keep tests stable and are no experiment's."""

from __future__ import annotations

import re

from seedlint.code.facts import FileFacts, Scope
from seedlint.code.syntax import tail

TEST_FOLDER = re.compile(
    r"(^|/)(tests?|testing|unit_?tests?|tests?_?(fixtures?|data|configs?|resources?|files|assets))/", re.I
)
TEST_FILE = re.compile(r"(^|/)(tests?_[^/]*|[^/]*_tests?|tests|conftest)\.py$")
TEST_NAME = re.compile(r"test(_|[A-Z])|Test")
TEST_MODULES = ("pytest", "unittest", "absl.testing")


def is_test_path(path: str) -> bool:
    """Whether a path by itself says that a file holds unit tests."""
    return bool(TEST_FOLDER.search(path)) or path.endswith("conftest.py")


def is_test(facts: FileFacts) -> bool:
    """Whether a file holds unit tests: by its folder, or by its name together with what it defines."""
    if is_test_path(facts.path):
        return True
    if not TEST_FILE.search(facts.path):
        return False
    imported = any(f"{target}.".startswith(f"{name}.") for target in facts.imports.values() for name in TEST_MODULES)
    return imported or any(TEST_NAME.match(scope.name) or _is_test_case(scope) for scope in facts.scopes[1:])


def _is_test_case(scope: Scope) -> bool:
    """Whether a class inherits from a test case, whatever the framework calls it: `tf.test.TestCase`."""
    return any(tail(base).endswith("TestCase") for base in scope.bases)
