"""`seedlint trainer`: search, select, ensemble, sensitivity, compare; and what keeps and shows their records."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from seedlint.trainer.demos import Demo
    from seedlint.trainer.machine import Machine
    from seedlint.trainer.search import Progress
    from seedlint.trainer.study import Study
    from seedlint.trainer.tables import Table

DIFFERS, FAILED = 1, 2
BUILT_IN = {"digits": "seedlint.trainer.tasks:Digits", "digits-tanh": "seedlint.trainer.tasks:tanh_digits"}
DEMO_CODES = ("SL101", "SL102", "SL201", "SL202", "SL301")

store_argument = click.argument("store", type=click.Path(path_type=Path, exists=True, dir_okay=False))


class Command(click.Command):
    """A command that ends bad input in one line, and says which extra is missing."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        gc.enable()  # off for checks, which end before there is garbage; a search makes some at every step
        try:
            for needed in ("torch", "numpy", "scipy"):
                import_module(needed)
        except ModuleNotFoundError as error:
            _end(f"the trainer needs {error.name}; install it with: python -m pip install 'seedlint[trainer]'")
        try:
            return super().invoke(ctx)
        except (
            RuntimeError,
            ValueError,
            ModuleNotFoundError,
        ) as error:  # a TaskError, a StoreError, Refused, ... and torch's
            _end(str(error).partition("\n")[0])


class Trainer(click.Group):
    """A group whose help needs no torch: only its commands do."""

    command_class = Command


@click.group(cls=Trainer)
def trainer() -> None:
    """Search hyperparameters with the seed among them, and conclude no more than the trials allow.

    Exit code: 0 done, 1 a replay that came out otherwise, 2 wrong usage, or something that could not be done.
    """


def machine_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say where and how lanes are trained."""
    for option in (
        click.option(
            "--threads",
            type=click.IntRange(1, os.cpu_count()),
            default=1,
            show_default=True,
            help="Threads of torch per process.",
        ),
        click.option("--lanes", type=click.IntRange(1), help="Trials at once (default: 64 on a CPU, 1024 on CUDA)."),
        click.option("--compile", "engine", flag_value="compiled", help="Short for --engine compiled."),
        click.option(
            "--engine",
            type=click.Choice(["eager", "compiled", "graph"]),
            help="How steps run (default: eager on a CPU, graph on CUDA).",
        ),
        click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True),
    ):
        command = option(command)
    return command


def format_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add the choice between words and a table for a paper."""
    kinds = click.Choice(["text", "md", "csv", "tex"])
    return click.option(
        "--format", "format_", type=kinds, default="text", show_default=True, help="Words, or a table."
    )(command)


resampling_option = click.option(
    "--resampling-seed", type=click.IntRange(0), help="What the bootstrap draws from (default: drawn, and printed)."
)
device_option = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), help="Train elsewhere than the store says."
)
plot_option = click.option(
    "--plot", type=click.Path(path_type=Path, dir_okay=False), help="Draw it too, into a PNG or SVG file (extra plots)."
)
task_option = click.option("--task", help="Where the task comes from, if not from where the store says.")
search_seed_option = click.option(
    "--search-seed",
    type=click.IntRange(0, 2**31 - 1),
    help="What the trials are drawn from (default: drawn, and recorded).",
)


@trainer.command()
@click.argument("task")
@click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "-n", "--trials", type=click.IntRange(1), required=True, help="Trials in all, those recorded already among them."
)
@search_seed_option
@click.option("--family", help="What reports call these models (default: the task's name).")
@click.option("--space", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A search space as JSON.")
@click.option(
    "--halving",
    is_flag=True,
    help="Successive halving: three rungs, each for the best third. Not for comparisons of families.",
)
@click.option("--shard", help="i/n, i from 0: only every n-th trial, into a store of its own beside STORE.")
@click.option(
    "--backend", type=click.Choice(["serial", "processes", "ray"]), help="Default: processes for several workers."
)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True)
@machine_options
def search(
    task: str,
    store: Path,
    trials: int,
    search_seed: int | None,
    family: str | None,
    space: Path | None,
    halving: bool,
    shard: str | None,
    backend: str | None,
    workers: int,
    **machine: Any,
) -> None:
    """Search TASK's hyperparameters at random, the seed among them, and record every trial in STORE.

    TASK is digits, digits-tanh, module:name or file.py:name. A search that was interrupted goes on where it was.
    """
    from seedlint.chunks import Backend
    from seedlint.trainer import search as searching

    part = _shard(shard)
    if part[1] > 1:
        store = store.with_name(f"{store.stem}.shard-{part[0]}-of-{part[1]}{store.suffix}")
    with _progress("trials") as progress:
        study = searching.search(
            BUILT_IN.get(task, task),
            trials,
            search_seed=search_seed,
            space=_space(space) if space else None,
            family=family,
            path=store,
            machine=_machine(**machine),
            halving=searching.Halving() if halving else None,
            shard=part,
            backend=Backend(backend or ("processes" if workers > 1 else "serial")),
            workers=workers,
            progress=progress,
        )
    click.echo(study.signature())
    if not study.trials:
        click.echo("This shard has no trials.")
        return
    best = study.best
    click.echo(
        f"{len(study.trials)} trials ran to their end; the best by validation is trial {best.id}, with {best.score:.4f}."
    )


