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

from seedlint.code import analysis, cache, encoding, ledger, looking, pack
from seedlint.code.analysis import Analysis, analyse
from seedlint.code.cache import FactsCache, code_stamp, reader_stamp
from seedlint.code.discover import Source
from seedlint.code.encoding import decode, decode_verdict, encode, encode_verdict
from seedlint.code.facts import FileFacts
from seedlint.code.ledger import Ledger, Look
from seedlint.code.pack import Pack
from seedlint.code.readers import python
from seedlint.code.readers.python import read_python
from seedlint.code.readers.unreadable import UnreadableSource
from seedlint.uses import Circumstance, Confidence, Evidence, FileError, Place, SeedUse, Use

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
    monkeypatch.setattr(analysis, "MANY_FILES", 1)
    monkeypatch.setattr(ledger, "SLACK", -(10**18))  # the files are as new as can be
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
    sources = [Source(path.name, path) for path in sorted(root.glob("*.py"))]
    return analyse(sources, jobs=jobs, kept_as=str(root) if keep else None)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the files whose bytes are looked at."""
    seen: list[str] = []
    look = looking._look_at_bytes

    def looking_at(source: Source, content: bytes, status: ledger.Status | None) -> looking.Seen:
        seen.append(source.path)
        return look(source, content, status)

    monkeypatch.setattr(looking, "_look_at_bytes", looking_at)
    return seen


def only_pack(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def forget_verdicts(folder: Path) -> None:
    """Leave nothing but facts."""
    shutil.rmtree(folder.with_name("runs"))


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
    kept = FactsCache(Pack(tmp_path / "pack"), b"stamp")
    kept.keep_facts(SEEDED, facts)
    assert kept.facts("a.py", SEEDED) is None


def test_a_verdict_comes_back_as_it_was() -> None:
    place = Place("a.ipynb", 3, 5, 3, 7, cell=2)
    evidence = (Evidence("b.py", 9, "seeds here"), Evidence("a.ipynb", 3, "so", cell=2))
    uses = (
        SeedUse(Use.FIXED_SEED, Circumstance.DEFAULT, place, evidence, Confidence.LOW, "seed 4 \ud800", "torch"),
        SeedUse(Use.ENSEMBLE_CREATION, Circumstance.COMBINED, Place("b.py", 1)),
    )
    errors = (FileError("c.py", "line 1: odd"),)
    encoded = encode_verdict(uses, errors)
    assert encoded is not None
    assert decode_verdict(encoded) == (uses, errors)


def test_bytes_that_are_no_verdict_are_refused(tmp_path: Path) -> None:
    hostile = pickle.dumps(((), Hostile(tmp_path / "made")))
    for junk in (b"", b"junk", pickle.dumps(3), pickle.dumps(((1,), ())), pickle.dumps(([], [])), hostile):
        assert decode_verdict(junk) is None
    assert not (tmp_path / "made").exists()


def test_facts_of_another_kind_of_file_with_the_same_bytes_are_its_own(tmp_path: Path) -> None:
    kept = FactsCache(Pack(tmp_path / "pack"), b"stamp")
    kept.keep_facts(b"{}", read_python("a.py", b"{}"))
    assert kept.facts("b.py", b"{}") is not None
    assert kept.facts("b.json", b"{}") is None


def test_the_reason_why_there_are_no_facts_is_kept(tmp_path: Path) -> None:
    kept = FactsCache(Pack(tmp_path / "pack"), b"stamp")
    kept.keep_reason("a.py", b"seed = (", "line 1: left open")
    assert kept.known("b.py", cache.digest_of(b"seed = ("), "python") == "line 1: left open"
    assert kept.facts("a.py", b"seed = (") is None


# A ledger.


def looked(digest: bytes = b"digest") -> Look:
    return Look(digest, "python", "itself", False)


def test_a_ledger_knows_a_file_by_its_status() -> None:
    kept = Ledger()
    kept.note("/a.py", (10, 1, 1, 7), looked())
    again = Ledger(kept.news())
    assert again.look("/a.py", (10, 1, 1, 7)) == looked()
    for other in ((11, 1, 1, 7), (10, 2, 1, 7), (10, 1, 2, 7), (10, 1, 1, 8)):
        assert again.look("/a.py", other) is None
    assert again.look("/b.py", (10, 1, 1, 7)) is None


@pytest.mark.parametrize("newest", [1, 2])
def test_a_file_that_may_have_changed_within_a_tick_is_not_noted(newest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger.time, "time_ns", lambda: 10_000_000_000)
    status = [10, 1, 1, 7]
    status[newest] = 8_000_000_000
    kept = Ledger()
    kept.note("/a.py", (status[0], status[1], status[2], status[3]), looked())
    assert Ledger(kept.news()).look("/a.py", (status[0], status[1], status[2], status[3])) is None
    status[newest] -= 1
    kept.note("/a.py", (status[0], status[1], status[2], status[3]), looked())
    assert Ledger(kept.news()).look("/a.py", (status[0], status[1], status[2], status[3])) is not None


def test_a_ledger_is_news_where_something_was_noted() -> None:
    first = Ledger()
    first.note("/a.py", (1, 1, 1, 1), looked())
    first.note("/b.py", (1, 1, 1, 2), looked())
    second = Ledger(first.news())
    assert second.news() is None
    second.look("/a.py", (1, 1, 1, 1))
    assert second.news() is None
    second.note("/a.py", (2, 1, 1, 1), looked())
    third = Ledger(second.news())
    assert third.look("/a.py", (2, 1, 1, 1)) is not None
    assert third.look("/b.py", (1, 1, 1, 2)) is not None


def test_a_ledger_forgets_files_that_are_no_longer_asked_about_when_they_are_the_most() -> None:
    first = Ledger()
    for number in range(9):
        first.note(f"/{number}.py", (1, 1, 1, number), looked())
    second = Ledger(first.news())
    second.note("/a.py", (1, 1, 1, 1), looked())
    third = Ledger(second.news())
    assert third.look("/a.py", (1, 1, 1, 1)) is not None
    assert third.look("/1.py", (1, 1, 1, 1)) is None


@pytest.mark.parametrize(
    "junk", [b"", b"junk", pickle.dumps(3), pickle.dumps({"/a.py": (1, 1, 1, 1)}), pickle.dumps(Path)]
)
def test_bytes_that_are_no_ledger_are_an_empty_one(junk: bytes) -> None:
    assert Ledger(junk).look("/a.py", (1, 1, 1, 1)) is None


def test_a_hostile_ledger_runs_nothing(tmp_path: Path) -> None:
    Ledger(pickle.dumps({"/a.py": Hostile(tmp_path / "made")}))
    assert not (tmp_path / "made").exists()


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


def test_an_eager_pack_is_written_for_the_smallest_part_and_for_no_less(tmp_path: Path) -> None:
    path = filled(tmp_path / "pack", a=b"x" * 10_000)
    eager = Pack(path, eager=True)
    eager.put(key("b"), b"y")
    eager.close()
    assert Pack(path).get(key("b")) == b"y"
    os.utime(path, (1, 1))
    Pack(path, eager=True).close()
    assert path.stat().st_mtime == 1


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


def test_a_second_run_says_the_same_and_looks_at_nothing(
    tree: Path, folder: Path, reads: list[str], looks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(tree)
    assert len(first.uses) == 4
    assert sorted(set(reads)) == [f"train_{number}.py" for number in range(4)]
    assert len(looks) == 5
    reads.clear()
    looks.clear()
    monkeypatch.setattr("seedlint.code.judgement.judge_project", None)
    assert run(tree) == first
    assert (reads, looks) == ([], [])


def test_facts_are_enough_to_judge_anew(tree: Path, folder: Path, reads: list[str]) -> None:
    first = run(tree)
    forget_verdicts(folder)
    reads.clear()
    assert run(tree) == first
    assert reads == []


def test_only_the_file_that_changed_is_looked_at(tree: Path, folder: Path, reads: list[str], looks: list[str]) -> None:
    run(tree)
    reads.clear()
    looks.clear()
    (tree / "train_1.py").write_bytes(TRAINING % 77)
    changed = run(tree)
    assert (set(reads), looks) == ({"train_1.py"}, ["train_1.py"])
    assert changed == run(tree, keep=False)


def test_a_change_that_leaves_size_and_time_as_they_were_is_seen(tree: Path, folder: Path) -> None:
    run(tree)
    path = tree / "train_1.py"
    before = path.stat()
    path.write_bytes(TRAINING % 7)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert {use.subject for use in run(tree).uses} == {f"seed {seed}" for seed in (0, 2, 3, 7)}


def test_a_project_is_asked_about_once_for_each_scope_and_each_set_of_files(tree: Path, folder: Path) -> None:
    run(tree)
    sources = [Source(path.name, path) for path in sorted(tree.glob("*.py"))]
    assert len(analyse(sources[:-1], jobs=1, kept_as=str(tree)).uses) == 3
    (tree / "forest.py").write_bytes(
        b"from sklearn.ensemble import RandomForestClassifier as F\nF(random_state=3).fit(x, y)\n"
    )
    sources = [Source(path.name, path) for path in sorted(tree.glob("*.py"))]
    assert len(analyse(sources, jobs=1, kept_as=str(tree)).uses) == 4
    assert len(analyse(sources, jobs=1, scope="all", kept_as=str(tree)).uses) == 5


def test_verdicts_stand_where_the_files_are_shown(tree: Path, folder: Path) -> None:
    run(tree)
    shown = [Source(f"far/{path.name}", path) for path in sorted(tree.glob("*.py"))]
    assert {use.place.path for use in analyse(shown, jobs=1, kept_as=str(tree)).uses} == {
        f"far/train_{number}.py" for number in range(4)
    }


def test_a_file_that_changes_during_a_run_leaves_no_verdict(
    tree: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reading(path: str, content: bytes) -> FileFacts:
        if path == "train_3.py":
            (tree / "train_2.py").write_bytes(TRAINING % 1234)
        return read_python(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(python, "read_python", reading)
        run(tree)
    assert run(tree) == run(tree, keep=False)


def test_what_is_read_from_standard_input_is_never_taken_for_the_file(tree: Path, folder: Path) -> None:
    run(tree)
    path = tree / "train_0.py"
    others = [Source(path.name, path) for path in sorted(tree.glob("*.py"))[:-4]]
    found = analyse([*others, Source("train_0.py", path, TRAINING % 99)], jobs=1, kept_as=str(tree))
    assert {use.subject for use in found.uses} == {"seed 99"}
    assert {use.subject for use in run(tree).uses} == {f"seed {seed}" for seed in range(4)}


def test_what_worker_processes_read_is_kept(tree: Path, folder: Path, reads: list[str]) -> None:
    first = run(tree, jobs=2)
    assert first == run(tree, keep=False)
    forget_verdicts(folder)
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


def test_unreadable_files_are_reported_every_time_and_read_once(tree: Path, folder: Path, reads: list[str]) -> None:
    (tree / "old.py").write_bytes(b"def seed((a, b)):\n    print a\n")
    first = run(tree)
    assert [error.path for error in first.errors] == ["old.py"]
    assert run(tree) == first
    forget_verdicts(folder)
    reads.clear()
    assert run(tree) == first
    assert reads == []


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
    for path in (only_pack(folder), only_pack(folder.with_name("runs"))):
        path.write_bytes(harm(path.read_bytes()))
        if path.parent == folder:
            forget_verdicts(folder)
        assert run(tree) == first
    forget_verdicts(folder)
    reads.clear()
    assert run(tree) == first
    assert reads == []


def test_a_pack_of_hostile_pickles_runs_nothing(tree: Path, folder: Path, tmp_path: Path) -> None:
    first = run(tree)
    path = only_pack(folder)
    stamp = reader_stamp()
    assert stamp is not None
    path.unlink()
    crafted = FactsCache(Pack(path), stamp)
    for number in range(4):
        crafted.keep("a.py", TRAINING % number, pickle.dumps(Hostile(tmp_path / f"made_{number}")))
    crafted.close()
    forget_verdicts(folder)
    assert run(tree) == first
    assert not list(tmp_path.glob("made_*"))


def test_a_crafted_verdict_that_is_none_is_said_anew(tree: Path, folder: Path, tmp_path: Path) -> None:
    first = run(tree)
    stamp = code_stamp()
    assert stamp is not None
    name = only_pack(folder.with_name("runs")).name
    crafted = cache.Memory(folder.parent, name, stamp)
    survey = looking.look_at([Source(path.name, path) for path in sorted(tree.glob("*.py"))], crafted.ledger)
    crafted._runs.put(crafted._key(survey.question("neural")), pickle.dumps(Hostile(tmp_path / "made")))
    crafted.close()
    assert run(tree) == first
    assert not (tmp_path / "made").exists()


def test_two_runs_at_once_leave_what_one_of_them_learned(tree: Path, folder: Path) -> None:
    mine, yours = cache.open_memory(str(tree)), cache.open_memory(str(tree))
    assert mine is not None
    assert yours is not None
    assert mine.facts is not None
    mine.facts.keep_facts(SEEDED, read_python("a.py", SEEDED))
    mine.keep_verdict(b"mine", (), (FileError("a.py", "odd"),))
    mine.ledger.note("/a.py", (1, 1, 1, 1), looked())
    yours.keep_verdict(b"yours", (), ())
    mine.close()
    yours.close()
    last = cache.open_memory(str(tree))
    assert last is not None
    assert last.facts is not None
    assert last.facts.facts("b.py", SEEDED) is not None
    assert last.verdict(b"yours") == ((), ())
    assert last.verdict(b"mine") is None
    last.close()


def test_what_is_kept_of_a_tree_that_is_gone_back_to_is_still_there(tree: Path, folder: Path, reads: list[str]) -> None:
    before = (tree / "train_1.py").read_bytes()
    first = run(tree)
    (tree / "train_1.py").write_bytes(TRAINING % 77)
    run(tree)
    (tree / "train_1.py").write_bytes(before)
    reads.clear()
    assert run(tree) == first
    assert reads == []


def test_no_cache_neither_writes_nor_reads(tree: Path, folder: Path, reads: list[str]) -> None:
    run(tree, keep=False)
    assert not folder.exists()
    run(tree)
    reads.clear()
    run(tree, keep=False)
    assert len(set(reads)) == 4


def test_few_files_without_seeds_leave_nothing(tree: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "MANY_FILES", 6)
    analyse([Source("plain.py", tree / "plain.py")], jobs=1, kept_as=str(tree))
    assert not folder.parent.exists()


def test_what_was_said_of_few_files_is_kept_too(
    tree: Path, folder: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis, "MANY_FILES", 6)
    first = run(tree)
    reads.clear()
    assert run(tree) == first
    assert reads == []


@pytest.mark.parametrize("place", ["file", "file/below", "pack"])
def test_a_cache_folder_that_cannot_be_written_is_no_error(
    tree: Path, folder: Path, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run(tree)
    if place == "pack":
        for path in (only_pack(folder), only_pack(folder.with_name("runs"))):
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
    assert not (tmp_path / "kept" / "runs").exists()


def test_two_trees_have_packs_of_their_own(tree: Path, folder: Path, tmp_path: Path) -> None:
    run(tree)
    shutil.copytree(tree, tmp_path / "second")
    run(tmp_path / "second")
    assert len(list(folder.iterdir())) == 2


# What makes everything kept stale.


def stamp_now() -> bytes | None:
    reader_stamp.cache_clear()
    try:
        return reader_stamp()
    finally:
        reader_stamp.cache_clear()


def code_stamp_now() -> bytes | None:
    code_stamp.cache_clear()
    try:
        return code_stamp()
    finally:
        code_stamp.cache_clear()


def test_another_version_reads_anew(
    tree: Path, folder: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tree)
    reads.clear()
    monkeypatch.setattr(cache, "__version__", "99.0")
    monkeypatch.setattr(cache, "reader_stamp", stamp_now)
    monkeypatch.setattr(cache, "code_stamp", code_stamp_now)
    run(tree)
    assert len(set(reads)) == 4


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package, which the stamps are made of."""
    root = Path(cache.__file__).parents[2]
    shutil.copytree(root / "seedlint", tmp_path / "seedlint", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(root / "rules", tmp_path / "rules")
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "seedlint" / "code" / "cache.py"))
    monkeypatch.setattr(cache, "rules_folder", lambda: tmp_path / "rules")
    return tmp_path / "seedlint"


