"""What one chunk may do to the others, whichever backend runs it: nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest

from seedlint.chunks import Backend, Done, Failed, Failure, map_chunks

SPREAD = [Backend.PROCESSES, Backend.RAY]


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    ray = pytest.importorskip("ray")
    imports = {"env_vars": {"PYTHONPATH": os.pathsep.join(sys.path)}}
    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=40, runtime_env=imports)
    yield
    ray.shutdown()


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Backend:
    if request.param is Backend.RAY:
        request.getfixturevalue("cluster")
    return request.param


class NotReadBack:
    def __reduce__(self):
        return int, ("not a number",)


def square(number: int) -> int:
    return number * number


def misbehave(what: object) -> object:
    if what == "raise":
        raise KeyError("two\nlines")
    if what == "out of memory":
        raise MemoryError
    if what == "exit":
        sys.exit("enough")
    if what == "die":
        os._exit(7)
    if what == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "hang":
        time.sleep(600)
    if what == "hang in a program":
        subprocess.run([sys.executable, "-c", "import time; time.sleep(600)"], check=True)
    if what == "unpicklable":
        return threading.Lock()
    if what == "not read back":
        return NotReadBack()
    return what


def note_and_wait(path: Path | None) -> None:
    if path is not None:
        path.write_text(str(os.getpid()))
        time.sleep(600)


def note_program_and_wait(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as program:
        path.write_text(str(program.pid))


def fail_once(path: Path) -> str:
    if path.exists():
        return "second attempt"
    path.touch()
    os._exit(1)


def own_process(_: object) -> int:
    return os.getpid()


def is_alive(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text() if sys.platform == "linux" else ""
        os.kill(process, 0)
    except (ProcessLookupError, FileNotFoundError):
        return False
    return ") Z " not in status


def dies_soon(process: int) -> bool:
    return soon(lambda: not is_alive(process))


def soon(condition: Callable[[], object]) -> bool:
    for _ in range(200):
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("backend", Backend, indirect=True)
def test_every_chunk_has_its_value(backend):
    outcomes = list(map_chunks(square, range(20), backend=backend, workers=2))
    assert sorted(outcomes, key=lambda done: done.index) == [Done(number, number * number) for number in range(20)]


@pytest.mark.parametrize("backend", Backend, indirect=True)
def test_nothing_to_do_ends_at_once(backend):
    assert list(map_chunks(square, [], backend=backend)) == []


@pytest.mark.parametrize("backend", Backend, indirect=True)
def test_an_exception_costs_its_own_chunk_and_is_told_in_one_line(backend):
    outcomes = list(map_chunks(misbehave, ["a", "raise", "b", "out of memory"], backend=backend, workers=2))
    assert sorted(outcomes, key=lambda outcome: outcome.index) == [
        Done(0, "a"),
        Failed(1, Failure.ERROR, r"KeyError: 'two\nlines'"),
        Done(2, "b"),
        Failed(3, Failure.ERROR, "MemoryError"),
    ]


@pytest.mark.parametrize("backend", SPREAD, indirect=True)
@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("die", Failure.CRASHED),
        ("killed", Failure.CRASHED),
        ("exit", Failure.ERROR),
        ("unpicklable", Failure.ERROR),
        ("not read back", Failure.ERROR),
    ],
)
def test_what_breaks_a_worker_or_its_answer_costs_one_chunk(backend, what, reason):
    chunks = [*range(5), what, *range(6, 20)]
    outcomes = {outcome.index: outcome for outcome in map_chunks(misbehave, chunks, backend=backend, workers=2)}
    failed = outcomes.pop(5)
    assert isinstance(failed, Failed)
    assert failed.reason is reason
    assert "\n" not in failed.message
    assert outcomes == {index: Done(index, index) for index in range(20) if index != 5}


def test_the_message_of_a_crash_says_how_the_worker_ended():
    outcomes = map_chunks(misbehave, ["die", "killed"], backend=Backend.PROCESSES)
    assert [outcome.message for outcome in outcomes] == [
        "the worker exited with code 7",
        f"the worker was killed by signal 9 ({signal.strsignal(9)})",
    ]


@pytest.mark.parametrize("backend", SPREAD, indirect=True)
def test_a_chunk_that_hangs_is_stopped_and_the_others_are_done(backend):
    chunks = ["hang", *range(1, 6)]
    outcomes = {o.index: o for o in map_chunks(misbehave, chunks, backend=backend, workers=2, timeout=2)}
    assert outcomes.pop(0) == Failed(0, Failure.TIMEOUT, "stopped after 2 seconds")
    assert outcomes == {index: Done(index, index) for index in range(1, 6)}


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_a_program_that_a_late_chunk_started_is_stopped_too(tmp_path):
    noted = tmp_path / "pid"
    (outcome,) = map_chunks(note_program_and_wait, [noted], backend=Backend.PROCESSES, timeout=1)
    assert outcome == Failed(0, Failure.TIMEOUT, "stopped after 1 seconds")
    assert dies_soon(int(noted.read_text()))


@pytest.mark.parametrize("backend", SPREAD, indirect=True)
def test_a_chunk_that_fails_is_tried_again_as_often_as_asked(backend, tmp_path):
    (once,) = map_chunks(fail_once, [tmp_path / "once"], backend=backend)
    (twice,) = map_chunks(fail_once, [tmp_path / "twice"], backend=backend, retries=1)
    assert (type(once), twice) == (Failed, Done(0, "second attempt"))


def test_the_serial_backend_tries_again_too():
    attempts = []
    (outcome,) = map_chunks(lambda chunk: attempts.append(chunk) or 1 / 0, ["a"], retries=2)
    assert outcome == Failed(0, Failure.ERROR, "ZeroDivisionError: division by zero")
    assert attempts == ["a"] * 3


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_the_serial_backend_lets_an_interruption_through(interruption):
    def interrupt(_: int) -> None:
        raise interruption

    with pytest.raises(interruption):
        next(map_chunks(interrupt, [1]))


@pytest.mark.parametrize(
    ("backend", "most"), [(Backend.SERIAL, 1), (Backend.PROCESSES, 4), (Backend.RAY, 4)], indirect=["backend"]
)
def test_chunks_are_taken_only_as_workers_come_free(backend, most):
    taken = []

    def endless() -> Iterator[int]:
        while True:
            taken.append(1)
            yield len(taken)

    outcomes = map_chunks(square, endless(), backend=backend, workers=2)
    for results in range(1, 50):
        assert isinstance(next(outcomes), Done)
        assert len(taken) <= results + most - 1
    outcomes.close()


def test_a_worker_is_replaced_after_its_share_of_chunks():
    outcomes = map_chunks(own_process, range(6), backend=Backend.PROCESSES, chunks_per_worker=2)
    processes = [outcome.value for outcome in outcomes]
    assert [processes.count(process) for process in dict.fromkeys(processes)] == [2, 2, 2]
    assert os.getpid() not in processes


@pytest.mark.parametrize("backend", SPREAD, indirect=True)
def test_closing_early_leaves_no_worker_behind(backend, tmp_path):
    noted = tmp_path / "pid"
    outcomes = map_chunks(note_and_wait, chain([noted], repeat(None)), backend=backend, workers=2)
    assert soon(lambda: next(outcomes) and noted.exists() and noted.read_text())
    outcomes.close()
    assert dies_soon(int(noted.read_text()))
    assert multiprocessing.active_children() == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_a_caller_that_is_interrupted_or_killed(number, tmp_path):
    noted = tmp_path / "pid"
    program = (
        "import sys; from pathlib import Path; from seedlint.chunks import *; from test_chunks import note_and_wait\n"
        "list(map_chunks(note_and_wait, [Path(sys.argv[1])], backend=Backend.PROCESSES))"
    )
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path}
    command = [sys.executable, "-c", program, str(noted)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as caller:
        assert soon(lambda: noted.exists() and noted.read_text())
        caller.send_signal(number)
        assert caller.wait(timeout=20) != 0
    assert dies_soon(int(noted.read_text()))


def test_a_function_that_no_worker_can_have_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="the function cannot be sent to a worker"):
        list(map_chunks(lambda chunk: chunk, [1], backend=Backend.PROCESSES))


def test_a_function_that_workers_cannot_load_is_refused_in_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "only_in_the_parent.py").write_text(
        "import multiprocessing\nassert multiprocessing.parent_process() is None\ndef same(chunk):\n    return chunk\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    from only_in_the_parent import same

    with pytest.raises(ValueError, match="cannot be loaded in a worker: AssertionError"):
        list(map_chunks(same, range(10), backend=Backend.PROCESSES, workers=2))
    assert multiprocessing.active_children() == []


def test_a_script_without_the_main_guard_ends_with_one_error(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from seedlint.chunks import Backend, map_chunks\n"
        "print(list(map_chunks(abs, range(100), backend=Backend.PROCESSES, workers=2)))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stderr.endswith("RuntimeError: 3 workers in a row did not start: the last exited with code 1\n")


@pytest.mark.parametrize("backend", SPREAD, indirect=True)
def test_a_chunk_that_cannot_be_sent_or_loaded_costs_only_itself(backend):
    chunks = [1, threading.Lock(), 2, NotReadBack(), 3]
    outcomes = {outcome.index: outcome for outcome in map_chunks(misbehave, chunks, backend=backend, workers=2)}
    assert outcomes == {
        0: Done(0, 1),
        1: Failed(
            1, Failure.ERROR, "the chunk cannot be sent to a worker: TypeError: cannot pickle '_thread.lock' object"
        ),
        2: Done(2, 2),
        3: Failed(3, Failure.ERROR, "ValueError: invalid literal for int() with base 10: 'not a number'"),
        4: Done(4, 3),
    }


@pytest.mark.parametrize(
    "settings",
    [
        {"workers": 0},
        {"retries": -1},
        {"chunks_per_worker": 0},
        {"timeout": 1.0},
        {"timeout": 0.0, "backend": Backend.PROCESSES},
        {"timeout": float("nan"), "backend": Backend.PROCESSES},
        {"gpus_per_task": 1, "backend": Backend.PROCESSES},
    ],
)
def test_a_setting_that_the_backend_cannot_honour_is_refused_at_once(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        map_chunks(square, [1], **settings)


def test_a_ray_that_the_map_started_is_stopped_with_it():
    ray = pytest.importorskip("ray")
    ray.shutdown()
    outcomes = map_chunks(square, range(4), backend=Backend.RAY, workers=2)
    assert isinstance(next(outcomes), Done)
    assert ray.is_initialized()
    assert len(list(outcomes)) == 3
    assert not ray.is_initialized()
    with pytest.raises(ValueError, match="gpus_per_task is 512, but Ray finds"):
        list(map_chunks(square, [1], backend=Backend.RAY, gpus_per_task=512))
    assert not ray.is_initialized()


def test_a_missing_ray_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModuleNotFoundError, match=r"seedlint\[ray\]"):
        map_chunks(square, [1], backend=Backend.RAY)


def test_importing_it_loads_no_machinery():
    program = "import sys, seedlint.chunks; print(*{'ray', 'multiprocessing', 'pickle', 'threading'} & {*sys.modules})"
    before = "import sys; print(*{'ray', 'multiprocessing', 'pickle', 'threading'} & {*sys.modules})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    loaded, anyway = (
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
        for code in (program, before)
    )
    assert set(loaded.split()) <= set(anyway.split())
