"""Command line: `poseattn COMMAND --argument value ...`, or `python -m poseattn`, one command for each tool or stage.

Only the module of the command is imported (see `poseattn.commands`). Rules pass to a stage the digest of the code that
they planned with (`--code`), and a stage with other code refuses to run. Any error ends with one line and exit code 1;
`POSEATTN_DEBUG=1` shows where the error came from.
"""

import os
import signal
import sys

if (__name__ == "__main__" or os.path.basename(sys.argv[0]) == "poseattn") and signal.getsignal(
    signal.SIGINT
) is signal.default_int_handler:
    # Ctrl-C while modules are imported: some of them would take it for an error of their own
    signal.signal(signal.SIGINT, lambda *_: (os.write(2, b"poseattn: stopped\n"), os._exit(130)))

import inspect
import json
import logging
import traceback
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from poseattn.checks.origins import check_origins
from poseattn.commands import Command, choose, parser_of
from poseattn.messages import LineFormatter, WrongUse, one_line
from poseattn.provenance.source_digest import check_code, read_code
from poseattn.reading import watch


def start() -> int:
    """Run the command of this process, and end the process if a file does not answer.

    Returns:
        Exit code, as of `main`.
    """
    watch(" ".join(sys.argv[1:2]))
    return main(sys.argv[1:])


def main(argv: Sequence[str]) -> int:
    """Run one command.

    Args:
        argv: Words after `poseattn`.

    Returns:
        Exit code: 0 if everything asked for is there, 1 after an error or what the command itself returns, 2 if it
        cannot be called like this, 130 if Ctrl-C stopped it.
    """
    command = choose(argv)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    try:
        module = command.load()
        if signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, signal.default_int_handler):  # the one above
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return _run(module, vars(parser_of(command, module).parse_args(argv[1:])))
    except Exception as error:
        if os.environ.get("POSEATTN_DEBUG"):
            raise
        return _failed(command, error)
    except KeyboardInterrupt:
        sys.stderr.write(f"poseattn {command.name}: stopped\n")
        return 130


def _run(module: ModuleType, given: dict[str, Any]) -> int:
    """Run a command, but no stage whose code differs from the planned code, before or after.

    Args:
        module: Module of the command.
        given: Arguments by name.

    Returns:
        Exit code of the command, 0 where it names none.
    """
    code, wanted = read_code(given.pop("code", None) or ""), json.loads(given.pop("made_by", None) or "{}")
    if "code" in inspect.signature(module.run).parameters:
        given["code"] = code.digest
    check_code(code)
    check_origins(_paths(given.values()), wanted)
    exit_code = module.run(**given)
    check_code(code)
    return exit_code or 0


def _failed(command: Command, error: Exception) -> int:
    """Say why a command failed, and return its exit code."""
    if isinstance(error, BrokenPipeError) and command.room == "tools":  # nobody reads the rest, as behind `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 128 + signal.SIGPIPE
    sys.stderr.write(f"poseattn {command.name}: error: {_sentence(error)}\n")
    return 2 if isinstance(error, WrongUse) else 1


def _paths(values: Iterable[Any]) -> Iterator[Path]:
    """Find the files among arguments, which may be lists of files."""
    for value in values:
        if isinstance(value, list):
            yield from _paths(value)
        elif isinstance(value, Path):
            yield value


def _sentence(error: Exception) -> str:
    """Say in one line what is wrong with an input, or where our mistake is."""
    if isinstance(error, ValueError | OSError):
        return one_line(error)
    said = one_line(" ".join(str(error).split()))  # of a library, maybe in many lines
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}, POSEATTN_DEBUG=1 shows more"
    return f"unexpected {type(error).__name__}: {said} ({where})"


if __name__ == "__main__":
    sys.exit(start())