@trainer.command()
@store_argument
@task_option
@device_option
@format_option
def select(store: Path, task: str | None, device: str | None, format_: str) -> None:
    """Select the best trial of STORE by validation, and open the test set for it, once."""
    from seedlint.trainer import patterns, tables
    from seedlint.trainer.recorded import reopen_study

    study = reopen_study(store, _named(task), device)
    selection = patterns.select(study)
    _show(selection.sentence, tables.of_selection(selection), format_, [study])
    if not selection.same_weights:
        click.echo("seedlint: training the trial again gave other weights than recorded: another environment", err=True)


@trainer.command()
@store_argument
@click.option("-m", "--members", type=click.IntRange(2), default=5, show_default=True)
@click.option("--candidates", type=click.IntRange(2), help="Seeds of which the best members by validation are taken.")
@click.option("--halving", is_flag=True, help="Stop the worse candidates early.")
@click.option("--record", type=click.Path(path_type=Path, dir_okay=False), help="A store for the candidates.")
@resampling_option
@task_option
@device_option
@format_option
def ensemble(
    store: Path,
    members: int,
    candidates: int | None,
    halving: bool,
    record: Path | None,
    resampling_seed: int | None,
    task: str | None,
    device: str | None,
    format_: str,
) -> None:
    """Combine models of the best configuration of STORE that differ by their seeds; opens the test set."""
    from seedlint.trainer import patterns, tables
    from seedlint.trainer.recorded import reopen_study
    from seedlint.trainer.search import Halving

    study = reopen_study(store, _named(task), device)
    early = Halving() if halving else None
    with _progress("seeds") as progress:
        made = patterns.ensemble(
            study,
            members,
            candidates=candidates,
            halving=early,
            path=record,
            resampling_seed=resampling_seed,
            progress=progress,
        )
    _show(made.sentence, tables.of_ensemble(made), format_, [study])
    if format_ == "text":
        click.echo(f"resampling_seed={made.resampling_seed}")


@trainer.command()
@store_argument
@click.option("--seeds", type=click.IntRange(2), default=20, show_default=True, help="Draws of each kind.")
@click.option("--record", type=click.Path(path_type=Path, file_okay=False), help="A folder for the trials.")
@plot_option
@task_option
@device_option
@format_option
def sensitivity(
    store: Path, seeds: int, record: Path | None, plot: Path | None, task: str | None, device: str | None, format_: str
) -> None:
    """Measure how far scores move with the seed, by stream, and with the other hyperparameters of STORE."""
    from seedlint.trainer import patterns, plots, tables
    from seedlint.trainer.recorded import reopen_study

    study = reopen_study(store, _named(task), device)
    with _progress("trials") as progress:
        measured = patterns.sensitivity(study, seeds, folder=record, progress=progress)
    _show(measured.sentence, tables.of_sensitivity(measured), format_, [study])
    if plot:
        plots.save(plots.spreads(measured), plot)


