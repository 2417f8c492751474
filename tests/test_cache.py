"""What is kept between runs never changes what a run says: it is used where it fits, and dropped where it does not."""

from __future__ import annotations

import ast
import os
import pickle
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from seedlint.code import analysis, cache, encoding, pack
from seedlint.code.analysis import Analysis, analyse
from seedlint.code.cache import FactsCache, reader_stamp
from seedlint.code.discover import Source
from seedlint.code.encoding import decode, encode
from seedlint.code.facts import FileFacts
from seedlint.code.pack import Pack
from seedlint.code.readers import python
from seedlint.code.readers.python import read_python
from seedlint.code.readers.unreadable import UnreadableSource

ROOT = Path(__file__).parents[1]
SEEDED = b"import torch\n\ntorch.manual_seed(42)\nmodel = torch.nn.Linear(1, 1)\n"
TRAINING = b"""
import torch

def main():
    torch.manual_seed(%d)
    model = torch.nn.Linear(2, 1)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    for batch in range(9):
        loss = model(torch.ones(2)).sum()
        loss.backward()
        optimiser.step()

main()
"""


def readable() -> dict[str, FileFacts]:
    facts = {}
    for path in sorted([*(ROOT / "fixtures").rglob("*.py"), *(ROOT / "seedlint").rglob("*.py")]):
        with suppress(UnreadableSource):
            facts[path.as_posix()] = read_python(path.as_posix(), path.read_bytes())
    return facts


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder of one test."""
    monkeypatch.setenv("SEEDLINT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "facts"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project, large enough to be cached."""
    monkeypatch.setattr(analysis, "CACHED_FILES", 1)
    root = tmp_path / "project"
    root.mkdir()
    for number in range(4):
        (root / f"train_{number}.py").write_bytes(TRAINING % number)
    (root / "plain.py").write_bytes(b"print('no dice')\n")
    return root


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the files that are read rather than looked up."""
    seen: list[str] = []

    def reading(path: str, content: bytes) -> FileFacts:
        seen.append(path)
        return read_python(path, content)

    monkeypatch.setattr(python, "read_python", reading)
    return seen


def run(root: Path, *, keep: bool = True, jobs: int = 1) -> Analysis:
    return analyse([Source(path.name, path) for path in sorted(root.glob("*.py"))], jobs=jobs, cache=keep)


def only_pack(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


# Facts as bytes.


def test_facts_come_back_as_they_were() -> None:
    many = readable()
    assert len(many) > 50
    for path, facts in many.items():
        encoded = encode(facts)
        assert encoded is not None
        back = decode(path, encoded)
        assert repr(back) == repr(facts)
        assert _kinds(back) == _kinds(facts)


def _kinds(value: object) -> object:
    """The classes within facts: equality alone takes a plain tuple for any of them."""
    match value:
        case tuple() | list():
            return type(value), [_kinds(part) for part in value]
        case FileFacts():
            return FileFacts, [_kinds(vars(scope)) for scope in value.scopes]
        case dict():
            return {key: _kinds(part) for key, part in value.items()}
    return type(value)


def test_a_call_within_a_call_is_one_object_still() -> None:
    encoded = encode(read_python("a.py", b"f(g(1))\n"))
    assert encoded is not None
    facts = decode("a.py", encoded)
    assert facts is not None
    inner, outer = facts.scopes[0].calls
    assert outer.call.args[0] is inner.call


def test_facts_stand_where_their_bytes_stand_now() -> None:
    encoded = encode(read_python("a.py", SEEDED))
    assert encoded is not None
    assert repr(decode("b.py", encoded)) == repr(read_python("b.py", SEEDED))


def test_odd_constants_survive() -> None:
    source = b"seeds = [10**9, %d, 1e400, '\\ud800', True, None, b'x']\n" % 2**200
    facts = read_python("a.py", source)
    encoded = encode(facts)
    assert encoded is not None
    assert repr(decode("a.py", encoded)) == repr(facts)


class Hostile:
    """A pickle of this makes a folder when it is read with plain pickle."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_a_hostile_pickle_runs_nothing(tmp_path: Path) -> None:
    crafted = pickle.dumps(Hostile(tmp_path / "made"))
    assert decode("a.py", crafted) is None
    assert not (tmp_path / "made").exists()
    pickle.loads(crafted)
    assert (tmp_path / "made").exists()


