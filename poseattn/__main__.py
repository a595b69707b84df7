"""Command line: `python -m poseattn <stage> --argument value ...`, one subcommand for each file of `poseattn/stages`.

The arguments of a subcommand are the parameters of the stage's `run` function, their help its docstring, and only
that stage is imported. Any error ends with one line and exit code 1; `POSEATTN_DEBUG=1` shows where it came from.
"""

import argparse
import importlib
import inspect
import logging
import os
import re
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_origin

from poseattn.inputs import watch
from poseattn.messages import one_line

_STAGES = sorted(path.stem for path in (Path(__file__).parent / "stages").glob("[!_]*.py"))
_POSITIONAL = ("file", "folder", "videos")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one stage.

    Args:
        argv: Arguments after `python -m poseattn`; those of the process when None.

    Returns:
        Exit code: 0 if everything asked for is there, 1 after an error.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    names = [name.replace("_", "-") for name in _STAGES]
    top = argparse.ArgumentParser(prog="poseattn", description="Stages of the pipeline: " + ", ".join(names))
    top.add_argument("stage", choices=names, metavar="stage", help="one of the stages above; each has its own --help")
    name = top.parse_args(words[:1]).stage
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr)
    try:
        stage = importlib.import_module(f"poseattn.stages.{name.replace('-', '_')}")
        stage.run(**vars(_parser(name, stage).parse_args(words[1:])))
    except Exception as error:
        if os.environ.get("POSEATTN_DEBUG"):
            raise
        sys.stderr.write(f"poseattn {name}: error: {_sentence(error)}\n")
        return 1
    return 0


def _sentence(error: Exception) -> str:
    """What a wrong input, or a mistake of ours, has to say in one line."""
    said = one_line(error)
    if isinstance(error, ValueError | OSError):
        return said
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}, POSEATTN_DEBUG=1 shows more"
    return f"unexpected {type(error).__name__}: {said} ({where})"


def _parser(name: str, stage: ModuleType) -> argparse.ArgumentParser:
    """Parser of a stage's own arguments, read off the signature of its `run`."""
    parser = argparse.ArgumentParser(prog=f"poseattn {name}", description=(stage.__doc__ or "").strip().split("\n")[0])
    help_of = _argument_help(stage.run.__doc__ or "")
    for parameter in inspect.signature(stage.run).parameters.values():
        options: dict[str, Any] = {"type": parameter.annotation, "help": help_of.get(parameter.name)}
        if get_origin(parameter.annotation) is list:
            options |= {"type": get_args(parameter.annotation)[0], "nargs": "*"}
        if parameter.name in _POSITIONAL:
            parser.add_argument(parameter.name, **options | ({"nargs": "+"} if "nargs" in options else {}))
            continue
        required = parameter.default is inspect.Parameter.empty
        default = None if required else parameter.default
        parser.add_argument("--" + parameter.name.replace("_", "-"), required=required, default=default, **options)
    return parser


def _argument_help(docstring: str) -> dict[str, str]:
    """Meaning of each argument, from the `Args` section of a Google-style docstring."""
    section = re.search(r"^\s*Args:\n(.*?)(?:\n\s*\n|\Z)", docstring, re.MULTILINE | re.DOTALL)
    if section is None:
        return {}
    entries = re.findall(r"^\s+(\w+): (.*?)(?=^\s+\w+: |\Z)", section[1], re.MULTILINE | re.DOTALL)
    return {name: " ".join(text.split()).replace("%", "%%") for name, text in entries}


if __name__ == "__main__":
    watch(" ".join(sys.argv[1:2]))
    sys.exit(main())