@trainer.command()
@click.argument("stores", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--best", is_flag=True, help="Compare the two best models on the test set, in place of the families.")
@click.option("--seed-is-all", is_flag=True, help="State that the models have no hyperparameter but the seed.")
@resampling_option
@plot_option
@format_option
def compare(
    stores: tuple[Path, ...],
    best: bool,
    seed_is_all: bool,
    resampling_seed: int | None,
    plot: Path | None,
    format_: str,
) -> None:
    """Compare families over all hyperparameters by validation scores, or with --best two selected models on the test set."""
    from seedlint.trainer import comparison, plots, tables
    from seedlint.trainer.recorded import read_study, reopen_study

    if not best:
        families = [read_study(path) for path in stores]
        compared = comparison.compare_families(families, seed_is_all=seed_is_all)
        _show("\n\n".join(one.sentence for one in compared), tables.of_families(compared), format_, families)
        if plot:
            plots.save(plots.distributions(families), plot)
        return
    if len(stores) != 2:
        raise click.UsageError("--best compares two stores")
    a, b = (reopen_study(path) for path in stores)
    one = comparison.compare_best(a, b, seed_is_all=seed_is_all, resampling_seed=resampling_seed)
    _show(one.sentence, tables.of_best(one), format_, [a, b])
    if format_ == "text":
        click.echo(f"resampling_seed={one.resampling_seed}")
    if plot:
        plots.save(plots.best(one), plot)


@trainer.command()
@click.argument("stores", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to write into."
)
@click.option("--seed-is-all", is_flag=True, help="State that the models have no hyperparameter but the seed.")
def report(stores: tuple[Path, ...], out: Path, seed_is_all: bool) -> None:
    """Write one HTML page about STORES, and its tables and pictures as files. The test set stays closed."""
    from seedlint.trainer.recorded import read_study
    from seedlint.trainer.report import write

    click.echo(write([read_study(path) for path in stores], out, seed_is_all=seed_is_all))


@trainer.command()
@store_argument
@click.argument("trial", type=click.IntRange(0))
@task_option
@device_option
def replay(store: Path, trial: int, task: str | None, device: str | None) -> None:
    """Train one recorded TRIAL of STORE again and compare its weights; exit code 1 where they differ."""
    from seedlint.trainer import recorded

    result = recorded.replay(recorded.reopen_study(store, _named(task), device), trial)
    click.echo(result.sentence)
    if not result.verified:
        sys.exit(DIFFERS)


@trainer.command()
@click.argument("shards", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--into", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The store to make.")
def merge(shards: tuple[Path, ...], into: Path) -> None:
    """Join the SHARDS of one search: the same store as of a search that was not divided."""
    from seedlint.trainer import store

    merged = store.merge(shards, into)
    gaps = max((id for id, _ in merged.trials), default=-1) + 1 - merged.tried
    click.echo(f"{into}: {merged.tried} trials{f'; {gaps} below the highest are missing' if gaps else ''}")


@trainer.command()
@click.argument("rule", type=click.Choice(DEMO_CODES, case_sensitive=False))
@search_seed_option
@format_option
def demo(rule: str, search_seed: int | None, format_: str) -> None:
    """Show on real data what the pattern that RULE reports does, and what the corrected one does. Under a minute."""
    import secrets

    from seedlint.trainer.demos import DEMOS

    seed = secrets.randbelow(2**31) if search_seed is None else search_seed
    with _progress("trials") as progress:
        shown = DEMOS[rule](seed, progress)
    _show_demo(shown, format_)


def _show_demo(demo: Demo, format_: str) -> None:
    if format_ != "text":
        _show("", demo.table, format_, [])
        return
    from seedlint.trainer.tables import markdown

    click.echo(f"{demo.code}: {demo.title}\n\n{markdown(demo.table)}")
    click.echo(f"It shows: {demo.shows}\n\nIt does not show: {demo.does_not_show}\n")
    click.echo(f"{demo.trials} trials, search_seed={demo.search_seed}. More: seedlint explain {demo.code}")


def _show(sentence: str, table: Table, format_: str, studies: list[Study]) -> None:
    from seedlint.trainer import tables

    formats = {"md": tables.markdown, "csv": tables.csv, "tex": tables.latex}
    if format_ != "text":
        click.echo(formats[format_](table), nl=False)
        return
    click.echo(f"{sentence}\n\n{tables.markdown(table)}")
    for study in studies:
        click.echo(study.signature())


def _machine(device: str, engine: str | None, lanes: int | None, threads: int) -> Machine:
    from seedlint.trainer.machine import Machine
    from seedlint.trainer.population import Engine

    return Machine(device, Engine(engine) if engine else None, lanes, threads)


def _space(path: Path) -> Any:
    import json

    from seedlint.trainer.space import Space, SpaceError

    try:
        return Space.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, OverflowError, RecursionError) as error:
        raise SpaceError(f"{path}: {error}") from error


def _shard(text: str | None) -> tuple[int, int]:
    if text is None:
        return 0, 1
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal()):
        raise click.BadParameter("a shard is i/n, such as 0/4", param_hint="--shard")
    return int(number), int(of)


def _named(task: str | None) -> str | None:
    return BUILT_IN.get(task, task) if task else None


@contextmanager
def _progress(unit: str) -> Iterator[Progress | None]:
    """Give a callback that draws a bar with the time left, if somebody looks on."""
    if not sys.stderr.isatty():
        yield None
        return
    bars: list[Any] = []

    def show(done: int, total: int) -> None:
        if not bars or done < bars[-1].pos or total != bars[-1].length:
            if bars:
                bars[-1].render_finish()
            bars.append(click.progressbar(length=total, label=unit, show_eta=True, show_pos=True, file=sys.stderr))
        bars[-1].update(done - bars[-1].pos)

    try:
        yield show
    finally:
        if bars:
            bars[-1].render_finish()


def _end(message: str) -> NoReturn:
    click.echo(f"seedlint: {message}", err=True)
    sys.exit(FAILED)