@pytest.mark.parametrize("junk", [b"", b"junk", pickle.dumps(3), pickle.dumps([SEEDED]), b"\x80\x05cbuiltins\neval\n."])
def test_bytes_that_are_no_facts_are_refused(junk: bytes) -> None:
    assert decode("a.py", junk) is None


def test_facts_too_deep_to_encode_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_deep(self: object, value: object) -> None:
        raise RecursionError

    monkeypatch.setattr(encoding._Encoder, "dump", too_deep)
    facts = read_python("a.py", SEEDED)
    assert encode(facts) is None
    kept = FactsCache(Pack(tmp_path / "pack"), b"stamp", [])
    kept.keep_facts(SEEDED, facts)
    assert kept.facts("a.py", SEEDED) is None


# A pack.


def filled(path: Path, **entries: bytes) -> Path:
    made = Pack(path)
    for name, data in entries.items():
        made.put(key(name), data)
    made.close()
    return path


def key(name: str) -> bytes:
    return name.encode().ljust(pack.KEY_BYTES, b"\0")


def test_a_pack_gives_back_what_was_put_in(tmp_path: Path) -> None:
    path = filled(tmp_path / "new" / "pack", a=b"first", b=b"", c=b"third")
    again = Pack(path)
    assert [again.get(key(name)) for name in "abcd"] == [b"first", b"", b"third", None]
    again.close()


def test_a_pack_in_which_nothing_is_new_is_not_written(tmp_path: Path) -> None:
    path = filled(tmp_path / "pack", a=b"first")
    os.utime(path, (1, 1))
    again = Pack(path)
    again.get(key("a"))
    again.close()
    assert path.stat().st_mtime == 1


def test_a_pack_is_not_written_anew_for_a_small_part_of_it(tmp_path: Path) -> None:
    path = filled(tmp_path / "pack", a=b"x" * 10_000)
    before = path.read_bytes()
    filled(path, b=b"y" * 100)
    assert path.read_bytes() == before
    filled(path, b=b"y" * 300)
    assert Pack(path).get(key("b")) == b"y" * 300


def test_a_pack_keeps_what_was_used_and_as_much_of_the_rest(tmp_path: Path) -> None:
    path = filled(tmp_path / "pack", a=b"a" * 100, b=b"b" * 100, c=b"c" * 100, d=b"d" * 100)
    again = Pack(path)
    again.get(key("d"))
    again.put(key("e"), b"e" * 150)
    again.close()
    last = Pack(path)
    assert [name for name in "abcde" if last.get(key(name))] == ["a", "b", "d", "e"]
    last.close()


def test_packs_written_longest_ago_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for age, name in enumerate(("young", "older", "oldest")):
        os.utime(filled(tmp_path / name, a=b"x" * 1000), (1_000_000 - age, 1_000_000 - age))
    monkeypatch.setattr(pack, "MAX_FOLDER", 3500)
    filled(tmp_path / "new", a=b"x" * 1000)
    assert sorted(os.listdir(tmp_path)) == ["new", "older", "young"]


def test_a_pack_cut_anywhere_gives_true_entries_or_none(tmp_path: Path) -> None:
    whole = filled(tmp_path / "pack", a=b"first", b=b"second").read_bytes()
    for length in range(len(whole)):
        (tmp_path / "cut").write_bytes(whole[:length])
        cut = Pack(tmp_path / "cut")
        assert cut.get(key("a")) in (b"first", None)
        assert cut.get(key("b")) is None
        cut.close()


