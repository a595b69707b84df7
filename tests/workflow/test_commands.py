"""The command of every rule is one that its stage understands."""

import importlib
import re
import shlex

import pytest

from poseattn.commands import commands, parser_of

from .made import MadePipeline

pytestmark = pytest.mark.xdist_group("edits")

_COMMAND = re.compile(r"^Shell command: python -m poseattn ([a-z-]+) (.*?) > \S+ 2>&1$", re.MULTILINE)


def test_every_stage_understands_its_rule(made: MadePipeline) -> None:
    """Snakemake makes nothing of an empty value, so that an option can take the next one for its own."""
    called = _COMMAND.findall(made.commands)
    assert len(called) == made.commands.count("python -m poseattn ") > 300
    stages = {name: importlib.import_module(f"poseattn.stages.{name.replace('-', '_')}") for name, _ in called}
    assert {"fetch-weights", "extract-pieces", "train", "tabulate"} <= stages.keys()
    parsers = {name: parser_of(commands()[name], stage) for name, stage in stages.items()}
    empty = set()
    for name, words in called:
        chosen = vars(parsers[name].parse_args(shlex.split(words)))
        if name == "fetch-weights":
            empty |= {key for key, value in chosen.items() if value == ""}
    assert empty == {"url", "sha256_prefix"}  # of files that have none
