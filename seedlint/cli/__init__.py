"""The command line: a group whose commands are imported only when they are run."""

from __future__ import annotations

from importlib import import_module

import click

from seedlint import __version__

COMMANDS = {
    "check": "seedlint.cli.check",
    "classify": "seedlint.cli.classify",
    "explain": "seedlint.cli.explain",
    "review": "seedlint.cli.review",
    "rules": "seedlint.cli.rules",
    "survey": "seedlint.cli.survey",
    "trainer": "seedlint.cli.trainer",
}


class LazyGroup(click.Group):
    """A group that knows its commands by the modules that hold them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands' names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="seedlint")
def cli() -> None:
    """Find risky uses of random seeds in machine-learning experiments."""
