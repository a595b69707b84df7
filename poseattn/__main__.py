"""Command line: `python -m poseattn <stage> --argument value ...`, one subcommand for each stage or tool.

The arguments of a subcommand are the parameters of the stage's `run` function, their help its docstring, and only
that stage is imported. Every stage also takes `--code`: rules pass the digest of the code that they planned with, and
a stage with other code refuses to run. Any error ends with one line and exit code 1; `POSEATTN_DEBUG=1` shows where it
came from.
"""

import os
import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Ctrl-C while modules are imported, of which some take it for an error of theirs
    signal.signal(signal.SIGINT, lambda *_: (os.write(2, b"poseattn: stopped\n"), os._exit(130)))

import argparse
import importlib
import inspect
import json
import logging
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, get_args, get_origin

from poseattn.checks.origins import check_origins
from poseattn.messages import LineFormatter, WrongUse, one_line
from poseattn.provenance.source_digest import check_code, read_code
from poseattn.reading import watch

_ROOM_OF = {  # stage or tool -> its folder
    path.stem: room for room in ("stages", "tools") for path in (Path(__file__).parent / room).glob("[!_]*.py")
}
_POSITIONAL = ("file", "folder", "folder_or_list", "names", "targets", "videos")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one stage.

    Args:
        argv: Arguments after `python -m poseattn`; those of the process when None.

    Returns:
        Exit code: 0 if everything asked for is there, 1 after an error or what the stage itself returns, 2 if it cannot
        be called like this, 130 if Ctrl-C stopped it.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    names = [name.replace("_", "-") for name in sorted(_ROOM_OF)]
    top = _Parser(prog="poseattn", description="Stages of the pipeline: " + ", ".join(names))
    top.add_argument("stage", choices=names, metavar="stage", help="one of the stages above; each has its own --help")
    name = top.parse_args(words[:1]).stage
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    try:
        file = name.replace("-", "_")
        stage = importlib.import_module(f"poseattn.{_ROOM_OF[file]}.{file}")
        if signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, signal.default_int_handler):  # the one above
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return _run(stage, vars(_parser(name, stage).parse_args(words[1:])))
    except Exception as error:
        if os.environ.get("POSEATTN_DEBUG"):
            raise
        sys.stderr.write(f"poseattn {name}: error: {_sentence(error)}\n")
        return 2 if isinstance(error, WrongUse) else 1
    except KeyboardInterrupt:
        sys.stderr.write(f"poseattn {name}: stopped\n")
        return 130


def _run(stage: ModuleType, given: dict[str, Any]) -> int:
    """Run a stage, unless its code is not the planned one; what it made with code that changes meanwhile is refused.

    Args:
        stage: Its module.
        given: Arguments of its command by name.

    Returns:
        Exit code of the stage, 0 where it names none.
    """
    code, wanted = read_code(given.pop("code", None) or ""), json.loads(given.pop("made_by"))
    if "code" in inspect.signature(stage.run).parameters:
        given["code"] = code.digest
    check_code(code)
    check_origins(_paths(given.values()), wanted)
    exit_code = stage.run(**given)
    check_code(code)
    return exit_code or 0


def _paths(values: Iterable[Any]) -> Iterator[Path]:
    """Files among arguments, which may be lists of files."""
    for value in values:
        if isinstance(value, list):
            yield from _paths(value)
        elif isinstance(value, Path):
            yield value


class _Parser(argparse.ArgumentParser):
    """Parser whose errors are one line, whatever the words of the command hold."""

    def error(self, message: str) -> NoReturn:
        super().error(one_line(message))


def _sentence(error: Exception) -> str:
    """What a wrong input, or a mistake of ours, has to say in one line."""
    if isinstance(error, ValueError | OSError):
        return one_line(error)
    said = one_line(" ".join(str(error).split()))  # of a library, maybe in many lines
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}, POSEATTN_DEBUG=1 shows more"
    return f"unexpected {type(error).__name__}: {said} ({where})"


def _parser(name: str, stage: ModuleType) -> argparse.ArgumentParser:
    """Parser of a stage's own arguments, read off the signature of its `run`."""
    parser = _Parser(prog=f"poseattn {name}", description=(stage.__doc__ or "").strip().split("\n")[0])
    help_of = _argument_help(stage.run.__doc__ or "")
    for parameter in inspect.signature(stage.run).parameters.values():
        options: dict[str, Any] = {"type": parameter.annotation, "help": help_of.get(parameter.name)}
        if get_origin(parameter.annotation) is list:
            options |= {"type": get_args(parameter.annotation)[0], "nargs": "*"}
        if parameter.name in _POSITIONAL:
            parser.add_argument(parameter.name, **options | ({"nargs": "+"} if "nargs" in options else {}))
            continue
        if parameter.annotation is bool:
            parser.add_argument("--" + parameter.name.replace("_", "-"), action="store_true", help=options["help"])
            continue
        required = parameter.default is inspect.Parameter.empty
        default = None if required else parameter.default
        parser.add_argument("--" + parameter.name.replace("_", "-"), required=required, default=default, **options)
    if "code" not in inspect.signature(stage.run).parameters:
        parser.add_argument("--code", help="Digest of the planned code and its modules, as rules pass it.")
    parser.add_argument(
        "--made-by", default="{}", help="Digests of what should have made the inputs, as rules pass them."
    )
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
