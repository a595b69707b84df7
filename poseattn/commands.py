"""Commands of the command line: tools, which people call, and stages, which rules call, with the arguments of each.

A command is a module of `poseattn/tools/` or `poseattn/stages/` with a function `run`: the parameters of `run` are its
arguments, and docstrings are its help. Listing the commands imports none of them.
"""

import argparse
import ast
import importlib
import inspect
import re
import shutil
import textwrap
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, NoReturn, get_args, get_origin

from poseattn.config.unknown import no_such
from poseattn.messages import one_line
from poseattn.provenance.versions import version

_GROUPS = {"tools": "tools, for you to call", "stages": "stages, which the rules of Snakemake call"}
_POSITIONAL = ("file", "folder", "folder_or_list", "names", "targets", "videos")
_SECTIONS = re.compile(r"^\s*(Args|Returns|Raises|Deviates):", re.MULTILINE)


class Command(NamedTuple):
    """A subcommand.

    Attributes:
        name: Its word on the command line, such as `extract-cubes`.
        room: Folder of its module: `tools` or `stages`.
        file: The module.
    """

    name: str
    room: str
    file: Path

    def load(self) -> ModuleType:
        """Import the module."""
        return importlib.import_module(f"poseattn.{self.room}.{self.file.stem}")

    @property
    def summary(self) -> str:
        """Return the first line of the module's docstring, without its full stop."""
        docstring = ast.get_docstring(ast.parse(self.file.read_text(encoding="utf-8"))) or ""
        return docstring.partition("\n")[0].removesuffix(".")


class Parser(argparse.ArgumentParser):
    """Parser whose errors are one line, whatever the words of the command hold."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the error, and end with exit code 2."""
        super().error(one_line(message))


@cache
def commands() -> dict[str, Command]:
    """Find all commands.

    Returns:
        Commands by name; tools come before stages.
    """
    root = Path(__file__).parent
    files = [(room, file) for room in _GROUPS for file in sorted((root / room).glob("[!_]*.py"))]
    found = [Command(file.stem.replace("_", "-"), room, file) for room, file in files]
    return {command.name: command for command in found}


def choose(words: Sequence[str]) -> Command:
    """Choose the command that a command line names, or answer `--help` and `--version`.

    Args:
        words: The command line after the name of the program.

    Returns:
        The command.

    Raises:
        SystemExit: Help or version was printed (code 0), or no command has this name (code 2).
    """
    if words and words[0] in commands():
        return commands()[words[0]]
    form = argparse.RawDescriptionHelpFormatter
    top = Parser(prog="poseattn", usage="poseattn COMMAND ...", description=_overview(), formatter_class=form)
    top.add_argument("--version", action="version", version=f"poseattn {version('poseattn')}")
    top.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    name = top.parse_args(words[:1]).command
    if name is not None:
        top.error(no_such("command", name, commands()))
    top.print_help()
    top.exit(2)


def _overview() -> str:
    """List all commands, one a line, in groups."""
    lines = ["From videos to the results tables of five papers. `poseattn COMMAND --help` says more."]
    width = max(map(len, commands()))
    for room, title in _GROUPS.items():
        members = [command for command in commands().values() if command.room == room]
        lines += ["", f"{title}:", *(f"  {command.name:{width}}  {command.summary}" for command in members)]
    return "\n".join(lines)


def parser_of(command: Command, module: ModuleType) -> argparse.ArgumentParser:
    """Make the parser of the arguments of a command.

    Args:
        command: The command.
        module: Its module, whose function `run` has a parameter for each argument.

    Returns:
        The parser. For a stage it also takes `--code` and `--made-by`, which rules pass.
    """
    form = argparse.RawDescriptionHelpFormatter
    usage = getattr(module, "USAGE", None)  # of a tool whose words have several forms
    parser = Parser(
        prog=f"poseattn {command.name}", usage=usage, description=_description(module), formatter_class=form
    )
    parameters, help_of = inspect.signature(module.run).parameters, _argument_help(module.run.__doc__ or "")
    for parameter in parameters.values():
        _add(parser, parameter, help_of.get(parameter.name))
    if command.room == "stages":
        if "code" not in parameters:
            parser.add_argument("--code", help="Digest of the planned code and its modules, as rules pass it.")
        made_by = "Digests of what should have made the inputs, as rules pass them."
        parser.add_argument("--made-by", default="{}", help=made_by)
    return parser


def _add(parser: argparse.ArgumentParser, parameter: inspect.Parameter, said: str | None) -> None:
    """Add the argument of one parameter of `run`."""
    flag, annotation = "--" + parameter.name.replace("_", "-"), parameter.annotation
    options: dict[str, Any] = {"type": annotation, "help": said}
    if get_origin(annotation) is list:
        options |= {"type": get_args(annotation)[0], "nargs": "*"}
    if parameter.name in _POSITIONAL:
        parser.add_argument(parameter.name, **options | ({"nargs": "+"} if "nargs" in options else {}))
    elif annotation is bool:
        parser.add_argument(flag, action="store_true", help=said)
    else:
        required = parameter.default is inspect.Parameter.empty
        default = None if required else parameter.default
        options["help"] = f"{said} (default: {default})" if said and default else said
        parser.add_argument(flag, required=required, default=default, **options)


def _description(module: ModuleType) -> str:
    """Join the docstring of a module and what its `run` says beside its summary and its sections."""
    of_run = _SECTIONS.split(inspect.getdoc(module.run) or "")[0].partition("\n\n")[2]
    texts = [inspect.cleandoc(module.__doc__ or ""), of_run]
    paragraphs = [" ".join(text.split()) for text in "\n\n".join(texts).split("\n\n")]
    width = shutil.get_terminal_size().columns - 2
    return "\n\n".join(textwrap.fill(text, width) for text in paragraphs if text)


def _argument_help(docstring: str) -> dict[str, str]:
    """Meaning of each argument, from the `Args` section of a Google-style docstring."""
    section = re.search(r"^\s*Args:\n(.*?)(?:\n\s*\n|\Z)", docstring, re.MULTILINE | re.DOTALL)
    if section is None:
        return {}
    entries = re.findall(r"^\s+(\w+): (.*?)(?=^\s+\w+: |\Z)", section[1], re.MULTILINE | re.DOTALL)
    return {name: " ".join(text.split()).replace("%", "%%") for name, text in entries}
