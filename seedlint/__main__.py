"""The `seedlint` command and `python -m seedlint`: runs the command line and turns its end into an exit code."""

from __future__ import annotations

import gc
import os
import sys

FAILED = 2
INTERRUPTED = 130


def main() -> None:
    """Run the command line and end the process with its exit code."""
    gc.disable()  # The process ends before there is garbage worth a collection.
    code = run()
    sys.stderr.flush()
    os._exit(code)  # Taking a large project's facts apart one by one would cost a tenth of the run.


def run() -> int:
    """The exit code of the command line; an interrupt or a reader that went away ends it without a traceback."""
    try:
        code = _command()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception:  # Python's own exit code for this, 1, would read as "findings".
        from traceback import print_exc

        print_exc()
        print("seedlint: this is a fault of seedlint; please report it with the lines above", file=sys.stderr)
        code = FAILED
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # What Python flushes at its end goes nowhere.
    return code


def _command() -> int:
    import click

    from seedlint.cli import cli

    try:
        code = cli.main(prog_name="seedlint", standalone_mode=False)
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    main()