@pytest.mark.parametrize("name", [*cache.READER, "code/readers/python.py", "code/readers/dispatch.py"])
def test_another_reader_has_another_stamp(name: str, package: Path) -> None:
    before = stamp_now()
    with (package / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert stamp_now() != before


def test_a_reader_whose_source_is_not_at_hand_has_no_stamp(package: Path) -> None:
    (package / cache.READER[0]).unlink()
    assert stamp_now() is None


@pytest.mark.parametrize("name", ["uses.py", "code/trace.py", "code/outside/judging.py", "../rules/apis/torch.toml"])
def test_other_code_and_other_tables_have_another_stamp(name: str, package: Path) -> None:
    before = code_stamp_now()
    os.utime(package / name, (1, 1))
    assert code_stamp_now() != before


def test_the_stamp_covers_all_that_the_readers_are_made_of() -> None:
    package = Path(cache.__file__).parents[1]
    readers = {path.relative_to(package).as_posix() for path in (package / "code" / "readers").glob("*.py")}
    waiting, reached = ["code/encoding.py", *readers], set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _imported(package, name)
    assert reached - readers - NO_PART_OF_FACTS == set(cache.READER)


NO_PART_OF_FACTS = {"uses.py"}
"""Verdicts are made of it."""


def _imported(package: Path, name: str) -> list[str]:
    nodes = list(ast.walk(ast.parse((package / name).read_bytes())))
    modules = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    modules += [f"{node.module}.{name.name}" for node in nodes if type(node) is ast.ImportFrom for name in node.names]
    modules += [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    files = [
        f"{module.removeprefix('seedlint.').replace('.', '/')}.py"
        for module in modules
        if module.startswith("seedlint.")
    ]
    return [file for file in files if (package / file).exists()]
