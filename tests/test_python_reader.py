"""The reader of Python files: what it sees, and what it says of files that it cannot read."""

from __future__ import annotations

import warnings

import pytest

from seedlint.code.readers.python import read_python
from seedlint.code.readers.unreadable import UnreadableSource


def test_what_the_compiler_warns_of_is_not_passed_on() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_python("a.py", b'pattern = "\\d+"\nif 3 is 3:\n    pass\n')


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"def f((a, b)):\n    print a\n", "Python 2"),
        (b"seed = (\n", "line 1"),
        (b"# -*- coding: nonsense -*-\nseed = 1\n", "cannot be decoded"),
        (b"seed = '\xff'\n", "can't decode byte"),
        (b"seed = 1\0\n", "null bytes"),
        (b"seed = " + b"(" * 3000 + b"1" + b")" * 3000 + b"\n", "nested"),
        (b"seed = " + b"+".join([b"1"] * 20000) + b"\n", "nested too deeply"),
    ],
)
def test_an_unreadable_file_has_a_reason_in_one_line(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason) as caught:
        read_python("a.py", content)
    assert "\n" not in str(caught.value)


def test_a_negative_literal_is_one_constant() -> None:
    (assign,) = read_python("a.py", b"seed = -1\n").scopes[0].assigns
    assert getattr(assign.value, "value", None) == -1


def test_statements_after_an_early_exit_stand_under_its_opposite() -> None:
    facts = read_python("a.py", b"def fix(seed):\n    if seed is None:\n        return\n    seed_all(seed)\n")
    (site,) = facts.scopes[1].calls
    assert [guard.holds for guard in site.guards] == [False]


def test_a_local_name_stands_for_what_was_imported() -> None:
    facts = read_python("a.py", b"import numpy as np\nfrom torch import manual_seed as ms\nfrom .utils import fix\n")
    assert facts.imports == {"np": "numpy", "ms": "torch.manual_seed", "fix": ".utils.fix"}


def test_a_name_that_python_3_7_made_a_keyword_costs_no_file() -> None:
    source = b"def load(x, async=False):\n    y = x.cuda(async = True)\n    return y.await\ntorch.manual_seed(3)\n"
    facts = read_python("a.py", source)
    assert [call.call.line for scope in facts.scopes for call in scope.calls] == [4, 2]
    assert [param.name for param in facts.scopes[1].params] == ["x", "asynk"]


def test_an_old_name_leaves_strings_and_real_coroutines_alone() -> None:
    source = b'async def f():\n    await g()\nrun(async=True, mode="async")\n'
    facts = read_python("a.py", source)
    run = next(site.call for site in facts.scopes[0].calls)
    assert [getattr(value, "value", None) for _, value in run.keywords] == [True, "async"]


def test_a_file_with_more_wrong_than_an_old_name_keeps_its_first_reason() -> None:
    with pytest.raises(UnreadableSource, match="line 1"):
        read_python("a.py", b"x.cuda(async=True)\nseed = (\n")
