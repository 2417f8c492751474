"""Python 2 sources are read line for line."""

from __future__ import annotations

import ast

import pytest

from seedlint.code.readers.python import read_python
from seedlint.code.readers.python2 import as_python3
from seedlint.code.readers.unreadable import UnreadableSource

STATEMENTS = [
    ('print "epoch", 3', 'print("epoch", 3)'),
    ("print", "print()"),
    ("if verbose: print loss", "if verbose: print(loss)"),
    ("print loss,", "print(loss)"),
    ("print >>log, loss", "print(loss)"),
    ('print "a"; print "b"', 'print("a"); print("b")'),
    ('print("already", 3)', 'print("already", 3)'),
    ("try:\n    f()\nexcept IOError, e:\n    pass", "try:\n    f()\nexcept IOError as e:\n    pass"),
    ('raise ValueError, "no"', 'raise ValueError("no")'),
    ('exec "x = 1"', 'exec("x = 1")'),
    ("if a <> b: pass", "if a != b: pass"),
    ("mode = 0755", "mode = 0o755"),
    ("big = 10L", "big = 10"),
    ("print `x`", "print(repr(x))"),
]


@pytest.mark.parametrize(("old", "new"), STATEMENTS)
def test_a_statement_is_spelled_as_python_3_does(old: str, new: str) -> None:
    assert as_python3(old.encode()).decode() == new


def test_a_statement_over_several_lines_keeps_its_lines() -> None:
    source = 'print "loss %f of %d" % (loss,\n    step)\nimport random\nrandom.seed(7)\n'
    tree = ast.parse(as_python3(source.encode()))
    assert [node.lineno for node in tree.body] == [1, 3, 4]


def test_a_seed_in_python_2_is_found_on_its_line() -> None:
    facts = read_python("train.py", b"import numpy as np\nprint 'seeding'\nnp.random.seed(4)\n")
    assert [site.call.line for site in facts.scopes[0].calls] == [2, 3]


def test_what_no_python_can_run_is_refused_with_the_reason_of_this_one() -> None:
    with pytest.raises(UnreadableSource, match=r"line 2: .*\(Python 2\?\)"):
        read_python("train.py", b"import random\ndef f((a, b)):\n    print a\n")