def test_a_pack_with_any_byte_changed_gives_true_entries_or_none(tmp_path: Path) -> None:
    whole = filled(tmp_path / "pack", a=b"first", b=b"second").read_bytes()
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 0xFF
        (tmp_path / "damaged").write_bytes(damaged)
        opened = Pack(tmp_path / "damaged")
        assert opened.get(key("a")) in (b"first", None)
        assert opened.get(key("b")) in (b"second", None)
        assert None in (opened.get(key("a")), opened.get(key("b")))
        opened.close()


def test_a_pack_replaced_by_another_run_is_read_on(tmp_path: Path) -> None:
    path = filled(tmp_path / "pack", a=b"first")
    mine = Pack(path)
    filled(path, b=b"second" * 10)
    assert mine.get(key("a")) in (b"first", None)
    mine.put(key("c"), b"third" * 10)
    mine.close()
    last = Pack(path)
    assert last.get(key("c")) == b"third" * 10
    last.close()


# Whole runs.


def test_a_second_run_says_the_same_and_reads_nothing(tree: Path, folder: Path, reads: list[str]) -> None:
    first = run(tree)
    assert len(first.uses) == 4
    assert sorted(set(reads)) == [f"train_{number}.py" for number in range(4)]
    reads.clear()
    assert run(tree) == first
    assert reads == []


def test_what_worker_processes_read_is_kept(tree: Path, folder: Path, reads: list[str]) -> None:
    first = run(tree, jobs=2)
    assert first == run(tree, keep=False)
    reads.clear()
    assert run(tree) == first
    assert reads == []


def test_a_file_nested_too_deeply_for_worker_processes_is_read_all_the_same(tree: Path, folder: Path) -> None:
    deep = TRAINING % 99 + b"total = 1" + b" + x" * 380 + b"\n"
    assert read_python("deep.py", deep)
    (tree / "deep.py").write_bytes(deep)
    found = run(tree, jobs=2)
    assert "deep.py" in {use.place.path for use in found.uses}
    assert found == run(tree, keep=False) == run(tree)


def test_changed_files_are_read_anew(tree: Path, folder: Path, reads: list[str]) -> None:
    run(tree)
    reads.clear()
    (tree / "train_1.py").write_bytes(b"\n\n" + TRAINING % 77)
    (tree / "plain.py").write_bytes(TRAINING % 78)
    changed = run(tree)
    assert sorted(set(reads)) == ["plain.py", "train_1.py"]
    assert {use.subject for use in changed.uses} == {f"seed {seed}" for seed in (0, 2, 3, 77, 78)}
    assert changed == run(tree, keep=False)


def test_a_copied_file_is_reported_under_its_own_path(tree: Path, folder: Path) -> None:
    run(tree)
    shutil.copy(tree / "train_1.py", tree / "copy.py")
    assert "copy.py" in {use.place.path for use in run(tree).uses}


def test_unreadable_files_are_reported_every_time(tree: Path, folder: Path) -> None:
    (tree / "old.py").write_bytes(b"print 'seed'\n")
    assert [error.path for error in run(tree).errors] == ["old.py"]
    assert [error.path for error in run(tree).errors] == ["old.py"]


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: bytes(len(data)),
        lambda data: data[:-300] + bytes(300),
        lambda data: b"\x80\x05junk" + data,
    ],
    ids=["emptied", "cut", "zeroed", "end zeroed", "moved"],
)
def test_a_damaged_pack_changes_nothing_and_is_mended(
    tree: Path, folder: Path, reads: list[str], harm: Callable[[bytes], bytes]
) -> None:
    first = run(tree)
    path = only_pack(folder)
    path.write_bytes(harm(path.read_bytes()))
    assert run(tree) == first
    reads.clear()
    assert run(tree) == first
    assert reads == []


