"""`seedlint check`: options in, one call into the linter, one report out."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click

from seedlint.code.discover import Source, shown_path
from seedlint.context import project_folder
from seedlint.globs import slashed
from seedlint.lint import Outcome, Plan, lint
from seedlint.lint import why as lint_why
from seedlint.report import FORMATS, View, render
from seedlint.settings import SettingsError, find_settings
from seedlint.suppressions import UNUSED
from seedlint.uses import FileError, Finding, Place, Report, Severity

STDIN = "-"
SEVERITIES = [severity.value for severity in Severity]


class InputError(click.ClickException):
    """Something that seedlint was given and cannot work with; told in one line, exit code 2."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        """Say it on standard error."""
        complain(self.format_message())


def complain(text: str) -> None:
    """One line on standard error."""
    click.echo(f"seedlint: {text}", err=True)


def _rules(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> tuple[str, ...]:
    """The rules of an option that is repeated or holds commas."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option(
    "--select", multiple=True, callback=_rules, metavar="RULES", help="Only these rules (codes, names, SL1, ALL)."
)
@click.option("--extend-select", multiple=True, callback=_rules, metavar="RULES", help="These rules too.")
@click.option("--ignore", multiple=True, callback=_rules, metavar="RULES", help="Not these rules.")
@click.option("--show-safe", is_flag=True, help="List the safe uses of seeds too.")
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True, help="Form of the report."
)
@click.option("--output", metavar="FILE", help="Write the report to FILE instead of standard output.")
@click.option("--baseline", metavar="FILE", help="Leave out the findings that FILE records.")
@click.option(
    "--write-baseline",
    is_flag=True,
    help="Record the findings in the baseline FILE. A FILE that exists only shrinks: nothing is added.",
)
@click.option("--diff", metavar="REF", help="Only findings that are new since the git revision REF.")
@click.option(
    "--stdin-filename", metavar="NAME", help="The name of the file that is read from standard input (PATHS is -)."
)
@click.option("--jobs", type=click.IntRange(min=0), default=0, metavar="N", help="Worker processes; 0: as many as pay.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep what was learned in earlier runs.")
@click.option("--no-context", is_flag=True, help="Judge files that are named by themselves, not in their project.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when there are findings.")
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES), help="The least severity that makes the exit code 1.  [default: note]"
)
@click.option("--statistics", is_flag=True, help="Count the findings of each rule instead of showing them (text).")
@click.option("--config", metavar="FILE", help="The configuration file, instead of the nearest one.")
@click.option("--add-ignores", is_flag=True, help="Write an ignore comment at each finding instead of reporting it.")
@click.option(
    "--acknowledge",
    nargs=2,
    metavar="RULE REASON",
    help="Write a comment that acknowledges each finding of RULE, with REASON, instead of reporting it.",
)
@click.option(
    "--why", metavar="PATH:LINE", help="Say what is believed of a line, and why; of a notebook, PATH:CELL:LINE."
)
@click.pass_context
def check(
    ctx: click.Context,
    paths: tuple[str, ...],
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    show_safe: bool,
    format_: str,
    output: str | None,
    baseline: str | None,
    write_baseline: bool,
    diff: str | None,
    stdin_filename: str | None,
    jobs: int,
    no_cache: bool,
    no_context: bool,
    exit_zero: bool,
    fail_on: str | None,
    statistics: bool,
    config: str | None,
    add_ignores: bool,
    acknowledge: tuple[str, str] | None,
    why: str | None,
) -> None:
    """Report risky uses of random seeds in the experiments of PATHS (default: the current folder).

    Files are judged as part of their project: the rest of it is read too, and nothing is reported of it.

    \b
    Exit code: 0 nothing found, 1 findings, 2 wrong usage or input that cannot be read.
    """
    if write_baseline and baseline is None:
        raise click.UsageError("--write-baseline needs --baseline FILE")
    if acknowledge and not acknowledge[1].strip():
        raise click.UsageError("--acknowledge needs a reason")
    if add_ignores and acknowledge:
        raise click.UsageError("--add-ignores and --acknowledge exclude each other")
    cwd = slashed(os.getcwd())
    asked = _place(why) if why is not None else None
    paths = (asked.path,) if asked is not None else paths or (".",)
    stdin = _stdin(paths, stdin_filename, cwd)
    if stdin is not None and (diff or add_ignores or acknowledge):
        raise click.UsageError("standard input goes neither with --diff nor with --add-ignores and --acknowledge")
    try:
        start = _start(paths, stdin)
        settings = find_settings(start, config).with_options(
            select=select,
            extend_select=extend_select,
            ignore=ignore,
            fail_on=Severity(fail_on) if fail_on else None,
            context=not no_context,
        )
        context = settings.context and (stdin_filename is not None if stdin else not any(map(os.path.isdir, paths)))
        plan = Plan(paths, cwd, settings, jobs, not no_cache, stdin, project_folder(start, settings), context)
        if asked is not None:
            click.echo(_why(plan, asked), nl=False)
            return
        outcome = lint(plan)
        report, hidden = outcome.report, 0
        if baseline is not None:
            report, hidden = _without_known(outcome, Path(baseline), write=write_baseline)
        if diff is not None:
            report = replace(report, findings=_new_since(diff, plan, report.findings))
        if add_ignores or acknowledge:
            rule, reason = acknowledge or ("ALL", "")
            ctx.exit(_edit(outcome, report, rule, reason))
    except SettingsError as error:
        raise InputError(str(error)) from error
    view = View(
        colour=format_ == "text" and output is None and _colourful(),
        show_safe=show_safe,
        statistics=statistics,
        width=_width(),
        read_line=outcome.lines.read_line,
        file_line=outcome.lines.file_line,
        hidden=hidden,
        root=cwd,
    )
    _publish(render(report, format_, view=view), output)
    if format_ != "text" or output is not None:
        from seedlint.report.as_text import summary

        complain(summary(report, replace(view, colour=False)))
    _complain_of(outcome.notes + report.errors)
    ctx.exit(_exit_code(report, settings.fail_on, exit_zero))


def _place(text: str) -> Place:
    """The line that `--why` asks about."""
    path, *numbers = re.split(r":(?:cell )?(?=\d+(?::|$))", text.rstrip(":"))
    if not path or not 1 <= len(numbers) <= 2 or not all(number.isdigit() for number in numbers):
        raise click.UsageError(f"--why {text}: not of the form PATH:LINE")
    cell = int(numbers[0]) if len(numbers) == 2 else None
    return Place(shown_path(path, slashed(os.path.abspath(path)), slashed(os.getcwd())), int(numbers[-1]), cell=cell)


def _why(plan: Plan, place: Place) -> str:
    from seedlint.judge import Judge
    from seedlint.lines import Lines
    from seedlint.report.as_why import render_beliefs
    from seedlint.rulebook import load_rulebook

    beliefs = lint_why(plan, place)
    if beliefs is None:
        raise InputError(f"{place.path}: no file that seedlint reads")
    lines = Lines(plan.cwd, {})
    view = View(colour=_colourful(), width=_width(), read_line=lines.read_line)
    return render_beliefs(place, beliefs, Judge(load_rulebook(), plan.settings, lines), view)


def _start(paths: Sequence[str], stdin: Source | None) -> str:
    """The folder from which the configuration is looked for: the one that holds all that is linted."""
    named = [str(stdin.location)] if stdin else [os.path.abspath(path) for path in paths]
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in named]
    try:
        return os.path.commonpath(folders)
    except ValueError:  # Different drives.
        return os.getcwd()


def _stdin(paths: Sequence[str], name: str | None, cwd: str) -> Source | None:
    """What standard input holds, where the paths ask for it."""
    if STDIN not in paths:
        return None
    if len(paths) > 1:
        raise click.UsageError("- (standard input) goes with no other path")
    name = name or "stdin.py"
    location = slashed(os.path.abspath(name))
    return Source(shown_path(name, location, cwd), Path(location), sys.stdin.buffer.read())


def _without_known(outcome: Outcome, path: Path, *, write: bool) -> tuple[Report, int]:
    """The report without what the baseline knows, and how much that is; `write` makes the baseline or shrinks it."""
    from seedlint import baseline
    from seedlint.report.wording import count

    def judged(entry: baseline.Entry) -> bool:
        gone = not os.path.exists(os.path.join(outcome.lines.root, entry.path))
        return (gone or entry.path in outcome.looked_at) and outcome.judge.speaks(entry.rule, entry.path)

    try:
        if write and not path.exists():
            complain(f"{path}: recorded {count(baseline.write(path, outcome.report.findings), 'finding')}")
        applied = baseline.apply(path, outcome.report.findings, judged)
        if applied.stale and write:
            baseline.shrink(path, applied.stale)
        if applied.stale:
            hint = "taken out" if write else "take out what is gone with --write-baseline"
            complain(f"{path}: {count(sum(entry.count for entry in applied.stale), 'finding')} no longer there; {hint}")
    except baseline.BaselineError as error:
        raise InputError(str(error)) from error
    return replace(outcome.report, findings=applied.kept), len(applied.matched)


def _new_since(revision: str, plan: Plan, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    from seedlint.diff import DiffError, new_since

    try:
        return new_since(revision, plan, findings)
    except DiffError as error:
        raise InputError(f"--diff {revision}: {error}") from error


def _edit(outcome: Outcome, report: Report, rule: str, reason: str) -> int:
    """Write an acknowledgement, or without a reason an ignore comment, at each finding of the rule; the exit code."""
    from seedlint.edits import write_remarks
    from seedlint.report.wording import count

    codes = outcome.judge.codes(rule) - {UNUSED}
    wanted = [finding for finding in report.findings if finding.code in codes and finding.acknowledged is None]
    edited = write_remarks(wanted, "acknowledge" if reason else "ignore", reason, outcome.lines.root)
    complain(f"wrote {count(edited.comments, 'comment')} in {count(edited.files, 'file')}")
    _complain_of(outcome.notes + report.errors + edited.errors)
    return 2 if report.errors or edited.errors else 0


def _complain_of(files: Sequence[FileError]) -> None:
    for file in files:
        complain(f"{file.path}: {file.message}")


def _colourful() -> bool:
    """Whether the report goes to a terminal that shows colours, by the customs of NO_COLOR and FORCE_COLOR."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        return 100


def _publish(text: str, output: str | None) -> None:
    """Write the report to standard output, or to a file that is replaced in one step."""
    if output is None:
        with suppress(BrokenPipeError):  # The reader has seen enough; the exit code is still the truth.
            sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
            sys.stdout.buffer.flush()
        return
    from seedlint.files import write_file

    try:
        write_file(output, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise InputError(f"{output}: {error.strerror}") from error


def _exit_code(report: Report, fail_on: Severity, exit_zero: bool) -> int:
    """2 where something could not be read, else 1 for a finding that nobody has acknowledged, else 0."""
    if report.errors:
        return 2
    failing = any(finding.acknowledged is None and finding.severity.rank >= fail_on.rank for finding in report.findings)
    return int(failing and not exit_zero)