def test_a_pack_of_hostile_pickles_runs_nothing(tree: Path, folder: Path, tmp_path: Path) -> None:
    first = run(tree)
    path = only_pack(folder)
    stamp = reader_stamp()
    assert stamp is not None
    path.unlink()
    crafted = FactsCache(Pack(path), stamp, [])
    for number in range(4):
        crafted.keep(TRAINING % number, pickle.dumps(Hostile(tmp_path / f"made_{number}")))
    crafted.close()
    assert run(tree) == first
    assert not list(tmp_path.glob("made_*"))


def test_no_cache_neither_writes_nor_reads(tree: Path, folder: Path, reads: list[str]) -> None:
    run(tree, keep=False)
    assert not folder.exists()
    run(tree)
    reads.clear()
    run(tree, keep=False)
    assert len(set(reads)) == 4


def test_a_run_over_few_files_leaves_nothing(tree: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "CACHED_FILES", 6)
    run(tree)
    assert not folder.exists()


@pytest.mark.parametrize("place", ["file", "file/below", "pack"])
def test_a_cache_folder_that_cannot_be_written_is_no_error(
    tree: Path, folder: Path, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run(tree)
    if place == "pack":
        path = only_pack(folder)
        path.unlink()
        path.mkdir()
    else:
        (tmp_path / "file").write_bytes(b"")
        monkeypatch.setenv("SEEDLINT_CACHE_DIR", str(tmp_path / place))
    assert run(tree) == expected


def test_nothing_is_kept_in_a_relative_folder(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEDLINT_CACHE_DIR", "kept")
    monkeypatch.chdir(tmp_path)
    run(tree)
    assert not (tmp_path / "kept" / "facts").exists()


def test_two_trees_have_packs_of_their_own(tree: Path, folder: Path, tmp_path: Path) -> None:
    run(tree)
    shutil.copytree(tree, tmp_path / "second")
    run(tmp_path / "second")
    assert len(list(folder.iterdir())) == 2


def test_other_words_to_search_for_make_wordless_files_searched_again(tmp_path: Path) -> None:
    path = tmp_path / "pack"
    first = FactsCache(Pack(path), b"stamp", [b"seed"])
    first.keep_wordless(b"print()")
    first.close()
    assert FactsCache(Pack(path), b"stamp", [b"seed"]).is_wordless(b"print()")
    assert not FactsCache(Pack(path), b"stamp", [b"seed"]).is_wordless(b"print(1)")
    assert not FactsCache(Pack(path), b"stamp", [b"seed", b"print"]).is_wordless(b"print()")


# What makes everything kept stale.


def stamp_now() -> bytes | None:
    reader_stamp.cache_clear()
    try:
        return reader_stamp()
    finally:
        reader_stamp.cache_clear()


def test_another_version_reads_anew(
    tree: Path, folder: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tree)
    reads.clear()
    monkeypatch.setattr(cache, "__version__", "99.0")
    monkeypatch.setattr(cache, "reader_stamp", stamp_now)
    run(tree)
    assert len(set(reads)) == 4


@pytest.mark.parametrize("name", cache.READER)
def test_another_reader_has_another_stamp(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in cache.READER:
        (tmp_path / module).parent.mkdir(exist_ok=True)
        shutil.copy(Path(cache.__file__).parent / module, tmp_path / module)
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "cache.py"))
    before = stamp_now()
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert stamp_now() != before
    (tmp_path / name).unlink()
    assert stamp_now() is None


def test_the_stamp_covers_all_that_the_reader_is_made_of() -> None:
    waiting, reached = ["readers/python.py", "encoding.py"], set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _imported_beside(Path(cache.__file__).parent / name)
    assert reached == set(cache.READER)


def _imported_beside(path: Path) -> list[str]:
    nodes = list(ast.walk(ast.parse(path.read_bytes())))
    modules = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    modules += [f"{node.module}.{name.name}" for node in nodes if type(node) is ast.ImportFrom for name in node.names]
    modules += [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    code = Path(cache.__file__).parent
    names = [module.removeprefix("seedlint.code.") for module in modules if module.startswith("seedlint.code.")]
    files = [name.replace(".", "/") + ".py" for name in names]
    return [file for file in files if (code / file).exists()]
